"""Number systems in which a derivation is walked, behind one small interface.

Every value of a walk is a matrix of its arithmetic; a vector has one column, a scalar is 1 by 1.
Steps use coarse primitives, so that each arithmetic does them its own best way; the elementwise
rules of activations and losses are written once, in operators (`+ - * /`) and the functions below.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from gradgrade.oracle.exact_numbers import Exact, Ratio

Matrix = Any
"""A matrix of some arithmetic: nested lists of mpf, a numpy array …"""

Element = Any
"""What an elementwise rule sees: one number, or a whole array where the arithmetic has operators
on arrays."""

ElementwiseRule = Callable[..., Element]
"""`rule(arithmetic, *elements) -> element`, free of branches on values."""


Sources = tuple[tuple[int, ...], ...]
"""For each entry of a matrix, row by row, which entries of another it takes, counted likewise; −1
stands for a 0 beside the other matrix."""


BYTES_OF_SOURCE = 200


@dataclass(frozen=True, eq=False)
class EntryMap:
    """For each entry of a matrix of `shape`, the entries of one of shape `source` that it takes.

    They are listed when a walk first asks for them, so that a derivation is made soon, whatever it
    maps. Two maps are equal if they are the same object.

    Args:
        shape: of the matrix that is made.
        source: of the matrix that is taken from.
        count: how many entries are taken in all, a 0 beside the matrix being one too.
        listing: lists them.

    >>> entry_map = EntryMap.of((1, 2), (3, 1), ((0, 1), (1, 2)))
    >>> entry_map.count, entry_map.adjoint.sources
    (4, ((0,), (0, 1), (1,)))
    """

    shape: tuple[int, int]
    source: tuple[int, int]
    count: int
    listing: Callable[[], Sources]

    @classmethod
    def of(cls, shape: tuple[int, int], source: tuple[int, int], sources: Sources) -> "EntryMap":
        """Return the map of entries that are listed already."""
        return cls(shape, source, sum(map(len, sources)), lambda: sources)

    @cached_property
    def sources(self) -> Sources:
        """The entries that are taken."""
        return self.listing()

    @cached_property
    def moved(self) -> tuple[int, ...] | None:
        """For each entry the one that it is, −1 for a 0; None where some are sums."""
        if any(len(each) > 1 for each in self.sources):
            return None
        return tuple(each[0] if each else -1 for each in self.sources)

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive once it is listed, its adjoint included, about."""
        return BYTES_OF_SOURCE * self.count

    @cached_property
    def adjoint(self) -> "EntryMap":
        """The map that passes a gradient back: to each source, from every entry it went to."""
        return EntryMap(self.source, self.shape, self.count, self._passed_back)

    def _passed_back(self) -> Sources:
        rows, columns = self.source
        targets: list[list[int]] = [[] for _ in range(rows * columns)]
        for target, sources in enumerate(self.sources):
            for source in sources:
                if source >= 0:
                    targets[source].append(target)
        return tuple(map(tuple, targets))


