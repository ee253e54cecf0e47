"""What a wrong answer's rule looks like, and the numbers with which it comes to what was typed."""

from decimal import Decimal
from fractions import Fraction
from math import isfinite, prod
from time import process_time

import pytest

from gradgrade.oracle.derivation.formulas.expression import Numeral, parts
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.number import Number
from gradgrade.problems.explanation.likely_rules import MOST_NUMBERS, is_in_own_rule, likely_rule
from gradgrade.problems.grade import Grader
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.stacked import assess
from tests.catalogue import CATALOGUE
from tests.examples import spread
from tests.problems.programs import set_of

SECONDS = 10


def typed(array):
    """Numbers as they are typed."""
    return build([Number.of(each) for each in flatten(array)], shape_of(array))


def by_hand(exercise, made):
    """What somebody hands in who goes about an exercise so, to five digits."""
    return {
        part.name: build([float(f"{each:.5g}") for each in made[part.name]], tuple(part.shape))
        for part in exercise.ask
    }


def told(grader, answers):
    """The rule that each named mistake looks like, with its part."""
    exercise = grader.exercise
    numbers = {name: typed(array) for name, array in answers.items()}
    for part in grader.grade(answers).parts:
        for mistake in part.misconceptions:
            rule = likely_rule(
                exercise,
                numbers,
                part=part.name,
                entries=part.entries,
                code=mistake.code,
                title=mistake.title,
            )
            yield part, mistake, rule


@pytest.fixture(scope="module")
def chain():
    return generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")


def mistaken(exercise, code, place=""):
    """What a mistake makes of an exercise."""
    found = next(
        each
        for each in mistakes(exercise.derivation())
        if (each.misconception.code, each.place) == (code, place)
    )
    predicted = assess([exercise]).predict(found).values
    return {name: each[0].tolist() for name, each in predicted.items()}


