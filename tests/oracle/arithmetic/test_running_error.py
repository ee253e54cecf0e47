"""Running errors bound what honest arithmetic does, operation by operation, and never raise."""

import math
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.arithmetic.running_error import BINARY32, Estimate, RunningError
from tests.agreement import exact

ARITHMETIC, EXACT = RunningError(), Reference(digits=60)


def estimate(value: float, error: float = 0.0) -> Estimate:
    """One number with an error."""
    return Estimate(numpy.array([[value]]), numpy.array([[error]]))


def error_of(result: Estimate) -> float:
    """S of one number."""
    return float(result.error[0, 0])


FUNCTIONS = [
    ("exp", -30, 30),
    ("expm1", -30, 5),
    ("log", 1e-6, 50),
    ("log1p", -0.999, 50),
    ("sqrt", 0, 50),
    ("normal_distribution", -6, 6),
    ("normal_density", -6, 6),
    ("tanh", -20, 20),
    ("sech", -20, 20),
    ("sigmoid", -30, 30),
    ("positive_part", -5, 5),
    ("cos_pi", 0, 2),
]


@pytest.mark.parametrize(("name", "low", "high"), FUNCTIONS)
@pytest.mark.parametrize("size", [0.0, 1.0, 2.0**20, 2.0**45])
def test_a_functions_error_covers_an_argument_at_either_end_of_its_band(name, low, high, size):
    generator = random.Random(0)
    for _ in range(50):
        z = estimate(generator.uniform(low, high), size)
        band = float(z.band[0, 0])
        with ARITHMETIC.active():
            result = getattr(ARITHMETIC, name)(z)
        if not numpy.isfinite(result.error).all():
            # Only a band that leaves the function's domain has no bound.
            assert float(z.value[0, 0]) - band < low + 1
            continue
        allowed = Fraction(float(result.band[0, 0])) + Fraction(1, 2**1022)
        for end in (-band, 0.0, band):
            argument = Fraction(float(z.value[0, 0])) + Fraction(end)
            true = exact(getattr(EXACT, name)(EXACT.matrix([[max(argument, Fraction(low))]])[0][0]))
            assert abs(Fraction(float(result.value[0, 0])) - true) <= allowed


OPERATIONS = ["__add__", "__sub__", "__mul__", "__truediv__"]
numbers = st.floats(-1e3, 1e3, allow_subnormal=False).filter(lambda each: abs(each) > 1e-3)
sizes = st.sampled_from([0.0, 1.0, 1e6, 1e13])


@given(st.sampled_from(OPERATIONS), numbers, numbers, sizes, sizes, st.booleans(), st.booleans())
def test_an_operations_error_covers_operands_at_either_end_of_their_bands(
    name: str, a: float, b: float, size: float, other: float, up: bool, other_up: bool
):
    left, right = estimate(a, size), estimate(b, other)
    result = getattr(left, name)(right)
    ends = [
        Fraction(float(each.value[0, 0])) + (1 if is_up else -1) * Fraction(float(each.band[0, 0]))
        for each, is_up in ((left, up), (right, other_up))
    ]
    if name == "__truediv__" and not math.isfinite(error_of(result)):
        assert abs(b) <= float(right.band[0, 0])
        return
    true = getattr(ends[0], name)(ends[1])
    assert abs(Fraction(float(result.value[0, 0])) - true) <= Fraction(float(result.band[0, 0]))


@pytest.mark.parametrize("count", [100, 784, 5000])
def test_naive_loops_over_long_sums_of_one_sign_are_within_the_band(count):
    generator = random.Random(count)
    terms = [generator.uniform(0.5, 1) for _ in range(count)]
    total = 0.0
    for each in terms:
        total += each
    summed = ARITHMETIC.sum(ARITHMETIC.matrix([terms]))
    off = abs(Fraction(total) - sum(map(Fraction, terms)))
    # Loops are off by more than one rounding of the sum, which the weight n/16 is for.
    assert off > Fraction(total) / 2**53
    assert off <= Fraction(float(summed.band[0, 0]))


