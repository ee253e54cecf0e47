r"""A formula as a tree of frozen records, written as mathematics is.

    >>> from gradgrade.oracle.derivation.formulas.latex import to_latex
    >>> from gradgrade.oracle.derivation.names import Name
    >>> W, a, b = (Named(Name(text, 1)) for text in "Wab")
    >>> print(to_latex(W @ a + b))
    W_{1} \, a_{1} + b_{1}

`@` is the matrix product, `*` a product whose factors stand side by side (a multiple of a matrix,
or entries by entries), `hadamard` the product written ∘, `/` a fraction, `**` a power, entry by
entry. Every expression is a matrix; a number is 1 by 1 and repeated as often as the others need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Box, Sign
from gradgrade.oracle.derivation.names import Name, OwnNames


class Expression:
    """What every record of a formula can be written with."""

    __slots__: tuple[str, ...] = ()

    def __add__(self, other: Expression | int) -> Sum:
        """Return self + other."""
        return Sum((*_terms(self), *_terms(as_expression(other))))

    def __radd__(self, other: int) -> Sum:
        """Return other + self."""
        return as_expression(other) + self

    def __sub__(self, other: Expression | int) -> Sum:
        """Return self − other."""
        return Sum((*_terms(self), Negative(as_expression(other))))

    def __rsub__(self, other: int) -> Sum:
        """Return other − self."""
        return as_expression(other) - self

    def __neg__(self) -> Negative:
        """Return −self."""
        return Negative(self)

    def __mul__(self, other: Expression | int) -> Product:
        """Return self · other, side by side."""
        return Product(self, as_expression(other))

    def __rmul__(self, other: int) -> Product:
        """Return other · self."""
        return as_expression(other) * self

    def __matmul__(self, other: Expression) -> MatrixProduct:
        """Return the matrix product."""
        return MatrixProduct(self, other)

    def __truediv__(self, other: Expression | int) -> Quotient:
        """Return self / other, entry by entry, as a fraction."""
        return Quotient(self, as_expression(other))

    def __rtruediv__(self, other: int) -> Quotient:
        """Return other / self."""
        return as_expression(other) / self

    def __pow__(self, exponent: Expression | int) -> Power:
        """Return self to a whole power, entry by entry."""
        return Power(self, as_expression(exponent))

    def __gt__(self, other: Expression | int) -> Comparison:
        """Return the condition self > other."""
        return Comparison(self, ">", as_expression(other))

    def __lt__(self, other: Expression | int) -> Comparison:
        """Return the condition self < other."""
        return Comparison(self, "<", as_expression(other))

    def __le__(self, other: Expression | int) -> Comparison:
        """Return the condition self ≤ other."""
        return Comparison(self, "≤", as_expression(other))

    @property
    def T(self) -> Transposed:  # noqa: N802 (as numpy and the field call it)
        """The transpose."""
        return Transposed(self)


class Leaf(Expression):
    """What has no expressions in it."""

    __slots__: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number(Leaf):
    """A number; of another shape than 1 by 1 it fills a matrix.

    Its size is written as a text says, where there is one: as the author of a program wrote it.
    """

    value: Fraction
    shape: tuple[int, int] = (1, 1)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Letter(Leaf):
    """A letter with a meaning of its own: a function's argument, or a count that has a value."""

    symbol: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Named(Leaf):
    """A quantity, written by its own symbol or by a letter that the field has for it.

    In a program it is written as the program's author calls it.
    """

    name: Name
    letter: str = ""
    own: OwnNames | None = None


@dataclass(frozen=True, slots=True)
class Numeral(Leaf):
    """A number as a decimal text: what is put in for a quantity that is a number."""

    text: str


