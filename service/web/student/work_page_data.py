"""What a page about one exercise of one student tells: read once, then only shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request

from gradgrade.problems import Exercise
from gradgrade.problems.documents.text import as_id
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Closed
from gradgrade.service.course.grades.standing import Standing, before_last, read_standings
from gradgrade.service.course.people.roster import student_on
from gradgrade.service.course.sets.policy import Policy, own_policies
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.course.work import submission_history, variants
from gradgrade.service.course.work.practice import can_be_practised
from gradgrade.service.course.work.submission_history import Recorded
from gradgrade.service.http.path import check_path
from gradgrade.service.store.identities import StudentId
from gradgrade.service.web.visit import Visit

MOST_LISTED = 50
"""How many of the latest submissions are listed."""


def student_asked_for(visit: Visit) -> StudentId | None:
    """Return the id of the student whom staff asks for; None: no one."""
    student = request.args.get("student", "").strip() if visit.actor.is_staff else ""
    check_path({"student": student})
    return StudentId(as_id(student)) if student else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPageData:
    """A student's work on an exercise.

    Args:
        held: the set.
        policy: what holds for the student.
        document: the variant's JSON.
        exercise: the variant.
        student: whose it is.
        called: what people call them.
        standing: what they have reached.
        earlier: their latest submissions, the newest first.
        closed: why nothing more is taken; None: it is.
        is_late: whether what is handed in now is late.
        now: the time.
    """

    held: Held
    policy: Policy
    document: str
    exercise: Exercise
    student: StudentId
    called: str
    standing: Standing
    earlier: Sequence[Recorded]
    closed: str | None
    is_late: bool
    now: datetime

    @property
    def shows_solution(self) -> bool:
        """Whether the worked solution is shown to the student now."""
        return self.policy.shows_solution(self.now, is_solved=self.standing.is_solved)

    @property
    def can_be_practised(self) -> bool:
        """Whether other numbers may be tried."""
        return can_be_practised(self.held, self.policy, self.exercise.name)

    @property
    def attempts_left(self) -> int | None:
        """How many attempts are left; None: any number."""
        return self.policy.attempts_left(self.standing.attempts)


def read_work_page(
    backend: Backend,
    actor: Actor,
    name: str,
    exercise: str,
    *,
    student: StudentId | None,
    now: datetime,
    draws: bool = True,
) -> WorkPageData:
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
        whose = actor.student
        if whose is None:
            assert student is not None
            whose = student_on(connection, actor, held.row, student)
        (policy,) = own_policies(connection, replace(actor, student=whose), [held])
        standing = read_standings(connection, held.row, whose.row).get(exercise, Standing())
        after = before_last(connection, held.row, whose.row, exercise, count=MOST_LISTED)
        earlier = submission_history.list_submissions(
            connection, actor, name, student=whose.id, exercise=exercise, after=after
        )
    closed, is_late = _is_open(policy, standing, now)
    return WorkPageData(
        held=held,
        policy=policy,
        document=document,
        exercise=variants.read_exercise(document),
        student=whose.id,
        called=whose.called,
        standing=standing,
        earlier=tuple(reversed(earlier)),
        closed=closed,
        is_late=is_late,
        now=now,
    )


def _is_open(policy: Policy, standing: Standing, now: datetime) -> tuple[str | None, bool]:
    """Return why nothing more is taken, if so, and whether what is taken is late."""
    is_late = True
    try:
        is_late = policy.is_late(now)
        policy.check_attempts(standing.attempts)
    except Closed as error:
        return str(error), is_late
    return None, is_late
