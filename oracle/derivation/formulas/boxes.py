"""How mathematics is laid out: what every notation prints in its own way.

A printer knows these few records and nothing of what they mean. Signs are Unicode's, but that minus
is written `-` and a sum `Σ`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

THIN_SPACE = "\u2009"


class Face(Enum):
    """How the letters of a text are set."""

    SIGN = auto()
    SMALL = auto()
    WORD = auto()
    FUNCTION = auto()
    SENTENCE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Sign:
    """A letter, an operator, the digits of a numeral; or a word, in another face.

    A small Σ stands in a line with what is around it; in a sentence and in code spaces count.
    """

    text: str
    face: Face = Face.SIGN


@dataclass(frozen=True, slots=True)
class Between:
    """What stands between two operands: a sign, or nothing but a space."""

    sign: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Parts side by side."""

    parts: tuple["Box", ...]


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction with a bar; a small one is of the size of the text around it."""

    above: "Box"
    below: "Box"
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with an index below, an exponent above, or both.

    A base that is held together carries its exponent as a whole: it may have one of its own.
    """

    base: "Box"
    below: "Box | None" = None
    above: "Box | None" = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Accented:
    """A letter with a mark on it, `̂` or `̄`."""

    base: "Box"
    mark: str


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    inside: "Box"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Brackets around something; those that stretch are as tall as it is."""

    inside: "Box"
    opening: str = "("
    closing: str = ")"
    stretches: bool = False


@dataclass(frozen=True, slots=True)
class Under:
    """Something with a note right below it."""

    base: "Box"
    note: "Box"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a matrix, in square brackets."""

    rows: tuple[tuple["Box", ...], ...]


Box = Sign | Between | Row | Fraction | Scripts | Accented | Root | Enclosed | Under | Grid


def row(*parts: Box) -> Row:
    """Return parts side by side."""
    return Row(parts)


def word(text: str) -> Sign:
    """Return a quantity's name of several letters."""
    return Sign(text, Face.WORD)


def sentence(text: str) -> Sign:
    """Return words of a sentence."""
    return Sign(text, Face.SENTENCE)


def separated(items: Sequence[Box], *separation: Box) -> Row:
    """Return items side by side with something between them."""
    first, *others = items
    return row(first, *(each for item in others for each in (*separation, item)))


def enumeration(*items: Box) -> Enclosed:
    """Return items in parentheses, with commas between them."""
    return Enclosed(separated(items, Sign(","), Between()))


def numeral(text: str) -> Box:
    """Return a numeral, its power of ten raised; where that is all of it, it stands alone.

    >>> numeral("1e-5") == Scripts(Sign("10"), above=row(Sign("-5")))
    True
    """
    digits, _, exponent = text.lower().partition("e")
    if not exponent:
        return Sign(digits)
    power = Scripts(Sign("10"), above=row(Sign(str(int(exponent)))))
    if digits in ("1", "-1"):
        return power if digits == "1" else row(Sign("-"), power)
    return row(Sign(digits), Between("×"), power)
