"""What Canvas's importer does with the file, by the rules of its source."""

import re

import pytest
from hypothesis import given

from gradgrade.service.gradebook_formats import FORMATS
from tests.service.gradebook_formats.books import TEXTS, book, cell
from tests.service.gradebook_formats.reading import plain, rows_of

# lib/gradebook_importer.rb: NON_ASSIGNMENT_COLUMN_HEADERS, GRADEBOOK_IMPORTER_RESERVED_NAMES.
OWN_COLUMNS = re.compile(
    "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|"
    "Override Score|Override Grade|Override Status"
)
RESERVED = {
    *("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Section"),
    *("Integration ID", "Root Account"),
}
# app/models/assignment.rb: title_and_id.
TITLE_AND_ID = re.compile(r"\A(.*)\s\((\d+)\)\Z")
# The converter of a decimal comma.
NUMBER = re.compile(r"^-?[0-9.,]+%?$", re.MULTILINE)


def imported(gradebook):
    """The header, what is possible, and the students' rows, as the importer tells them apart."""
    header, *rows = rows_of(FORMATS["canvas"].write(gradebook))
    possible = [row for row in rows if "Points Possible" in row[0]]
    return header, possible, [row for row in rows if row not in possible]


def title_of(gradebook):
    return imported(gradebook)[0][5]


def test_the_header_is_to_the_letter():
    raw = FORMATS["canvas"].write(book(cell(850)))
    assert raw.splitlines() == [
        b"Student,ID,SIS User ID,SIS Login ID,Section,Week 3",
        b"Points Possible,,,,,10.00",
        b"Ada,,s1,ada@example.org,,8.50",
    ]


def test_a_set_without_a_title_is_imported_by_its_name():
    assert title_of(book(cell(850), title="")) == "week-3"


@pytest.mark.parametrize(
    "title",
    [
        *("Final Score", "Current Score", "My Final Grade", "Unposted Current Points"),
        *("Override Status", "Override Score (Fall)", "Final\nGrade"),
        *(*sorted(RESERVED), "Week 3 (12)", "2026", "3,5", "50%"),
    ],
)
def test_a_title_that_canvas_would_take_for_something_else_is_changed(title):
    found = title_of(book(cell(850), title=title))
    assert not OWN_COLUMNS.search(found)
    assert found not in RESERVED
    assert not TITLE_AND_ID.search(found)
    assert not NUMBER.search(found)
    assert found.casefold().startswith(" ".join(title.split()).casefold())


@given(TEXTS)
def test_a_title_is_never_taken_for_something_else(title):
    found = title_of(book(cell(850), title=title))
    assert not OWN_COLUMNS.search(found)
    assert not NUMBER.search(found)
    assert found not in RESERVED
    assert not TITLE_AND_ID.search(found)


@pytest.mark.parametrize("title", ["Week 3", "Final exam", "Points", "Week (3) again"])
def test_any_other_title_is_left_as_it_is(title):
    assert title_of(book(cell(850), title=title)) == title


@pytest.mark.parametrize("name", ["Points Possible", "Ada Points Possible", "    Points Possible"])
def test_no_student_takes_the_place_of_the_row_of_points(name):
    _, possible, students = imported(book(cell(850), name=name))
    assert len(possible) == len(students) == 1
    assert possible[0][5] == "10.00"
    assert plain(students[0][0]).casefold() == name.casefold()


def test_students_match_by_sis_id_and_login_since_the_id_is_empty():
    _, _, [row] = imported(book(cell(850)))
    assert row[1:4] == ["", "s1", "ada@example.org"]


def test_who_handed_in_nothing_has_an_empty_cell_and_overwrites_nothing():
    _, _, [row] = imported(book(None))
    assert row[5] == ""
