"""What is wrong with a set that is being written, at the lines where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.json_places import json_lines, line_of
from gradgrade.problems.documents.strict_json import loads
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.errors import Fault

CONTEXT = 1
"""How many lines are shown before and behind one at fault."""

_LINE = re.compile(r"\bline (\d+), column \d+")
"""What the readers of TOML and JSON say where a text is neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFault:
    """A fault.

    Args:
        said: in one line, its place first.
        line: of the text, from 1; None: it is of the whole.
    """

    said: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """A line of the text.

    Args:
        number: from 1.
        text: as it stands.
        faults: what is said of it.
        is_after_gap: whether lines are left out before it.
    """

    number: int
    text: str
    faults: Sequence[str]
    is_after_gap: bool


def told_faults(error: DocumentError, text: str) -> list[ToldFault]:
    """Return what a refusal says of a text, with the line of each fault."""
    if not error.faults:
        found = _LINE.search(error.one_line)
        return [ToldFault(said=error.one_line, line=int(found[1]) if found else None)]
    lines = _json_lines(text)
    return [_told(each, lines) for each in error.faults]


def quoted_lines(text: str, faults: Sequence[ToldFault]) -> Iterator[QuotedLine]:
    """Yield the lines at fault and those around them, in their order."""
    lines = text.split("\n")
    at_fault = {each.line for each in faults if each.line is not None and each.line <= len(lines)}
    last = 0
    for number, line in enumerate(lines, 1):
        if any(abs(number - each) <= CONTEXT for each in at_fault):
            yield QuotedLine(
                number=number,
                text=one_line(line) if not line.isprintable() else line,
                faults=[each.said for each in faults if each.line == number],
                is_after_gap=number > last + 1,
            )
            last = number


def _told(fault: Fault, lines: dict[tuple[str | int, ...], int] | None) -> ToldFault:
    if fault.line is not None or lines is None:
        return ToldFault(said=str(fault), line=fault.line)
    line = line_of(lines, fault.path)
    return ToldFault(said=f"line {line}: {fault}", line=line)


def _json_lines(text: str) -> dict[tuple[str | int, ...], int] | None:
    """Return the lines of a text that is JSON; None: it is not."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        loads(text)
    except DocumentError:
        return None
    return json_lines(text)
