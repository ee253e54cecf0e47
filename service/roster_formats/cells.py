"""A file's cells: a table of texts with its rows' numbers, whatever wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from gradgrade.problems.documents.text import decoded, printable
from gradgrade.problems.errors import DocumentError

Row = tuple[int, tuple[str, ...]]
"""A row's number, as a spreadsheet counts, and its cells without the spaces around them."""

SEPARATORS = ",;\t"

_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?,*', re.IGNORECASE)

_WRITE = "a roster is a table with a column id: save it as CSV UTF-8 or as .xlsx"
_NO_TABLES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"{\\rtf", "a text document"),
)
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|\?xml)", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_is_table(raw: bytes) -> None:
    """Refuse a file that is told by its first bytes to be something else.

    Raises:
        DocumentError: it is; the message names what it is.
    """
    for begins, what in _NO_TABLES:
        if raw.startswith(begins):
            raise DocumentError(f"the file is {what}; {_WRITE}")


def rows_of_text(raw: bytes, is_header: Callable[[Sequence[str]], bool]) -> list[Row]:
    r"""Return the rows of a table of separated values, blank ones left out.

    The separator is what a first line `sep=;` states, else that of comma, semicolon and tab by
    which the first row is a header, else the most frequent one there.

    Args:
        raw: the file.
        is_header: tells whether a first row names the columns that are needed.

    Raises:
        DocumentError: it is no text, or no table.

    >>> rows_of_text(b"id;name\n\ns001;Ada\n", lambda row: "id" in row)
    [(1, ('id', 'name')), (3, ('s001', 'Ada'))]
    """
    text = decoded(raw)
    if _WEB_PAGE.match(text):
        raise DocumentError(f"the file is a web page; {_WRITE}")
    if _UNSEEN.search(text):
        raise DocumentError(f"the file is no text; {_WRITE}")
    first, _, rest = text.partition("\n")
    if stated := _EXCEL_SEPARATOR.fullmatch(first.strip(" ")):
        return list(_separated(rest, stated[1]))
    first = next((line for line in text.split("\n") if line.strip(" ,;\t")), "")
    separators = sorted(SEPARATORS, key=first.count, reverse=True)
    fitting = (each for each in separators if is_header(_cells([*_fields(first, each)])))
    return list(_separated(text, next(fitting, separators[0])))


def _fields(line: str, separator: str) -> Sequence[str]:
    """Return the fields of a first line; none where it does not end with its last."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _separated(text: str, separator: str) -> Iterator[Row]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except (TypeError, ValueError):
        raise DocumentError(
            f"row 1: sep={separator!r} cannot separate cells: write sep=; or sep=,"
        ) from None
    number = 0
    try:
        for number, fields in enumerate(reader, 1):
            cells = _cells(fields)
            if any(cells):
                yield number, cells
    except csv.Error as error:
        why = "a quotation mark is opened and not closed" if "end of data" in str(error) else error
        raise DocumentError(
            f'row {number + 1}: {printable(str(why))}; write a cell that has " within as "…""…"'
        ) from None


def _cells(fields: Sequence[str]) -> tuple[str, ...]:
    # A spreadsheet's export begins a text that it might take for a formula with a single quote.
    cells = (each.strip() for each in fields)
    return tuple(
        each[1:] if each[:1] == "'" and each[1:2] in tuple("=+-@") else each for each in cells
    )