def test_the_rule_stands_beside_what_the_answer_looks_like(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    (rule,) = {rule for part, _, rule in told(Grader(chain), answers) if part.name == "W2_new"}
    assert to_plain(rule.meant) == "W2 - η ∂L/∂W2"
    assert to_plain(rule.likely) == "W2 - ∂L/∂W2"


def test_the_students_own_numbers_come_to_what_was_typed(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    (rule,) = {rule for part, _, rule in told(Grader(chain), answers) if part.name == "W2_new"}
    weight, gradient = chain.given["W2"][0][0].text, answers["dW2"][0][0]
    assert to_plain(rule.own.formula) == f"{weight} - {gradient}"
    assert rule.own.typed == str(answers["W2_new"][0][0])


@pytest.mark.parametrize(
    ("double", "shown"),
    [("0.30000000000000004", "0.3"), ("-1.2696874999999999", "(-1.2696875)"), ("-0.0", "0.0")],
)
def test_what_doubles_add_to_a_number_is_not_shown(chain, double, shown):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    weight = Fraction(chain.given["W2"][0][0].text)
    answers["dW2"][0][0] = Decimal(double)
    answers["W2_new"][0][0] = Decimal(float(weight - Fraction(double)))
    numbers = {name: typed(each) for name, each in answers.items()}
    code, title = "learning_rate_missing", "Learning rate missing in layer 2"
    codes = [["wrong"] * 2] * 2
    rule = likely_rule(chain, numbers, part="W2_new", entries=codes, code=code, title=title)
    assert to_plain(rule.own.formula) == f"{chain.given['W2'][0][0].text} - {shown}"


def test_nothing_is_divided_by_a_one_that_is_given():
    stated = """
    arrays = { x = [], y = [], c = [] }
    program = "u = -x\\nf = u / y * c"
    differentiate = "f"
    ask = ["dx"]
    given = { x = 3, y = 1.0, c = 2.5 }
    """
    exercise = generate(set_of(stated), "program", student="1", secret=b"0")
    answers = {"dx": Decimal("2.5")}
    ((_, _, rule),) = told(Grader(exercise), answers)
    assert to_plain(rule.own.formula) == "2.5"


def test_what_was_not_answered_is_not_put_in(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    del answers["dW2"]
    answers["z2"] = answers["a2"] = answers["a1"] = None
    numbers = {name: typed(each) for name, each in answers.items() if each is not None}
    codes = [["wrong"] * 2] * 2
    code, title = "learning_rate_missing", "Learning rate missing in layer 2"
    rule = likely_rule(chain, numbers, part="W2_new", entries=codes, code=code, title=title)
    assert rule.own is None


def test_what_is_left_blank_in_an_array_is_not_put_in_either(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    numbers = {name: typed(each) for name, each in answers.items()}
    numbers |= {"z2": [None, None], "dW2": [[None, None], [None, None]], "loss": None}
    codes = [["wrong"] * 2] * 2
    code, title = "learning_rate_missing", "Learning rate missing in layer 2"
    rule = likely_rule(chain, numbers, part="W2_new", entries=codes, code=code, title=title)
    assert to_plain(rule.likely) == "W2 - ∂L/∂W2"
    assert rule.own is None


def test_numbers_that_come_to_something_else_are_not_shown(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    answers["W2_new"] = [[9.5, 9.6], [9.7, 9.8]]
    numbers = {name: typed(each) for name, each in answers.items()}
    codes = [["wrong"] * 2] * 2
    code, title = "learning_rate_missing", "Learning rate missing in layer 2"
    rule = likely_rule(chain, numbers, part="W2_new", entries=codes, code=code, title=title)
    assert rule.own is None


def test_numbers_of_any_size_are_put_in_at_once():
    exercise = generate(load("depth"), "vanishing-gradients", student="1", secret=b"0")
    asked = {
        part.name: build([1e300] * prod(part.shape), tuple(part.shape)) for part in exercise.ask
    }
    numbers = {name: typed(array) for name, array in asked.items()}
    known = {(each.misconception.code, each.title) for each in mistakes(exercise.derivation())}
    began = process_time()
    for code, title in known:
        for name in ("a4", "delta1"):
            codes = build(["wrong"] * len(flatten(asked[name])), shape_of(asked[name]))
            rule = likely_rule(exercise, numbers, part=name, entries=codes, code=code, title=title)
            assert rule is None or rule.own is None or rule.own.typed == "1e+300"
    assert process_time() - began < SECONDS


@pytest.mark.parametrize("zero", ["0e400", "-0.0e99999999999999999999", "1e-999999999999"])
def test_what_is_zero_may_be_typed_with_any_exponent(chain, zero):
    code = "activation_derivative_missing"
    title, codes = "Activation's derivative missing in layer 2", ["wrong"] * 2
    for last, first, formula in ((zero, "0.7", "[0.7 - 0.05]"), ("-0.05", zero, "[0 - 0.05]")):
        numbers = {"a2": [Number(first), Number("0.8")], "delta2": [Number(last)] * 2}
        rule = likely_rule(chain, numbers, part="delta2", entries=codes, code=code, title=title)
        assert (to_plain(rule.own.formula), rule.own.typed) == (formula, last)


def test_a_mistake_that_there_is_not_looks_like_nothing(chain):
    assert likely_rule(chain, {}, part="loss", entries=None, code="x", title="X") is None


@pytest.mark.parametrize(("name", "exercise"), spread(CATALOGUE))
def test_only_givens_and_what_was_answered_is_put_in(name, exercise):
    made = generate(load(name), exercise, student="1", secret=b"0")
    grader, assessment = Grader(made), assess([made])
    known = {each.text for array in made.given.values() for each in flatten(array)}
    known |= {str(each) for each in made.scalars().values()}
    for mistake in spread(mistakes(made.derivation())):
        values = assessment.predict(mistake).values
        by_name = {each: array[0].tolist() for each, array in values.items()}
        if not all(isfinite(entry) for entries in by_name.values() for entry in entries):
            continue
        answers = by_hand(made, by_name)
        own = {Number.of(each).text for array in answers.values() for each in flatten(array)}
        for _, _, rule in told(grader, answers):
            if rule is not None and rule.own is not None:
                put_in = numerals(rule.own.formula)
                assert put_in <= known | own
                assert 0 < len(put_in) <= MOST_NUMBERS


def numerals(formula):
    """The numerals in a formula."""
    inside = set().union(*map(numerals, parts(formula)))
    return inside | ({formula.text} if isinstance(formula, Numeral) else set())


ADAM = """
arrays = { x = [3], y = [3], w = [], b = [] }
program = "L = np.mean((w * x + b - y)**2)"
differentiate = "L"
parameters = ["w", "b"]
optimizer = { name = "adam", learning_rate = 0.1 }
iterations = 2
ask = ["w_new@1", "dw@2", "w_new@2"]
"""


@pytest.mark.parametrize(("part", "is_own"), [("w_new@1", True), ("dw@2", False)])
def test_a_gradient_of_the_second_iteration_has_no_part_in_a_mistake_of_the_first_update(
    part, is_own
):
    exercise = generate(set_of(ADAM), "program", student="1", secret=b"0")
    code, title = "bias_correction_missing", "Bias correction missing"
    made = {(each.misconception.code, each.title) for each in mistakes(exercise.derivation())}
    assert (code, title) in made
    assert is_in_own_rule(exercise, part=part, code=code, title=title) == is_own


def test_a_mistake_in_a_step_without_a_name_is_in_the_rule_of_what_that_helps_to_make():
    exercise = generate(
        set_of(
            ADAM.replace("iterations = 2", "").replace('["w_new@1", "dw@2", "w_new@2"]', '["dw"]')
        ),
        "program",
        student="1",
        secret=b"0",
    )
    found = [
        is_in_own_rule(exercise, part="dw", code=each.misconception.code, title=each.title)
        for each in mistakes(exercise.derivation())
        if each.misconception.code == "mean_not_divided_back"
    ]
    assert found
    assert all(found)


def test_in_a_line_an_entry_of_a_matrix_is_called_by_its_row_and_column(chain):
    answers = by_hand(chain, mistaken(chain, "learning_rate_missing", "in layer 2"))
    numbers = {name: typed(each) for name, each in answers.items()}
    codes = [["ok", "ok"], ["ok", "wrong"]]
    code, title = "learning_rate_missing", "Learning rate missing in layer 2"
    rule = likely_rule(chain, numbers, part="W2_new", entries=codes, code=code, title=title)
    assert rule is not None
    assert " Of yours, row 2, column 2 is " in rule.text
