"""What is proven holds: exact zeros, kinks, ties, tiny values, many digits, large networks."""

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import assume, given, settings

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified, OutOfRange, UndefinedValue
from gradgrade.oracle.exact_numbers import Exact, binary64, significant_digits
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.enclose import bits_of, enclose
from gradgrade.oracle.proof.rational_values import MOST_NUMBERS
from gradgrade.oracle.proof.witness import MOST_ENTRIES_ALONE, check_gradients
from gradgrade.problems import Exercise, generate, solve
from gradgrade.problems.catalogue import load
from tests.agreement import exact, interpreted
from tests.examples import examples
from tests.oracle.programs.compared import Program
from tests.strategies import (
    WITHOUT_ZERO,
    dense,
    exercises,
    optimizer_document,
    variant,
    written_exercise,
)


def proven(
    network: Network,
    givens: Mapping[str, Any],
    *,
    loss: str = "half_squared_error",
    digits: int = 50,
    iterations: int = 1,
) -> CertifiedValues:
    """The certified values of a network with one sample and plain descent at rate 1."""
    derivation = derive(network, Loss(name=loss), Optimizer(), iterations=iterations)
    return certify(derivation, {"learning_rate": 1, **givens}, digits=digits)


def one_unit(activation: str = "identity", *, inputs: int = 3) -> Network:
    """A network of one unit without a bias."""
    return Network(inputs=inputs, layers=(Dense(units=1, activation=activation, bias="none"),))


def weighted_sum(*terms: Exact) -> dict[str, Any]:
    """Givens of one unit whose pre-activation is the sum of some numbers."""
    return {"x": [[each] for each in terms], "y": [[1]], "W1": [[1] * len(terms)]}


TENTHS = [Decimal("0.1"), Decimal("0.2"), Decimal("-0.3")]
THREE_TENTHS = [Decimal("0.1")] * 3 + [Decimal("-0.3")]


# Exact zeros


def test_a_zero_that_no_ball_settles_is_found_exactly_in_decimal():
    values = proven(one_unit(), weighted_sum(*TENTHS))
    assert values["z1"].digits(50) == [["0"]]
    assert values["z1"].doubles == [[0.0]]
    assert math.copysign(1, values["z1"].doubles[0][0]) == 1
    assert values["z1"].entries == ((0, 1),)
    assert values["delta1"].digits(3) == [["-1.00"]]


def test_what_cancels_in_decimal_does_not_in_binary64():
    doubles = list(map(float, TENTHS))
    rest = sum(map(Fraction, doubles))
    values = proven(one_unit(), weighted_sum(*doubles))
    assert values["z1"].doubles == [[float(rest)]] == [[2.7755575615628914e-17]]
    assert values["z1"].digits(50) == [[significant_digits(*rest.as_integer_ratio(), 50)]]


def test_a_zero_beside_other_entries_is_found_exactly():
    network = Network(inputs=3, layers=(Dense(units=2),))
    givens = {
        "x": [[each] for each in TENTHS],
        "y": [[0], [1]],
        "W1": [[1, 1, 1], [1, 2, 3]],
        "b1": [0, 0],
    }
    values = proven(network, givens)
    assert values["z1"].digits(2) == [["0"], ["-0.40"]]
    assert values["dW1"].digits(2) == [["0", "0", "0"], ["-0.14", "-0.28", "0.42"]]
    assert values["loss"].digits(2) == "0.98"


@pytest.mark.parametrize("digits", [10, 50, 200])
def test_a_zero_behind_irrational_steps_is_proven_to_round_to_zero(digits):
    # The gradients by the units' outputs sum to 0 under softmax, whatever the softmax is.
    network = Network(inputs=2, layers=(Dense(units=3, activation="softmax", bias="shared"),))
    givens = {
        "x": [[Decimal("0.3")], [Decimal("0.7")]],
        "y": [[0], [1], [0]],
        "W1": [[1, 2], [Decimal("-0.1"), 1], [Decimal("0.2"), 2]],
        "b1": Decimal("0.1"),
    }
    value = proven(network, givens, loss="cross_entropy", digits=digits)["db1"]
    assert value.digits(digits) == "0"
    assert value.doubles == 0.0
    assert value.entries == ((0, 1),)
    assert 0 < value.error_bound < Fraction(1, 2**1075)