class Arithmetic(Protocol):
    """What a step may ask of a number system.

    `add`, `subtract`, `multiply`, `divide` and `map` act entry by entry and repeat an axis of
    length 1 as often as the other operand needs.

    Attributes:
        sums_exactly: whether a sum is the same however it is taken, to all that is asked of it.
    """

    sums_exactly: bool

    def active(self) -> AbstractContextManager[None]:
        """Hold whatever the arithmetic needs while it works; every walk does."""

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Matrix:
        """Take exact numbers into this arithmetic."""

    def constant(self, number: Exact) -> Matrix:
        """Take a number that a formula states, as a matrix of one entry.

        Whoever computes in a precision, or by hand, rounds it where it has too many digits.
        """

    def zeros(self, rows: int, columns: int) -> Matrix:
        """Return a matrix of exact zeros."""

    def rows(self, matrix: Matrix) -> list[list[Element]]:
        """Return the entries, row by row, as this arithmetic's own numbers."""

    def shape(self, matrix: Matrix) -> tuple[int, int]:
        """Return the number of rows and of columns."""

    def ratio(self, element: Element) -> Ratio:
        """Return one of its numbers as an exact ratio of integers."""

    def dot(self, left: Matrix, right: Matrix) -> Matrix:
        """Return the matrix product."""

    def transpose(self, matrix: Matrix) -> Matrix:
        """Exchange rows and columns."""

    def add(self, left: Matrix, right: Matrix) -> Matrix:
        """Return left + right."""

    def subtract(self, left: Matrix, right: Matrix) -> Matrix:
        """Return left − right."""

    def multiply(self, left: Matrix, right: Matrix) -> Matrix:
        """Return left ∘ right, entry by entry."""

    def divide_by(self, matrix: Matrix, count: int) -> Matrix:
        """Divide by a positive integer."""

    def sum(self, matrix: Matrix, axis: int | None = None) -> Matrix:
        """Sum over the rows (axis 0), the columns (axis 1) or everything; the axis stays."""

    def reshape(self, matrix: Matrix, rows: int, columns: int) -> Matrix:
        """Return the same entries, counted row by row, in another shape."""

    def rows_between(self, matrix: Matrix, start: int, stop: int) -> Matrix:
        """Return the rows from `start` to before `stop`."""

    def stack(self, *matrices: Matrix) -> Matrix:
        """Return matrices of the same width one below the other."""

    def gather(self, matrix: Matrix, entry_map: EntryMap) -> Matrix:
        """Sum, for each entry of the result, the entries that the map names."""

    def largest(self, matrix: Matrix, entry_map: EntryMap) -> Matrix:
        """Take, for each entry of the result, the largest of the entries that the map names."""

    def to_largest(
        self, gradient: Matrix, matrix: Matrix, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Matrix:
        """Pass each entry of a gradient to the largest of the entries that the map names.

        Undefined where two are equally large; unless `zeros_may_tie` and both are exactly 0, when
        neither is passed anything.
        """

    def map(self, rule: ElementwiseRule, *matrices: Matrix) -> Matrix:
        """Apply an elementwise rule."""

    def softmax(self, matrix: Matrix, where: Matrix | None = None) -> Matrix:
        """Return softmax over each column.

        Args:
            matrix: the columns.
            where: a mask of the same shape, of 0 and 1: softmax is taken over the entries where it
                is 1, and is exactly 0 elsewhere. Undefined where all of a column is masked.
        """

    def log_softmax(self, matrix: Matrix) -> Matrix:
        """Return the logarithm of softmax over each column."""

    # Functions of elements, for elementwise rules.

    def exp(self, z: Element) -> Element:
        """Return e^z."""

    def expm1(self, z: Element) -> Element:
        """Return e^z − 1."""

    def log(self, z: Element) -> Element:
        """Return ln z; undefined unless z > 0."""

    def log1p(self, z: Element) -> Element:
        """Return ln(1 + z); undefined unless z > −1."""

    def sqrt(self, z: Element) -> Element:
        """Return √z."""

    def normal_distribution(self, z: Element) -> Element:
        """Return Φ(z) = ½ (1 + erf(z/√2)), the standard normal distribution function."""

    def normal_density(self, z: Element) -> Element:
        """Return φ(z) = e^(−z²/2) / √(2π), its density."""

    def minimum(self, left: Element, right: Element) -> Element:
        """Return the smaller of two."""

    def choose(self, mask: Element, then: Element, otherwise: Element) -> Element:
        """Return one where a mask is 1, another where it is 0."""

    def cos_pi(self, z: Element) -> Element:
        """Return cos(π z)."""

    def sin(self, z: Element) -> Element:
        """Return sin z."""

    def cos(self, z: Element) -> Element:
        """Return cos z."""

    def tanh(self, z: Element) -> Element:
        """Return tanh z."""

    def sech(self, z: Element) -> Element:
        """Return 1 / cosh z, which keeps its relative accuracy where 1 − tanh² z loses it."""

    def sigmoid(self, z: Element) -> Element:
        """Return 1 / (1 + e^−z)."""

    def positive_part(self, z: Element) -> Element:
        """Return max(z, 0)."""

    def below(self, z: Element, height: Element) -> Element:
        """Return 0 where z > 0 and `height` where z < 0; undefined at 0 unless the height is 0.

        Every derivative with a jump is a constant plus this.
        """

    def divide(self, numerator: Element, denominator: Element) -> Element:
        """Return a quotient; undefined where the denominator is 0."""

    def power(self, z: Element, exponent: int) -> Element:
        """Return z to a whole power of 1 or more, by products or by a library's function."""


def common_shape(shapes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the shape that entry-by-entry operands share when axes of length 1 are repeated.

    Raises:
        ValueError: two operands differ in an axis and neither has length 1 there.

    >>> common_shape([(3, 4), (3, 1), (1, 1)])
    (3, 4)
    """
    rows, columns = 1, 1
    for r, c in shapes:
        if (1 not in (r, rows) and r != rows) or (1 not in (c, columns) and c != columns):
            raise ValueError(f"shapes {(rows, columns)} and {(r, c)} do not go together")
        rows, columns = max(r, rows), max(c, columns)
    return rows, columns
