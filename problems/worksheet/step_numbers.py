"""What stands for each quantity of a step's formula: the numbers that are put in.

A small matrix is written out, a large one is named with its shape; so is the widest where a formula
gets too wide with it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import (
    Expression,
    MatrixProduct,
    Numeral,
    Numerals,
    Sized,
)
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.formulas.rewriting import (
    named_in,
    put_in,
    replaced,
    written_out,
)
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.nested import shape_of
from gradgrade.problems.documents.exercise import Exercise, ProgramExercise
from gradgrade.problems.worksheet.grids import matrix_of

MOST_PUT_IN = 6
"""How many rows, and how many columns, a matrix that is put in has at the most."""

WIDEST_PUT_IN = 88
"""How many characters wide a formula with its matrices is at the most."""


class StepNumbers:
    """The numbers that are put into the formulas of an exercise's steps.

    Args:
        exercise: what is solved.
        derivation: its steps.
        givens: the numerals of every given, by name.
        numerals: returns what a step makes as numerals, in the exercise's convention.
    """

    def __init__(
        self,
        exercise: Exercise,
        derivation: Derivation,
        givens: Mapping[str, Any],
        numerals: Callable[[Quantity], Any],
    ) -> None:
        self.exercise, self.derivation = exercise, derivation
        self.numerals = numerals
        self.made = {step.name: step.quantity for step in derivation.steps}
        self.known: dict[Name, Any] = {
            quantity.name: givens[str(quantity.name)] for quantity in derivation.givens
        }

    def put_into(self, formula: Expression) -> Expression | None:
        """Return a formula with its numbers put in; None where that would say nothing new."""
        spread = written_out(formula)
        counts = Counter(named_in(spread))
        if not counts or to_plain(formula) in map(to_plain, map(self.derivation.written, counts)):
            return None
        values = self._values(counts, len(to_plain(spread)))
        numbers = put_in(self._with_columns(spread, values), values)
        return None if to_plain(numbers) == to_plain(formula) else numbers

    def _array(self, name: Name) -> Any:
        if name not in self.known:
            self.known[name] = self.numerals(self.made[name])
        return self.known[name]

    def _values(self, counts: Counter[Name], width: int) -> dict[Name, Expression]:
        """Return what stands for each name, the widest only named where it gets too wide."""
        values = {name: self._value(name) for name in counts}
        widths = {
            name: counts[name] * _width(value.rows)
            for name, value in values.items()
            if isinstance(value, Numerals)
        }
        while widths and sum(widths.values()) > WIDEST_PUT_IN - width:
            widest = max(widths, key=lambda name: widths[name])
            del widths[widest]
            values[widest] = self._sized(widest)
        return values

    def _with_columns(self, formula: Expression, values: Mapping[Name, Expression]) -> Expression:
        """Return a program's formula with the vectors of its matrix products put in, as columns.

        As such they are held for A x and u vᵀ; where a vector stands for a row, as in x A, the
        formula has a function in the product's place.
        """
        if not isinstance(self.exercise, ProgramExercise):
            return formula
        columns = {
            name: _down(value)
            for name, value in values.items()
            if len(shape_of(self._array(name))) == 1
        }
        return replaced(
            formula, lambda part: put_in(part, columns) if isinstance(part, MatrixProduct) else None
        )

    def _value(self, name: Name) -> Expression:
        array = self._array(name)
        shape = shape_of(array)
        if not shape:
            return Numeral(array)
        if len(shape) > 2:
            return self._sized(name)
        rows = matrix_of(array, self.exercise.vectors)
        if max(len(rows), len(rows[0])) > MOST_PUT_IN:
            return self._sized(name)
        return Numerals(tuple(map(tuple, rows)))

    def _sized(self, name: Name) -> Sized:
        return Sized(name, shape_of(self._array(name)), self.derivation.own_names)


def _down(value: Expression) -> Expression:
    """Return a vector that is written out as a column."""
    if not isinstance(value, Numerals):
        return value
    return Numerals(tuple((entry,) for row in value.rows for entry in row))


def _width(rows: tuple[tuple[str, ...], ...]) -> int:
    return sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))
