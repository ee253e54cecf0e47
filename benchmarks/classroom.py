"""A course to be measured: a set, students, their variants, and what they hand in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from json import dumps
from typing import Any

from benchmarks.load import post
from gradgrade.problems import Exercise, catalogue, solve
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people import roster
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.sets import problem_sets
from gradgrade.service.course.work import variants
from gradgrade.service.course.work.pregeneration import pregenerate
from gradgrade.service.jobs import workers
from gradgrade.service.store.identities import StudentId

SET, EXERCISE = "first-steps", "two-neurons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A student, with bodies to send.

    Args:
        name: the student's id.
        token: the student's.
        right: a submission that gets full marks.
        wrong: one with a mistake that is diagnosed.
    """

    name: str
    token: str
    right: bytes
    wrong: bytes


def furnish(backend: Backend, *, students: int) -> tuple[Actor, list[Pupil]]:
    """Publish the set, enrol students and pin their variants; the database is empty before."""
    with backend.store.writing() as connection:
        staff = open_course(connection, "course", now=backend.clock())
    whole = catalogue.load(SET)
    only = whole.model_copy(update={"exercises": [whole.exercise(EXERCISE)]})
    problem_sets.publish(backend, staff, only)
    names = [roster.Student(id=StudentId(f"s{number:05}")) for number in range(students)]
    enrolled = roster.enrol(backend, staff, SET, names)
    with workers(2) as run:
        pregenerate(backend, staff, SET, run)
    return staff, [_pupil(backend, staff, each.student.id, each.token) for each in enrolled]


def _pupil(backend: Backend, staff: Actor, name: str, token: str | None) -> Pupil:
    assert token is not None
    exercise = Exercise.from_json(variants.fetch(backend, staff, SET, EXERCISE, StudentId(name)))
    solution = solve(exercise)
    right = {part.name: solution[part.name].float64 for part in exercise.ask}
    last = exercise.ask[-1].name
    wrong = {**right, last: _negative(right[last])}
    return Pupil(name=name, token=token, right=_body(right), wrong=_body(wrong))


def _negative(value: Any) -> Any:
    return [_negative(each) for each in value] if isinstance(value, list) else -value


def _body(answers: dict[str, Any]) -> bytes:
    return dumps({"answers": answers}).encode()


def submissions(pupils: Sequence[Pupil], *, wrong_of_ten: int, tag: str) -> Iterator[bytes]:
    """Yield submissions of these students in turn, each under a key of its own.

    Args:
        pupils: the students.
        wrong_of_ten: how many of ten submissions are wrong.
        tag: what makes the keys differ from another client's.
    """
    path = f"/api/v1/problem-sets/{SET}/exercises/{EXERCISE}/submissions"
    for number in count():
        pupil = pupils[number % len(pupils)]
        is_wrong = number * 7 % 10 < wrong_of_ten
        body = pupil.wrong if is_wrong else pupil.right
        headers = {
            "Authorization": f"Bearer {pupil.token}",
            "Idempotency_Key": f"{tag}-{number}",
        }
        yield post(path, body, **headers)