def test_a_zero_behind_irrational_steps_survives_iterations():
    network = Network(inputs=1, layers=(Dense(units=2, activation="softmax", bias="shared"),))
    givens = {"x": [[1]], "y": [[0], [1]], "W1": [[1], [2]], "b1": Decimal("0.1")}
    values = proven(network, givens, loss="cross_entropy", iterations=3)
    assert [values[f"db1@{t}"].doubles for t in (1, 2, 3)] == [0.0] * 3
    assert values["b1_new"].doubles == 0.1


def all_zero(**fields: Any) -> Exercise:
    """Equal units with equal targets: each entry of δ is 0, behind steps that no fraction is."""
    return variant(
        **{"layers": [dense(2, "tanh"), dense(5, "softmax")]} | fields,
        loss={"name": "binary_cross_entropy"},
        batch=3,
        draw={
            "weights": {"initialization": "zero"},
            "biases": {"low": 0, "high": 0, "step": 1},
        },
        given={"y": [[1] * 3] * 5},
        ask=["loss"],
    )


def test_a_sum_of_entries_that_are_all_zero_behind_irrational_steps_is_proven():
    # db2 reads δ alone.
    assert solve(all_zero())["db2"].value == ["0"] * 5


@pytest.mark.parametrize("regularization", [None, {"l2": 0.1}])
def test_gradients_of_a_large_network_that_are_all_zero_are_proven(regularization):
    exercise = all_zero(
        inputs=LARGE // 5 + 1,
        layers=[dense(5, "softmax")],
        optimizer={"name": "adam", "learning_rate": 0.1},
        regularization=regularization,
    )
    assert set(flatten(solve(exercise)["mW1"].value)) == {"0"}


def test_zeros_behind_irrational_steps_take_no_longer_with_every_iteration():
    exercise = all_zero(
        layers=[dense(5, "softmax")],
        iterations=9,
        optimizer={"name": "adam", "learning_rate": 0.1},
    )
    start = time.perf_counter()
    assert solve(exercise)["b1_new"].value == ["0"] * 5
    # A quarter of a second where each quantity is looked at once.
    assert time.perf_counter() - start < 4


def test_a_saturated_softmax_has_no_gradient_left_in_binary64_and_digits_where_it_has():
    network = Network(inputs=1, layers=(Dense(units=2, activation="softmax", bias="none"),))
    givens = {"x": [[1]], "y": [[0], [1]], "W1": [[-400], [400]]}
    value = proven(network, givens, loss="cross_entropy")["delta1"]
    assert value.doubles == [[0.0], [0.0]]
    # e^−800, by mpmath.
    assert value.digits(12) == [["3.66787458418E-348"], ["-3.66787458418E-348"]]


# Kinks


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_a_kink_in_decimal_is_found_exactly_and_named(activation):
    given = weighted_sum(*THREE_TENTHS)
    numbers = {"alpha1": Decimal("0.5")} if ACTIVATIONS[activation].numbers else {}
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined: .*kink"):
        proven(one_unit(activation, inputs=4), given | numbers)


def test_what_is_a_kink_in_decimal_is_none_in_binary64():
    given = weighted_sum(*map(float, THREE_TENTHS))
    values = proven(one_unit("relu", inputs=4), given)
    assert values["a1"].doubles == values["z1"].doubles
    assert 0 < values["z1"].doubles[0][0] < 1e-16
    assert values["delta1"].doubles == [[-1.0]]


def test_exercises_of_both_arithmetics_differ_at_a_kink():
    fields: dict[str, Any] = {"layers": [dense(1, "relu", "none")], "inputs": 2}
    values = {"W1": [[3, -1]], "y": [[1]]}
    exercise = variant(**fields, arithmetic="binary64", given=values | {"x": [[0.1], [0.3]]})
    assert solve(exercise)["delta1"].float64 == [[pytest.approx(-1)]]
    text = variant(**fields, arithmetic="decimal", given=values | {"x": [[0.1], [0.2]]}).to_json()
    at_kink = Exercise.from_json(text.replace("0.2", "0.3"))
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined"):
        solve(at_kink)


