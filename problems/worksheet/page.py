"""A page: what a sheet says, in blocks that every format writes in its own way."""

from dataclasses import dataclass

from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.problems.drawing.picture import Picture


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the page's title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of plain texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A program, a line a line, set as code."""

    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    """A left side and, one below the other, what it equals.

    Args:
        left: the left side.
        rights: the right sides.
        label: what the equation is called; plain text.
        part: which part of an array it is about; plain text.
    """

    left: Expression
    rights: tuple[Expression, ...]
    label: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing; a format that cannot hold one leaves it out."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class Blank:
    """Space to write an answer into.

    Args:
        name: what is asked.
        symbol: the same in a formula.
        note: its shape, points and tolerance; plain text.
        definition: what it is; plain text, empty where something else says it.
        rows: how many rows of boxes there are; 0 where they would not fit.
        columns: how many boxes are in a row.
    """

    name: str
    symbol: Expression
    note: str
    definition: str
    rows: int
    columns: int


Block = Heading | Paragraph | Items | Code | Equation | Drawing | Blank


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its title, and its blocks from top to bottom, the title not among them.

    Args:
        title: of the page.
        blocks: what is on it.
        whose: the student whose page it is, in plain text; empty where it is nobody's.
    """

    title: str
    blocks: tuple[Block, ...]
    whose: str = ""

    @property
    def signed(self) -> tuple[Block, ...]:
        """The blocks below whose page it is, for formats that have no head on every sheet."""
        return (Paragraph(self.whose), *self.blocks) if self.whose else self.blocks
