"""A course filled: sets published, students enrolled, a week of work handed in, all by the core."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from gradgrade.problems import Answers, ProblemSet, catalogue
from gradgrade.problems.documents import strict_json
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.intake import Received
from gradgrade.service.course.work.pregeneration import pregenerate
from gradgrade.service.course.work.submissions import submit
from gradgrade.service.course.work.variants import fetch, read_exercise
from gradgrade.service.example_course.answers import answers_to
from gradgrade.service.example_course.cohort import (
    ATTEMPTS,
    Assigned,
    Attempt,
    Member,
    attempts,
    members,
)
from gradgrade.service.store.identities import StudentId

COURSE = "example"

SETS = (
    Assigned(
        name="first-steps",
        exercises=("two-neurons", "tanh-rows", "two-steps"),
        begins=timedelta(days=7),
        ends=timedelta(days=2, hours=1),
        due=timedelta(days=-2),
    ),
    Assigned(
        name="losses-and-activations",
        exercises=("huber", "yes-or-no"),
        begins=timedelta(days=3),
        ends=timedelta(minutes=5),
        due=timedelta(days=4),
    ),
)
"""One set that is closed, and one that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A course that is ready to be worked in.

    Args:
        instructor: the instructor's token.
        students: the students' tokens, by their ids.
        work: what is to be handed in.
    """

    instructor: str
    students: Mapping[StudentId, str]
    work: Sequence[Attempt]


def secret_of(seed: str) -> str:
    """Return the secret of a course to look at: who knows the seed knows it."""
    return sha256(f"example course {seed}".encode()).hexdigest()


def open_example(
    backend: Backend, seed: str, *, now: datetime, sets: Sequence[Assigned] = SETS
) -> Opened:
    """Publish the sets, enrol the students, and draw their numbers.

    Args:
        backend: of an empty database.
        seed: another one, other numbers, students and work.
        now: the time; the week that has passed by then begins seven days before.
        sets: what the students work.
    """
    began = now - timedelta(days=8)
    then = replace(backend, clock=lambda: began)
    people = members(seed)
    with backend.store.writing() as connection:
        actor = open_course(connection, COURSE, now=began)
        _, instructor = create_token(connection, actor, role="instructor", now=began)
    for assigned in sets:
        publish(then, actor, _problem_set(assigned, now=now))
    tokens = _enrolled(then, actor, people, sets)
    for assigned in sets:
        # All at once, which takes a tenth of what each by itself would.
        pregenerate(then, actor, assigned.name, map)
    return Opened(
        instructor=instructor,
        students=tokens,
        work=attempts(seed, people, sets),
    )


def hand_in(backend: Backend, opened: Opened, work: Iterable[Attempt], *, now: datetime) -> None:
    """Have students hand in what they made, each at its time.

    Args:
        backend: of the course.
        opened: the course.
        work: of `opened.work`, in its order.
        now: the time that `open_example` was told.
    """
    actors = {student: authenticate(backend, token) for student, token in opened.students.items()}
    for each in work:
        student = StudentId(each.member.id)
        _hand_in(backend, actors[student], each, at=now - each.before)


def _hand_in(backend: Backend, actor: Actor, attempt: Attempt, *, at: datetime) -> None:
    then = replace(backend, clock=lambda: at)
    place = attempt.problem_set, attempt.exercise
    exercise = read_exercise(fetch(then, actor, *place, student=None))
    answers = answers_to(exercise, attempt.kind, attempt.pick)
    body = json.dumps({"answers": answers}).encode()
    received = Received(
        problem_set=attempt.problem_set,
        exercise=attempt.exercise,
        body=body,
        answers=Answers.from_submission(strict_json.loads(body)),
        key=None,
        received_at=at,
    )
    submit(then, actor, received)


def _problem_set(assigned: Assigned, *, now: datetime) -> ProblemSet:
    whole = catalogue.load(assigned.name)
    due = (now + assigned.due).replace(second=0, microsecond=0)
    return whole.model_copy(
        update={
            "exercises": [whole.exercise(name) for name in assigned.exercises],
            "due": due,
            "attempts": ATTEMPTS,
            "solutions": "after_full_marks",
            "practice": True,
        }
    )


def _enrolled(
    backend: Backend, actor: Actor, people: Sequence[Member], sets: Sequence[Assigned]
) -> dict[StudentId, str]:
    roster = [Student(id=StudentId(each.id), name=each.name, email=each.email) for each in people]
    tokens: dict[StudentId, str] = {}
    for assigned in sets:
        for each in enrol(backend, actor, assigned.name, roster):
            if each.token is not None:
                tokens[each.student.id] = each.token
    return tokens