def test_a_kink_of_a_later_iteration_is_found_and_named():
    # The first step makes the weight 0: 1 − 1 · (1 − 0).
    with pytest.raises(UndefinedValue, match=r"^delta1@2 is undefined"):
        proven(one_unit("relu", inputs=1), {"x": [[1]], "y": [[0]], "W1": [[1]]}, iterations=2)


def test_a_kink_of_the_loss_is_found_exactly():
    with pytest.raises(UndefinedValue, match=r"^da1 is undefined"):
        proven(one_unit(), weighted_sum(*TENTHS) | {"y": [[0]]}, loss="absolute_error")


def test_a_continuous_derivative_is_defined_at_its_threshold():
    given = weighted_sum(Decimal("0.1"), Decimal("0.2"), 0)
    for y in (Decimal("0.2"), Decimal("0.4")):
        values = proven(
            one_unit(),
            given | {"y": [[y]], "threshold": Decimal("0.1")},
            loss="huber",
        )
        assert abs(Fraction(values["da1"].doubles[0][0])) == Fraction(0.1)


def test_a_kink_that_nothing_decides_is_not_certified():
    # relu of t − t with t = tanh 1, which is no fraction.
    network = Network(
        inputs=1,
        layers=(
            Dense(units=2, activation="tanh", bias="none"),
            Dense(units=1, activation="relu", bias="none"),
        ),
    )
    givens = {"x": [[1]], "y": [[1]], "W1": [[1], [1]], "W2": [[1, -1]]}
    with pytest.raises(NotCertified, match="exactly 0"):
        proven(network, givens)


def test_what_is_not_certified_names_its_quantity():
    network = Network(
        inputs=1,
        layers=(
            Dense(units=2, activation="tanh", bias="none"),
            Dense(units=1, activation="relu", bias="none"),
        ),
    )
    givens = {"x": [[1]], "y": [[1]], "W1": [[1], [1]], "W2": [[1, -1]]}
    with pytest.raises(NotCertified, match="delta2"):
        proven(network, givens)


# Ties in rounding

HALF_STEP = Fraction(1, 2**53)
AFTER_1 = math.nextafter(1, 2)


@pytest.mark.parametrize(
    ("nudge", "expected"),
    [(Fraction(0), 1.0), (Fraction(1, 10**80), AFTER_1), (-Fraction(1, 10**80), 1.0)],
)
def test_a_rational_tie_of_doubles_is_decided_exactly(nudge, expected):
    values = proven(one_unit(), weighted_sum(1, HALF_STEP, nudge))
    assert values["z1"].doubles == [[expected]]


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("0.125", 2, "0.12"),
        ("0.375", 2, "0.38"),
        ("0.1250000000000000000000000000000000000000000000000000001", 2, "0.13"),
        ("0.99999999995", 10, "1.000000000"),
        ("-2.5", 1, "-2"),
        ("-3.5", 1, "-4"),
    ],
)
def test_a_rational_tie_of_digits_is_decided_exactly(value, digits, expected):
    values = proven(one_unit(), weighted_sum(Decimal(value), 0, 0), digits=digits)
    assert values["z1"].digits(digits) == [[expected]]


def beside_a_tie(nudge: Fraction) -> tuple[Network, dict[str, Any]]:
    """A tie of doubles plus tanh of a nudge, which no fraction is."""
    network = Network(
        inputs=1,
        layers=(Dense(units=1, activation="tanh", bias="none"), Dense(units=1)),
    )
    givens = {"x": [[nudge]], "y": [[0]], "W1": [[1]], "W2": [[1]], "b2": [1 + HALF_STEP]}
    return network, givens


