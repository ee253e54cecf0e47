"""The policy of a set for one student: until when, how often, at what price, and what is told.

A student's own extension stands before what the set says. Every door asks here whether something is
late, and whether an attempt is left; which submissions spend one, their verdict says (`is_valid`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, select

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.problem_set import Feedback, Solutions
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.errors import Closed
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.store.identities import ProblemSetRow, StudentRow
from gradgrade.service.store.schema import enrolments


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What differs for a student; None where the set's own holds."""

    due: datetime | None = None
    late_until: datetime | None = None
    attempts: int | None = None

    @classmethod
    def of(cls, row: Row[Any]) -> Extension:
        """Return what a row with the columns of `EXTENSION` says; nulls where there is no such."""
        return cls(due=row.due, late_until=row.late_until, attempts=row.allowed)


EXTENSION = (enrolments.c.due, enrolments.c.late_until, enrolments.c.attempts.label("allowed"))
"""The columns to select for an extension: of an enrolment, joined or on its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds for a student.

    Args:
        due: until when work is on time, the moment itself included; None: always.
        late_until: until when late work is taken; None: none is.
        late_penalty: the share of the points that late work loses.
        attempts: how many an exercise has; None: any number.
        feedback: how much is told of a verdict.
        after_due: how much, once nothing more is taken; None: as before.
        solutions: when the worked solution of their own variant is shown.
        practice: whether they may try other numbers.
    """

    due: datetime | None
    late_until: datetime | None
    late_penalty: Fraction
    attempts: int | None
    feedback: Feedback
    after_due: Feedback | None
    solutions: Solutions
    practice: bool

    @property
    def closes(self) -> datetime | None:
        """The last moment at which work is taken."""
        if self.due is None or self.late_until is None:
            return self.due
        return max(self.due, self.late_until)

    def is_closed(self, now: datetime) -> bool:
        """Tell whether nothing more is taken."""
        return self.closes is not None and now > self.closes

    def is_late(self, received_at: datetime) -> bool:
        """Tell whether work of this moment is late.

        Raises:
            Closed: it is too late to be taken.
        """
        if self.closes is not None and self.is_closed(received_at):
            raise Closed(f"this problem set closed at {self.closes.isoformat()}")
        return self.due is not None and received_at > self.due

    def attempts_left(self, spent: int) -> int | None:
        """Return how many attempts are left at an exercise; None: any number."""
        return None if self.attempts is None else max(self.attempts - spent, 0)

    def check_attempts(self, spent: int) -> None:
        """Refuse another attempt where none is left.

        Raises:
            Closed: all are spent.
        """
        if self.attempts_left(spent) == 0:
            raise self.all_spent()

    def all_spent(self) -> Closed:
        """Return why nothing more is taken of whoever has spent all attempts."""
        return Closed(f"all {self.attempts} attempts at this exercise are spent")

    def points(self, score: int, *, is_late: bool) -> int:
        """Return what is left of a score, in hundredths, rounded down."""
        return int(score * (1 - self.late_penalty)) if is_late else score

    def told(self, now: datetime) -> Feedback:
        """Return how much is told now."""
        if self.after_due is not None and self.is_closed(now):
            return self.after_due
        return self.feedback

    def shows_solution(self, now: datetime, *, is_solved: bool) -> bool:
        """Tell whether the worked solution of an exercise is shown now.

        Args:
            now: the time.
            is_solved: whether an attempt at it was right as a whole.
        """
        if self.solutions == "never":
            return False
        return self.is_closed(now) or (is_solved and self.solutions == "after_full_marks")


def policy_of(problem_set: ProblemSet, extension: Extension) -> Policy:
    """Return what holds for a student with this extension.

    >>> from datetime import UTC
    >>> from gradgrade.problems.catalogue import load
    >>> own = policy_of(load("first-steps"), Extension(due=datetime(2026, 12, 1, tzinfo=UTC)))
    >>> own.is_late(datetime(2026, 12, 1, tzinfo=UTC)), own.attempts
    (False, None)
    """
    penalty = problem_set.late_penalty
    return Policy(
        due=extension.due or problem_set.due,
        late_until=extension.late_until or problem_set.late_until,
        late_penalty=Fraction(0) if penalty is None else Fraction(penalty.decimal()),
        attempts=extension.attempts or problem_set.attempts,
        feedback=problem_set.feedback,
        after_due=problem_set.after_due,
        solutions=problem_set.solutions,
        practice=problem_set.practice,
    )


def own_policies(connection: Connection, actor: Actor, sets: Sequence[Held]) -> list[Policy]:
    """Return what holds for whoever asks: a student's own policies, for all others the sets'.

    Args:
        connection: to the database.
        actor: who asks.
        sets: those that they may see.
    """
    extensions = {} if actor.student is None else _extensions(connection, actor.student.row, sets)
    return [policy_of(each.problem_set, extensions.get(each.row, Extension())) for each in sets]


def _extensions(
    connection: Connection, student: StudentRow, sets: Sequence[Held]
) -> dict[ProblemSetRow, Extension]:
    rows = connection.execute(
        select(enrolments.c.problem_set_id, *EXTENSION).where(
            enrolments.c.student_id == student,
            enrolments.c.problem_set_id.in_([each.row for each in sets]),
        )
    )
    return {row.problem_set_id: Extension.of(row) for row in rows}
