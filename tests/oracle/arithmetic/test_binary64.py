"""The binary64 walk against the reference: as close as rounding each operation once allows.

How far rounding carries is measured, not guessed: the reference is walked with every number that a
step reads, and every number that it makes, moved by a random relative amount of at most 2⁻⁴⁰. A
product, a sum or a dot product that is rounded is the exact one of such moved operands, so what
binary64 may lose is what those walks spread, 2⁻⁵³/2⁻⁴⁰ as much, times the roundings within a step.
The bound allows 10⁴ times the largest spread of eight walks. A wrong formula misses it by far: it
changes an ordinary value by 10⁸ of these bounds.
"""

import math
import random
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from hypothesis import assume, given, settings

from gradgrade.oracle import Derivation, evaluate
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise
from tests.agreement import exact
from tests.examples import examples
from tests.strategies import exercises

SHAKE = 2.0**-40
ALLOWED = Fraction(10**4) * Fraction(2) ** -53 / Fraction(SHAKE)
# Below this, binary64 has fewer than its 53 bits.
FLOOR = Fraction(2) ** -1022


def shaken(derivation: Derivation, generator: random.Random) -> Derivation:
    """The derivation with each step's operands and results moved a little."""

    def moved(arithmetic: Any, matrix: Any) -> Any:
        return arithmetic.map(lambda _, z: z * (1 + generator.uniform(-SHAKE, SHAKE)), matrix)

    def rule(step: Step, arithmetic: Any, *matrices: Any) -> Any:
        operands = [moved(arithmetic, matrix) for matrix in matrices]
        return moved(arithmetic, step.rule(arithmetic, *operands))

    steps = [replace(step, rule=partial(rule, step)) for step in derivation.steps]
    return derivation.replacing(*steps)


def entries(values: Any, name: str) -> list[Fraction]:
    """The exact entries of a quantity of the reference."""
    return [exact(number) for number in flatten(values[name])]


def is_near_a_kink(exercise: Exercise, values: Any) -> bool:
    """Whether rounding could carry a pre-activation or an error at the output across 0."""
    targets = [Fraction(number) for number in flatten(exercise.givens()["y"])]
    decisive = []
    for name in values:
        if name.startswith("z"):
            decisive += entries(values, name)
        if name.split("@")[0] == f"a{len(exercise.layers)}":
            decisive += [a - y for a, y in zip(entries(values, name), targets, strict=True)]
        if name.startswith("W"):
            decisive += entries(values, name)
    return any(0 < abs(number) < Fraction(1, 10**9) for number in decisive)


@given(exercises())
@settings(max_examples=examples(20))
def test_the_binary64_walk_is_as_accurate_as_its_rounding_allows(exercise: Exercise):
    derivation, givens = exercise.derivation(), exercise.givens()
    reference = Reference(digits=50)
    values = evaluate(derivation, givens, reference)
    assume(not is_near_a_kink(exercise, values))
    generator = random.Random(0)
    try:
        moved = [evaluate(shaken(derivation, generator), givens, reference) for _ in range(8)]
    except UndefinedValue:
        # ELU at 0 with a moved α has the kink that α = 1 has not.
        assume(False)
    doubles = evaluate(derivation, givens, Binary64())
    for name in values:
        expected = entries(values, name)
        spreads = zip(*(entries(each, name) for each in moved), strict=True)
        found = flatten(doubles[name])
        for value, spread, double in zip(expected, spreads, found, strict=True):
            assert math.isfinite(double), name
            bound = ALLOWED * max(abs(other - value) for other in spread) + FLOOR
            assert abs(Fraction(double) - value) <= bound, (name, double)
