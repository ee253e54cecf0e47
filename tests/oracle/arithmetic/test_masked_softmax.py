"""Softmax over what a mask leaves, and numbers of formulas, in every arithmetic."""

from fractions import Fraction

import numpy
import pytest

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.counting import Counting
from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.arithmetic.rounded import Rounded
from gradgrade.oracle.arithmetic.rounding import ToDecimals
from gradgrade.oracle.arithmetic.running_error import BINARY32, RunningError
from gradgrade.oracle.errors import UndefinedValue

SCORES = [[3, -1, 2], [0, 5, 1], [2, 2, 700]]
MASK = [[1, 1, 1], [1, 0, 0], [1, 0, 0]]

EXACT = {
    "balls": Ball(bits=200),
    "reference": Reference(digits=50),
    "binary64": Binary64(),
    "running error": RunningError(),
    "by hand": Rounded(ToDecimals(4)),
}


def shares(arithmetic, mask=MASK):
    """The masked softmax of the scores, as the arithmetic's numbers."""
    with arithmetic.active():
        matrix, where = arithmetic.matrix(SCORES), arithmetic.matrix(mask)
        return arithmetic.rows(arithmetic.softmax(matrix, where))


@pytest.mark.parametrize("name", EXACT)
def test_what_is_masked_weighs_exactly_0_and_the_rest_is_softmax_of_the_rest(name):
    arithmetic = EXACT[name]
    found = [[Fraction(*arithmetic.ratio(each)) for each in row] for row in shares(arithmetic)]
    powers = numpy.exp(numpy.array([3.0, 0.0, 2.0]))
    expected = [[powers[0] / powers.sum(), 1, 1], [powers[1] / powers.sum(), 0, 0]]
    for row, right in zip(found, expected, strict=False):
        for each, other in zip(row, right, strict=True):
            assert abs(each - Fraction(other)) < (Fraction(1, 10**3) if other not in (0, 1) else 1)
            assert (each == 0) == (other == 0)
            assert (each == 1) == (other == 1)
    assert found[2][1:] == [0, 0]


def test_what_is_masked_has_no_running_error():
    arithmetic = RunningError()
    found = arithmetic.softmax(arithmetic.matrix(SCORES), arithmetic.matrix(MASK))
    assert (found.error[numpy.array(MASK) == 0] == 0).all()
    assert (found.error[numpy.array(MASK) == 1] > 0).all()


def test_where_it_is_uncertain_what_is_masked_nothing_is_certain():
    arithmetic = RunningError()
    mask = arithmetic.matrix(MASK)
    mask.error[1, 1] = numpy.inf
    with arithmetic.active():
        found = arithmetic.softmax(arithmetic.matrix(SCORES), mask)
    assert numpy.isinf(found.error[:, 1]).all()
    assert numpy.isfinite(found.error[:, 0]).all()


@pytest.mark.parametrize("name", ["balls", "reference", "by hand"])
def test_a_column_of_which_nothing_is_left_has_no_softmax(name):
    with pytest.raises(UndefinedValue, match="masked"):
        shares(EXACT[name], [[1, 1, 0], [1, 0, 0], [1, 0, 0]])


def test_it_is_irrational_and_costs_what_softmax_costs():
    with pytest.raises(Irrational):
        shares(Rational())
    plain, masked = Counting(), Counting()
    plain.softmax((3, 3))
    masked.softmax((3, 3), (3, 3))
    assert plain.operations == masked.operations


# Numbers of formulas


@pytest.mark.parametrize("name", EXACT)
def test_a_number_of_a_formula_is_a_matrix_of_one_entry(name):
    arithmetic = EXACT[name]
    with arithmetic.active():
        ((found,),) = arithmetic.rows(arithmetic.constant(Fraction(3, 8)))
    assert Fraction(*arithmetic.ratio(found)) == Fraction(3, 8)


def test_a_number_that_code_rounds_has_a_running_error_of_its_own():
    arithmetic = RunningError()
    assert arithmetic.constant(Fraction(1, 4)).error.item() == 0
    assert arithmetic.constant(Fraction(1, 10)).error.item() == 0.1
    assert arithmetic.constant(Fraction(0.1)).error.item() == 0
    single = RunningError(precision=BINARY32)
    assert single.constant(Fraction(0.1)).error.item() == 0.1
    assert single.constant(Fraction(1, 4)).error.item() == 0


def test_a_number_is_rounded_by_hand_where_it_has_too_many_digits():
    arithmetic = Rounded(ToDecimals(2))
    ((third,),) = arithmetic.constant(Fraction(1, 3))
    ((half,),) = arithmetic.constant(Fraction(1, 2))
    assert (float(third.low), float(half.low), float(half.high)) == (0.33, 0.5, 0.5)
