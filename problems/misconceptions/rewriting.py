"""Steps rewritten: a right rule kept, with what it reads, is given or makes changed.

A function here takes an arithmetic and a matrix, as rules do, and whatever else it was made to
read; it knows matrices only by the arithmetic, since walks may hold stacks of them. Where it is
known how a function is written, the step's formula is rewritten with its rule, so that a student
can be shown what theirs looks like; where it is not known, the rule that was meant stays.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Box, Row, Scripts, Sign
from gradgrade.oracle.derivation.formulas.expression import (
    ONES,
    Expression,
    Named,
    Number,
    Transposed,
)
from gradgrade.oracle.derivation.formulas.expression import Function as Called
from gradgrade.oracle.derivation.formulas.functions import magnitude, sqrt
from gradgrade.oracle.derivation.formulas.rewriting import put_in, replaced, simplified
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.steps import Rule, Step, unchanged

Function = Callable[..., Matrix]
"""`function(arithmetic, matrix, *others) -> matrix`."""

Writing = Callable[..., Expression]
"""`write(of, *others) -> formula`, of the formulas of what a function is given."""


@dataclass(frozen=True, slots=True)
class Written:
    """A function with how it is written in a formula."""

    apply: Function
    write: Writing

    def __call__(self, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        """Return what the function makes."""
        return self.apply(arithmetic, *matrices)


def ruled(
    step: Step,
    rule: Rule,
    *,
    reads: tuple[Name, ...] | None = None,
    formula: Expression | None = None,
) -> Step:
    """Return a step with another rule, which no route and no shortcut to an entry equals.

    Args:
        step: what is kept but for that.
        rule: the other rule.
        reads: what it reads; as before where none are named.
        formula: how it is written; where that is not said, the rule that was meant stays.
    """
    reads = step.reads if reads is None else reads
    if formula is None:
        formula = Named(reads[0]) if rule is unchanged else step.formula
    return replace(
        step, rule=rule, reads=reads, formula=formula, entry=None, elementwise=False, routes=()
    )


def instead(step: Step, function: Function, *reads: Name) -> Step:
    """Return a step that makes something else, of what it reads."""
    formula = function.write(*map(Named, reads)) if isinstance(function, Written) else None
    return ruled(step, function, reads=reads, formula=formula)


def reading(step: Step, renamed: Mapping[Name, Name]) -> Step | None:
    """Return a step that reads other names; None where it reads none of those."""
    reads = tuple(renamed.get(name, name) for name in step.reads)
    if reads == step.reads:
        return None
    formula = put_in(step.formula, {name: Named(other) for name, other in renamed.items()})
    return ruled(step, step.rule, reads=reads, formula=formula)


def after(step: Step, function: Function, *others: Name) -> Step:
    """Return a step that changes what its rule makes, reading others too."""
    count, right = len(step.reads), step.rule

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        made = right(arithmetic, *matrices[:count])
        return function(arithmetic, made, *matrices[count:])

    formula = _written(function, step.formula, others)
    is_new = formula is not step.formula
    formula = simplified(formula) if is_new else formula
    return ruled(step, rule, reads=(*step.reads, *others), formula=formula)


def before(
    step: Step, positions: tuple[int, ...], function: Function, *others: Name
) -> Step | None:
    """Return a step that changes some of what its rule is given; None where it is given none."""
    if not positions:
        return None
    count, right = len(step.reads), step.rule

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        given = list(matrices[:count])
        for position in positions:
            given[position] = function(arithmetic, given[position], *matrices[count:])
        return right(arithmetic, *given)

    changed = {step.reads[position] for position in positions}

    def written(part: Expression) -> Expression | None:
        is_changed = isinstance(part, Named) and part.name in changed
        return _written(function, part, others) if is_changed else None

    formula = simplified(replaced(step.formula, written))
    return ruled(step, rule, reads=(*step.reads, *others), formula=formula)


def _written(function: Function, of: Expression, others: tuple[Name, ...]) -> Expression:
    """Return a formula with a function made of it; as it is where its writing is not known."""
    return function.write(of, *map(Named, others)) if isinstance(function, Written) else of


def once_more(steps: Iterable[Step], copy: str, renamed: Mapping[Name, Name]) -> tuple[Step, ...]:
    """Return copies of those steps that read renamed quantities, or what other copies make.

    Args:
        steps: in order.
        copy: what the names of the copies are told by.
        renamed: what is read in place of what.
    """
    copies, named = list[Step](), dict(renamed)
    for step in steps:
        if named.keys().isdisjoint(step.reads):
            continue
        named[step.name] = step.name.part(copy)
        reads = tuple(named.get(each, each) for each in step.reads)
        copied = step.quantity
        quantity = Quantity(named[step.name], copied.shape, copied.layout, Group.INTERNAL)
        copies.append(Step(quantity, reads, step.rule, step.formula))
    return tuple(copies)


def entrywise(rule: ElementwiseRule, write: Writing | None = None) -> Function:
    """Return the function that applies an elementwise rule.

    Args:
        rule: of entries.
        write: how it is written, if that is known.
    """

    def function(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return arithmetic.map(rule, *matrices)

    return function if write is None else Written(function, write)


def by_operations(rule: Callable[..., Any]) -> Function:
    """Return the function that makes something of entries by + − · / alone, and of formulas too."""
    return entrywise(lambda _, *entries: rule(*entries), rule)


def scaled(factor: Fraction | int) -> Function:
    """Return the function that multiplies by an exact factor."""
    numerator, denominator = Fraction(factor).as_integer_ratio()

    def function(arithmetic: Arithmetic, matrix: Matrix, *_: Matrix) -> Matrix:
        times = arithmetic.map(lambda _, entry: entry * numerator, matrix)
        return arithmetic.divide_by(times, denominator)

    return Written(function, lambda of, *_: _times(Fraction(factor), of))


def _times(factor: Fraction, of: Expression) -> Expression:
    """Return a multiple of something, as it is written."""
    if factor in (0, 1):
        return Number(factor) if factor == 0 else of
    return -of if factor == -1 else Number(factor) * of


def increased(number: Fraction) -> Function:
    """Return the function that adds an exact number."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        added = arithmetic.constant(number)
        return arithmetic.map(lambda _, entry, more: entry + more, matrix, added)

    return Written(function, lambda of: of + Number(number))


