"""A program's text as Python's parser takes it: its lines checked, then its statements.

What the parser itself gives up at (depth, memory, numerals) is a fault of the text. Columns count
characters, and names are ASCII, since Python takes look-alikes for letters without a word.
"""

from __future__ import annotations

import ast
import re
import warnings

from gradgrade.oracle.programs.bounds import LONGEST_NUMERAL, MOST_CHARACTERS, MOST_LINES
from gradgrade.oracle.programs.faults import Place, ProgramError

NUMERAL = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_RUNS_INTO_LETTER = re.compile(
    rf"(?<![\w.])(?:{NUMERAL.pattern})(?![eE][+-]?\d)(?=[A-Za-z_])(?<![eE])"
)
_WORD = re.compile(r"[\w.]+")


def checked_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text, as long and as many as may be, of characters that are seen.

    Raises:
        ProgramError: they are not, or a numeral is too long or runs into a letter.
    """
    lines = tuple(text.split("\n"))
    if len(text) > MOST_CHARACTERS:
        raise ProgramError(
            f"a program has at most {MOST_CHARACTERS} characters (got {len(text)})",
            Place(1, 1, _visible(lines[0][:80])),
        )
    if len(lines) > MOST_LINES:
        place = Place(MOST_LINES + 1, 1, _visible(lines[MOST_LINES]))
        raise ProgramError(f"a program has at most {MOST_LINES} lines (got {len(lines)})", place)
    for number, line in enumerate(lines, start=1):
        _refuse_unseen(number, line)
        _refuse_numerals(number, line)
    return lines


def _refuse_unseen(number: int, line: str) -> None:
    """Refuse characters that are not seen, or that are not ASCII before a comment."""
    code = line.partition("#")[0]
    for column, character in enumerate(line, start=1):
        # A comment may be in any language; but what is not seen may end it, or turn it round.
        is_seen = character.isprintable() or character == "\t"
        if not is_seen or (column <= len(code) and not character.isascii()):
            place = Place(number, column, _visible(line))
            raise ProgramError(
                f"{shown_character(character)} is not written in a program: "
                "names and operators are ASCII characters",
                place,
            )


def _refuse_numerals(number: int, line: str) -> None:
    """Refuse numerals that are too long, or that run into a letter: `0x10`, `2x`."""
    code = line.partition("#")[0]
    for numeral in NUMERAL.finditer(code):
        if len(numeral[0]) > LONGEST_NUMERAL:
            place = Place(number, numeral.start() + 1, line)
            raise ProgramError(
                f"a numeral has at most {LONGEST_NUMERAL} characters (got {len(numeral[0])})",
                place,
            )
    if found := _RUNS_INTO_LETTER.search(code):
        place = Place(number, found.end() + 1, line)
        written = _WORD.match(code, found.start())
        assert written is not None
        raise ProgramError(
            f"{written[0]} is no decimal numeral: write one as 16 or 0.5, and * before a name",
            place,
        )


def parsed(text: str, lines: tuple[str, ...]) -> list[ast.stmt]:
    """Return the statements of a text.

    Args:
        text: what is parsed.
        lines: its own, to show where it is no Python.

    Raises:
        ProgramError: it is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text).body
    except SyntaxError as error:
        number = min(max(error.lineno or 1, 1), len(lines))
        line = lines[number - 1]
        column = min(max(error.offset or 1, 1), len(line) + 1)
        message = str(error.msg)
        raise ProgramError(
            f"this is no expression: {message}", Place(number, column, line)
        ) from None
    except (RecursionError, MemoryError, ValueError, Warning):
        raise ProgramError(
            "the program is nested too deeply or has a numeral that cannot be read",
            Place(1, 1, lines[0]),
        ) from None


def _visible(line: str) -> str:
    """Return a line as long as it is, a space in the place of what is not seen."""
    return "".join(each if each.isprintable() else " " for each in line)


def shown_character(character: str) -> str:
    """Return a character with its code point, which tells it from those that look like it.

    >>> shown_character("о")
    'о (U+043E)'
    """
    return (
        f"{character} (U+{ord(character):04X})"
        if character.isprintable()
        else (f"the character U+{ord(character):04X}")
    )