@dataclass(frozen=True, slots=True)
class Numerals(Leaf):
    """Rows of decimal texts: what is put in for a small matrix."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sized(Leaf):
    """A quantity with the shape of its array: what is put in for a large one."""

    name: Name
    shape: tuple[int, ...]
    own: OwnNames | None = None


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """Terms added up; a negative one is written with a minus."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negative(Expression):
    """Minus something."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """A product, entry by entry, whose factors stand side by side."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Hadamard(Expression):
    """A product, entry by entry, written ∘."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class MatrixProduct(Expression):
    """A product of matrices."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Quotient(Expression):
    """A quotient, entry by entry: a fraction, or with a slash in the line."""

    above: Expression
    below: Expression
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class Power(Expression):
    """A whole or half power, entry by entry."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Transposed(Expression):
    """A transpose."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Rearranged(Expression):
    """The same entries, counted row by row, in a matrix of another shape; one does not see it."""

    of: Expression
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry(Expression):
    """Any entry of a matrix, by the letters n for the sample, j and k for the unit."""

    of: Expression
    index: str


@dataclass(frozen=True, slots=True)
class Total(Expression):
    """A sum over the letters of an index; without one, of all entries."""

    of: Expression
    index: str = ""


@dataclass(frozen=True, slots=True)
class TotalOfEach(Expression):
    """A sum of all entries for a letter that stands for several quantities in turn."""

    of: Expression
    letter: Letter
    each: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Abbreviated(Expression):
    """Something that has a letter for a part of it, which is said after it."""

    of: Expression
    letter: Letter
    value: Expression


@dataclass(frozen=True, slots=True)
class Equality(Expression):
    """Two forms of one thing, of which the left one is evaluated."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison(Expression):
    """A condition on entries."""

    left: Expression
    sign: Literal["<", "≤", ">"]
    right: Expression

    @property
    def opposite(self) -> Comparison:
        """What holds elsewhere; of two strict ones neither holds where the sides are equal."""
        return Comparison(self.left, "<" if self.sign == ">" else ">", self.right)


@dataclass(frozen=True, slots=True)
class Where(Expression):
    """One thing where a condition holds, and another where the opposite one does.

    Where the sides of the condition are equal it has a value only if both things are the same.
    """

    condition: Comparison
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Bracketed(Expression):
    """Brackets that stand whether they are needed or not."""

    of: Expression
    brackets: Literal["()", "[]"] = "()"


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function with how it is evaluated and how it is written.

    Args:
        name: what it is called.
        apply: `apply(arithmetic, *matrices)`, on matrices whose columns are samples.
        write: `write(*arguments)`, the layout of a call; what is missing is `name(arguments)`.
        written: how many of its arguments are written; None for all.
        is_prefix: whether it is written before its argument without parentheses, as ln a is.
    """

    name: str
    apply: Callable[..., Matrix]
    write: Callable[..., Box] | None = None
    written: int | None = None
    is_prefix: bool = False

    def __call__(self, *arguments: Expression | int) -> Call:
        """Return the function of some arguments."""
        return Call(self, tuple(map(as_expression, arguments)))


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function of its arguments."""

    function: Function
    arguments: tuple[Expression, ...]


def as_expression(value: Expression | int) -> Expression:
    """Return what an operand stands for: itself, or a number."""
    return Number(Fraction(value)) if isinstance(value, int) else value


def _one_for_each(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.map(lambda _, entry: entry * 0 + 1, matrix)


ONES = Function("1", _one_for_each, lambda _: Sign("1"))
"""1 for each entry of a matrix, whose entries one does not see."""


def decimal(value: Fraction) -> Number:
    """Return a number that is written as the shortest decimal that stands for its double.

    >>> decimal(Fraction(1, 50)).text, decimal(Fraction(-1, 10**6)).text, decimal(Fraction(3)).text
    ('0.02', '1e-06', '3')
    """
    return Number(value, text=repr(float(abs(value))).removesuffix(".0"))


def parts(of: Expression) -> Iterator[Expression]:
    """Yield the expressions that an expression is directly made of, in order."""
    for field in of.__slots__:
        value = getattr(of, field)
        if isinstance(value, Expression):
            yield value
        elif type(value) is tuple:
            yield from (each for each in value if isinstance(each, Expression))


def _terms(of: Expression) -> tuple[Expression, ...]:
    return of.terms if isinstance(of, Sum) else (of,)
