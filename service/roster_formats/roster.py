"""A roster read: a student a row, and beside them what cannot be taken, where, and what to write.

A fault refuses its own row; who asks decides whether the others are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.text import (
    LONGEST_QUOTED,
    as_name,
    as_student_id,
    decoded,
    printable,
)
from gradgrade.problems.errors import MOST_FAULTS, DocumentError, Fault
from gradgrade.service.roster_formats.cells import Row, check_is_table, rows_of_text
from gradgrade.service.roster_formats.columns import Columns, find_columns, twice
from gradgrade.service.roster_formats.workbook import BEGINS, DATE, rows_of_workbook

LONGEST_LINE = 320
"""Of a name or an address, in characters."""

_POWER = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_FRACTION = re.compile(r"[0-9]+[.,]0+")
_SPREADSHEET_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|#+")

POINTS_POSSIBLE = "Points Possible"
TEST_STUDENT = "Student, Test"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterStudent:
    """A student as a roster names them.

    Args:
        row: its number, as a spreadsheet counts; of JSON, the entry's, from 1.
        id: as it is kept: see `gradgrade.problems.documents.text.as_student_id`.
        name: as people call them, or empty.
        email: an address, or empty.
    """

    row: int
    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFault:
    """Why a row cannot be taken.

    Args:
        row: its number, as a spreadsheet counts.
        column: the heading of the column at fault; empty where it is the whole row.
        why: what is wrong with it, the value as written, and what to write.
    """

    row: int
    column: str
    why: str

    @property
    def place(self) -> str:
        """Where it is."""
        return f"row {self.row}, column {self.column}" if self.column else f"row {self.row}"

    def __str__(self) -> str:
        """Say it in one line."""
        return printable(f"{self.place}: {self.why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What a roster says, row by row."""

    rows: tuple[RosterStudent | RosterFault, ...]

    @property
    def students(self) -> tuple[RosterStudent, ...]:
        """The students whose rows can be taken."""
        return tuple(each for each in self.rows if isinstance(each, RosterStudent))

    @property
    def faults(self) -> tuple[RosterFault, ...]:
        """Why the other rows cannot."""
        return tuple(each for each in self.rows if isinstance(each, RosterFault))

    def without_faults(self) -> tuple[RosterStudent, ...]:
        """Return all students, where every row can be taken.

        Raises:
            DocumentError: one cannot; it tells the first faults.
        """
        if self.faults:
            told = [Fault(place=each.place, said=each.why) for each in self.faults[:MOST_FAULTS]]
            raise DocumentError("roster", told)
        return self.students


def read_roster(raw: bytes) -> Roster:
    r"""Read a roster, whatever wrote it.

    CSV in UTF-8 or UTF-16 with commas, semicolons, tabs or what `sep=` states; .xlsx under any
    name; JSON as the API takes and writes it. The first row names a column of ids: `id`,
    `student_id`, Canvas's `SIS User ID`, Moodle's `ID number` and their like. Blank rows are passed
    over, and so are Canvas's rows that are no student's.

    Args:
        raw: the file.

    Returns:
        A student or a fault for each row.

    Raises:
        DocumentError: it is no roster: something else, without a column of ids, or without
            students.

    >>> roster = read_roster(b"Student_ID;Name\ns001;Ada\n1.23457E+11;Alan\n")
    >>> roster.students
    (RosterStudent(row=2, id='s001', name='Ada', email=''),)
    >>> print(roster.faults[0])
    row 3, column Student_ID: Excel has turned the id into 1.23457E+11; format the column as text
    and enter the id anew
    """
    try:
        return _read(raw)
    except DocumentError as error:
        raise DocumentError(f"roster: {error}") from None


def _read(raw: bytes) -> Roster:
    check_is_table(raw)
    if raw.startswith(BEGINS):
        return _table(rows_of_workbook(raw))
    text = decoded(raw)
    if text.lstrip()[:1] in ("[", "{"):
        return as_roster(strict_json.loads(text))
    return _table(rows_of_text(raw, lambda headings: find_columns(headings) is not None))


# Of a table


def _table(rows: Sequence[Row]) -> Roster:
    if not rows:
        raise DocumentError("the file is empty: write id,name,email as its first row")
    (number, headings), *body = rows
    columns = find_columns(headings)
    if columns is None:
        shown = ", ".join(repr(each[:LONGEST_QUOTED]) for each in headings[:6])
        raise DocumentError(
            printable(
                f"row {number} names no column of ids (it has {shown}): name one id, "
                "as in id,name,email"
            )
        )
    if heading := twice(headings, columns):
        raise DocumentError(f"row {number} names the column {heading} twice: keep one")
    if columns.canvas_student is not None:
        columns, body = _canvas(columns, body)
    if not body:
        raise DocumentError(f"there are no students below row {number}: write one a row")
    return _unlike([_student(columns, row, cells) for row, cells in body], columns.id_heading)


def _canvas(columns: Columns, body: Sequence[Row]) -> tuple[Columns, list[Row]]:
    """Return the rows that are students', and where their ids are."""
    kept = [row for row in body if _is_of_student(columns, row[1])]
    if columns.canvas_id is not None and not any(_cell(cells, columns.id) for _, cells in kept):
        columns = replace(columns, id=columns.canvas_id)
    return columns, kept


