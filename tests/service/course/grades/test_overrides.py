"""What an instructor states counts in place of what is graded, wherever grades are read."""

import json

import pytest
from sqlalchemy.exc import IntegrityError

from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.grades.standing import Standing, read_standings
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.gradebook_formats import FORMATS
from tests.service.course.grades.gradebook_rows import new_course
from tests.service.gradebook_formats.reading import sheets_of
from tests.service.store.databases import KINDS


@pytest.fixture(params=KINDS)
def course(request, tmp_path):
    with new_course(request.param, tmp_path, one=10, two=2.5) as course:
        yield course


def book(course):
    return gather_gradebook(course.connection, course.problem_set)


def test_what_is_stated_counts_and_what_is_graded_stays_beside_it(course):
    student = course.enrol("s1")
    best = course.hand_in(student, "one", 300)
    course.override(student, "one", 725)
    (row,) = book(course).rows
    cell = row.cells[0]
    assert (cell.points, cell.graded, cell.submission, cell.attempts) == (725, 300, best, 1)
    assert row.points == 725


def test_a_better_attempt_and_a_regrade_do_not_change_it(course):
    student = course.enrol("s1")
    course.override(student, "one", 725)
    first = course.hand_in(student, "one", 900, attempt=1)
    course.hand_in(student, "one", 1000, attempt=2)
    assert book(course).rows[0].points == 725
    course.judge(course.row_of(first), 100)
    (row,) = book(course).rows
    assert (row.cells[0].points, row.cells[0].graded) == (725, 1000)


def test_it_counts_where_nothing_was_handed_in(course):
    course.override(course.enrol("s1"), "two", 0)
    (row,) = book(course).rows
    assert row.cells[0] is None
    cell = row.cells[1]
    assert (cell.points, cell.graded, cell.submission, cell.attempts) == (0, None, None, 0)
    assert row.points == 0


def test_it_is_one_students_and_one_exercises(course):
    ada, alan = course.enrol("ada"), course.enrol("alan")
    for student in (ada, alan):
        course.hand_in(student, "one", 400)
        course.hand_in(student, "two", 100)
    course.override(ada, "one", 1000)
    assert [[cell.points for cell in row.cells] for row in book(course).rows] == [
        [1000, 100],
        [400, 100],
    ]


def test_a_students_standing_has_it(course):
    student, another = course.enrol("s1"), course.enrol("s2")
    course.hand_in(student, "one", 300)
    course.override(student, "one", 725, "read by hand")
    course.override(student, "two", 100)
    found = read_standings(course.connection, course.problem_set, student)
    one, two = found["one"], found["two"]
    assert (one.points, one.graded) == (725, 300)
    assert one.override is not None
    assert one.override.comment == "read by hand"
    assert (two.points, two.graded, two.attempts) == (100, None, 0)
    assert read_standings(course.connection, course.problem_set, another) == {}
    assert Standing().points is None


def test_statistics_are_of_what_counts(course):
    ada, alan = course.enrol("ada"), course.enrol("alan")
    course.hand_in(ada, "one", 200)
    course.override(ada, "one", 1000)
    course.override(alan, "one", 500)
    figures = gather_statistics(course.connection, course.problem_set).exercises[0].figures
    assert (figures.submitted, figures.mean, figures.full_marks) == (2, 7.5, 1)
    assert figures.attempts == 1


def test_every_file_has_what_counts_and_those_with_room_for_it_say_why(course):
    student = course.enrol("s1", "Ada", "ada@example.org")
    best = course.hand_in(student, "one", 300, is_late=True)
    course.override(student, "one", 725, "ill; seen")
    course.override(student, "two", 200, "on paper")
    files = {name: form.write(book(course)) for name, form in FORMATS.items()}
    assert b"7.25,1,2.00,0,9.25,12.50" in files["csv"]
    assert b"9.25" in files["canvas"]
    assert b"one: 7.25 of 10.00 (set by the instructor: ill; seen)" in files["moodle"]
    exercises = json.loads(files["json"])["students"][0]["exercises"]
    assert exercises["one"] == {
        "score": 7.25,
        "attempts": 1,
        "late": True,
        "submission": best,
        "override": {"comment": "ill; seen", "graded": 3},
    }
    assert exercises["two"]["submission"] is None
    assert exercises["two"]["override"] == {"comment": "on paper", "graded": None}
    attempts = sheets_of(files["xlsx"])["Attempts"]
    assert attempts[1:] == [
        ["s1", "one", 7.25, 1, "late", best, 3, "ill; seen"],
        ["s1", "two", 2, 0, None, None, None, "on paper"],
    ]


def test_only_students_of_the_roster_have_one_and_never_without_a_comment(course):
    student = course.enrol("s1")
    for row, comment in ((student + 7, "ill"), (student, "")):
        with pytest.raises(IntegrityError):
            course.override(row, "one", 100, comment)
