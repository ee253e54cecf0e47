"""What an instructor sees before students do: how wide bands are, what needs no backward pass."""

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.problems import ProblemSet, solve
from gradgrade.problems.gates.probing import find_rules, rules_of
from gradgrade.problems.generate import Search, accept, issue
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.report import WIDE_BAND, Report, report_on
from gradgrade.problems.walks.accepted import bands
from tests.problems.generated import GATED, searches
from tests.problems.programs import set_of
from tests.strategies import dense, problem_set

SMALL = {
    "inputs": 2,
    "layers": [dense(2, "tanh"), dense(1, "sigmoid")],
    "ask": ["z1", "loss", "gradients"],
    "arithmetic": "decimal",
    "tolerance": "auto",
}
STUDENTS = [str(number) for number in range(6)]


def a_set(**fields: Any) -> ProblemSet:
    return problem_set(**(SMALL | fields))


def reported(**fields: Any) -> Report:
    return report_on(a_set(**fields), "exercise", students=STUDENTS, secret=b"report")


def proven_bands(**fields: Any) -> dict[str, float]:
    """The widest bands by the solutions of the same variants, in exact numbers."""
    template = compile_template(a_set(**fields), "exercise")
    begun = [Search(template.key(student=each, secret=b"report", course="")) for each in STUDENTS]
    widest: dict[str, float] = {}
    for issued in issue(template, begun, rules_of(template)):
        solution = solve(issued.exercise)
        for name, each in bands(solution).items():
            for entry, band in zip(solution[name].entries, each, strict=True):
                if Fraction(*entry):
                    share = float(band / abs(Fraction(*entry)))
                    widest[name] = max(widest.get(name, 0), share)
    return widest


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tolerance": {"decimals": 3}},
        {"rounding": {"decimals": 3}},
        {"tolerance": {"relative": 1e-3, "absolute": 0}},
    ],
)
def test_the_widest_band_of_each_part_is_that_of_its_variants(fields):
    found = reported(**fields).widest_bands
    expected = proven_bands(**fields)
    assert found.keys() == expected.keys()
    for name, share in found.items():
        # The gates' bands are of values in doubles, and wider by half an ulp.
        assert share == pytest.approx(expected[name], rel=0.05, abs=1e-14)


def test_bands_wider_than_a_fifth_of_a_value_are_warned_of_by_part():
    coarse = reported(rounding={"decimals": 2})
    wide = {name for name, share in coarse.widest_bands.items() if share and share > WIDE_BAND}
    assert wide
    (warning,) = (each for each in coarse.warnings if "off by more than 20%" in each)
    for name in coarse.widest_bands:
        assert (f" {name} " in warning) == (name in wide)
    assert "allow less rounding" in warning
    assert not any("off by" in each for each in reported().warnings)


def test_a_part_that_is_0_in_every_variant_has_no_band():
    found = reported(
        layers=[dense(2, "identity"), {"type": "batch_normalization"}, dense(1)], batch=4
    )
    assert found.widest_bands["db1"] is None
    assert found.widest_bands["dW1"] is not None


@pytest.mark.parametrize(
    ("ask", "share"),
    [
        (["z1", "a1", "loss"], 1),
        (["gradients", "updates"], 0),
        ([{"name": "loss", "points": 2}, {"name": "dW1", "points": 8}], 0.2),
        ([{"name": "z2", "points": 5}, {"name": "delta1", "points": 5}], 0.5),
        (["dx", "da1"], 0),
    ],
)
def test_the_share_of_points_that_need_no_backward_pass(ask, share):
    assert reported(ask=ask, points=10).forward_share == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(("points", "is_told"), [(4, False), (5, True)])
def test_it_is_told_where_the_forward_pass_alone_earns_much(points, is_told):
    ask = [{"name": "loss", "points": points}, {"name": "dW1", "points": 10 - points}]
    told = [each for each in reported(ask=ask, points=10).warnings if "forward pass alone" in each]
    assert bool(told) == is_told


def test_a_later_iteration_s_loss_needs_the_backward_pass_that_trained_it():
    assert reported(ask=["loss@1", "loss@2"], iterations=2).forward_share == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"batch": 4, "learning_rate": 0.25}, ["learning rate 0.25 is 1/N of N = 4 samples"]),
        ({"batch": 2, "learning_rate": 0.4}, ["N = 2 samples are as many as weights have"]),
        ({"batch": 2, "learning_rate": 0.50}, ["0.5 is 1/N of N = 2", "N = 2 samples are as many"]),
        ({"batch": 4, "learning_rate": 0.4}, []),
        ({"batch": 1, "learning_rate": 1}, []),
        ({"batch": 4, "learning_rate": 0.25, "stochastic": True}, []),
    ],
)
def test_it_is_told_where_factors_that_students_mix_up_are_one_number(fields, told):
    rate = {"optimizer": {"name": "sgd", "learning_rate": fields["learning_rate"]}}
    shape = {name: value for name, value in fields.items() if name != "learning_rate"}
    warnings = [each for each in reported(**shape, **rate).warnings if "N = " in each]
    assert bool(warnings) == bool(told)
    assert all(text in warnings[0] for text in told)
    assert not warnings or warnings[0].count("N = ") == len(told)


