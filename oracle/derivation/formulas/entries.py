"""One entry of a formula, written out with the numbers that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradgrade.oracle.derivation.formulas.expression import (
    Bracketed,
    Call,
    Equality,
    Expression,
    Hadamard,
    Letter,
    MatrixProduct,
    Named,
    Negative,
    Number,
    Numeral,
    Power,
    Product,
    Quotient,
    Sum,
    Transposed,
    parts,
)
from gradgrade.oracle.derivation.formulas.rewriting import with_parts
from gradgrade.oracle.derivation.names import Name

Rows = Sequence[Sequence[str]]
"""The numerals of a matrix."""


_OF_ENTRIES = (Sum, Negative, Bracketed, Product, Quotient, Power, Call)
"""An entry of these needs the same entry of what they are of."""


class NotWrittenOut(LookupError):
    """An entry has no such form: a number is not known, or a function is of more than entries."""


@dataclass(frozen=True, slots=True)
class EntriesOf:
    """The entries of formulas.

    Args:
        known: the numerals of quantities, as the formulas have them.
        formula: returns the formula of a quantity that is not known; None where it has none.
        most_terms: of so many terms at the most a product of matrices is written out.
        depth: so often at the most the formula of a quantity is put in for it, one in another.
    """

    known: Mapping[Name, Rows]
    formula: Callable[[Name], Expression | None]
    most_terms: int = 4
    depth: int = 3

    def entry(self, of: Expression, row: int, column: int) -> Expression:
        """Return one entry of a formula as a formula of numbers.

        A function is taken for one of each entry alone, which its value has to show.

        Raises:
            NotWrittenOut: it cannot be written so.

        >>> W, a = Named(Name("W", 1)), Named(Name("a", 1))
        >>> known = {W.name: [["0.6", "-1.4"]], a.name: [["2"], ["3"]]}
        >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
        >>> to_plain(EntriesOf(known, lambda name: None).entry(W @ a, 0, 0))
        '0.6 · 2 + (-1.4) · 3'
        """
        match of:
            case Named(name) if name in self.known:
                return _at(self.known[name], row, column)
            case Named(name):
                return self._within().entry(self._formula(name), row, column)
            case Number(value, _, text):
                return Number(value, text=text)
            case Letter(_, int(value)):
                return Number(Fraction(value))
            case Transposed(inner):
                return self.entry(inner, column, row)
            case Equality(left):
                return self.entry(left, row, column)
            case MatrixProduct(left, right):
                return self._dot(left, right, row, column)
            case Hadamard(left, right):
                return self.entry(left * right, row, column)
        if isinstance(of, _OF_ENTRIES):
            return with_parts(of, lambda part: self.entry(part, row, column))
        raise NotWrittenOut(type(of).__name__)

    def _dot(self, left: Expression, right: Expression, row: int, column: int) -> Expression:
        inner = range(max(self._size(left, axis=1), self._size(right, axis=0)))
        if len(inner) > self.most_terms:
            raise NotWrittenOut(f"{len(inner)} terms")
        terms = tuple(
            Product(self.entry(left, row, each), self.entry(right, each, column)) for each in inner
        )
        return Sum(terms) if len(terms) > 1 else terms[0]

    def _size(self, of: Expression, *, axis: int) -> int:
        """Return how many rows or columns something has; 1 where that is repeated as needed."""
        match of:
            case Named(name) if name in self.known:
                rows = self.known[name]
                return len(rows) if axis == 0 else len(rows[0])
            case Named(name):
                return self._within()._size(self._formula(name), axis=axis)
            case Transposed(inner):
                return self._size(inner, axis=1 - axis)
            case MatrixProduct(left, right):
                return self._size(left if axis == 0 else right, axis=axis)
            case Equality(left):
                return self._size(left, axis=axis)
            case Number() | Letter():
                return 1
        if isinstance(of, (Hadamard, *_OF_ENTRIES)):
            return max(self._size(each, axis=axis) for each in parts(of))
        raise NotWrittenOut(type(of).__name__)

    def _within(self) -> EntriesOf:
        """Return the same for the formula that is put in for a quantity."""
        if self.depth == 0:
            raise NotWrittenOut("formulas within formulas")
        return replace(self, depth=self.depth - 1)

    def _formula(self, name: Name) -> Expression:
        formula = self.formula(name)
        if formula is None:
            raise NotWrittenOut(name)
        return formula


def _at(rows: Rows, row: int, column: int) -> Numeral:
    """Return an entry of what may be repeated along an axis in which it has one entry."""
    row, column = (row if len(rows) > 1 else 0), (column if len(rows[0]) > 1 else 0)
    if row >= len(rows) or column >= len(rows[0]):
        raise NotWrittenOut("an array that the formula has in another shape")
    return Numeral(rows[row][column])
