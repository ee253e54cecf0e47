"""`where` chooses: what is not chosen does not matter, whatever numbers it is computed in."""

from fractions import Fraction
from math import isfinite

import pytest

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.arithmetic.rounded import Rounded
from gradgrade.oracle.arithmetic.rounding import ToDecimals
from gradgrade.oracle.arithmetic.running_error import RunningError
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from tests.oracle.programs.compared import Program

ARITHMETICS = (
    Ball(bits=192),
    Binary64(),
    Rational(),
    Reference(digits=50),
    Rounded(ToDecimals(3)),
    RunningError(),
)
CHOICE = Program("o = where(x > 0, a, b)", dict.fromkeys("xab", (2, 2)))
GIVENS = {
    "x": [[1, -1], [-2, 3]],
    "a": [[5, 6], [7, 8]],
    "b": [[0.5, 0.25], [0.125, 2]],
    "do": [[1, 2], [4, 8]],
}


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda each: type(each).__name__)
def test_a_condition_chooses_values_and_what_is_passed_back_in_every_arithmetic(arithmetic):
    derivation = CHOICE.derivation
    known = take(given_rows(derivation, GIVENS), arithmetic)
    matrices = walk(derivation, known, arithmetic)

    def found(name):
        rows = arithmetic.rows(matrices[derivation.find(name).name])
        return [Fraction(*arithmetic.ratio(each)) for row in rows for each in row]

    assert found("o") == [5, Fraction(1, 4), Fraction(1, 8), 8]
    assert found("da") == [1, 0, 0, 8]
    assert found("db") == [0, 2, 4, 0]


def test_what_overflows_where_it_is_not_chosen_is_no_value_in_binary64():
    # As numpy.where has it: by products, 0 times infinity would be none.
    program = Program("o = where(x < 1, exp(x), x)", {"x": (2,)})
    known = take(given_rows(program.derivation, {"x": [0.5, 800.0], "do": [1, 1]}), Binary64())
    matrices = walk(program.derivation, known, Binary64())
    chosen = matrices[program.derivation.find("o").name].ravel().tolist()
    assert all(map(isfinite, chosen))
    assert chosen[1] == 800.0
