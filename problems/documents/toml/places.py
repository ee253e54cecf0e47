"""Where the values of a TOML text stand: by the keys that lead to each, its line and its text.

The text was read before, so that nothing is checked here: what is well-formed is walked over.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

Path = tuple[str | int, ...]

LONGEST_TEXT = 60
"""How much of a value is shown as it stands."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


class Span(NamedTuple):
    """Where a key stands, and from where to where its value, as offsets in the text."""

    key: int
    start: int
    stop: int


class TomlPlaces:
    r"""The places of the values of a TOML text that was read.

    >>> places = TomlPlaces('name = "a"\n[[exercises]]\nloss = {name = "mse"}\n')
    >>> places.line(("exercises", 0, "loss", "name")), places.written(("name",))
    (3, '"a"')
    >>> places.line(("exercises", 0, "ask"))
    2
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, path: Path) -> int | None:
        """Return the line of a value, of what is in it, or of what it is in; from 1."""
        while path and path not in self._spans:
            inside = (each for each in self._spans if each[: len(path)] == path)
            path = next(inside, path[:-1])
        return self._text.count("\n", 0, self._spans[path].key) + 1 if path else None

    def written(self, path: Path) -> str | None:
        """Return the text of a value, where it is short and on one line."""
        if path not in self._spans:
            return None
        _, start, stop = self._spans[path]
        text = self._text[start:stop].strip()
        return text if text and "\n" not in text and len(text) <= LONGEST_TEXT else None

    @cached_property
    def _spans(self) -> dict[Path, Span]:
        return _Scanner(self._text).spans()


class _Scanner:
    """Walks over a text from key to key."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._found = dict[Path, Span]()
        self._counts = Counter[Path]()

    def spans(self) -> dict[Path, Span]:
        """Return where each key stands, and its value."""
        # What nests too deep is no document of ours; what was found before is enough.
        with suppress(RecursionError):
            self._walk()
        return self._found

    def _walk(self) -> None:
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            start = self._at
            if self._text[self._at] == "[":
                table = self._header()
                self._found.setdefault(table, Span(start, self._at, self._at))
            else:
                self._entry(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        *above, last = self._key()
        stop = self._text.index("]", self._at) + brackets
        path: Path = ()
        for part in above:
            path = self._latest((*path, part))
        path = (*path, last)
        if brackets == 2:
            self._counts[path] += 1
            self._found.setdefault(path, Span(self._at, stop, stop))
        self._at = stop
        return self._latest(path)

    def _latest(self, path: Path) -> Path:
        """Return the path of the last table of an array that headers began; others as they are."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _entry(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._key())
        self._at = self._text.index("=", self._at) + 1
        self._skip(_BLANK)
        self._value(path, start)

    def _key(self) -> list[str]:
        parts = list[str]()
        while True:
            self._skip(_BLANK)
            is_quoted = self._text[self._at] in "\"'"
            text = self._skip(_STRING if is_quoted else _BARE_KEY)
            parts.append(_unquoted(text) if is_quoted else text)
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _value(self, path: Path, key: int, *, is_listed: bool = True) -> None:
        start = self._at
        if self._text[start] == "{":
            self._items("}", lambda _: self._entry(path))
        elif self._text[start] == "[":
            # Arrays in arrays hold numbers, far too many to keep the place of each.
            nested = path if is_listed else ()
            self._items("]", lambda count: self._listed(nested, count))
        elif self._text[start] in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_SCALAR)
        if is_listed:
            self._found.setdefault(path, Span(key, start, self._at))

    def _listed(self, array: Path, count: int) -> None:
        is_array = self._text[self._at] == "["
        self._value((*array, count), self._at, is_listed=bool(array) and not is_array)

    def _items(self, closing: str, item: Callable[[int], None]) -> None:
        self._at += 1
        self._skip(_BLANK)
        count = 0
        while self._text[self._at] != closing:
            item(count)
            count += 1
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        text = found[0] if found else ""
        self._at += len(text)
        return text


def _unquoted(text: str) -> str:
    if text[0] == "'":
        return text[1:-1]
    try:
        return str(json.loads(text))
    except ValueError:
        # An escape that JSON does not know, in a key: nobody writes one.
        return text[1:-1]
