"""Products of stacks of matrices, at once and block by block, are numpy's, exactly."""

from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.primitives.arrays import matrix_shape
from gradgrade.oracle.primitives.primitive import Operand, Operation
from gradgrade.oracle.primitives.products import matmul
from tests.examples import examples

RATIONAL = Rational()

BATCHES = (
    ((), (3,)),
    ((3,), ()),
    ((2, 3), ()),
    ((), (2, 3)),
    ((1,), (3,)),
    ((3,), (1,)),
    ((3,), (3,)),
    ((2, 1), (3,)),
    ((1,), (1,)),
)
"""Of the left operand and of the right one: both, one or neither is a single matrix."""

SIZES = st.integers(1, 4)


@st.composite
def operands(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two arrays of fractions that numpy multiplies."""
    (left, right), rows, inner, columns = (
        draw(st.sampled_from(BATCHES)),
        *draw(st.tuples(SIZES, SIZES, SIZES)),
    )
    seed = numpy.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return fractions(seed, (*left, rows, inner)), fractions(seed, (*right, inner, columns))


def fractions(seed: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    numbers = seed.integers(-9, 10, shape)
    return numpy.vectorize(lambda each: Fraction(int(each), 7), otypes=[object])(numbers)


def held(array: Any) -> list[list[Fraction]]:
    """An array as a walk holds it."""
    rows: list[list[Fraction]] = array.reshape(matrix_shape(array.shape)).tolist()
    return rows


def product_of(left: Any, right: Any) -> Operation:
    return matmul(Operand(shape=left.shape), Operand(shape=right.shape))


@given(operands())
@settings(max_examples=examples(300))
def test_a_product_and_both_ways_back_are_those_of_numpy(arrays):
    left, right = arrays
    operation, expected = product_of(left, right), left @ right
    to_left, to_right = operation.pull_backs
    assert to_left is not None
    assert to_right is not None
    assert operation.shape == expected.shape
    assert operation.rule(RATIONAL, held(left), held(right)) == held(expected)
    # The gradient of Σ upstream ∘ (left @ right) by an entry is by how much it changes with it.
    upstream = fractions(numpy.random.default_rng(1), expected.shape)
    for rule, of, other in ((to_left, left, right), (to_right, right, left)):
        found = rule.rule(RATIONAL, held(upstream), held(other))
        assert found == held(slope(upstream, left, right, of))


def slope(upstream: Any, left: Any, right: Any, of: Any) -> Any:
    """By how much Σ upstream ∘ (left @ right) grows with each entry of one of them."""
    found = numpy.empty(of.shape, dtype=object)
    for place in numpy.ndindex(of.shape):
        one = numpy.zeros(of.shape, dtype=object)
        one[place] = Fraction(1)
        pair = (one, right) if of is left else (left, one)
        found[place] = (upstream * (pair[0] @ pair[1])).sum()
    return found


@pytest.mark.parametrize(
    ("left", "right", "dots"),
    [((5, 3, 2), (2, 4), 1), ((3, 2), (5, 2, 4), 1), ((5, 3, 2), (5, 2, 4), 5)],
)
def test_what_shares_an_operand_is_a_single_product(left, right, dots):
    counted = CountedDots()
    zeros = [numpy.zeros(shape, dtype=int) + Fraction(0) for shape in (left, right)]
    product_of(*zeros).rule(counted, *map(held, zeros))
    assert counted.dots == dots


class CountedDots(Rational):
    """Fractions that count products of matrices."""

    def __init__(self) -> None:
        super().__init__()
        self.dots = 0

    def dot(self, left: Any, right: Any) -> Any:
        self.dots += 1
        return super().dot(left, right)
