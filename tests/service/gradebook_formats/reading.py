"""The formats read back, by readers that share no code with what writes them."""

import csv
import io
import re
from typing import Any

from openpyxl import load_workbook

# What a cell must not begin with, whatever stands before it that a spreadsheet passes over.
DANGEROUS = "=+-@＝＋－＠﹦﹢﹣﹫−"
SPACES = " "
QUOTES = '"`´‘’‚“”„«»'


def rows_of(raw: bytes, *, delimiter: str = ",") -> list[list[str]]:
    """The cells of a CSV file."""
    text = io.StringIO(raw.decode("utf-8"), newline="")
    return list(csv.reader(text, delimiter=delimiter, strict=delimiter == ","))


def looks_dangerous(cell: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula; a single quote before it holds."""
    return (bool(cell) and cell[0] < " ") or opens_a_formula(cell, passed_over=SPACES + QUOTES)


def opens_a_formula(text: str, *, passed_over: str) -> bool:
    """Whether what comes first in a text opens a formula, but for what is passed over."""
    seen = [each for each in text if each.isprintable() and each not in passed_over]
    return bool(seen) and seen[0] in DANGEROUS


def plain(cell: str) -> str:
    """A text as it was before single quotes made it harmless."""
    return "".join(each for place, each in enumerate(cell) if not _is_added(cell, place))


def _is_added(cell: str, place: int) -> bool:
    rest = cell[place + 1 :]
    unquoted = rest.lstrip("'")
    begins_with_control = place == 0 and bool(unquoted) and unquoted[0] < " "
    begins = place == 0 or cell[place - 1] in ",;\t\r\n"
    opens = opens_a_formula(rest, passed_over=SPACES + QUOTES + "'")
    return cell[place] == "'" and begins and (opens or begins_with_control)


def sheets_of(raw: bytes) -> dict[str, list[list[Any]]]:
    """The sheets of a workbook: the values of its cells, an empty text being nothing."""
    workbook = load_workbook(io.BytesIO(raw))
    return {
        sheet.title: [[_value(each.value) for each in row] for row in sheet.iter_rows()]
        for sheet in workbook
    }


def kinds_of(raw: bytes) -> set[str]:
    """The kinds of cells in a workbook: n, s, f for a formula …"""
    workbook = load_workbook(io.BytesIO(raw))
    return {each.data_type for sheet in workbook for row in sheet.iter_rows() for each in row}


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # As a workbook writes what XML cannot hold.
    return re.sub(r"_x(00[01]\w|FFF[EF])_", lambda each: chr(int(each[1], 16)), value) or None
