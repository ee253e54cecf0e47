"""The gradebook counts each student's best attempt, and nothing else."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from gradgrade.service.course.grades.gradebook import Cell, gather_gradebook
from gradgrade.service.store.schema import enrolments, problem_sets, submissions, verdicts
from tests.examples import examples
from tests.service.course.grades.gradebook_rows import new_course
from tests.service.store.databases import KINDS


@pytest.fixture(params=KINDS)
def course(request, tmp_path):
    with new_course(request.param, tmp_path, one=10, two=2.5) as course:
        yield course


def rows(course):
    return {
        row.student: row for row in gather_gradebook(course.connection, course.problem_set).rows
    }


def test_the_set_and_its_exercises_are_told(course):
    book = gather_gradebook(course.connection, course.problem_set)
    assert (book.problem_set, book.title, book.max_points) == ("week-3", "Week 3", 1250)
    assert [(each.name, each.title, each.max_points) for each in book.exercises] == [
        ("one", "About one", 1000),
        ("two", "About two", 250),
    ]


def test_a_set_without_a_title_is_headed_by_its_name(course):
    book = gather_gradebook(course.connection, course.problem_set)
    assert book.heading == "Week 3"
    assert replace(book, title="").heading == "week-3"


def test_who_handed_in_nothing_is_there_with_empty_cells(course):
    course.enrol("s1", "Ada", "ada@example.org")
    row = rows(course)["s1"]
    assert (row.name, row.email, row.cells, row.points) == (
        *("Ada", "ada@example.org"),
        *((None, None), None),
    )


def test_nothing_handed_in_is_not_zero_points(course):
    student = course.enrol("s1")
    course.hand_in(student, "two", 0)
    row = rows(course)["s1"]
    assert row.cells[0] is None
    assert row.cells[1].points == 0
    assert row.points == 0


def test_the_best_attempt_counts_wherever_it_stands(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 300, attempt=1)
    best = course.hand_in(student, "one", 900, attempt=2, is_late=True)
    course.hand_in(student, "one", 500, attempt=3)
    assert rows(course)["s1"].cells[0] == Cell(
        graded=900, attempts=3, is_late=True, submission=best
    )


def test_of_equal_attempts_the_first_counts(course):
    student = course.enrol("s1")
    late = course.hand_in(student, "one", 500, attempt=2, is_late=True)
    first = course.hand_in(student, "one", 500, attempt=1)
    cell = rows(course)["s1"].cells[0]
    assert (cell.submission, cell.is_late) == (first, False)
    assert cell.submission != late


def test_an_invalid_submission_is_no_attempt_and_never_counts(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 1000, attempt=None)
    assert rows(course)["s1"].cells[0] is None
    course.hand_in(student, "one", 100, attempt=1)
    course.hand_in(student, "one", 1000, attempt=None)
    cell = rows(course)["s1"].cells[0]
    assert (cell.points, cell.attempts) == (100, 1)


def test_only_the_verdict_that_stands_counts(course):
    student = course.enrol("s1")
    public_id = course.hand_in(student, "one", 200)
    course.judge(course.row_of(public_id), 900, stands=False)
    assert rows(course)["s1"].points == 200
    course.judge(course.row_of(public_id), 700)
    cell = rows(course)["s1"].cells[0]
    assert (cell.points, cell.attempts) == (700, 1)


def test_two_verdicts_on_a_submission_cannot_both_stand(course):
    public_id = course.hand_in(course.enrol("s1"), "one", 200)
    course.judge(course.row_of(public_id), 900, stands=False)
    with pytest.raises(IntegrityError):
        course.connection.execute(update(verdicts).values(stands=True))


def test_the_total_is_the_sum_over_the_exercises(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 905)
    course.hand_in(student, "two", 120)
    assert rows(course)["s1"].points == 1025


def test_an_exercise_that_was_taken_out_of_the_set_no_longer_counts(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 905)
    course.hand_in(student, "two", 120)
    course.replace(two=5, three=1)
    book = gather_gradebook(course.connection, course.problem_set)
    assert [each.name for each in book.exercises] == ["two", "three"]
    assert book.max_points == 600
    assert book.rows[0].points == 120


def test_students_are_ordered_by_id_alike_on_every_database(course):
    ids = ["b", "A", "a", "Ä", "10", "9", "_", "B"]
    for student in ids:
        course.enrol(student)
    assert list(rows(course)) == sorted(ids)


def test_who_left_the_roster_is_not_there(course):
    leaves, _ = course.enrol("leaves"), course.enrol("stays")
    course.hand_in(leaves, "one", 1000)
    course.connection.execute(delete(enrolments).where(enrolments.c.student_id == leaves))
    assert list(rows(course)) == ["stays"]


def test_what_was_handed_in_to_another_set_does_not_count(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 1000)
    another = insert(problem_sets).values(course_id=course.id, name="week-4", version=1)
    row = course.connection.execute(another.returning(problem_sets.c.id)).scalar_one()
    course.connection.execute(update(submissions).values(problem_set_id=row))
    assert rows(course)["s1"].points is None


def test_a_set_that_is_not_there_is_an_error(course):
    with pytest.raises(NoResultFound):
        gather_gradebook(course.connection, course.problem_set + 1)


def test_the_number_of_statements_does_not_grow_with_the_students(course):
    for number in range(30):
        course.hand_in(course.enrol(f"s{number}"), "one", number)
    statements = []
    event.listen(
        course.connection, "before_cursor_execute", lambda *context: statements.append(context[2])
    )
    assert len(rows(course)) == 30
    assert len(statements) == 4


ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2", "s3"]),
        st.sampled_from(["one", "two"]),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ATTEMPTS)
def test_it_is_what_counting_by_hand_gives(tmp_path_factory, attempts):
    with new_course("SQLite", tmp_path_factory.mktemp("course"), one=10, two=2.5) as course:
        people = {student: course.enrol(student) for student in ("s1", "s2", "s3", "s4")}
        spent = dict.fromkeys(itertools.product(people, ("one", "two")), 0)
        expected = dict.fromkeys(spent)
        for student, exercise, points, is_late, is_valid in attempts:
            place = (student, exercise)
            spent[place] += is_valid
            public_id = course.hand_in(
                people[student],
                exercise,
                points,
                attempt=spent[place] if is_valid else None,
                is_late=is_late,
            )
            best = expected[place]
            if is_valid and (best is None or points > best[0]):
                expected[place] = (points, is_late, public_id)
        found = {
            (row.student, exercise): cell
            for row in rows(course).values()
            for exercise, cell in zip(("one", "two"), row.cells, strict=True)
        }
    assert {
        place: cell and (cell.points, cell.is_late, cell.submission)
        for place, cell in found.items()
    } == expected
    assert {place: cell.attempts for place, cell in found.items() if cell} == {
        place: count for place, count in spent.items() if count
    }