def test_one_less_a_power_of_beta_is_covered_where_it_cancels():
    beta = Decimal("0.999")
    [[b]] = Binary64().matrix([[beta]])
    found = RunningError(givens_are_rounded=True).matrix([[beta]])
    correction = 1 - found**2
    off = abs(Fraction(1 - float(b) * float(b)) - (1 - Fraction(beta) ** 2))
    assert off > 16 * (1 - Fraction(beta) ** 2) / 2**53
    assert off <= Fraction(float(correction.band[0, 0]))


# Exactness


def test_givens_have_an_error_only_where_code_rounds_them():
    rows = [[Decimal("0.5"), Decimal("0.1"), 3, Decimal("1.00000000000000000001")]]
    rounded = RunningError(givens_are_rounded=True)
    assert rounded.matrix(rows).error.tolist() == [[0, 0.1, 0, 1]]
    assert ARITHMETIC.matrix([[0.1, 3]]).error.tolist() == [[0, 0]]


def test_in_binary32_a_double_is_rounded_too():
    arithmetic = RunningError(givens_are_rounded=True, precision=BINARY32)
    assert arithmetic.matrix([[0.1, 0.5, 2**24 + 1]]).error.tolist() == [[0.1, 0, 2**24 + 1]]


def test_a_stack_has_the_errors_of_its_variants_but_for_numbers_of_24_bits():
    rounded = RunningError(givens_are_rounded=True)
    stack = rounded.matrix(numpy.array([[[0.1, 0.5]], [[3.0, 0.7]]]))
    assert stack.error.tolist() == [[[0.1, 0]], [[0, 0.7]]]


def test_exact_zeros_stay_exact():
    zero = ARITHMETIC.zeros(2, 2)
    product = ARITHMETIC.dot(zero, ARITHMETIC.matrix([[0.1], [0.2]]))
    assert product.value.tolist() == product.error.tolist() == [[0], [0]]


def test_what_underflows_is_not_exact():
    assert error_of(estimate(1e-200) * 1e-120) > 1e-300


# What has no bound


@pytest.mark.parametrize(
    "make",
    [
        lambda z: ARITHMETIC.below(z, -1),
        lambda z: 1 / z,
        lambda z: ARITHMETIC.log(z),
        lambda z: ARITHMETIC.divide(z, z),
    ],
)
def test_a_band_that_reaches_a_kink_or_a_pole_gives_an_infinite_error_to_that_variant_alone(
    make: Any,
):
    value, error = numpy.array([[[1e-14]], [[1.0]]]), numpy.array([[[10.0]], [[10.0]]])
    with ARITHMETIC.active():
        result = make(Estimate(value, error))
    assert numpy.isfinite(result.error).ravel().tolist() == [False, True]


def test_a_jump_of_nothing_is_no_kink():
    # ELU with α = 1 at 0.
    height = estimate(0.0, 1.0)
    assert error_of(ARITHMETIC.below(estimate(0.0), height)) == 1
    assert error_of(ARITHMETIC.below(estimate(0.0), -1)) == math.inf


def test_what_overflows_has_an_infinite_error():
    with ARITHMETIC.active():
        assert error_of(ARITHMETIC.exp(estimate(1000.0))) == math.inf
        assert error_of(estimate(1e308) * 10) == math.inf
        assert math.isfinite(error_of(estimate(1e30) * 1e9))
    single = Estimate(numpy.array([[1e30]]), numpy.array([[0.0]]), BINARY32)
    assert error_of(single * 1e9) == math.inf


def test_a_root_at_zero_is_bounded_by_the_root_of_the_band():
    with ARITHMETIC.active():
        root = ARITHMETIC.sqrt(estimate(0.0, 1.0))
    assert float(root.band[0, 0]) == pytest.approx(math.sqrt(16 * 2**-53))


# Windows

WINDOWS = EntryMap.of((2, 1), (3, 1), ((0, 1), (1, 2)))


