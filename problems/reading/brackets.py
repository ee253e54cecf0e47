"""Numbers in brackets and rows, read in one way: what commas and lines mean is given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.strict_json import MAXIMUM_NESTING
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading.numerals import DECIMAL_COMMA, read_number

COMMA_IN_NUMERAL = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
BRACKET = re.compile(r"[][(){}]")

_TOKEN = re.compile(
    r"""(?P<newline>\n)|(?P<space>[^\S\n]+)
    |(?P<comma>,)|(?P<semicolon>;)
    |(?P<call>(?:[^\W\d]\w{0,30}\.){0,3}[^\W\d]\w{0,30}\()|(?P<open>[\[({])|(?P<close>[])}])
    |(?P<quoted>"[^"\n]*"|'[^'\n]*')|(?P<quote>["'])
    |(?P<word>[^][\s(){},;"']+)""",
    re.VERBOSE,
)
_PAIRS = "[](){}"
_ARRAYS = re.compile(
    r"(?i)(.*\.)?(nd)?(array|asarray|matrix|tensor|parameter|b?float\d*|double|list|tuple)\("
)
_TYPE = re.compile(r"[^\W\d][\w.]*")
_ABSENT = ("null", "None", "nil")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to read a text.

    Args:
        comma: between digits it separates numbers, or begins a fraction.
        semicolon: it ends a row, as in MATLAB, or separates cells.
        newline: the end of a line ends a row, or is a space; outside of brackets it ends one.
    """

    comma: Literal["separates", "decimal"]
    semicolon: Literal["row", "separates"]
    newline: Literal["row", "space"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a text comes to.

    Args:
        value: nested lists of `Number` and None.
        is_table: whether it has rows, which a vector may stand in as one or as a column of them.
        may_be_row: whether it is a vector as MATLAB writes a matrix of one row.
    """

    value: Any
    is_table: bool = False
    may_be_row: bool = False


def read_in(way: Way, text: str) -> Read:
    """Return what a text comes to in one way, in one pass over it.

    Raises:
        DocumentError: it cannot be read so.
    """
    if way.comma == "decimal":
        text = COMMA_IN_NUMERAL.sub(DECIMAL_COMMA, text)
    if "\t" in text and not BRACKET.search(text):
        text = _cells(text)
    reader = _Reader(way)
    for match in _TOKEN.finditer(text):
        reader.take(str(match.lastgroup), match[0])
    return reader.read()


def _cells(text: str) -> str:
    """Return the cells of a spreadsheet with commas between them, so that an empty one is seen."""
    lines = (line.strip(" ") for line in text.split("\n"))
    return "\n".join(line.rstrip("\t").replace("\t", " , ") for line in lines)


@dataclass(slots=True)
class _Bracket:
    """What stands in a bracket so far; the outermost has none.

    Args:
        opened: how it was opened; a call's with its name.
        rows: the entries, row by row.
        begins_row: whether the next entry begins another row.
        has_comma: whether the last entry is followed by a comma.
        had_comma: whether any was.
        last: what its last entry was read as, where that is an array.
    """

    opened: str = ""
    rows: list[list[Any]] = field(default_factory=lambda: [[]])
    begins_row: bool = False
    has_comma: bool = False
    had_comma: bool = False
    last: Read | None = None

    @property
    def is_call(self) -> bool:
        """Whether it is a call's: array(…)."""
        return len(self.opened) > 1

    @property
    def closing(self) -> str:
        """What closes it."""
        return _PAIRS[_PAIRS.index(self.opened[-1]) + 1]

    def add(self, entry: Any) -> None:
        """Take an entry."""
        if self.begins_row and self.rows[-1]:
            self.rows.append([])
        self.begins_row = self.has_comma = False
        self.rows[-1].append(entry)

    def separate(self, count: int) -> None:
        """Take a comma, so many entries after the beginning of the text."""
        if self.has_comma or not self.rows[-1] or (self.begins_row and not self.opened):
            raise DocumentError(f"entry {count + 1} is empty: write its number")
        self.has_comma = self.had_comma = True
        self.begins_row = False

    def end_row(self) -> None:
        """Take a semicolon that ends a row."""
        if not self.rows[-1] or self.begins_row:
            raise DocumentError("a semicolon has no row before it: write the row, or delete it")
        self.begins_row, self.has_comma = True, False

    def end_line(self) -> None:
        """Take the end of a line where it ends a row; one after a comma goes on within brackets."""
        if not (self.has_comma and self.opened):
            self.begins_row, self.has_comma = True, False

    def read(self) -> Read:
        """Return what stands in it."""
        entries = [entry for row in self.rows for entry in row]
        if not entries:
            raise DocumentError("an array is empty: write its numbers")
        may_be_bare = self.opened[-1:] in ("", "(") and not self.had_comma
        if len(entries) == 1 and may_be_bare and (self.opened or isinstance(entries[0], list)):
            return self.last or Read(value=entries[0])
        if any(isinstance(each, list) for each in entries):
            return Read(value=entries)
        if not self.opened or len(self.rows) > 1:
            return Read(value=self.rows, is_table=True)
        return Read(value=entries, may_be_row=self.opened == "[" and not self.had_comma)


class _Reader:
    """Reads a text piece by piece."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._stack = [_Bracket()]
        self._count = 0
        # What a call says of its array, array([…], dtype=…), is passed over: how deep it is, and
        # whether it has a name.
        self._beside: int | None = None
        self._is_named = False

    def take(self, kind: str, token: str) -> None:
        """Take the next piece."""
        if self._beside is not None:
            self._pass_over(kind, token)
        elif kind in ("open", "call"):
            self._open(token)
        elif kind == "close":
            self._close(token)
        elif kind in ("comma", "semicolon", "newline"):
            self._separate(kind)
        elif kind == "quote":
            raise DocumentError(
                f"the sign {token} transposes in MATLAB, or ends no text: write the array as it is"
            )
        elif kind != "space":
            self._count += 1
            self._stack[-1].add(_entry(token.strip("\"'"), self._count))

    def read(self) -> Read:
        """Return what the whole text comes to."""
        if len(self._stack) > 1:
            raise DocumentError(
                f"a bracket is opened and not closed: write {self._stack[-1].closing}"
            )
        return self._stack[0].read()

    def _open(self, token: str) -> None:
        if len(self._stack) > 2 * MAXIMUM_NESTING:
            raise DocumentError(f"the array is nested deeper than {MAXIMUM_NESTING} levels")
        if len(token) > 1 and not _ARRAYS.fullmatch(token):
            raise DocumentError(f"{token + '…)'!r} is an expression: write its value")
        self._stack.append(_Bracket(opened=token))

    def _close(self, token: str) -> None:
        bracket = self._stack[-1]
        if not bracket.opened or bracket.closing != token:
            raise DocumentError(f"a bracket {token} closes none: delete it, or open one")
        self._stack.pop()
        read = bracket.read()
        self._stack[-1].add(read.value)
        self._stack[-1].last = read

    def _separate(self, kind: str) -> None:
        bracket = self._stack[-1]
        if kind == "newline":
            if self._way.newline == "row" or not bracket.opened:
                bracket.end_line()
        elif kind == "semicolon" and self._way.semicolon == "row":
            bracket.end_row()
        elif bracket.is_call:
            self._beside, self._is_named = 0, False
        else:
            bracket.separate(self._count)

    def _pass_over(self, kind: str, token: str) -> None:
        depth = self._beside or 0
        if kind == "close" and not depth:
            self._beside = None
            self._close(token)
        elif kind == "comma" and not depth:
            self._is_named = False
        elif kind == "word" and "=" in token:
            self._is_named = True
        elif not (self._is_named or kind in ("newline", "space") or _TYPE.fullmatch(token)):
            raise DocumentError(
                f"{self._stack[-1].opened}…) has {token[:20]!r} beside its array: "
                "write all numbers in one pair of brackets"
            )
        else:
            self._beside = depth + (kind in ("open", "call")) - (kind == "close")


def read_number_or_null(text: str) -> Number | None:
    """Return a number as `read_number` does, or None where it says that there is none."""
    return None if text.strip() in _ABSENT else read_number(text)


def _entry(word: str, count: int) -> Number | None:
    try:
        return read_number_or_null(word)
    except DocumentError as error:
        raise DocumentError(f"entry {count}: {error}" if count > 1 else str(error)) from None