def test_the_report_is_what_generating_came_to():
    document, students = problem_set(**GATED), [str(each) for each in range(20)]
    found = report_on(document, "exercise", students=students, secret=b"0")
    template = compile_template(document, "exercise")
    rules = find_rules(template)
    accepted = accept(template, searches(template, 20), rules)
    rejected = Counter(reason for each in accepted for reason in each.search.rejected)
    assert found.reasons == rejected
    assert list(found.reasons.values()) == sorted(rejected.values(), reverse=True)
    assert (found.variants, found.attempts) == (20, 20 + rejected.total())
    assert found.acceptance == 20 / found.attempts
    assert found.findings == rules.findings


REPORT = (4, {"misconception:bias_gradient_of_first_sample": 1})


def test_this_report_stays_the_same():
    found = report_on(problem_set(**GATED), "exercise", students=["1", "2", "3"], secret=b"golden")
    assert (found.attempts, dict(found.reasons)) == REPORT


# What of a program does nothing

IDLE = """
arrays = {{ x = [3], z = [2], ids = {{ shape = [2], integers = [0, 2] }} }}
program = '''
epsilon = 0.01
scale = {scale}
u = x * scale + epsilon
f = sum(u**2)
'''
differentiate = "f"
ask = {ask}
"""


def warned_of_program(scale: str, ask: str) -> tuple[str, ...]:
    template = set_of(IDLE.format(scale=scale, ask=ask))
    return report_on(template, "program", students=["1"], secret=b"report").idle


def test_arrays_that_no_line_reads_are_warned_of():
    assert warned_of_program("x + 2", '["u", "dx"]') == (
        "exercise 'program': no line reads ids, which is given: leave it out of arrays, or write "
        "the line that reads it",
        "exercise 'program': no line reads z, which is given: leave it out of arrays, or write the "
        "line that reads it",
    )


def test_a_line_that_depends_on_nothing_given_is_warned_of_and_a_number_where_it_is_asked_alone():
    said = "depends on nothing that is given, so it is the same in every variant: make it of a"
    *_, warning = warned_of_program("exp(2)", '["u", "dx"]')
    assert f"the line scale {said}" in warning
    *_, warning = warned_of_program("x + 2", '["epsilon", "u"]')
    assert f"the line epsilon {said}" in warning


def test_what_is_idle_is_among_the_warnings_of_a_program_alone():
    problem_set = set_of(IDLE.format(scale="2 * x", ask='["u", "dx"]'))
    report = report_on(problem_set, "program", students=["1"], secret=b"report")
    assert set(report.idle) <= set(report.warnings)
    assert reported().idle == ()


def found_in_program(text: str) -> dict[str, Any]:
    """The findings of a program by gate, and the report."""
    report = report_on(set_of(text), "program", students=STUDENTS, secret=b"report")
    return {"report": report} | {each.gate: each for each in report.findings}


def test_zeros_of_max_pooling_are_not_told_and_those_of_a_hinge_in_words_of_a_program():
    pooling = found_in_program("""
arrays = { x = [4, 4] }
program = "out = max(reshape(x, (2, 2, 2, 2)), axis=(1, 3))"
upstream = ["out"]
ask = ["out", "dx"]
""")
    assert "dead_gradient" not in pooling
    hinge = found_in_program("""
arrays = { X = [4, 3], w = [3], y = { shape = [4], mask = true } }
program = '''
t = 2*y - 1
S = sum(maximum(0, 1 - t * (X @ w)))
'''
differentiate = "S"
ask = ["dX"]
""")
    (dead,) = (each for each in hinge["report"].findings if each.gate == "dead_gradient")
    assert dead.text.startswith("a row or a column of it is 0: too few draws")
    assert dead.advice.startswith("nothing where 0 is the point, as behind a hinge loss")


def test_a_jacobian_that_is_symmetric_is_not_advised_to_be_left_out_for_that():
    found = found_in_program("""
arrays = { x = [3] }
program = "p = softmax(x)"
ask = [{ jacobian = ["p", "x"] }]
""")
    advice = "nothing where it is symmetric by nature; else leave the part out"
    assert found["hidden_transpose"].advice == advice


def test_mistakes_that_change_nothing_asked_are_nothing_to_mend():
    report = found_in_program("""
arrays = { x = [4, 2], w = [2], y = [4] }
program = '''
e = x @ w - y
L = mean(e**2)
'''
differentiate = "L"
ask = ["dw"]
""")["report"]
    kinds = {each.kind for each in report.findings}
    assert "unasked" in kinds
    assert {each.kind for each in report.to_mend} == kinds - {"unasked"}
