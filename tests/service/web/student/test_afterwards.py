"""What there is besides the form: the worked solution when the set shows it, and practice."""

import io
import json
from datetime import UTC, datetime, timedelta

import numpy
import pytest

from gradgrade.problems import Exercise
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.work.practice import draw_practice, find_practice
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, right
from tests.service.course_api.live import SECRET
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

DUE = datetime(2031, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

SOLUTION, PRACTICE = f"{EXERCISE}/solution", f"{EXERCISE}/practice"


@pytest.fixture
def room(classroom):
    classroom.live.set_clock(DUE - timedelta(days=1))
    return classroom


def signed_in(room, *, at=None, **fields):
    """Publish a set with two students; return the first, who signs in now or at a moment."""
    room.publish(**fields)
    room.enrol("s001", "s002")
    if at is not None:
        room.live.set_clock(at)
    return Visitor.of(room.students["s001"].asker)


def expected(document, name="dW1", digits=6):
    """An expected value as pages write it."""
    value = right(document)[name]
    while isinstance(value, list):
        value = value[0]
    return f"{abs(value):.{digits}g}"


def test_before_the_policy_allows_the_page_withholds_it_and_links_nowhere(room):
    student = signed_in(room, at=DUE, due=DUE.isoformat(), solutions="after_due")
    document = room.students["s001"].exercise()
    page = student.get(SOLUTION)
    assert page.status == 403
    assert expected(document, digits=4) not in page.source
    for path in ("/", f"/sets/{NAME}", EXERCISE):
        assert "/solution" not in student.get(path).source


def test_once_the_policy_allows_it_is_linked_and_worked_out(room):
    student = signed_in(room, at=DUE + SECOND, due=DUE.isoformat(), solutions="after_due")
    document = room.students["s001"].exercise()
    for path in ("/", f"/sets/{NAME}", EXERCISE):
        assert SOLUTION in student.get(path).source
    page = student.get(SOLUTION)
    assert page.status == 200
    assert expected(document) in page.source
    assert Exercise.from_json(document).id in page.source
    other = room.students["s002"].exercise()
    assert Exercise.from_json(other).id not in page.source


def test_a_set_that_shows_none_has_no_such_page(room):
    student = signed_in(room)
    room.students["s001"].submit()
    assert student.get(SOLUTION).status == 404


def test_staff_see_a_students_solution_at_any_time(room):
    signed_in(room)
    document = room.students["s001"].exercise()
    page = Visitor.of(room.assistant).get(f"{SOLUTION}?student=s001")
    assert page.status == 200
    assert expected(document) in page.source


def test_practice_is_there_only_where_the_set_allows_it(room):
    student = signed_in(room)
    assert student.get(PRACTICE).status == 404
    assert student.post(PRACTICE, student.get(EXERCISE).fields).status == 404
    assert "/practice" not in student.get(f"/sets/{NAME}").source
    document = room.instructor.get(f"/problem-sets/{NAME}").json
    room.instructor.put(f"/problem-sets/{NAME}", document | {"practice": True})
    assert student.get(PRACTICE).status == 200
    assert PRACTICE in student.get(f"/sets/{NAME}").source
    assert Visitor.of(room.instructor).get(PRACTICE).status == 403


def test_a_try_is_graded_with_its_diagnosis_and_solved_and_nothing_is_kept(room):
    student = signed_in(room, practice=True, feedback="score", attempts=1)
    fresh = student.get(PRACTICE)
    assert "The worked solution" not in fresh.text
    page = student.post(PRACTICE, fresh.fields | {"entry-1-0": "1", "entry-1-1": "2"})
    assert page.status == 200
    assert "not correct" in page.text or "partly correct" in page.text
    assert page.fields["seed"] == fresh.fields["seed"]
    assert "The worked solution" in page.text
    assert room.instructor.get(f"/problem-sets/{NAME}/submissions").json == []
    assert "0 of 1" in student.get(f"/sets/{NAME}").text


def test_a_right_try_earns_full_marks_that_count_for_nothing(room):
    student = signed_in(room, practice=True, solutions="after_full_marks")
    fresh = student.get(PRACTICE)
    made = shown_numbers(room, fresh.fields["seed"])
    page = student.post(PRACTICE, fresh.fields | boxes(right(made.to_json().encode())))
    assert "✓ correct" in page.text
    assert student.get(SOLUTION).status == 403
    assert "not begun" in student.get("/").text


def test_a_file_is_practised_with_and_what_it_says_stands_in_the_page(room):
    student = signed_in(room, practice=True)
    fresh = student.get(PRACTICE)
    answers = right(shown_numbers(room, fresh.fields["seed"]).to_json().encode())
    file = io.BytesIO()
    numpy.savez(file, **answers)
    page = student.upload(PRACTICE, fresh.fields, file.getvalue())
    assert "✓ correct" in page.text
    assert json.loads(page.fields["answers"]) == {"answers": answers}
    refused = student.upload(PRACTICE, fresh.fields, b"loss = 1/3")
    assert "Nothing was graded yet." in refused.text
    assert "all parts as text: answers: loss: '1/3' is a fraction" in refused.text
    assert 'href="#answers"' in refused.source


def shown_numbers(room, seed, student="s001", name=EXERCISES[0]):
    """What practice of a seed draws."""
    backend = Backend(store=room.live.store, secret=SECRET.encode())
    actor = authenticate(backend, room.students[student].asker.token)
    return draw_practice(find_practice(backend, actor, NAME, name, seed=seed))


def test_practice_never_draws_what_a_student_holds(room):
    # Sixteen in all: of forty draws some would be among the two, were those not left out.
    few = exercise(
        "one-layer",
        given={"W1": [[0.3, -0.2], [0.5, 0.4]], "b1": [0.1, 0.2], "y": [[0.5], [0.9]]},
        draw={"inputs": {"low": 0.5, "high": 2, "step": 0.5}},
    )
    signed_in(room, practice=True, exercises=[few])
    held = {room.students[each].exercise() for each in ("s001", "s002")}
    numbers = {str(Exercise.from_json(each).given) for each in held}
    for seed in map(str, range(40)):
        assert str(shown_numbers(room, seed).given) not in numbers


def test_practice_is_each_students_own_and_each_seeds(room):
    signed_in(room, practice=True)
    first = shown_numbers(room, "a")
    assert first.given == shown_numbers(room, "a").given
    assert first.given != shown_numbers(room, "b").given
    assert first.given != shown_numbers(room, "a", "s002").given
    assert first.id != Exercise.from_json(room.students["s001"].exercise()).id


@one_database
def test_an_exercise_with_the_same_numbers_for_everybody_cannot_be_practised(room):
    given = {
        "x": [[0.5], [0.25]],
        "y": [[1], [0]],
        "W1": [[0.5, 0.25], [0.1, 0.2]],
        "b1": [0.1, 0.2],
    }
    student = signed_in(room, practice=True, exercises=[exercise("one-layer", given=given)])
    assert student.get(PRACTICE).status == 404
    assert "/practice" not in student.get(f"/sets/{NAME}").source
