"""The policy of a set for one student: until when, how often, at what price, and what is told.

A student's own extension stands before what the set says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.problem_set import Feedback
from gradgrade.service.course.errors import Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What differs for a student; None where the set's own holds."""

    due: datetime | None = None
    late_until: datetime | None = None
    attempts: int | None = None


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
    """

    due: datetime | None
    late_until: datetime | None
    late_penalty: Fraction
    attempts: int | None
    feedback: Feedback
    after_due: Feedback | None

    @property
    def closes(self) -> datetime | None:
        """The last moment at which work is taken."""
        if self.due is None or self.late_until is None:
            return self.due
        return max(self.due, self.late_until)

    def is_late(self, received_at: datetime) -> bool:
        """Tell whether work of this moment is late.

        Raises:
            Closed: it is too late to be taken.
        """
        if self.closes is not None and received_at > self.closes:
            raise Closed(f"this problem set closed at {self.closes.isoformat()}")
        return self.due is not None and received_at > self.due

    def points(self, score: int, *, is_late: bool) -> int:
        """Return what is left of a score, in hundredths, rounded down."""
        return int(score * (1 - self.late_penalty)) if is_late else score

    def told(self, now: datetime) -> Feedback:
        """Return how much is told now."""
        is_over = self.closes is not None and now > self.closes
        return self.after_due if is_over and self.after_due is not None else self.feedback


def policy(problem_set: ProblemSet, extension: Extension) -> Policy:
    """Return what holds for a student with this extension.

    >>> from datetime import UTC
    >>> from gradgrade.problems.catalogue import load
    >>> own = policy(load("first-steps"), Extension(due=datetime(2026, 12, 1, tzinfo=UTC)))
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
    )
