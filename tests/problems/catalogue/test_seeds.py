"""The worked examples against the exact figures that are known of them, to every digit."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from typing import Any

import pytest

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise, Solution, generate, grade, solve
from gradgrade.problems.catalogue import load
from tests.agreement import assert_same_as_interpreter, interpreted, same

SEEDS = load("seeds")
NAMES = [exercise.name for exercise in SEEDS.exercises]


@cache
def exercise(name: str) -> Exercise:
    return generate(SEEDS, name, student="1", secret=b"0")


@cache
def solution(name: str) -> Solution:
    return solve(exercise(name), digits=50)


def shortened(text: str, figure: str, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """A value in as many significant digits as a figure has."""
    digits = len(Decimal(figure).as_tuple().digits)
    return Context(prec=digits, rounding=rounding).create_decimal(text)


HOUSE_PRICES: dict[str, Any] = {
    "z1": [["-0.06300000000"], ["-0.3060000000"]],
    "a1": [["0.4842552072"], ["0.4240913926"]],
    "a2": [["0.6300948407"]],
    "da2": [["1.170094841"]],
    "dW2": [["0.5666245196", "0.4962271504"]],
    "dW1": [["-0.02805442996", "-0.05786226179"], ["-0.01829001518", "-0.03772315631"]],
    "db1": ["0.08767009362", "0.05715629743"],
    "W2_new": [["0.1866750961", "0.1007545699"]],
    "b2_new": ["0.1659810319"],
    "W1_new": [["0.2056108860", "0.1615724524"], ["0.5036580030", "0.6075446313"]],
    "b1_new": ["0.08246598128", "0.2385687405"],
}

TWO_TWO_TWO: dict[str, Any] = {
    "a1": [["0.6010878788"], ["0.6153837564"]],
    "z2": [["1.019774193"], ["1.263068520"]],
    "a2": [["0.7349286127"], ["0.7795538842"]],
    "loss": "0.2490895415",
    "dW2": [["0.08020312429", "0.08211062249"], ["-0.01760652591", "-0.01802526791"]],
    "dW1": [["0.001108057960", "0.005540289800"], ["0.001340239884", "0.006701199422"]],
    "W1_new": [["0.09933516522", "0.2966758261"], ["0.1991958561", "0.3959792803"]],
    "W2_new": [["0.4518781254", "0.5507336265"], ["0.7105639155", "0.8108151607"]],
}

FIGURES = [("002-house-price", HOUSE_PRICES), ("004-two-two-two", TWO_TWO_TWO)]


@pytest.mark.parametrize(
    ("name", "quantity", "figures"),
    [(name, quantity, value) for name, known in FIGURES for quantity, value in known.items()],
)
def test_a_worked_example_has_its_exact_figures(name, quantity, figures):
    value = solution(name)[quantity].value
    assert shape_of(value) == shape_of(figures)
    for text, figure in zip(flatten(value), flatten(figures), strict=True):
        assert shortened(text, figure) == Decimal(figure)


def test_the_figure_that_is_given_truncated_is_the_truncated_value():
    # Of the house prices' new W1[1][1] = 0.60754463126…, ten digits are given as 0.6075446312,
    # which is truncated: rounded it is 0.6075446313.
    text = solution("002-house-price")["W1_new"].value[1][1]
    assert text.startswith("0.60754463126")
    assert shortened(text, "0.6075446312", ROUND_DOWN) == Decimal("0.6075446312")


def test_the_pre_activations_of_the_house_prices_are_exact():
    value = solution("002-house-price")["z1"].value
    assert [Decimal(text) for text in flatten(value)] == [Decimal("-0.063"), Decimal("-0.306")]


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_example_has_the_independent_interpreters_values(name):
    assert_same_as_interpreter(exercise(name))
    expected = interpreted(exercise(name))
    found = solution(name)
    assert [each for each in found if not same(found[each].value, expected[each])] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_example_does_not_depend_on_the_student(name):
    assert generate(SEEDS, name, student="2", secret=b"1").given == exercise(name).given


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_examples_own_solution_gets_full_marks(name):
    answers = {part.name: solution(name)[part.name].float64 for part in exercise(name).ask}
    verdict = grade(exercise(name), answers)
    assert verdict.outcome == "correct"
    assert str(verdict.score) == exercise(name).points.text


def test_the_truncated_decimals_of_the_full_cycle_by_hand_get_full_marks():
    printed = {
        "a1": [[0.60108], [0.61538]],
        "z2": [[1.01977], [1.26306]],
        "a2": [[0.73492], [0.77955]],
        # The sum of two truncated terms.
        "loss": 0.24908,
        "dW2": [[0.08020, 0.08211], [-0.01760, -0.01802]],
        "dW1": [[0.00110, 0.00554], [0.00134, 0.00670]],
        "W1_new": [[0.09933, 0.29667], [0.19919, 0.39597]],
        "W2_new": [[0.45187, 0.55073], [0.71056, 0.81081]],
    }
    assert grade(exercise("004-two-two-two"), printed).outcome == "correct"


def test_the_early_rounding_of_the_house_prices_is_not_the_right_answer():
    # 0.5663 comes of the activation rounded to 0.484; the value is 0.5666….
    answers = {"dW2": [[0.5663, 0.4962]]}
    verdict = grade(exercise("002-house-price"), answers)
    part = next(each for each in verdict.parts if each.name == "dW2")
    assert part.entries[0][0] != "ok"
    assert part.entries[0][1] == "ok"


def test_the_second_forward_pass_of_the_house_prices_has_a_lower_loss():
    text = SEEDS.to_json()
    again = type(SEEDS).from_json(text.replace('"iterations": 1', '"iterations": 2'))
    twice = solve(generate(again, "002-house-price", student="1", secret=b"0"))
    assert Decimal(twice["loss@2"].value) < Decimal(twice["loss@1"].value)
    assert twice["loss@1"].value == solution("002-house-price")["loss"].value


def test_the_biases_of_the_full_cycle_by_hand_are_not_updated():
    assert not {"b1_new", "b2_new"} & set(solution("004-two-two-two"))
    assert shape_of(solution("004-two-two-two")["db1"].value) == ()
