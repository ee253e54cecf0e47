"""Stacks: what is walked for many variants at once has the balls that each has by itself.

But for a millionth of their radii, which operations on whole matrices round up otherwise; Arb keeps
no more bits of a midpoint than its radius is worth.
"""

from collections.abc import Mapping
from typing import Any

from flint import arb
from hypothesis import given, settings

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.stacked_ball import StackedBall
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import take, walk
from gradgrade.oracle.errors import OracleError
from tests.examples import examples
from tests.oracle.drawn import Case, cases

BITS = 192


MILLIONTH = 2.0**-20


def parts(entry: arb) -> tuple[arb, arb]:
    """The middle of a ball, and its radius."""
    return entry.mid(), entry.rad()


def are_same(one: tuple[arb, arb], other: tuple[arb, arb]) -> bool:
    """Whether two balls are the same, but for a millionth of the radius."""
    (middle, radius), (other_middle, other_radius) = one, other
    with Ball(bits=2 * BITS).active():
        off = abs(middle - other_middle).max(abs(radius - other_radius))
        return bool(off <= MILLIONTH * radius.min(other_radius))


def alone(case: Case, variant: Mapping[Name, Rows]) -> dict[Name, list[Any]]:
    """The balls of one variant, or nothing where it has none."""
    ball = Ball(bits=BITS)
    try:
        walked = walk(case.derivation, take(variant, ball), ball)
    except OracleError:
        return {}
    return {name: list(map(parts, matrix.entries())) for name, matrix in walked.items()}


def together(case: Case, variants: list[Mapping[Name, Rows]]) -> list[dict[Name, list[Any]]]:
    """Those of several, walked at once."""
    ball = StackedBall(bits=BITS, count=len(variants))
    with ball.active():
        known = {name: ball.taken([each[name] for each in variants]) for name in case.given}
    try:
        walked = walk(case.derivation, known, ball)
    except OracleError:
        return []
    found = ((name, ball.entries_of_each([matrix])) for name, matrix in walked.items())
    by_name = {name: [list(map(parts, entries)) for entries in each] for name, each in found}
    return [{name: each[place] for name, each in by_name.items()} for place in range(len(variants))]


def others(case: Case) -> list[Mapping[Name, Rows]]:
    """A case, and the same with weights and inputs turned about: what is stated once stays."""
    arrays = {name for name, rows in case.given.items() if len(rows) * len(rows[0]) > 1}
    turned = {
        name: [row[::-1] for row in rows[::-1]] if name in arrays else rows
        for name, rows in case.given.items()
    }
    return [case.given, turned, case.given]


@given(cases())
@settings(max_examples=examples(60))
def test_variants_walked_at_once_have_the_balls_of_each_by_itself(case):
    variants = others(case)
    expected = [alone(case, each) for each in variants]
    found = together(case, variants)
    if not all(expected):
        assert found == []
        return
    for one, other in zip(expected, found, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            assert all(map(are_same, one[name], other[name])), name