@pytest.mark.parametrize(("sign", "expected"), [(1, AFTER_1), (-1, 1.0)])
def test_an_irrational_near_tie_is_decided_by_more_precision(sign, expected):
    network, givens = beside_a_tie(Fraction(sign, 10**80))
    assert proven(network, givens)["z2"].doubles == [[expected]]


def test_an_irrational_tie_that_nothing_decides_is_refused_by_name():
    network = Network(
        inputs=1,
        layers=(Dense(units=2, activation="tanh", bias="none"), Dense(units=1)),
    )
    givens = {
        "x": [[1]],
        "y": [[0]],
        "W1": [[1], [1]],
        "W2": [[1, -1]],
        "b2": [1 + HALF_STEP],
    }
    with pytest.raises(NotCertified, match=r"^z2: .*tie"):
        proven(network, givens)


def test_a_decimal_tie_that_nothing_decides_has_a_digit_more():
    # An input of 0 leaves its weight at 0.35, a tie of one digit, behind steps that no fraction is.
    exercise = variant(
        layers=[dense(1, "tanh"), dense(1)],
        arithmetic="decimal",
        given={"x": [[0], [1]], "W1": [[0.35, 0.3]]},
        optimizer={"name": "adam", "learning_rate": 0.1},
    )
    assert solve(exercise, digits=2)["W1_new"].value[0][0] == "0.35"
    assert solve(exercise, digits=1)["W1_new"].value[0][0] == "0.35"


def test_what_comes_by_way_of_a_norm_and_is_dyadic_is_written_out():
    """In doubles 2 (b − a) may have 51 digits; with a norm between no fraction shows it."""
    exercise = generate(load("losses-and-fits"), "contrastive", student="0", secret=b"b")
    value = solve(exercise)["db"].value
    a, b = ([Fraction(each.double) for each in exercise.given[name]] for name in "ab")
    assert max(len(each.lstrip("-0.").replace(".", "")) for each in value) == 51
    for written, one, other in zip(value, a, b, strict=True):
        assert abs(Fraction(written) - 2 * (other - one)) < Fraction(1, 10**50)


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


# Large networks


def wide(inputs: int, units: int, outputs: int, batch: int, iterations: int) -> Exercise:
    """A network with more entries in a parameter than are compared one by one."""
    exercise = variant(
        inputs=inputs,
        layers=[dense(units, "tanh"), dense(outputs, "softmax")],
        batch=batch,
        iterations=iterations,
        loss={"name": "cross_entropy"},
        regularization={"l2": 0.01},
        optimizer=optimizer_document("adam", "inverse_time"),
        ask=["loss"],
    )
    assert inputs * units > LARGE
    return exercise


def shown(values: CertifiedValues) -> dict[str, Any]:
    """The digits of all quantities."""
    return {name: value.digits(20) for name, value in values.items()}


def test_a_large_network_checked_by_samples_has_the_values_that_the_full_check_finds():
    exercise = wide(26, 20, 3, 1, 2)
    derivation, givens = exercise.derivation(), exercise.givens()
    sampled = certify(derivation, givens, digits=50)
    assert shown(sampled) == shown(certify(derivation, givens, digits=50, full=True))


def test_a_larger_networks_balls_hold_every_entry_of_the_reference():
    exercise = wide(40, 60, 10, 3, 3)
    values = certify(exercise.derivation(), exercise.givens(), digits=50)
    check_reference(values.enclosure, digits=50, full=True)


def test_a_large_networks_direction_agrees_with_every_iterations_gradients():
    exercise = wide(40, 60, 10, 3, 2)
    values = certify(exercise.derivation(), exercise.givens(), digits=20)
    check_gradients(values.enclosure, full=False)


def test_no_precision_is_tried_twice_where_nothing_is_rational(monkeypatch):
    tried = []

    class Noted(Ball):
        def __init__(self, *, bits: int) -> None:
            tried.append(bits)
            super().__init__(bits=bits)

    monkeypatch.setattr("gradgrade.oracle.proof.enclose.Ball", Noted)
    large, rest = Fraction(10**40, 3), [0] * MOST_NUMBERS
    values = proven(one_unit(inputs=2 + len(rest)), weighted_sum(large, 1 - large, *rest))
    assert values["z1"].doubles == [[1.0]]
    assert tried == sorted(set(tried))
    assert len(tried) > 1


