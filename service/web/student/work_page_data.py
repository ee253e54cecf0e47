"""What a page about one exercise of one student tells: read once, then only shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from gradgrade.problems import Exercise
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Closed
from gradgrade.service.course.grades.standing import Standing, before_last, standings
from gradgrade.service.course.people.roster import student_on
from gradgrade.service.course.sets.own_policy import own_policies
from gradgrade.service.course.sets.policy import Policy
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.course.work import submission_history as handed_in
from gradgrade.service.course.work import variants
from gradgrade.service.course.work.submission_history import Kept

MOST_LISTED = 50
"""How many of the latest submissions are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A student's work on an exercise.

    Args:
        held: the set.
        policy: what holds for the student.
        document: the variant's JSON.
        exercise: the variant.
        student: whose it is.
        standing: what they have reached.
        earlier: their latest submissions, the newest first.
        closed: why nothing more is taken; None: it is.
        is_late: whether what is handed in now is late.
    """

    held: Held
    policy: Policy
    document: str
    exercise: Exercise
    student: str
    standing: Standing
    earlier: Sequence[Kept]
    closed: str | None
    is_late: bool

    @property
    def attempts_left(self) -> int | None:
        """How many attempts are left; None: any number."""
        if self.policy.attempts is None:
            return None
        return max(self.policy.attempts - self.standing.attempts, 0)


def approach(
    backend: Backend,
    actor: Actor,
    name: str,
    exercise: str,
    *,
    student: str | None,
    now: datetime,
    draws: bool = True,
) -> Desk:
    """Return a student's work on an exercise; the variant is pinned if it was not.

    Args:
        backend: the backend.
        actor: the student, or staff.
        name: the set's.
        exercise: the exercise's.
        student: the id of the student, where staff asks.
        now: the time.
        draws: whether numbers are drawn where there are none yet.

    Raises:
        NotFound: there is no such set, exercise or student, or it is not theirs.
        Unprocessable: staff does not say which student.
        Conflict: nothing is to be drawn, and the exercise was never fetched.
        ExerciseError: no variant can be issued.
    """
    document = variants.fetch(backend, actor, name, exercise, student, draws=draws)
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        whose = actor
        if actor.student is None:
            assert student is not None
            row = student_on(connection, actor, held.id, student)
            whose = replace(actor, student=row, student_name=student)
        assert whose.student is not None
        assert whose.student_name is not None
        (policy,) = own_policies(connection, whose, [held])
        standing = standings(connection, held.id, whose.student).get(exercise, Standing())
        after = before_last(connection, held.id, whose.student, exercise, count=MOST_LISTED)
        earlier = handed_in.listing(
            connection, actor, name, student=whose.student_name, exercise=exercise, after=after
        )
    closed, is_late = _is_open(policy, standing, now)
    return Desk(
        held=held,
        policy=policy,
        document=document,
        exercise=read_exercise(document),
        student=whose.student_name,
        standing=standing,
        earlier=tuple(reversed(earlier)),
        closed=closed,
        is_late=is_late,
    )


@lru_cache(maxsize=256)
def read_exercise(document: str) -> Exercise:
    """Return an exercise as it was stored; a variant never changes."""
    return Exercise.from_json(document)


def _is_open(policy: Policy, standing: Standing, now: datetime) -> tuple[str | None, bool]:
    """Return why nothing more is taken, if so, and whether what is taken is late."""
    try:
        is_late = policy.is_late(now)
    except Closed as error:
        return str(error), True
    if policy.attempts is not None and standing.attempts >= policy.attempts:
        return f"all {policy.attempts} attempts at this exercise are spent", is_late
    return None, is_late
