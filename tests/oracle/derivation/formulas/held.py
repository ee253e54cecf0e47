"""Whether formulas are what their rules make: exactly where they can be, else to 40 digits.

A derivation is walked in mpmath, and each formula evaluated on what the walk has found, in the
derivation's own convention. Then every rule that four operations are enough for is held to its
formula in fractions, once more; what other rules make is drawn there.
"""

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.derivation.steps import Step

DIGITS = 50
RELATIVE = Fraction(1, 10**40)

Rows = list[list[Fraction]]


@dataclass
class Held:
    """The names of steps whose formula was found to be their rule, exactly and nearly; or not."""

    exactly: set[str] = field(default_factory=set)
    nearly: set[str] = field(default_factory=set)
    not_at_all: dict[str, str] = field(default_factory=dict)


def hold(derivation: Derivation, *, seed: int = 1, only: Collection[Name] = ()) -> Held:
    """Hold the formulas of a derivation, or of some of its steps, to their rules."""
    found, generator = Held(), random.Random(seed)
    given = {each.name: drawn_given(each, generator) for each in derivation.givens}
    reference, rational = Reference(digits=DIGITS), Rational()
    known = {name: reference.matrix(rows) for name, rows in given.items()}
    exact: dict[Name, Matrix] = dict(given)
    for step in derivation.steps:
        text, is_held = str(step.name), not only or step.name in only
        known[step.name] = made = step.rule(reference, *(known[name] for name in step.reads))
        if is_held:
            why = difference(derivation, step, known, made, reference)
            if why:
                found.not_at_all[text] = why
            else:
                found.nearly.add(text)
        try:
            exact[step.name] = made = step.rule(rational, *(exact[name] for name in step.reads))
        except Irrational:
            exact[step.name] = drawn(*step.quantity.matrix_shape, generator, low=Fraction(1, 5))
            continue
        if is_held:
            why = difference(derivation, step, exact, made, rational)
            if why:
                found.not_at_all[text] = why
            else:
                found.exactly.add(text)
    return found


def difference(
    derivation: Derivation,
    step: Step,
    known: dict[Name, Matrix],
    made: Matrix,
    arithmetic: Arithmetic,
) -> str:
    """How a step's formula differs from what its rule has made; empty where it does not."""
    is_row = derivation.convention == "row"
    turned = {name: arithmetic.transpose(each) for name, each in known.items()} if is_row else known
    before = {name: each for name, each in turned.items() if name != step.name}
    try:
        value = evaluate(step.formula, before, arithmetic, convention=derivation.convention)
    except (LookupError, ValueError, TypeError, Irrational) as error:
        return f"{type(error).__name__}: {error}"
    value = arithmetic.transpose(value) if is_row else value
    if arithmetic.shape(value) == (1, 1):
        value = arithmetic.add(arithmetic.zeros(*arithmetic.shape(made)), value)
    if arithmetic.shape(value) != arithmetic.shape(made):
        return f"shape {arithmetic.shape(value)}, not {arithmetic.shape(made)}"
    pairs = zip(entries(value, arithmetic), entries(made, arithmetic), strict=True)
    relative = Fraction(0) if isinstance(arithmetic, Rational) else RELATIVE
    wrong = [(a, b) for a, b in pairs if abs(a - b) > relative * abs(b)]
    return "".join(f"{float(a)}, not {float(b)}; " for a, b in wrong[:2])


def entries(matrix: Matrix, arithmetic: Arithmetic) -> list[Fraction]:
    """The entries of a matrix, exactly."""
    return [Fraction(*arithmetic.ratio(each)) for row in arithmetic.rows(matrix) for each in row]


def drawn_given(quantity: Quantity, generator: random.Random) -> Rows:
    """Numbers for a given, such that everything is defined."""
    rows, columns = quantity.matrix_shape
    match quantity.kind:
        case Kind.NUMBER:
            return [[Fraction(generator.randint(11, 90), 100)]]
        case Kind.TARGETS:
            # A sample's targets need not sum to 1: formulas must hold all the same.
            return drawn(rows, columns, generator, low=Fraction(1, 5))
        case Kind.MASK:
            return [
                [Fraction(generator.randint(0, 1)) for _ in range(columns)] for _ in range(rows)
            ]
        case Kind.SAMPLES:
            picks = [generator.randrange(columns) for _ in range(rows)]
            return [[Fraction(n == pick) for n in range(columns)] for pick in picks]
    return drawn(rows, columns, generator, low=Fraction(-1))


def drawn(rows: int, columns: int, generator: random.Random, *, low: Fraction) -> Rows:
    """Numbers between a lower end and 1, none of them 0 and no two the same."""
    span = int((1 - low) * 10_000)
    numbers: list[Any] = [
        low + Fraction(n, 10_007) for n in generator.sample(range(1, span), rows * columns)
    ]
    return [numbers[start : start + columns] for start in range(0, rows * columns, columns)]