def root_scaled(factor: Fraction | int) -> Function:
    """Return the function that multiplies by the square root of an exact factor."""
    by_factor = scaled(factor)

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        root = arithmetic.map(
            lambda numbers, factor: numbers.sqrt(factor),
            by_factor(arithmetic, arithmetic.matrix([[1]])),
        )
        return arithmetic.multiply(matrix, root)

    return Written(function, lambda of: sqrt(Number(Fraction(factor))) * of)


def constant(number: int) -> Function:
    """Return the function that puts a number for each entry."""

    def function(arithmetic: Arithmetic, *_: Matrix) -> Matrix:
        return arithmetic.matrix([[number]])

    return Written(function, lambda *_: Number(Fraction(number)))


transposed = Written(
    lambda arithmetic, matrix: arithmetic.transpose(matrix),
    lambda of: of.of if isinstance(of, Transposed) else of.T,
)
"""Rows and columns are exchanged."""


def named(name: str, function: Function, write: Callable[..., Box]) -> Written:
    """Return a function that no other formula says, by how a call of it is laid out."""
    return Written(function, Called(name, function, write))


def row_alone(row: int, rows: int) -> Function:
    """Return the function that puts 0 for the entries of all rows but one."""
    mask = [[int(each == row)] for each in range(rows)]
    return named("row", masked(mask), lambda of: Scripts(of, Sign(f"j={row + 1}")))


def column_alone(column: int, columns: int) -> Function:
    """Return the function that puts 0 for the entries of all columns but one."""
    mask = [[int(each == column) for each in range(columns)]]
    return named("column", masked(mask), lambda of: Scripts(of, Sign(f"n={column + 1}")))


def masked(mask: Sequence[Sequence[int]]) -> Function:
    """Return the function that puts 0 for the entries where a mask has 0, and keeps those at 1."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.multiply(matrix, arithmetic.matrix(mask))

    return function


ones = Written(lambda arithmetic, matrix, *_: ONES.apply(arithmetic, matrix), ONES)
"""A matrix of the same shape has 1 for each entry."""


magnitudes = entrywise(lambda _, entry: abs(entry), magnitude)
"""The magnitudes of the entries are taken."""


def summed_over_samples(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return the sum of each row, in all of its columns."""
    return arithmetic.multiply(ones(arithmetic, matrix), arithmetic.sum(matrix, axis=1))


sum_over_samples = Called(
    "sum",
    lambda arithmetic, matrix: arithmetic.sum(matrix, axis=1),
    lambda of: Row((Scripts(Sign("Σ"), Sign("n")), of)),
)
"""How the sum of each row is written."""


def rolled(rows: int, columns: int, places: int) -> Function:
    """Return the function that moves each column so many places on, the last ones to the front."""
    sources = tuple(
        (row * columns + (column - places) % columns,)
        for row in range(rows)
        for column in range(columns)
    )
    roll = gathered(EntryMap.of((rows, columns), (rows, columns), sources))
    return named("rolled", roll, lambda of: Scripts(of, Sign(f"n{-places:+d}")))


def gathered(entry_map: EntryMap) -> Function:
    """Return the function that takes for each entry those that a map names."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.gather(matrix, entry_map)

    return function
