"""Steps rewritten: a right rule kept, with what it reads, is given or makes changed.

A function here takes an arithmetic and a matrix, as rules do, and whatever else it was made to
read; it knows matrices only by the arithmetic, since walks may hold stacks of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, EntryMap, Matrix
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.steps import Rule, Step

Function = Callable[..., Matrix]
"""`function(arithmetic, matrix, *others) -> matrix`."""


def ruled(step: Step, rule: Rule, *, reads: tuple[Name, ...] | None = None) -> Step:
    """Return a step with another rule, which no route and no shortcut to an entry equals."""
    return replace(
        step,
        rule=rule,
        reads=step.reads if reads is None else reads,
        entry=None,
        elementwise=False,
        routes=(),
    )


def reading(step: Step, renamed: Mapping[Name, Name]) -> Step | None:
    """Return a step that reads other names; None where it reads none of those."""
    reads = tuple(renamed.get(name, name) for name in step.reads)
    return None if reads == step.reads else ruled(step, step.rule, reads=reads)


def after(step: Step, function: Function, *others: Name) -> Step:
    """Return a step that changes what its rule makes, reading others too."""
    count, right = len(step.reads), step.rule

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        made = right(arithmetic, *matrices[:count])
        return function(arithmetic, made, *matrices[count:])

    return ruled(step, rule, reads=(*step.reads, *others))


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

    return ruled(step, rule, reads=(*step.reads, *others))


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


def entrywise(rule: ElementwiseRule) -> Function:
    """Return the function that applies an elementwise rule."""

    def function(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return arithmetic.map(rule, *matrices)

    return function


def scaled(factor: Fraction | int) -> Function:
    """Return the function that multiplies by an exact factor."""
    numerator, denominator = Fraction(factor).as_integer_ratio()

    def function(arithmetic: Arithmetic, matrix: Matrix, *_: Matrix) -> Matrix:
        times = arithmetic.map(lambda _, entry: entry * numerator, matrix)
        return arithmetic.divide_by(times, denominator)

    return function


def increased(number: Fraction) -> Function:
    """Return the function that adds an exact number."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        added = arithmetic.constant(number)
        return arithmetic.map(lambda _, entry, more: entry + more, matrix, added)

    return function


def root_scaled(factor: Fraction | int) -> Function:
    """Return the function that multiplies by the square root of an exact factor."""
    by_factor = scaled(factor)

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        root = arithmetic.map(
            lambda numbers, factor: numbers.sqrt(factor),
            by_factor(arithmetic, arithmetic.matrix([[1]])),
        )
        return arithmetic.multiply(matrix, root)

    return function


def constant(number: int) -> Function:
    """Return the function that puts a number for each entry."""

    def function(arithmetic: Arithmetic, *_: Matrix) -> Matrix:
        return arithmetic.matrix([[number]])

    return function


def transposed(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return a matrix with rows and columns exchanged."""
    return arithmetic.transpose(matrix)


def row_alone(row: int, rows: int) -> Function:
    """Return the function that puts 0 for the entries of all rows but one."""
    return alone([[int(each == row)] for each in range(rows)])


def column_alone(column: int, columns: int) -> Function:
    """Return the function that puts 0 for the entries of all columns but one."""
    return alone([[int(each == column) for each in range(columns)]])


def alone(mask: Sequence[Sequence[int]]) -> Function:
    """Return the function that puts 0 for the entries where a mask has 0, and keeps those at 1."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.multiply(matrix, arithmetic.matrix(mask))

    return function


def ones(arithmetic: Arithmetic, matrix: Matrix, *_: Matrix) -> Matrix:
    """Return a matrix of the same shape with 1 for each entry."""
    return arithmetic.map(lambda _, entry: entry * 0 + 1, matrix)


def magnitudes(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return the magnitudes of the entries."""
    return arithmetic.map(lambda _, entry: abs(entry), matrix)


def summed_over_samples(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return the sum of each row, in all of its columns."""
    return arithmetic.multiply(ones(arithmetic, matrix), arithmetic.sum(matrix, axis=1))


def turned(rows: int, columns: int, places: int) -> Function:
    """Return the function that moves each column so many places on, the last ones to the front."""
    sources = tuple(
        (row * columns + (column - places) % columns,)
        for row in range(rows)
        for column in range(columns)
    )
    return gathered(EntryMap.of((rows, columns), (rows, columns), sources))


def gathered(entry_map: EntryMap) -> Function:
    """Return the function that takes for each entry those that a map names."""

    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.gather(matrix, entry_map)

    return function
