"""Short texts with indices, as drawings hold them, and how much room they take."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from gradgrade.oracle.derivation.formulas.boxes import (
    Accented,
    Box,
    Enclosed,
    Face,
    Fraction,
    Row,
    Scripts,
    Sign,
)
from gradgrade.oracle.derivation.formulas.symbols import symbol
from gradgrade.oracle.derivation.names import Name, OwnNames

Style = Literal["plain", "italic", "index", "power", "code"]


class Run(NamedTuple):
    """Characters set in one style."""

    text: str
    style: Style = "plain"


Text = tuple[Run, ...]
"""A line of text."""

SIZE, INDEX_SIZE = 13.0, 9.5
"""How large characters are, in the drawing's units."""

MINUS = "\N{MINUS SIGN}"

_WIDTHS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys("0123456789", 0.64),
        **dict.fromkeys(".,:;|il'jft()[] ", 0.39),
        **dict.fromkeys("mwMW✓✗↳⋮→←", 0.99),
        **dict.fromkeys(f"{MINUS}=+×–∂", 0.84),
    }
)
"""Widths by size: as wide as the widest of the usual faces, so that no face lets labels overlap."""

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

_WIDTH = 0.66
_CODE_WIDTH = 0.62
"""Of every character of code, which is a little smaller."""

_CAPITAL_WIDTH = 0.78


def words(text: str) -> Text:
    """Return plain words."""
    return (Run(text),)


def numeral(text: str) -> Text:
    """Return a number as it is written, its sign set as a minus.

    >>> numeral("-0.50")
    (Run(text='−0.50', style='plain'),)
    """
    return (Run(text.replace("-", MINUS)),)


def indexed(letter: str, index: str = "") -> Text:
    """Return a letter of mathematics with an index.

    >>> plain(indexed("h", "2"))
    'h2'
    """
    return (Run(letter, "italic"), *([Run(index, "index")] if index else []))


def symbol_of(name: Name, own: OwnNames | None = None) -> Text:
    """Return a quantity's symbol on one line; see `symbol`.

    >>> plain(symbol_of(Name("W", 2).gradient)), plain(symbol_of(Name("z", 1).gradient))
    ('∂L/∂W2', 'δ1')
    """
    return _joined(_runs(symbol(name, own), "plain"))


def plain(text: Text) -> str:
    """Return a text's characters."""
    return "".join(run.text for run in text)


def in_characters(text: Text) -> str:
    """Return a text without styles, digits of an index as characters that stand below the line.

    >>> in_characters(indexed("h", "1,2"))
    'h₁,₂'
    """
    return "".join(run.text.translate(_BELOW) if run.style == "index" else run.text for run in text)


def width(text: Text, *, size: float = SIZE) -> float:
    """Return how wide a text is at the most.

    >>> width(words("0.5")) > width(words("1"))
    True
    """
    return sum(_run_width(run) * size for run in text)


def _run_width(run: Run) -> float:
    if run.style == "code":
        return len(run.text) * _CODE_WIDTH
    wide = sum(map(_character_width, run.text))
    return wide * INDEX_SIZE / SIZE if run.style in ("index", "power") else wide


def _character_width(character: str) -> float:
    usual = _CAPITAL_WIDTH if character.isupper() else _WIDTH
    # What is not of an alphabet that we know may fill a square.
    return _WIDTHS.get(character, usual if character < "\u0500" else 1.0)


def _runs(box: Box, style: Style) -> Iterable[Run]:
    """Yield the runs of a symbol; an index of an index stands beside it."""
    match box:
        case Sign(text, Face.CODE):
            yield Run(text, "code")
        case Sign(text, Face.SIGN) if style == "plain" and text.isalpha():
            yield Run(text, "italic")
        case Sign(text):
            yield Run(text, style)
        case Accented(base, mark):
            yield from (run._replace(text=run.text + mark) for run in _runs(base, style))
        case _:
            for part, own in _parts(box, style):
                yield from _runs(part, own)


def _parts(box: Box, style: Style) -> Sequence[tuple[Box, Style]]:
    """Return what a symbol is put together of, in one line, each with its style."""
    raised: Style = "power" if style == "plain" else style
    match box:
        case Row(parts):
            return [(part, style) for part in parts]
        case Scripts(base, below, above):
            scripts: list[tuple[Box | None, Style]] = [(below, "index"), (above, raised)]
            return [(base, style), *((part, own) for part, own in scripts if part is not None)]
        case Fraction(above, below):
            return [(above, style), (Sign("/"), style), (below, style)]
        case Enclosed(inside, opening, closing):
            return [(Sign(opening), style), (inside, style), (Sign(closing), style)]
        case _:
            raise ValueError(f"{box!r} is no part of a symbol")


def _joined(runs: Iterable[Run]) -> Text:
    """Return runs, neighbours of one style made one."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1].style == run.style:
            found[-1] = Run(found[-1].text + run.text, run.style)
        else:
            found.append(run)
    return tuple(found)
