"""A gradebook as a workbook: the grades, and on a second sheet the attempts that count."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gradgrade.service.course.grades.gradebook import Gradebook

Value = str | int | float | None

# A workbook tells when it was made; the same gradebook gives the same bytes.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)

_OPTIONS = (
    ("in_memory", True),
    ("strings_to_formulas", False),
    ("strings_to_numbers", False),
    ("strings_to_urls", False),
)


def write_xlsx(gradebook: Gradebook) -> bytes:
    """Return a gradebook as a workbook: numbers as numbers, and every text as a text."""
    file = io.BytesIO()
    with Workbook(file, dict(_OPTIONS)) as workbook:
        workbook.set_properties({"created": MADE_AT})
        bold = workbook.add_format({"bold": True})
        points = workbook.add_format({"num_format": "0.00"})
        for name, rows in (("Gradebook", _grades(gradebook)), ("Attempts", _attempts(gradebook))):
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            _fill(sheet, rows, heading=bold, points=points)
    return file.getvalue()


def _grades(gradebook: Gradebook) -> Iterable[Sequence[Value]]:
    names = [exercise.name for exercise in gradebook.exercises]
    yield ["id", "name", "email", *names, "total", "max"]
    for row in gradebook.rows:
        cells = [None if cell is None else cell.points / 100 for cell in row.cells]
        total = None if row.points is None else row.points / 100
        yield [row.student, row.name, row.email, *cells, total, gradebook.max_points / 100]


def _attempts(gradebook: Gradebook) -> Iterable[Sequence[Value]]:
    yield ["id", "exercise", "points", "attempts", "late", "submission"]
    for row in gradebook.rows:
        for exercise, cell in zip(gradebook.exercises, row.cells, strict=True):
            if cell is not None:
                late = "late" if cell.is_late else "in time"
                yield [
                    row.student,
                    exercise.name,
                    cell.points / 100,
                    cell.attempts,
                    late,
                    cell.submission,
                ]


def _fill(
    sheet: Worksheet, rows: Iterable[Sequence[Value]], *, heading: Format, points: Format
) -> None:
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(down, across, _text(value), heading if down == 0 else None)
            elif value is not None:
                sheet.write_number(
                    down, across, value, points if isinstance(value, float) else None
                )


def _text(value: str) -> str:
    """Return a text that is written as one: XlsxWriter takes `<r>…</r>` for markup of its own."""
    return f"{value} " if value.startswith("<r>") and value.endswith("</r>") else value
