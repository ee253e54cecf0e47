r"""An array as people print or paste it: numpy's and torch's print, MATLAB, spreadsheets' cells.

A text may be read in more than one way: its commas separate numbers or begin fractions, its lines
are rows or one row that was broken. Every way is tried, and the shape that is asked for says which
is meant. Where two fit, or none is asked for, the text is refused: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, Literal

from gradgrade.oracle.errors import ShapeMismatch
from gradgrade.oracle.nested import Shape, flatten, shape_of
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import LONGEST_QUOTED
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading.brackets import (
    BRACKET,
    COMMA_IN_NUMERAL,
    Read,
    Way,
    read_in,
    read_number_or_null,
)
from gradgrade.problems.reading.numerals import plain, read_number

LONGEST_UNDERSTOOD = 300
"""Of what is told to have been understood, in characters."""

_PARAMETER = re.compile(r"Parameter containing:")
_POINT_IN_NUMERAL = re.compile(r"\d\.|\.\d", re.ASCII)
_BROKEN = re.compile(r"\.\.\.|…")


def read_array(text: str, shape: Sequence[int] | None = None) -> Any:
    r"""Return the number or array that somebody typed, printed or pasted.

    Taken are JSON, numpy's and torch's print with their `array(…)`, `tensor(…)`, `np.float64(…)`,
    MATLAB's `[0.1 0.2; 0.3 0.4]`, tuples, rows of cells with tabs, commas or spaces between them,
    and numbers as `read_number` takes them.

    Args:
        text: the array.
        shape: that is asked for; None: it is not known.

    Returns:
        A `Number`, nested lists of them, or None where it says null. Its shape is the text's own:
        only whoever writes no brackets, or rows that MATLAB has, may mean a vector.

    Raises:
        DocumentError: it cannot be read, or could be two things; the message shows what, and says
            what to write.

    >>> read_array("[[0.1 0.2]\n [0.3 0.4]]")
    [[Number('0.1'), Number('0.2')], [Number('0.3'), Number('0.4')]]
    >>> read_array("0,5; 1,5", (2,))
    [Number('0.5'), Number('1.5')]
    """
    try:
        value = strict_json.loads(text)
    except DocumentError:
        return _read_leniently(text, None if shape is None else tuple(shape))
    if isinstance(value, (str, Number)):
        text = value if isinstance(value, str) else value.text
        return _read_leniently(text, None if shape is None else tuple(shape))
    return _rectangular(_read_strings(value))


def _read_strings(value: Any) -> Any:
    """Return what is JSON, a text in it read as a number."""
    if isinstance(value, list):
        return list(map(_read_strings, value))
    if isinstance(value, str):
        return read_number(value)
    return None if value is None else Number.of(value)


def _rectangular(value: Any) -> Any:
    """Return an array, and refuse one that is ragged, empty, or filled in in places."""
    try:
        shape_of(value)
    except ShapeMismatch as error:
        raise DocumentError(f"{error}: write as many numbers in each row") from None
    entries = flatten(value)
    if None in entries and any(entries):
        place = entries.index(None) + 1
        raise DocumentError(f"entry {place} is null: fill in all of this part, or nothing of it")
    return value


def understood(value: Any) -> str:
    """Return how an array was read, in one line: its shape, and its numbers as JSON has them.

    >>> understood(read_array("[.1 .2; .3 .4]"))
    '2 × 2: [[0.1, 0.2], [0.3, 0.4]]'
    """
    sizes = " × ".join(map(str, shape_of(value)))
    written = strict_json.dumps(value).strip()
    if len(written) > LONGEST_UNDERSTOOD:
        written = written[:LONGEST_UNDERSTOOD] + "…"
    return f"{sizes}: {written}" if sizes else written


# Which way is meant


def _read_leniently(text: str, shape: Shape | None) -> Any:
    text = _PARAMETER.sub("", plain(text))
    if shape == () and not BRACKET.search(text):
        return read_number_or_null(text)
    if _BROKEN.search(text):
        raise DocumentError(
            "'...' stands for numbers that were not printed: print all of them (in numpy by "
            "set_printoptions(threshold=sys.maxsize), in torch by set_printoptions(profile='full'))"
        )
    read: list[Read] = []
    refusals: list[DocumentError] = []
    for way in _ways(text):
        try:
            one = read_in(way, text)
            _rectangular(one.value)
            read.append(one)
        except DocumentError as error:
            refusals.append(error)
    fitting = _unlike([each for each in (_fitted(one, shape) for one in read) if each is not None])
    if len(fitting) == 1:
        return fitting[0].value
    if len(fitting) > 1:
        first, second = (understood(each.value) for each in fitting[:2])
        raise DocumentError(
            f"{_shown(text)} can be read as {first} or as {second}: "
            "write decimals with a point, and rows in brackets of their own"
        )
    if refusals:
        raise refusals[-1]
    # Whoever asked for another shape says so.
    return _natural(read[0])


def _ways(text: str) -> Iterator[Way]:
    """Yield the ways in which a text may be meant, the plainest first."""
    has_brackets = BRACKET.search(text) is not None
    has_cells = not has_brackets and "\t" in text.strip()
    has_commas = COMMA_IN_NUMERAL.search(text) is not None
    commas: list[Literal["separates", "decimal"]] = []
    if not (has_cells and has_commas):
        commas.append("separates")
    if has_commas and not _POINT_IN_NUMERAL.search(text):
        commas.append("decimal")
    # Spreadsheets separate cells by semicolons where fractions begin with a comma.
    semicolons: tuple[Literal["row", "separates"], ...] = ("row",)
    if ";" in text and not has_brackets:
        semicolons = ("row", "separates")
    newlines: tuple[Literal["row", "space"], ...] = ("row",)
    if "\n" in text.strip() and has_brackets:
        newlines = ("space", "row")
    for comma, semicolon, newline in product(commas, semicolons, newlines):
        yield Way(comma=comma, semicolon=semicolon, newline=newline)
    if not commas:
        yield Way(comma="separates", semicolon="row", newline="row")


def _fitted(read: Read, shape: Shape | None) -> Read | None:
    """Return what was read in the shape that is asked for; None: it has another."""
    if shape is None:
        return Read(value=_natural(read))
    found = shape_of(read.value)
    if found == shape:
        return read
    if read.may_be_row and shape == (1, *found):
        return Read(value=[read.value])
    if read.is_table and len(shape) < len(found) and prod(found) == prod(shape) == max(found):
        numbers = flatten(read.value)
        return Read(value=numbers if shape else numbers[0])
    return None


def _natural(read: Read) -> Any:
    """Return a table of one row as a vector, and of one number as that; anything else as it is."""
    value = read.value
    if read.is_table and len(value) == 1:
        return value[0] if len(value[0]) > 1 else value[0][0]
    return value


def _unlike(read: Sequence[Read]) -> list[Read]:
    found: list[Read] = []
    for each in read:
        if all(each.value != other.value for other in found):
            found.append(each)
    return found


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return repr(text) if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]!r}…"
