"""Initial weights: normal deviates that are exact, keyed draws, and the variances of the field."""

from decimal import Decimal
from fractions import Fraction
from math import prod, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import MPContext

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.deviates import ERROR, Normal, quantile
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.templates.streams import Stream
from tests.examples import examples, spread
from tests.strategies import CONVENTIONS, dense, problem_set, variant

CONTEXT = MPContext()
CONTEXT.dps = 60

COUNT = 5000
SIGMAS = 5


def by_erfinv(probability: Fraction, variance: Fraction) -> Fraction:
    """√(2 · variance) · erf⁻¹(2p − 1), by mpmath at 60 digits."""
    p = CONTEXT.mpf(probability.numerator) / probability.denominator
    v = CONTEXT.mpf(variance.numerator) / variance.denominator
    value = CONTEXT.sqrt(2 * v) * CONTEXT.erfinv(2 * p - 1)
    sign, mantissa, exponent, _ = value._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


# Deviates


@given(
    st.integers(1, 2**60 - 1).map(lambda count: Fraction(count, 2**60)),
    st.fractions(Fraction(1, 1000), 1000, max_denominator=1000),
    st.integers(1, 20),
)
def test_a_deviate_is_the_nearest_number_of_the_grid(probability, variance, places):
    found = Normal(variance=variance, places=places).deviate(probability)
    value = by_erfinv(probability, variance)
    assert abs(Fraction(found) - value) <= Fraction(1, 2 * 10**places) + Fraction(1, 10**50)
    assert found.as_tuple().exponent == -places


@pytest.mark.parametrize("probability", [Fraction(1, 2**129), 1 - Fraction(1, 2**129)])
def test_the_most_extreme_draw_is_finite_and_right(probability):
    found = Normal(variance=Fraction(1), places=10).deviate(probability)
    # Φ⁻¹(2⁻¹²⁹), by mpmath's root of erfc.
    context = MPContext()
    context.dps = 60
    tail = min(probability, 1 - probability)
    p = context.mpf(tail.numerator) / tail.denominator
    root = context.findroot(lambda z: context.ln(context.erfc(z / context.sqrt(2)) / (2 * p)), 13)
    assert abs(abs(float(found)) - float(root)) < 1e-9
    assert (found < 0) == (probability < Fraction(1, 2))


@given(st.integers(1, 2**40 - 1), st.integers(1, 12))
@settings(max_examples=examples(50))
def test_deviates_are_symmetric(count, places):
    probability = Fraction(count, 2**40)
    normal = Normal(variance=Fraction(1, 3), places=places)
    assert normal.deviate(probability) == -normal.deviate(1 - probability)