def test_what_a_solution_holds_are_the_results_of_its_derivation():
    exercise = ordinary(iterations=2)
    derivation: Derivation = exercise.derivation()
    assert list(solve(exercise)) == list(derivation.results)


# What is done once


def test_the_witness_walks_the_point_once_and_for_each_direction_what_moves_along_it():
    exercise = written_exercise([dense(3, "tanh"), dense(1)], batch=1)
    derivation, walked = exercise.derivation(), Counter[Name]()

    def counted(step: Step) -> Step:
        def rule(*read: Any) -> Any:
            walked[step.name] += 1
            return step.rule(*read)

        return replace(step, rule=rule)

    derivation = derivation.replacing(*map(counted, derivation.steps))
    enclosure = enclose(derivation, given_rows(derivation, exercise.givens()), bits=bits_of(50))
    walked.clear()
    check_gradients(enclosure, full=False)
    of_first, of_second, of_all = 3 * 2 + 3 + 2, 3 + 1, 1
    assert walked[Name("z", 1)] == walked[Name("a", 1)] == 1 + of_first
    assert walked[Name("z", 2)] == walked[Name("loss")] == 1 + of_first + of_second
    # Each entry is moved alone on the first variant; all at once on those after it.
    walked.clear()
    check_gradients(enclosure, full=False)
    assert {walked[Name(*each)] for each in (("z", 1), ("z", 2), ("loss",))} == {1 + of_all}
    assert walked[Name("z", 1).gradient] == 0


def test_lines_are_moved_along_one_direction_with_what_is_given_after_the_first_variant():
    program = Program("b = 2 * a\nc = b**2\no = sum(c)", {"a": (2,)})
    walked = Counter[Name]()

    def counted(step: Step) -> Step:
        def rule(*read: Any) -> Any:
            walked[step.name] += 1
            return step.rule(*read)

        return replace(step, rule=rule)

    derivation = program.derivation.replacing(*map(counted, program.derivation.steps))
    enclosure = enclose(derivation, given_rows(derivation, program.givens), bits=bits_of(50))
    check_gradients(enclosure, full=False)
    walked.clear()
    check_gradients(enclosure, full=False)
    point, direction = 1, 1
    assert {walked[Name(each)] for each in ("b", "c", "o")} == {point + direction}


@pytest.mark.parametrize("wrong", ["a", "b", "c"])
@pytest.mark.parametrize("size", [2, MOST_ENTRIES_ALONE + 1])
def test_a_wrong_gradient_of_a_line_or_a_given_is_rejected_after_the_first_variant_too(wrong, size):
    program = Program("b = 2 * a\nc = b**2\no = sum(c)", {"a": (size,)})
    derivation = program.derivation
    enclosure = enclose(derivation, given_rows(derivation, program.givens), bits=bits_of(50))
    check_gradients(enclosure, full=False)
    name = Name(wrong).gradient
    with enclosure.ball.active():
        off = {**enclosure.matrices, name: enclosure.matrices[name] * (1 + arb((1, -70)))}
    with pytest.raises(NotCertified, match=r"^the witness disagrees about (the gradients|da)"):
        check_gradients(replace(enclosure, matrices=off), full=False)


def test_what_only_has_another_name_is_still_compared_where_the_reference_has_another_value():
    program = Program("b = 2 * a\no = b", {"a": (2,)})
    step = program.derivation.by_name[Name("o")]

    def moved_in_the_reference(arithmetic: Any, matrix: Any) -> Any:
        if isinstance(arithmetic, Reference):
            return arithmetic.multiply(matrix, arithmetic.matrix([[1 + Fraction(1, 10**9)]]))
        return matrix

    wrong = program.derivation.replacing(replace(step, rule=moved_in_the_reference))
    assert certify(program.derivation, program.givens, digits=50)
    with pytest.raises(NotCertified, match=r"^the reference disagrees about o$"):
        certify(wrong, program.givens, digits=50)
