"""What is 0 by structure is proven, issued and told; it tells nobody right from wrong."""

from dataclasses import replace
from typing import Any

import numpy
import pytest

from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, ExerciseError, generate, grade, solve
from gradgrade.problems.gates import Candidates, zeros
from gradgrade.problems.gates.misconceptions import bands_missed
from gradgrade.problems.gates.probing import find_rules
from gradgrade.problems.gates.rules import Rules, finding
from gradgrade.problems.gates.vanishing import VANISHING
from gradgrade.problems.generate import Search, issue, ungated
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.walks.stacked import assess
from tests.problems.programs import set_of
from tests.problems.ungated import Ungated
from tests.strategies import dense, problem_set

BATCH_NORMALIZATION = {"type": "batch_normalization"}
BEFORE = {
    "inputs": 3,
    "layers": [dense(4), BATCH_NORMALIZATION, dense(2)],
    "batch": 4,
    "convention": "row",
    "ask": ["gradients"],
    "tolerance": "auto",
}
"""The first layer's biases are taken away again with the mean."""

ALONE = BEFORE | {"layers": [dense(1), {"type": "layer_normalization"}, dense(1)]}
"""A single unit less its own mean is 0, whatever comes before."""


def template_of(**fields: Any) -> Template:
    return compile_template(problem_set(**(BEFORE | fields)), "exercise")


def issued(**fields: Any) -> Exercise:
    return generate(problem_set(**(BEFORE | fields)), "exercise", student="1", secret=b"zeros")


def zeros_listed(rules: Rules) -> set[str]:
    return {each.subject for each in rules.findings if each.kind == "zero_entries"}


def computed(exercise: Exercise) -> dict[str, Any]:
    """Right answers as honest code has them."""
    values = assess([exercise]).values
    return {
        part.name: numpy.reshape(values[part.name][0], part.shape).tolist() for part in exercise.ask
    }


@pytest.mark.parametrize(
    ("fields", "names"), [(BEFORE, {"db1"}), (ALONE, {"dW1", "db1", "dgamma_2"})]
)
def test_what_the_loss_does_not_depend_on_is_issued_and_listed(fields, names):
    rules = find_rules(template_of(**fields))
    assert zeros_listed(rules) == names
    exercise = issued(**fields)
    solution = solve(exercise)
    for name in names:
        assert set(flatten(solution[name].value)) == {"0"}
    (told, *_) = (each for each in rules.findings if each.kind == "zero_entries")
    assert "0 in every variant" in told.text
    assert ("within_band", told.subject) not in rules.told


def test_a_draw_that_cannot_be_proven_hides_no_zero(monkeypatch):
    solved: list[Exercise] = []

    def failing_first(exercise: Exercise) -> Any:
        solved.append(exercise)
        if len(solved) in (1, 3):
            raise NotCertified("too close to tell")
        return solve(exercise)

    monkeypatch.setattr(zeros, "solve", failing_first)
    rules = find_rules(template_of())
    assert zeros_listed(rules) == {"db1"}
    assert len(solved) == zeros.PROOFS + 2


def test_what_a_unit_that_is_off_passes_on_is_no_zero_by_structure():
    rules = find_rules(template_of(layers=[dense(4, "relu"), dense(2)]))
    assert (zeros_listed(rules), rules.zeros) == (set(), {})


def test_a_layer_whose_scale_hardly_moves_the_loss_is_issued():
    # Of one input each weight is a scale: only ε of the normalization lets the loss depend on it.
    assert issued(inputs=1).ask


@pytest.mark.parametrize(
    "tolerance",
    ["auto", {"relative": 1e-9, "absolute": 0}, {"significant": 6}, {"decimals": 6}],
)
@pytest.mark.parametrize("fields", [BEFORE, ALONE])
def test_what_rounding_leaves_of_a_zero_is_accepted_with_every_tolerance(fields, tolerance):
    exercise = issued(**(fields | {"tolerance": tolerance, "ask": ["gradients", "dx"]}))
    answers = computed(exercise)
    assert grade(exercise, answers).outcome == "correct"
    slipped = answers | {"db1": numpy.full(numpy.shape(answers["db1"]), 1e-3).tolist()}
    assert grade(exercise, slipped).outcome != "correct"


