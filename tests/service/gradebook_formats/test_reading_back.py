"""Every format reads back to the same students and points."""

import json
from decimal import Decimal

import pytest
from hypothesis import given

from gradgrade.problems import DocumentError
from gradgrade.service.gradebook_formats import FORMATS, GradebookDocument
from gradgrade.service.gradebook_formats.moodle import NO_EMAIL
from gradgrade.service.gradebook_formats.table import harmless
from tests.service.gradebook_formats.books import book, books, cell
from tests.service.gradebook_formats.reading import plain, rows_of, sheets_of

NOTHING = book(None)


def written(name, gradebook):
    return FORMATS[name].write(gradebook)


def points(text):
    return None if text in ("", None) else round(100 * Decimal(text))


def test_the_formats_are_those_of_the_contract():
    assert list(FORMATS) == ["json", "csv", "canvas", "moodle", "xlsx"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_gradebook_gives_the_same_bytes(name):
    gradebook = book(cell(850), None)
    assert written(name, gradebook) == written(name, gradebook)


@given(books())
def test_json_reads_back(gradebook):
    document = GradebookDocument.from_json(written("json", gradebook))
    assert document.max_score * 100 == pytest.approx(gradebook.max_points)
    assert (document.problem_set, document.title) == ("week-3", gradebook.title)
    for student, row in zip(document.students, gradebook.rows, strict=True):
        assert (student.id, student.name, student.email) == (row.student, row.name, row.email)
        assert student.score is None if row.points is None else points(student.score) == row.points
        for exercise, found in zip(gradebook.exercises, row.cells, strict=True):
            read = student.exercises[exercise.name]
            assert (read is None) == (found is None)
            if found is not None:
                assert (points(read.score), read.attempts, read.late, read.submission) == (
                    *(found.points, found.attempts),
                    *(found.is_late, found.submission),
                )


@given(books())
def test_csv_reads_back(gradebook):
    header, *rows = rows_of(written("csv", gradebook))
    assert header[:3] == ["id", "name", "email"]
    assert header[-2:] == ["total", "max"]
    for row, student in zip(rows, gradebook.rows, strict=True):
        assert list(map(plain, row[:3])) == [student.student, student.name, student.email]
        assert (points(row[-2]), points(row[-1])) == (student.points, gradebook.max_points)
        for place, found in enumerate(student.cells):
            worth, attempts = row[3 + 2 * place : 5 + 2 * place]
            expected = (found.points, str(found.attempts)) if found else (None, "")
            assert (points(worth), attempts) == expected


def test_the_columns_of_csv_are_named_for_the_exercises():
    header, *_ = rows_of(written("csv", book(None, None)))
    assert header[3:-2] == [
        *("exercise-1 points", "exercise-1 attempts"),
        *("exercise-2 points", "exercise-2 attempts"),
    ]


@given(books())
def test_xlsx_reads_back(gradebook):
    sheets = sheets_of(written("xlsx", gradebook))
    header, *rows = sheets["Gradebook"]
    names = [exercise.name for exercise in gradebook.exercises]
    assert header == ["id", "name", "email", *names, "total", "max"]
    for row, student in zip(rows, gradebook.rows, strict=True):
        texts = [student.student, student.name, student.email]
        assert row[:3] == [text or None for text in texts]
        expected = [found and found.points for found in student.cells]
        assert [points(value) for value in row[3:-1]] == [*expected, student.points]
    attempts = [
        [row.student, exercise.name, found.points, found.attempts, found.submission]
        for row in gradebook.rows
        for exercise, found in zip(gradebook.exercises, row.cells, strict=True)
        if found
    ]
    _, *found = sheets["Attempts"]
    assert [[*row[:2], points(row[2]), row[3], row[5]] for row in found] == attempts


@given(books())
def test_canvas_reads_back(gradebook):
    _, possible, *rows = rows_of(written("canvas", gradebook))
    assert points(possible[5]) == gradebook.max_points
    assert [[plain(row[0]), plain(row[2]), plain(row[3]), points(row[5])] for row in rows] == [
        [row.name, row.student, row.email, row.points] for row in gradebook.rows
    ]


@pytest.mark.parametrize("text", ["'\x1f", "''\t=1", "\x1f", "'=1", "'Ada", "' \x1f"])
def test_quotes_of_ones_own_are_told_from_those_that_are_added(text):
    assert plain(harmless(text)) == text


@given(books())
def test_moodle_reads_back(gradebook):
    _, *rows = rows_of(written("moodle", gradebook))
    assert [[plain(row[0]), plain(row[1]), points(row[2])] for row in rows] == [
        [row.student, row.email.strip() or NO_EMAIL, row.points]
        for row in gradebook.rows
        if row.points is not None
    ]


def test_numbers_are_numbers_in_json_and_in_a_workbook():
    gradebook = book(cell(850), cell(1000))
    assert json.loads(written("json", gradebook))["students"][0]["score"] == 18.5
    assert sheets_of(written("xlsx", gradebook))["Gradebook"][1][3:] == [8.5, 10, 18.5, 20]


@pytest.mark.parametrize(("name", "empty"), [("csv", ""), ("canvas", "")])
def test_an_empty_cell_is_no_zero(name, empty):
    raw = written(name, NOTHING)
    assert b"0.00" not in raw.replace(b"10.00", b"")
    assert rows_of(raw)[-1][5] == empty


def test_an_empty_cell_is_no_zero_in_json_and_in_a_workbook():
    student = json.loads(written("json", NOTHING))["students"][0]
    assert (student["score"], student["exercises"]) == (None, {"exercise-1": None})
    assert sheets_of(written("xlsx", NOTHING))["Gradebook"][1][3:] == [None, None, 10]


@pytest.mark.parametrize("name", FORMATS)
def test_zero_points_are_no_empty_cell(name):
    gradebook = book(cell(0))
    if name == "xlsx":
        assert sheets_of(written(name, gradebook))["Gradebook"][1][3:5] == [0, 0]
    elif name == "json":
        assert json.loads(written(name, gradebook))["students"][0]["score"] == 0
    else:
        assert "0.00" in rows_of(written(name, gradebook))[-1]


@pytest.mark.parametrize("name", FORMATS)
def test_a_set_without_students_is_written(name):
    gradebook = book(None)
    empty = type(gradebook)(problem_set="week-3", title="", exercises=gradebook.exercises, rows=[])
    assert written(name, empty)


def test_a_json_gradebook_with_another_schema_is_refused():
    text = written("json", NOTHING).replace(b"gradebook/1", b"gradebook/2")
    with pytest.raises(DocumentError, match="gradebook/2"):
        GradebookDocument.from_json(text)
