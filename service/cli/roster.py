"""The roster: the students for whom variants are made."""

import csv
import io

from gradgrade.problems.documents.text import as_id
from gradgrade.problems.errors import DocumentError


def parse_roster(raw: bytes) -> list[str]:
    r"""Return the ids of a roster in CSV, whose header names a column `id`.

    Other columns (name, email, what a campus system adds) are left to others.

    Raises:
        DocumentError: no such column, an empty or repeated id; the message has the line.

    >>> parse_roster(b"id,name\ns001,Ada\ns002,Alan\n")
    ['s001', 's002']
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError("roster: the text is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    lines: dict[str, int] = {}
    try:
        if "id" not in (reader.fieldnames or ()):
            raise DocumentError("roster: line 1 must name a column id")
        for row in reader:
            student = _student(row["id"] or "", reader.line_num, lines)
            lines[student] = reader.line_num
    except csv.Error as error:
        raise DocumentError(f"roster: line {reader.line_num}: {error}") from None
    if not lines:
        raise DocumentError("roster: it has no students")
    return list(lines)


def _student(text: str, line: int, lines: dict[str, int]) -> str:
    try:
        student = as_id(text).strip()
    except ValueError as error:
        raise DocumentError(f"roster: line {line}: {error}") from None
    if not student:
        raise DocumentError(f"roster: line {line}: the id is empty")
    if student in lines:
        raise DocumentError(
            f"roster: line {line}: the id {student!r} stands in line {lines[student]} already"
        )
    return student