def test_a_claim_that_does_not_hold_in_a_draw_has_it_drawn_again():
    # The first unit is off in some draws alone.
    template = template_of(layers=[dense(5, "relu"), dense(2)], batch=1)
    claimed = numpy.zeros((5, 3), dtype=bool)
    claimed[0] = True
    rules = replace(find_rules(template), zeros={"dW1": claimed})
    searches = [Search(template.key(student=str(at), secret=b"0", course="")) for at in range(4)]
    found = list(issue(template, searches, rules))
    for each in found:
        assert {row[0] for row in each.solution["dW1"].float64} == {0}
    assert "not_certified" in {reason for each in found for reason in each.search.rejected}


def small(zeros: dict[str, Any]) -> Candidates:
    """∂L/∂W of which no entry is seen, though one is said to be 0 in every variant."""
    fields = {
        "inputs": 2,
        "layers": [dense(1, bias="none")],
        "batch": 1,
        "ask": ["dW1"],
        "tolerance": {"decimals": 2},
        "given": {"x": [[0.001, 0.002]], "y": [[0.5]], "W1": [[0.5], [1]]},
    }
    template = template_of(**fields)
    return Candidates(assess([template.exercise(bytes(32), template.definition.given)]), zeros)


def test_a_known_zero_is_no_entry_in_which_a_gradient_is_seen():
    for known in ([[False, False]], [[True, False]]):
        assert VANISHING.faults(small({"dW1": numpy.array(known)}))["dW1"].all()
    assert not VANISHING.faults(small({"dW1": numpy.array([[True, True]])}))["dW1"].any()


def test_a_mistake_is_not_exposed_by_what_is_0_in_every_variant():
    exercise = issued(ask=["db1"])
    template = template_of(ask=["db1"])
    rules = find_rules(template)
    made = mistakes(template.derivation)
    plain, known = (Candidates(assess([exercise]), zeros) for zeros in ({}, rules.zeros))
    (mistake,) = (each for each in made if each.subject == "normalization_statistics_constant")
    assert bands_missed(plain, mistake).item() > plain.margin
    assert bands_missed(known, mistake).item() == 0
    # It comes to other answers all the same.
    (told,) = (each for each in rules.findings if each.subject == mistake.subject)
    assert told.kind == "hidden"


SHIFTED = """
arrays = { x = [2, 3] }
program = '''
h = tanh(x)
s = h - max(h, axis=1, keepdims=True)
out = exp(s)
'''
upstream = ["out"]
ask = ["s", "dx"]
"""

SWALLOWED = """
arrays = { x = [2] }
draw = { x = [0.1, 0.9] }
program = '''
big = x + 10000000000000000
q = big - 10000000000000000
'''
ask = ["q"]
"""


STAYING = """
arrays = { x = [3] }
program = '''
h = tanh(x)
s = h * x - x * h
o = s + x
'''
ask = ["s", "o"]
"""

BOTH = """
arrays = { x = [2, 3] }
program = '''
h = tanh(x)
shifted = h - max(h, axis=1, keepdims=True)
centred = h - mean(h, axis=1, keepdims=True)
o = concatenate((shifted, sum(centred, axis=1, keepdims=True)), axis=1)
'''
ask = ["o"]
"""

LOST = """
arrays = { x = [3], k = [3] }
given = { k = [1e-30, 1, 1] }
program = '''
h = tanh(x)
s = h - max(h)
q = (x + 3) * k
'''
ask = ["s", "q"]
tolerance = { absolute = 1e-6 }
"""

LOST_IN_SOME = SWALLOWED.replace("[2]", "[]").replace("[0.1, 0.9]", "[0, 0.9, 0.3]")


def of_program(text: str) -> Template:
    return compile_template(set_of(text), "program")


def moving_listed(rules: Rules) -> set[str]:
    return {each.subject for each in rules.findings if each.kind == "moving_zeros"}


def test_what_is_0_where_a_draw_has_its_maximum_is_issued_and_told():
    rules = find_rules(of_program(SHIFTED))
    assert (moving_listed(rules), rules.moving) == ({"s"}, {"s"})
    assert ("within_band", "s") not in rules.told
    assert {each.kind for each in rules.findings if each.subject == "s"} == {"moving_zeros"}
    places = set()
    for student in "123":
        exercise = generate(set_of(SHIFTED), "program", student=student, secret=b"zeros")
        rows = solve(exercise)["s"].value
        assert [row.count("0") for row in rows] == [1, 1]
        places.add(tuple(row.index("0") for row in rows))
        answers = computed(exercise)
        assert grade(exercise, answers).outcome == "correct"
        slipped = answers | {"s": [[each or 1e-3 for each in row] for row in answers["s"]]}
        assert grade(exercise, slipped).outcome == "partial"
    assert len(places) > 1


def test_a_zero_that_stays_is_none_that_moves():
    rules = find_rules(of_program(STAYING))
    assert (rules.moving, set(rules.zeros)) == (set(), {"s"})


