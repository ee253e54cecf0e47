"""A workbook's first sheet as a table of texts: a number is written as people see it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from gradgrade.problems.errors import DocumentError
from gradgrade.service.roster_formats.cells import Row

BEGINS = b"PK\x03\x04"
"""Every workbook is an archive."""

MOST_UNPACKED = 32 << 20
MOST_COLUMNS = 256

DATE = "#DATE"
"""What stands for a cell that is a date: no text of a spreadsheet's own begins so and is one."""


def rows_of_workbook(raw: bytes) -> list[Row]:
    """Return the rows of a workbook's first sheet, blank ones left out.

    Raises:
        DocumentError: it is no workbook, or too large.
    """
    _check_archive(raw)
    try:
        with warnings.catch_warnings(action="ignore"):
            return list(_rows(raw))
    except Exception:
        # Whatever the library stumbles over, the file is not as Excel writes it.
        raise DocumentError(
            "the workbook cannot be read: save it anew as .xlsx, or as CSV UTF-8"
        ) from None


def _check_archive(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise DocumentError("the file is a broken archive, and no workbook") from None
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise DocumentError(
            "the file is an archive, and no Excel workbook: save the roster as .xlsx or CSV UTF-8"
        )
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise DocumentError(
            f"the workbook has more than {MOST_UNPACKED} bytes when it is unpacked: "
            "save its roster alone, as CSV UTF-8"
        )


def _rows(raw: bytes) -> Iterator[Row]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        # What a sheet says of its own size need not be so.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            cells = tuple(_text(cell.value, getattr(cell, "number_format", "")) for cell in row)
            if any(cells):
                yield number, _without_empty_end(cells)
    finally:
        book.close()


def _text(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (date, time)):
        return f"{DATE} {value.isoformat()}"
    if isinstance(value, float) and value.is_integer():
        # Excel keeps 15 digits of a number; what follows them is no longer what was entered.
        value = int(value) if abs(value) < 10**15 else f"{value:E}"
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**15:
            return f"{float(value):E}"
        is_padded = number_format and set(number_format) == {"0"}
        return str(value).zfill(len(number_format)) if is_padded else str(value)
    return str(value).strip()


def _without_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while not cells[end - 1]:
        end -= 1
    return cells[:end]
