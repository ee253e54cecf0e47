"""What a program says: assignments of expressions, as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from gradgrade.oracle.programs.faults import Place


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that stands in the text, exactly; infinity is None.

    Args:
        value: the number; None for `inf`.
        is_negative_infinity: whether it is −inf, where it is infinite.
        is_whole: whether it is written as a whole number, 2 and not 2.0: numpy takes no other
            for an index, an axis or a length.
        place: where it stands.
        text: its source.
    """

    value: Fraction | None
    place: Place
    is_negative_infinity: bool = False
    is_whole: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A given, a size, or what an earlier line makes."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Span:
    """A slice by whole numbers: `1:`, `:N - 1`, `::2`; None where nothing is written."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None

    @property
    def ends(self) -> tuple[Expression | None, Expression | None, Expression | None]:
        """Start, stop and step."""
        return self.start, self.stop, self.step


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of whole numbers, or of lists of them: `[0, 2, 2]`, `[[0, 1], [1, 2]]`."""

    indices: tuple[Expression | Listing, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """`True` or `False`, as `keepdims` takes it."""

    value: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Text:
    """A word in quotation marks, as `mode` takes it."""

    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Several:
    """Expressions in brackets, such as shapes and what is concatenated."""

    members: tuple[Expression, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """A function of operands; an operator is one too.

    Args:
        function: its name, without `np.`.
        operands: in the order of the text.
        options: what is given by name.
        place: where the function's name or the operator's left side begins.
        text: the source of the whole expression.
        is_bare: whether the text calls it by its name alone: not as np.NAME, a method or an
            operator.
        is_operator: whether it is one.
    """

    function: str
    operands: tuple[Expression, ...]
    options: Mapping[str, Expression]
    place: Place
    text: str
    is_bare: bool = False
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """Entries of an array: `x[0]`, `x[:, 1:]`, `x[[0, 2, 2]]`, `E[ids]`.

    Args:
        of: the array.
        indices: of each axis.
    """

    of: Expression
    indices: tuple[Index, ...]
    place: Place
    text: str


Expression = Constant | Variable | Truth | Text | Several | Call | Indexed


def within(of: Expression) -> Iterator[Expression]:
    """Yield an expression, and what it is made of but for indices and options."""
    yield of
    match of:
        case Call(operands=inner) | Several(members=inner):
            pass
        case Indexed(of=array):
            inner = (array,)
        case _:
            inner = ()
    for each in inner:
        yield from within(each)


Index = Expression | Span | Listing
"""What an axis is indexed by: a whole number or an array of them, a slice, a list."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A line of a program: a name for what an expression makes.

    Args:
        name: `q`; of a line within a function that is called, `attention.scores`.
        value: what it makes.
        place: where the line begins.
        text: the source of the expression.
    """

    name: str
    value: Expression
    place: Place
    text: str
