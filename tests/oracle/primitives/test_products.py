"""Products of stacks of matrices, at once and block by block, are numpy's, exactly."""

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.arithmetic.running_error import RunningError
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
    ((1, 3), ()),
    ((), (2, 1)),
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
    shapes = [(*left, rows, inner), (*right, inner, columns)]
    # A vector stands for the only matrix of its side.
    vectors = draw(st.sampled_from([(), (0,), (1,)]))
    if 0 in vectors and not left:
        shapes[0] = (inner,)
    if 1 in vectors and not right:
        shapes[1] = (inner,)
    seed = numpy.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return fractions(seed, shapes[0]), fractions(seed, shapes[1])


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


def test_what_rounds_takes_the_blocks_in_turn_as_numpy_does():
    numbers = numpy.random.default_rng(1)
    left, upstream = numbers.normal(size=(5, 3, 2)), numbers.normal(size=(5, 3, 4))
    _, to_right = product_of(left, numpy.zeros((2, 4))).pull_backs
    assert to_right is not None
    arithmetic = RunningError()
    taken = [arithmetic.matrix(held(each)) for each in (upstream, left)]
    found = to_right.rule(arithmetic, *taken)
    blocks = [
        arithmetic.dot(arithmetic.matrix(one.T.tolist()), arithmetic.matrix(up.tolist()))
        for one, up in zip(left, upstream, strict=True)
    ]
    expected = reduce(arithmetic.add, blocks)
    assert numpy.array_equal(found.value, expected.value)
    assert numpy.array_equal(found.error, expected.error)


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