def pooled(values: list[float], errors: list[float], *, zeros_may_tie: bool = True) -> Estimate:
    """The gradient 1 passed back through two overlapping windows of a column of three."""
    column = Estimate(numpy.array(values)[:, None], numpy.array(errors)[:, None])
    return ARITHMETIC.to_largest(
        ARITHMETIC.matrix([[1], [1]]), column, WINDOWS, zeros_may_tie=zeros_may_tie
    )


def test_a_gradient_goes_to_what_is_certainly_the_largest():
    passed = pooled([1, 3, 2], [0, 0, 0])
    assert passed.value.ravel().tolist() == [0, 2, 0]
    assert numpy.isfinite(passed.error).all()


def test_a_maximum_that_two_entries_may_share_has_no_bound_at_either():
    passed = pooled([1, 3, 3], [0, 1, 1])
    assert numpy.isfinite(passed.error).ravel().tolist() == [True, False, False]


def test_windows_of_inactive_units_pass_nothing_where_zeros_may_tie():
    passed = pooled([0, 0, 1], [0, 0, 0])
    assert passed.value.ravel().tolist() == [0, 0, 1]
    assert numpy.isfinite(passed.error).all()
    assert not numpy.isfinite(pooled([0, 0, 1], [0, 0, 0], zeros_may_tie=False).error).all()


def test_the_largest_has_the_largest_error_of_those_that_it_may_be():
    column = Estimate(numpy.array([[1.0], [1.0], [0.0]]), numpy.array([[2.0], [3.0], [9.0]]))
    assert ARITHMETIC.largest(column, WINDOWS).error.ravel().tolist() == [3, 3]


# Stacks


@given(st.integers(0, 2**32))
def test_a_stack_is_walked_as_its_variants_are(seed: int):
    generator = numpy.random.default_rng(seed)
    left, right = generator.normal(size=(3, 2, 4)), generator.normal(size=(3, 4, 5))
    windows = EntryMap.of((2, 2), (2, 5), ((0, 1, 2), (3,), (-1,), (4, 5)))

    def worked(left: Any, right: Any) -> list[Estimate]:
        a, b = ARITHMETIC.matrix(left), ARITHMETIC.matrix(right)
        z = ARITHMETIC.dot(a, b)
        return [
            z,
            ARITHMETIC.softmax(z),
            ARITHMETIC.log_softmax(z),
            ARITHMETIC.sum(z, 0),
            ARITHMETIC.sum(z, 1),
            ARITHMETIC.sum(z),
            ARITHMETIC.gather(z, windows),
            ARITHMETIC.largest(z, EntryMap.of((1, 2), (2, 5), ((0, 1, 2), (3, 4)))),
            ARITHMETIC.reshape(z, 5, 2),
            ARITHMETIC.stack(z, ARITHMETIC.matrix([[1] * 5])),
            ARITHMETIC.multiply(ARITHMETIC.transpose(z), ARITHMETIC.matrix([[2]])),
            ARITHMETIC.rows_between(z, 0, 1),
        ]

    whole = worked(left, right)
    for index in range(3):
        for stacked, alone in zip(whole, worked(left[index], right[index]), strict=True):
            numpy.testing.assert_allclose(stacked.value[index], alone.value, rtol=1e-13)
            numpy.testing.assert_allclose(stacked.error[index], alone.error, rtol=1e-13)


@given(st.integers(0, 2**32))
def test_values_are_those_of_binary64(seed: int):
    generator = numpy.random.default_rng(seed)
    z = generator.normal(size=(3, 4)) * 3
    binary64 = Binary64()
    for name, low, _ in FUNCTIONS:
        inside = numpy.abs(z) if low >= 0 else numpy.clip(z, low, None)
        found = getattr(ARITHMETIC, name)(ARITHMETIC.matrix(inside)).value
        assert found.tolist() == getattr(binary64, name)(inside).tolist()
    for name in ("softmax", "log_softmax"):
        found = getattr(ARITHMETIC, name)(ARITHMETIC.matrix(z)).value
        assert found.tolist() == getattr(binary64, name)(z).tolist()
