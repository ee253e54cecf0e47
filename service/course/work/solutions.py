"""Worked solutions: whether a student may see that of their own variant now."""

from __future__ import annotations

from datetime import datetime

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound, Withheld
from gradgrade.service.course.grades.standing import Standing, read_standings
from gradgrade.service.course.sets.policy import Policy, own_policies
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.course.work import variants
from gradgrade.service.store.identities import StudentId


def open_variant(
    backend: Backend,
    actor: Actor,
    name: str,
    exercise: str,
    student: StudentId | None,
    *,
    now: datetime,
) -> str:
    """Return the JSON of a variant whose worked solution whoever asks may see now.

    Staff may see it of every student at any time; a student their own, when the set shows it.

    Args:
        backend: the backend.
        actor: the student, or staff.
        name: the set's.
        exercise: the exercise's.
        student: the id of the student, where staff asks.
        now: the time.

    Raises:
        NotFound: there is no such set, exercise or student, or its solutions are never shown.
        Withheld: it is not shown yet.
        Unprocessable: staff does not say which student.
    """
    document = variants.fetch(backend, actor, name, exercise, student)
    if actor.student is not None:
        with backend.store.reading() as connection:
            held = find(connection, actor, name)
            (policy,) = own_policies(connection, actor, [held])
            own = read_standings(connection, held.row, actor.student.row)
        _check(policy, own.get(exercise, Standing()), exercise, now=now)
    return document


def _check(policy: Policy, standing: Standing, exercise: str, *, now: datetime) -> None:
    if policy.shows_solution(now, is_solved=standing.is_solved):
        return
    if policy.solutions == "never":
        raise NotFound(f"this problem set shows no worked solution of {exercise!r}")
    moments = []
    if policy.solutions == "after_full_marks":
        moments.append("after full marks")
    if policy.closes is not None:
        moments.append(f"after {policy.closes.isoformat()}")
    raise Withheld(f"the worked solution of {exercise!r} is shown {' or '.join(moments)}")
