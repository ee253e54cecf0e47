"""What regrades change: the verdicts that stood before, beside those that stand after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from gradgrade.problems.documents.points import as_score
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.regrades.record import Regrade, find_regrade
from gradgrade.service.store.identities import (
    RegradeId,
    StudentId,
    SubmissionId,
    VariantRow,
    VerdictRow,
)
from gradgrade.service.store.schema import regrades, students, submissions, variants, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The verdicts on a submission before and after; points are in hundredths.

    Args:
        submission: its public id.
        student: the student's id.
        exercise: the exercise's name.
        before: the points that stood.
        after: the points that stand now.
        outcome_before: the outcome that stood.
        outcome_after: the outcome that stands now.
        kept: the row of the variant, where it keeps its own definition; else None.
    """

    submission: SubmissionId
    student: StudentId
    exercise: str
    before: int
    after: int
    outcome_before: str
    outcome_after: str
    kept: VariantRow | None

    @property
    def is_changed(self) -> bool:
        """Whether the points or the outcome are others."""
        return (self.before, self.outcome_before) != (self.after, self.outcome_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a regrade comes to.

    Args:
        regrade: which one.
        submissions: how many it graded.
        changed: how many of them have other points or another outcome.
        higher: how many have more points.
        lower: how many have fewer.
        kept: how many variants that were answered keep their own definition.
        changes: those that are changed.
        unreadable: the public ids of those that were there and could not be graded; their verdicts
            stay. Told when it has come to its end.
    """

    regrade: Regrade
    submissions: int
    changed: int
    higher: int
    lower: int
    kept: int
    changes: Sequence[Compared]
    unreadable: Sequence[SubmissionId]

    def to_data(self) -> dict[str, Any]:
        """Return the report as JSON's data."""
        counts = ("submissions", "changed", "higher", "lower", "kept")
        return {
            **self.regrade.to_data(),
            **{name: getattr(self, name) for name in counts},
            "changes": [_change(each) for each in self.changes],
            "unreadable": list(self.unreadable),
        }


def _change(compared: Compared) -> dict[str, Any]:
    return {
        "submission": compared.submission,
        "student": compared.student,
        "exercise": compared.exercise,
        "before": as_score(compared.before),
        "after": as_score(compared.after),
        "outcome_before": compared.outcome_before,
        "outcome_after": compared.outcome_after,
    }


def summed_up(
    regrade: Regrade, compared: Iterable[Compared], unreadable: Sequence[SubmissionId] = ()
) -> Report:
    """Return the report of a regrade."""
    all_of_them = list(compared)
    changes = [each for each in all_of_them if each.is_changed]
    return Report(
        regrade=regrade,
        submissions=len(all_of_them),
        changed=len(changes),
        higher=sum(each.after > each.before for each in changes),
        lower=sum(each.after < each.before for each in changes),
        kept=len({each.kept for each in all_of_them} - {None}),
        changes=changes,
        unreadable=unreadable,
    )


def read(connection: Connection, actor: Actor, identity: RegradeId) -> Report:
    """Return a regrade and what it changed, or will change where it still runs.

    Raises:
        NotFound: the course has no such regrade.
    """
    return read_report(connection, find_regrade(connection, actor, identity))


def read_report(connection: Connection, regrade: Regrade) -> Report:
    """Return what a regrade that is kept comes to, as far as it has come."""
    left = () if regrade.state == "running" else _left(connection, regrade)
    return summed_up(regrade, _compared(connection, regrade), left)


def _left(connection: Connection, regrade: Regrade) -> Sequence[SubmissionId]:
    """Return what was there when a regrade began, and has no verdict of it at its end."""
    graded = select(verdicts.c.id).where(
        verdicts.c.submission_id == submissions.c.id, verdicts.c.regrade_id == regrade.row
    )
    left = (
        select(submissions.c.public_id)
        .join(regrades, regrades.c.problem_set_id == submissions.c.problem_set_id)
        .where(
            regrades.c.id == regrade.row,
            submissions.c.id <= regrades.c.last_submission,
            ~graded.exists(),
        )
        .order_by(submissions.c.id)
    )
    return connection.execute(left).scalars().all()


def _compared(connection: Connection, regrade: Regrade) -> Iterator[Compared]:
    rows = connection.execute(_histories(regrade))
    for _, verdicts_on_one in groupby(rows, key=attrgetter("submission_id")):
        *earlier, own = verdicts_on_one
        before = standing(earlier)
        after = standing([*earlier, own])
        yield Compared(
            submission=own.public_id,
            student=own.student,
            exercise=own.exercise,
            before=before.points,
            after=after.points,
            outcome_before=before.outcome,
            outcome_after=after.outcome,
            kept=own.variant_id if own.version < regrade.version else None,
        )


def standing(given: Iterable[Row[Any]]) -> Row[Any]:
    """Return which of the verdicts on a submission stands.

    Args:
        given: the verdicts, the oldest first, each with its `points` and whether its regrade was
            to `never_lower` them.
    """
    found, *later = given
    for each in later:
        if not each.never_lower or each.points >= found.points:
            found = each
    return found


def _histories(regrade: Regrade) -> Select[Any]:
    """Select, up to this regrade's own, the verdicts that count on each submission it graded."""
    graded = select(verdicts.c.submission_id).where(verdicts.c.regrade_id == regrade.row)
    counts = or_(
        verdicts.c.regrade_id.is_(None),
        verdicts.c.regrade_id == regrade.row,
        and_(regrades.c.id < regrade.row, regrades.c.state == "applied"),
    )
    return (
        select(
            verdicts.c.id,
            verdicts.c.submission_id,
            verdicts.c.regrade_id,
            verdicts.c.points,
            verdicts.c.outcome,
            verdicts.c.version,
            regrades.c.never_lower,
            submissions.c.public_id,
            submissions.c.variant_id,
            students.c.student,
            variants.c.exercise,
        )
        .select_from(verdicts)
        .join(submissions, submissions.c.id == verdicts.c.submission_id)
        .join(students, students.c.id == submissions.c.student_id)
        .join(variants, variants.c.id == submissions.c.variant_id)
        .outerjoin(regrades, regrades.c.id == verdicts.c.regrade_id)
        .where(verdicts.c.submission_id.in_(graded), counts)
        .order_by(verdicts.c.submission_id, verdicts.c.id)
    )


def stood_before(connection: Connection, regrade: Regrade) -> Iterator[VerdictRow]:
    """Yield the verdicts that stood before a regrade, of those submissions where its own stands."""
    rows = connection.execute(_histories(regrade)).all()
    for _, verdicts_on_one in groupby(rows, key=attrgetter("submission_id")):
        *earlier, own = verdicts_on_one
        before = standing(earlier)
        if standing([before, own]) is own:
            yield before.id
