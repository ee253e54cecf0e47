"""Digits, doubles and error bounds hold, far out in the range of doubles too."""

import sys
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

import pytest
from hypothesis import assume, given, settings

from gradgrade.oracle import Derivation
from gradgrade.oracle.errors import OutOfRange
from gradgrade.oracle.exact_numbers import binary64, significant_digits
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from tests.agreement import exact, interpreted
from tests.examples import examples
from tests.oracle.proof.proven import one_unit, proven, weighted_sum
from tests.strategies import WITHOUT_ZERO, dense, exercises, optimizer_document, variant

# Range


def saturated(bias: float) -> Exercise:
    """A chain of two sigmoid units whose first is saturated."""
    return variant(
        inputs=1,
        layers=[dense(1, "sigmoid"), dense(1, "sigmoid")],
        arithmetic="decimal",
        given={
            "x": [[1]],
            "y": [[0.5]],
            "W1": [[1.25]],
            "b1": [bias],
            "W2": [[0.75]],
            "b2": [0.1],
        },
    )


@pytest.mark.parametrize(("bias", "low", "high"), [(685, -302, -299), (-733, -322, -319)])
def test_saturated_chains_keep_50_correct_digits(bias, low, high):
    exercise = saturated(bias)
    solution, expected = solve(exercise, digits=50), interpreted(exercise, 900)
    for name in ("delta1", "dW1", "db1", "dx"):
        (value,) = map(exact, flatten(expected[name]))
        assert Fraction(10) ** low < abs(value) < Fraction(10) ** high
        ratio = value.as_integer_ratio()
        assert list(flatten(solution[name].value)) == [significant_digits(*ratio, 50)]
        assert list(flatten(solution[name].float64)) == [binary64(*ratio)]
        assert flatten(solution[name].float64)[0] != 0


def test_a_gradient_below_the_smallest_double_has_digits_and_rounds_to_zero():
    exercise = saturated(800)
    solution, expected = solve(exercise, digits=50), interpreted(exercise, 900)
    (value,) = map(exact, flatten(expected["dW1"]))
    assert solution["dW1"].float64 == [[0.0]]
    assert solution["dW1"].value == [[significant_digits(*value.as_integer_ratio(), 50)]]


def test_a_value_beyond_the_largest_double_is_refused_by_name():
    given = {"x": [[Fraction(10) ** 300]], "y": [[0]], "W1": [[Fraction(10) ** 10]]}
    with pytest.raises(OutOfRange, match=r"z1"):
        proven(one_unit(inputs=1), given)


# Digits and bounds

TENTHS_GRID = {"low": -0.9, "high": 0.9, "step": 0.1}
LAYERS = [dense(3, "tanh", "shared"), dense(2, "softmax", "shared")]


def ordinary(**fields: Any) -> Exercise:
    """An exercise with irrational values, cancellation and an exact zero."""
    return variant(
        **{"layers": LAYERS, "batch": 2, "loss": {"name": "cross_entropy"}} | fields,
        arithmetic="decimal",
        draw={"inputs": WITHOUT_ZERO, "weights": TENTHS_GRID, "biases": TENTHS_GRID},
        optimizer=optimizer_document("adam", "exponential"),
    )


def correct_roundings(exercise: Exercise, digits: int, working: int) -> list[str]:
    """The quantities of a solution that are not the interpreter's values rounded correctly."""
    solution, expected = solve(exercise, digits=digits), interpreted(exercise, working)
    nothing = Fraction(1, 10 ** (working - 50))
    wrong = []
    for name, solved in solution.items():
        found = zip(flatten(solved.value), flatten(solved.float64), strict=True)
        for (text, double), number in zip(found, flatten(expected[name]), strict=True):
            value = exact(number)
            ratio = (0, 1) if abs(value) < nothing else value.as_integer_ratio()
            if (text, double) != (significant_digits(*ratio, digits), binary64(*ratio)):
                wrong.append(name)
    return wrong


@pytest.mark.parametrize("digits", [5, 30, 50, 100, 300])
def test_digits_and_doubles_are_the_interpreters_values_correctly_rounded(digits):
    assert correct_roundings(ordinary(iterations=2), digits, max(200, 2 * digits)) == []


def smallest(exercise: Exercise) -> float:
    """The smallest magnitude of a solution but for proven zeros; 0 where binary64 has none."""
    enclosure = solve(exercise).certified.enclosure
    magnitudes = [1.0]
    for step in enclosure.derivation.steps:
        if step.name not in enclosure.exceptions:
            entries = enclosure.matrices[step.name].entries()
            magnitudes += [abs(float(entry)) for entry in entries if not entry.is_zero()]
    return min(magnitudes)


@given(exercises(most_iterations=2))
@settings(max_examples=examples(15))
def test_any_exercises_digits_and_doubles_are_correctly_rounded(exercise: Exercise):
    # Far out on a tail the interpreter loses more digits than it works with.
    assume(smallest(exercise) > 1e-60)
    assert correct_roundings(exercise, 50, 200) == []


@pytest.mark.parametrize("digits", [1, 50, 300])
def test_no_entry_is_farther_off_than_the_error_bound(digits):
    exercise = ordinary()
    working = 400 + digits
    solution, expected = solve(exercise, digits=digits), interpreted(exercise, working)
    noise = Fraction(1, 10**working)
    for name, solved in solution.items():
        numbers = list(map(exact, flatten(expected[name])))
        bound = solved.certified.error_bound
        for ratio, number in zip(solved.entries, numbers, strict=True):
            assert abs(Fraction(*ratio) - number) <= bound + noise, name
        written = Fraction(solved.error_bound)
        for text, number in zip(flatten(solved.value), numbers, strict=True):
            assert abs(Fraction(text) - number) <= written + noise, name
        largest = max(map(abs, numbers))
        assert bound <= largest / 10**digits + Fraction(1, 2**1075), name


def test_twice_the_digits_change_nothing_that_was_printed():
    exercise = ordinary(iterations=2)
    coarse, fine = solve(exercise, digits=40), solve(exercise, digits=80)
    for name in coarse:
        assert coarse[name].float64 == fine[name].float64
        assert coarse[name].value == fine[name].certified.digits(40)
        assert coarse[name].certified.digits(80) == fine[name].value


def test_the_same_exercise_gives_the_same_solution():
    assert solve(ordinary()).to_json() == solve(ordinary()).to_json()


def test_what_a_solution_holds_are_the_results_of_its_derivation():
    exercise = ordinary(iterations=2)
    derivation: Derivation = exercise.derivation()
    assert list(solve(exercise)) == list(derivation.results)


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (Decimal("0.00123"), -2),
        (Decimal("9.5"), 1),
        (10, 2),
        (0, -inf),
        # Rounded it has a digit more.
        (10 - Fraction(1, 10**53), None),
    ],
)
def test_a_length_is_told_but_where_rounding_may_add_a_digit(value, length):
    assert proven(one_unit(), weighted_sum(value, 0, 0))["z1"].length(50) == length


HALF_A_STEP = 2**970
LARGEST = 2**1024 - HALF_A_STEP


@pytest.mark.parametrize("below", [2**850, 2**900, 2**960])
def test_what_rounds_to_the_largest_double_has_it_however_near_it_is_to_none(below):
    terms = Decimal("0.1"), LARGEST - Fraction(1, 10) - below, 0
    values = proven(one_unit(), weighted_sum(*terms), loss="absolute_error")
    assert values["z1"].doubles == [[sys.float_info.max]]
