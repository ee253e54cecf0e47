"""TOML read: numbers keep their text, and what is no TOML is refused with its line."""

import tomllib
from typing import Any

from gradgrade.problems.documents.faults.writing import Unreadable
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.strict_json import check_nesting
from gradgrade.problems.documents.toml.syntax import syntax_error
from gradgrade.problems.errors import DocumentError


def loads(text: str) -> dict[str, Any]:
    """Read a TOML document.

    Returns:
        dict, list, str, bool, int, dates and times; numbers with a point or an exponent as
        `Number`, their text unchanged. What can be no `Number`, such as nan, stays text of its
        own kind, `Unreadable`: whoever checks the field tells it with its place.

    Raises:
        DocumentError: the text is no TOML; the message has line and column, shows the line, and
            says what to write. Or it is nested deeper than documents are.

    >>> loads("rate = 0.10")
    {'rate': Number('0.10')}
    >>> loads("rate = 0,1")
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: not TOML: line 1, column 9: a decimal comma:
    write 0.1 with a point; the line is: rate = 0,1
    """
    try:
        data = tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"not TOML: {syntax_error(text, str(error))}") from None
    except (ValueError, RecursionError):
        raise DocumentError(
            "not TOML that can be read: a number is too long, or lists are nested too deep"
        ) from None
    check_nesting(data)
    return data


def _number(text: str) -> Number | Unreadable:
    try:
        return Number(text.replace("_", "").removeprefix("+"))
    except DocumentError as error:
        why = f"{text} is not a number" if text.lstrip("+-") in ("nan", "inf") else str(error)
        return Unreadable(text, why)
