"""A gradebook as a workbook: the grades, and on a second sheet the attempts that count."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow

Value = str | int | float | None

# A workbook tells when it was made; the same gradebook gives the same bytes.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)

ATTEMPT = ("exercise", "points", "attempts", "late", "submission", "graded", "comment")
"""What is told of an attempt that counts; the last two where an instructor stated the points."""

_OPTIONS = (
    ("in_memory", True),
    ("strings_to_formulas", False),
    ("strings_to_numbers", False),
    ("strings_to_urls", False),
)


def write_xlsx(gradebook: Gradebook) -> bytes:
    """Return a gradebook as a workbook: numbers as numbers, and every text as a text."""
    return _workbook({"Gradebook": _grades(gradebook), "Attempts": _attempts(gradebook)})


def write_course_xlsx(gradebook: CourseGradebook) -> bytes:
    """Return a course's gradebook as a workbook: the points of every set, and the attempts."""
    return _workbook({"Gradebook": _totals(gradebook), "Attempts": _all_attempts(gradebook)})


def _workbook(sheets: Mapping[str, Iterable[Sequence[Value]]]) -> bytes:
    file = io.BytesIO()
    with Workbook(file, dict(_OPTIONS)) as workbook:
        workbook.set_properties({"created": MADE_AT})
        bold = workbook.add_format({"bold": True})
        points = workbook.add_format({"num_format": "0.00"})
        for name, rows in sheets.items():
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
    yield ["id", *ATTEMPT]
    for row in gradebook.rows:
        for attempt in _attempts_of(gradebook, row):
            yield [row.student, *attempt]


def _totals(gradebook: CourseGradebook) -> Iterable[Sequence[Value]]:
    yield ["id", "name", "email", *(book.problem_set for book in gradebook.books), "total", "max"]
    for row in gradebook.rows:
        points = [None if each is None else each / 100 for each in (*row.points, row.total)]
        yield [row.student, row.name, row.email, *points, gradebook.max_points / 100]


def _all_attempts(gradebook: CourseGradebook) -> Iterable[Sequence[Value]]:
    yield ["id", "problem set", *ATTEMPT]
    for book in gradebook.books:
        for row in book.rows:
            for attempt in _attempts_of(book, row):
                yield [row.student, book.problem_set, *attempt]


def _attempts_of(gradebook: Gradebook, row: GradebookRow) -> Iterator[Sequence[Value]]:
    """Yield the attempts of a student that count."""
    for exercise, cell in zip(gradebook.exercises, row.cells, strict=True):
        if cell is not None:
            yield [
                exercise.name,
                cell.points / 100,
                cell.attempts,
                *_handed_in(cell),
                *_stated(cell),
            ]


def _handed_in(cell: Cell) -> Sequence[Value]:
    if cell.submission is None:
        return None, None
    return "late" if cell.is_late else "in time", cell.submission


def _stated(cell: Cell) -> Sequence[Value]:
    if cell.override is None:
        return None, None
    return None if cell.graded is None else cell.graded / 100, cell.override.comment


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