def _is_of_student(columns: Columns, cells: tuple[str, ...]) -> bool:
    name, identity = _cell(cells, columns.canvas_student), _cell(cells, columns.id)
    if POINTS_POSSIBLE in name:
        return False
    if name.startswith(TEST_STUDENT):
        # It has no id of the institution's, and a number of Canvas's.
        return bool(identity) and columns.id != columns.canvas_id
    return bool(name or identity or _cell(cells, columns.canvas_id))


def _student(columns: Columns, row: int, cells: tuple[str, ...]) -> RosterStudent | RosterFault:
    width = len(columns.headings)
    if any(cells[width:]):
        last = next(each for each in reversed(cells) if each)
        return RosterFault(
            row=row,
            column="",
            why=f"it has {len(cells)} cells and the header {width}, the last is "
            f"{last[:LONGEST_QUOTED]!r}: put a cell with a comma in quotation marks",
        )
    email = _cell(cells, columns.email)
    if not email and "@" in (login := _cell(cells, columns.login)):
        email = login
    name = " ".join(filter(None, (_cell(cells, each) for each in columns.names)))
    headings = {
        "id": columns.id_heading,
        "name": columns.headings[columns.names[0]] if columns.names else "name",
        "email": "email" if columns.email is None else columns.headings[columns.email],
    }
    return _checked(row, _cell(cells, columns.id), name, email, headings)


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _checked(
    row: int, identity: str, name: str, email: str, headings: Mapping[str, str]
) -> RosterStudent | RosterFault:
    if damage := _damage(identity):
        return RosterFault(row=row, column=headings["id"], why=damage)
    try:
        kept = as_student_id(identity)
    except ValueError as error:
        return RosterFault(row=row, column=headings["id"], why=f"the id {error}")
    lines = {"name": name, "email": email}
    for field, text in lines.items():
        try:
            lines[field] = _line(text)
        except ValueError as error:
            return RosterFault(row=row, column=headings[field], why=f"{error}: write it without")
    return RosterStudent(row=row, id=kept, **lines)


def _damage(text: str) -> str | None:
    """Return what a spreadsheet has made of an id, and what to do about it."""
    anew = "format the column as text and enter the id anew"
    if not text:
        return "the id is empty: write the student's id, or leave the row out"
    if _POWER.fullmatch(text):
        return f"Excel has turned the id into {text}; {anew}"
    if text.startswith(DATE):
        return f"Excel has turned the id into the date {text.removeprefix(DATE).strip()}; {anew}"
    if _FRACTION.fullmatch(text):
        return f"a program has turned the id into the number {text}; {anew}"
    if _SPREADSHEET_ERROR.fullmatch(text):
        return f"a spreadsheet shows {text} in place of the id; {anew}"
    return None


def _line(text: str) -> str:
    if len(text) > LONGEST_LINE:
        raise ValueError(
            f"{text[:LONGEST_QUOTED]!r}… has {len(text)} characters, and at most {LONGEST_LINE}"
        )
    return as_name(text)


def _unlike(rows: Iterable[RosterStudent | RosterFault], heading: str) -> Roster:
    """Return the rows, those that name somebody again refused."""
    first: dict[str, int] = {}
    told: list[RosterStudent | RosterFault] = []
    for each in rows:
        if isinstance(each, RosterStudent) and each.id in first:
            why = f"the id {each.id!r} stands in row {first[each.id]} already: keep one of them"
            each = RosterFault(row=each.row, column=heading, why=why)
        elif isinstance(each, RosterStudent):
            first[each.id] = each.row
        told.append(each)
    return Roster(rows=tuple(told))


# Of JSON

_FIELDS = ("id", "name", "email")


def as_roster(data: Any) -> Roster:
    """Return a roster in JSON that was read: a list of students, or the API's gradebook.

    Raises:
        DocumentError: it is neither, or empty.

    >>> as_roster([{"id": "s001", "name": "Ada"}]).students
    (RosterStudent(row=1, id='s001', name='Ada', email=''),)
    """
    entries = data.get("students") if isinstance(data, Mapping) else data
    if not isinstance(entries, list):
        raise DocumentError('JSON of a roster is a list: [{"id": "s001", "name": "Ada"}, …]')
    if not entries:
        raise DocumentError("there are no students in the list")
    return _unlike([_entry(row, each) for row, each in enumerate(entries, 1)], "id")


def _entry(row: int, data: Any) -> RosterStudent | RosterFault:
    if isinstance(data, str):
        data = {"id": data}
    if not isinstance(data, Mapping):
        shown = strict_json.canonical(data)[:LONGEST_QUOTED]
        return RosterFault(row=row, column="", why=f'{shown} is no student: write {{"id": "s001"}}')
    values: dict[str, str] = {}
    for field in _FIELDS:
        value = data.get(field)
        if value is not None and not isinstance(value, str):
            shown = strict_json.canonical(value)[:LONGEST_QUOTED]
            why = f"{shown} is no text: write it in quotation marks"
            return RosterFault(row=row, column=field, why=why)
        values[field] = (value or "").strip()
    headings = {each: each for each in _FIELDS}
    return _checked(row, values["id"], values["name"], values["email"], headings)