def test_beside_a_zero_that_moves_one_that_stays_is_known():
    template = of_program(BOTH)
    rules = find_rules(template)
    assert (rules.moving, rules.zeros["o"].tolist()) == ({"o"}, 2 * [[False] * 3 + [True]])
    searches = [Search(template.key(student=str(at), secret=b"0", course="")) for at in range(8)]
    assert {each.search.rejected for each in issue(template, searches, rules)} == {()}


def test_a_refusal_names_no_part_for_its_zeros_that_move():
    with pytest.raises(ExerciseError, match="would be accepted: q in 100% of the draws"):
        generate(set_of(LOST), "program", student="1", secret=b"zeros")


def test_a_claim_of_zeros_that_move_and_does_not_hold_in_a_draw_has_it_drawn_again():
    template = of_program(LOST_IN_SOME)
    claimed = Ungated(findings=(finding("within_band", "q", "moving_zeros", 1.0),))
    searches = [Search(template.key(student=str(at), secret=b"0", course="")) for at in range(4)]
    found = list(issue(template, searches, claimed))
    assert {each.solution["q"].float64 for each in found} == {0}
    assert {reason for each in found for reason in each.search.rejected} == {"not_certified"}


def test_what_is_computed_as_0_and_is_not_is_no_zero():
    rules = find_rules(of_program(SWALLOWED))
    assert (moving_listed(rules), rules.zeros) == (set(), {})
    exercise = ungated(set_of(SWALLOWED), "program", student="1", secret=b"zeros")
    assert list(zeros.not_zero({}, {"q"}, solve(exercise))) == ["q"]


WHOLLY_ZERO = [
    ("u = x ** 0\nf = sum(u * y**2)", "dx"),
    ("u = x**2 * 0\nf = sum(u * y + y**2)", "dx"),
    ("u = x**2\nf = sum(y**2) + 0 * sum(u)", "du"),
    ("u = relu(-x**2)\nf = sum(u * y + y**2)", "dx"),
]


def of_three(program: str, *asked: str) -> str:
    ask = ", ".join(f'"{each}"' for each in asked)
    return (
        f"arrays = {{ x = [3], y = [3] }}\nprogram = '''\n{program}\n'''\n"
        f'differentiate = "f"\nask = [{ask}]\ndraw = {{ default = [0.35, 1.95, 0.1] }}'
    )


@pytest.mark.parametrize(("program", "name"), WHOLLY_ZERO)
def test_a_part_that_is_0_in_every_draw_without_any_rounding_is_issued_and_listed(
    program: str, name: str
):
    text = of_three(program, "dy", name)
    rules = find_rules(of_program(text))
    assert zeros_listed(rules) == {name}
    assert {each.kind for each in rules.findings if each.subject == name} == {
        *("zero_entries", "structural")
    }
    exercise = generate(set_of(text), "program", student="1", secret=b"zeros")
    solution = solve(exercise)
    assert solution[name].value == ["0", "0", "0"]
    answers = computed(exercise)
    assert grade(exercise, answers).outcome == "correct"
    assert grade(exercise, answers | {name: [0, 0, 1e-3]}).outcome == "partial"


def test_a_part_that_is_0_in_many_draws_and_not_in_all_is_drawn_until_it_is_not():
    text = of_three("u = relu(0.35 - x)\nf = sum(u * y + y**2)", "dy", "dx")
    often = text.replace("[0.35, 1.95, 0.1]", "[0.3, 0.9, 0.1]")
    assert zeros_listed(find_rules(of_program(often))) == set()
    exercise = generate(set_of(often), "program", student="1", secret=b"zeros")
    assert set(solve(exercise)["dx"].value) != {"0"}


@pytest.mark.parametrize(
    ("program", "draw"),
    [
        ("u = x * y\nf = sum(u**2)", "{ x = [0, 0, 1], y = [0.35, 1.95, 0.1] }"),
        ("u = relu(0.25 - x)\nf = sum(u * y + y**2)", "{ default = [0.35, 1.95, 0.1] }"),
    ],
)
def test_a_part_that_is_0_for_what_is_drawn_alone_is_refused_since_other_draws_help(
    program: str, draw: str
):
    text = of_three(program, "dx", "dy").replace("{ default = [0.35, 1.95, 0.1] }", draw)
    assert zeros_listed(find_rules(of_program(text))) == set()
    with pytest.raises(ExerciseError, match="cannot be issued"):
        generate(set_of(text), "program", student="1", secret=b"zeros")
