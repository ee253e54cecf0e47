"""Values as whoever wrote them knows them: in the words of their document, not of Python."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from math import isfinite
from typing import Any

from gradgrade.problems.documents.text import printable

LONGEST_WRITTEN = 60
"""How much of a value a fault shows."""

LONGEST_LINE = 80
"""How much of a line at fault is shown."""

MOST_BITS = 1000

_NUMERAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?[0-9]*),([0-9]+)", re.ASCII)


class Unreadable:
    """What stands for a number and no document can hold: nan, or one beyond all range.

    Args:
        text: it, as it was written.
        said: why it is refused.
    """

    def __init__(self, text: str, said: str) -> None:
        self._text, self.said = text, said

    def __str__(self) -> str:
        """Return it as it was written."""
        return self._text


def as_written(value: Any, *, toml: bool = False) -> str:
    """Return a value as a document writes it, shortened, on one line.

    Args:
        value: what was read.
        toml: whether the document is TOML; JSON otherwise.

    >>> as_written({"bias": True, "units": None}), as_written({"low": 0}, toml=True)
    ('{"bias": true, "units": null}', '{ low = 0 }')
    """
    text = ""
    for piece in _pieces(value, toml=toml):
        text += piece
        if len(text) > LONGEST_WRITTEN:
            return printable(text[:LONGEST_WRITTEN])[:LONGEST_WRITTEN] + "…"
    return printable(text)


def _pieces(value: Any, *, toml: bool) -> Iterator[str]:
    """Yield a value's text piece by piece: of a large one few are looked at."""
    if isinstance(value, Mapping):
        yield "{ " if toml and value else "{"
        for index, (key, each) in enumerate(value.items()):
            yield ", " if index else ""
            yield f"{key[: LONGEST_WRITTEN + 1]} = " if toml else f"{_scalar(key)}: "
            yield from _pieces(each, toml=toml)
        yield " }" if toml and value else "}"
    elif isinstance(value, (list, tuple)):
        yield "["
        for index, each in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(each, toml=toml)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value[: LONGEST_WRITTEN + 1], ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (date, time)):
        return value.isoformat()
    # A whole number may have more digits than Python writes.
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"a number of {value.bit_length()} bits"
    return str(value).replace("e-0", "e-")


def line_as_written(text: str, row: int) -> str:
    r"""Return how a fault ends that is about a line of a text, counted from 1: with the line.

    >>> line_as_written("a = 1\n  b = 0,5", 2)
    '; the line is: b = 0,5'
    """
    line = text.split("\n")[row - 1].strip()
    shown = printable(line[:LONGEST_LINE]) + ("…" if len(line) > LONGEST_LINE else "")
    return f"; the line is: {shown}" if shown else ""


def kind_of(value: Any) -> str:
    """Return what a value is, with its article, as people say it.

    >>> kind_of("0.1"), kind_of(True), kind_of([1])
    ('text', 'neither text nor number', 'a list')
    """
    if isinstance(value, str):
        return "text"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "neither text nor number"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a date or time" if isinstance(value, (date, time)) else "a number"


def beyond_range(text: str) -> str:
    """Return why a numeral is refused to which no double is near, and what to write instead.

    >>> print(beyond_range("1e999"))
    1e999 is beyond the range of binary64, whose largest double is about 1.8e308: \
check its exponent, or write a number nearer to 0
    """
    return (
        f"{text} is beyond the range of binary64, whose largest double is about 1.8e308: "
        "check its exponent, or write a number nearer to 0"
    )


def no_number(value: Any, needed: str = "a number") -> str:
    """Return why a value is no number, and what to write instead.

    Args:
        value: what was read.
        needed: what kind of number.

    >>> print(no_number("0.1"))
    "0.1" is not a number but text: write 0.1, without quotation marks
    >>> print(no_number("0,5"))
    "0,5" is not a number but text: write 0.5, with a point and without quotation marks
    """
    shown = as_written(value)
    if isinstance(value, Unreadable):
        return value.said
    if isinstance(value, str):
        text = value.strip()
        if _NUMERAL.fullmatch(text) and len(text) <= LONGEST_WRITTEN:
            if not isfinite(float(text)):
                return f"{shown} is not {needed} but text, and {beyond_range(text)}"
            return f"{shown} is not {needed} but text: write {text}, without quotation marks"
        if comma := _DECIMAL_COMMA.fullmatch(text):
            point = f"{comma[1] or '0'}.{comma[2]}"
            return (
                f"{shown} is not {needed} but text: write {point}, "
                "with a point and without quotation marks"
            )
        return f"{shown} is not {needed} but text"
    if isinstance(value, (Mapping, list, tuple, date, time)):
        return f"{shown} is not {needed} but {kind_of(value)}"
    return f"{shown} is not {needed}"