def test_deviates_rise_with_the_probability():
    probabilities = [Fraction(index, 200) for index in range(1, 200)]
    found = list(map(Normal(variance=Fraction(2), places=6).deviate, probabilities))
    assert found == sorted(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("places", [1, 4, 20])
def test_the_middle_and_a_variance_of_0_are_an_exact_0(places):
    zero = Decimal(0).scaleb(-places)
    standard, constant = (Normal(variance=Fraction(each), places=places) for each in (1, 0))
    assert str(standard.deviate(Fraction(1, 2))) == str(zero)
    assert str(constant.deviate(Fraction(1, 3))) == str(zero)


# In doubles

EDGES = (
    Fraction(0.075),
    Fraction(0.925),
    *(side + sign * Fraction(1, 2**each) for side, sign in ((0, 1), (1, -1)) for each in (36, 37)),
)
"""Near where the algorithm goes over to another approximation: |p − ½| = 0.425, p = e⁻²⁵."""

PROBABILITIES = [
    *(Stream(b"deviates").probability("p", index) for index in range(examples(20_000))),
    *(Fraction(1, 2**each) for each in range(2, 130)),
    *(1 - Fraction(1, 2**each) for each in range(2, 130)),
    *(Fraction(1, 2) + Fraction(sign, 2**each) for each in range(2, 130) for sign in (1, -1)),
    *(edge + Fraction(index, 10**17) for edge in EDGES for index in range(-20, 21)),
]


def test_doubles_are_a_hundred_times_as_near_to_the_quantile_as_they_are_taken_for():
    for probability in PROBABILITIES:
        enclosure = Ball(bits=400).quantile(probability, Fraction(1))
        assert enclosure is not None
        off = abs(Fraction(quantile(probability)) - Fraction(*enclosure[0]))
        assert 100 * off < ERROR, probability


@pytest.mark.parametrize("places", [1, 4, 8, 11, 12, 20])
@pytest.mark.parametrize("variance", [Fraction(2, 7), Fraction(10**6), Fraction(1, 10**90)])
def test_doubles_come_to_the_digits_of_balls(places, variance):
    normal = Normal(variance=variance, places=places)
    for probability in spread(PROBABILITIES):
        found, exact = normal.deviate(probability), normal.exact_deviate(probability)
        assert str(found) == str(exact), probability


@pytest.mark.parametrize("places", [1, 4, 9])
def test_what_lies_beside_a_tie_is_rounded_as_balls_have_it(places):
    normal = Normal(variance=Fraction(1), places=places)
    for units in range(0, 4 * 10 ** min(places, 4), 3 * 10 ** min(places, 4) // 7):
        tie = Fraction(2 * units + 1, 2 * 10**places)
        below = probability_below(tie)
        beside = [below + Fraction(each, 2**129) for each in (-(2**80), -1, 1, 2**80)]
        found = [normal.deviate(each) for each in beside]
        assert list(map(str, found)) == [str(normal.exact_deviate(each)) for each in beside]
        assert found[0] < found[-1]


def probability_below(value: Fraction) -> Fraction:
    """Φ(value) to 129 bits, by mpmath."""
    root = CONTEXT.mpf(value.numerator) / value.denominator / CONTEXT.sqrt(2)
    return Fraction(int((1 + CONTEXT.erf(root)) * 2**128), 2**129)


# Initializations


def weights(layers: list[dict[str, Any]], weight: dict[str, Any], **fields: Any) -> Exercise:
    """An exercise with weights that are initialized so."""
    return variant(layers=layers, draw={"weights": weight}, ask=["loss"], **fields)


def numbers(exercise: Exercise, name: str) -> list[Fraction]:
    """The given numbers of a quantity."""
    return [Fraction(number.text) for number in flatten(exercise.given[name])]


def stream_weights(initialization: dict[str, Any]) -> list[str]:
    """The weights of a small exercise, as its document writes them."""
    exercise = weights([dense(2)], initialization, arithmetic="decimal", batch=1)
    return [number.text for number in flatten(exercise.given["W1"])]


def test_probabilities_are_keyed_strictly_inside_and_the_same_for_ever():
    stream = Stream(b"key")
    found = [stream.probability("W1", index) for index in range(1000)]
    assert len(set(found)) == 1000
    assert all(0 < each < 1 for each in found)
    assert [round(float(each), 12) for each in found[:3]] == GOLDEN_PROBABILITIES
    assert Stream(b"key", 1).probability("W1", 0) != found[0]
    assert stream.probability("W2", 0) != found[0]


GOLDEN_PROBABILITIES = [0.024056650442, 0.000753137845, 0.987930376917]
GOLDEN_WEIGHTS = {
    "he": ["-0.0108", "0.0758", "0.4555", "0.3761"],
    "xavier": ["-0.172075", "0.379950", "0.320925", "1.378657"],
    "normal": ["-0.46", "0.09", "-0.37", "0.22"],
    "zero": ["0.0000", "0.0000", "0.0000", "0.0000"],
}
INITIALIZATIONS: dict[str, dict[str, Any]] = {
    "he": {"initialization": "he"},
    "xavier": {"initialization": "xavier", "places": 6},
    "normal": {"initialization": "normal", "deviation": 0.25, "places": 2},
    "zero": {"initialization": "zero"},
}


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_initial_weights_are_the_same_for_ever(name):
    assert stream_weights(INITIALIZATIONS[name]) == GOLDEN_WEIGHTS[name]


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_initial_weights_lie_on_their_grid(name):
    initialization = INITIALIZATIONS[name]
    scale = 10 ** initialization.get("places", 4)
    exercise = weights([dense(5), dense(3)], initialization, inputs=4, arithmetic="decimal")
    for weight in numbers(exercise, "W1") + numbers(exercise, "W2"):
        assert (weight * scale).denominator == 1


@pytest.mark.parametrize("name", sorted(set(INITIALIZATIONS) - {"zero"}))
def test_students_are_given_different_initial_weights(name):
    drawn = {
        tuple(numbers(weights([dense(2)], INITIALIZATIONS[name], student=student), "W1"))
        for student in ("1", "2", "3")
    }
    assert len(drawn) == 3


def test_zero_weights_are_zeros_and_biases_are_drawn_as_they_are():
    exercise = weights([dense(3), dense(2)], INITIALIZATIONS["zero"], arithmetic="decimal")
    assert set(numbers(exercise, "W1") + numbers(exercise, "W2")) == {Fraction(0)}
    assert set(numbers(exercise, "b1")) != {Fraction(0)}


def mean_and_variance(values: list[Fraction]) -> tuple[float, float]:
    mean = float(sum(values)) / len(values)
    return mean, sum((float(value) - mean) ** 2 for value in values) / len(values)


def assert_normal(values: list[Fraction], variance: float) -> None:
    """Assert mean 0 and a variance, within five standard errors of each, and the normal's tails."""
    count = len(values)
    mean, found = mean_and_variance(values)
    assert abs(mean) < SIGMAS * sqrt(variance / count)
    assert abs(found - variance) < SIGMAS * variance * sqrt(2 / count)
    for deviations, share in ((1, 0.317310507863), (2, 0.045500263896)):
        beyond = sum(abs(float(value)) > deviations * sqrt(variance) for value in values) / count
        assert abs(beyond - share) < SIGMAS * sqrt(share * (1 - share) / count)


@pytest.mark.parametrize(
    ("initialization", "variance"),
    [
        ({"initialization": "he", "places": 8}, Fraction(2, 100)),
        ({"initialization": "xavier", "places": 8}, Fraction(2, 150)),
        ({"initialization": "normal", "deviation": 0.75, "places": 8}, Fraction(9, 16)),
    ],
)
def test_five_thousand_weights_are_distributed_normally(initialization, variance):
    exercise = weights([dense(50)], initialization, inputs=100)
    values = numbers(exercise, "W1")
    assert len(values) == COUNT
    assert_normal(values, float(variance))


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_fan_in_is_what_a_unit_reads_in_both_conventions(convention):
    exercise = weights(
        [dense(10)],
        {"initialization": "he", "places": 8},
        inputs=200,
        convention=convention,
    )
    _, variance = mean_and_variance(numbers(exercise, "W1"))
    assert variance == pytest.approx(2 / 200, rel=SIGMAS * sqrt(2 / 2000))


@pytest.mark.parametrize(
    ("initialization", "variance"), [("he", 2 / (3 * 4 * 5)), ("xavier", 2 / (3 * 4 * 5 + 30))]
)
def test_the_fan_in_of_a_kernel_is_its_entries_and_its_fan_out_the_filters(
    initialization, variance
):
    exercise = weights(
        [
            {"type": "convolution", "filters": 30, "kernel": [4, 5]},
            {"type": "flatten"},
            dense(1),
        ],
        {"initialization": initialization, "places": 8},
        inputs=[3, 4, 5],
    )
    assert shape_of(exercise.given["W1"]) == (30, 3, 4, 5)
    _, found = mean_and_variance(numbers(exercise, "W1"))
    assert found == pytest.approx(variance, rel=SIGMAS * sqrt(2 / prod((30, 3, 4, 5))))


def test_every_layer_has_its_own_fans():
    exercise = weights(
        [dense(60, "tanh"), dense(10)], {"initialization": "he", "places": 8}, inputs=15
    )
    for name, fan_in in (("W1", 15), ("W2", 60)):
        values = numbers(exercise, name)
        _, variance = mean_and_variance(values)
        assert variance == pytest.approx(2 / fan_in, rel=SIGMAS * sqrt(2 / len(values)))


def test_recurrent_weights_have_fans_of_their_own():
    exercise = weights(
        [{"type": "recurrent", "units": 24}, {"type": "last_step"}],
        {"initialization": "he", "places": 8},
        inputs=[1, 40],
    )
    for name, fan_in in (("Wxh_1", 40), ("Whh_1", 24)):
        values = numbers(exercise, name)
        _, variance = mean_and_variance(values)
        assert variance == pytest.approx(2 / fan_in, rel=SIGMAS * sqrt(2 / len(values)))


def test_in_binary64_initial_weights_are_doubles_of_the_same_decimals():
    decimal, binary = (
        weights([dense(3)], {"initialization": "he"}, given={"x": [[1], [2]]}, arithmetic=each)
        for each in ("decimal", "binary64")
    )
    # The arithmetic is part of the definition, which keys the draws: another draw, as exact.
    for number in flatten(binary.given["W1"]):
        assert Decimal(number.text) == Decimal(repr(float(number.text)))
    assert shape_of(decimal.given["W1"]) == shape_of(binary.given["W1"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"initialization": "he", "deviation": 1},
        {"initialization": "normal"},
        {"initialization": "normal", "deviation": 0},
        {"initialization": "normal", "deviation": -1},
        {"initialization": "he", "places": 0},
        {"initialization": "he", "places": 21},
        {"initialization": "kaiming"},
    ],
)
def test_an_initialization_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(DocumentError, match=r"draw\.weights"):
        problem_set(draw={"weights": wrong})
