"""Trials: what a regrade would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from gradgrade.problems.grade import GRADER
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.regrades.piece_work import regrade
from gradgrade.service.course.regrades.pieces import ToDo, read_pieces, to_do
from gradgrade.service.course.regrades.record import TRIAL, Regrade, prevails
from gradgrade.service.course.regrades.report import Compared, Report, summed_up
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.jobs import Run
from gradgrade.service.store.identities import SubmissionRow
from gradgrade.service.store.joins import is_standing_verdict
from gradgrade.service.store.schema import students, submissions, variants, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialVerdict:
    """What a trial keeps of a verdict, which is little: there may be very many."""

    points: int
    outcome: str
    version: int


def try_out(
    backend: Backend,
    actor: Actor,
    name: str,
    run: Run,
    *,
    never_lower: bool = False,
    most: int | None = None,
) -> Report:
    """Return what a regrade would come to; nothing is kept.

    Args:
        backend: the backend.
        actor: who asks for it.
        name: the set's.
        run: who grades; see `gradgrade.service.jobs.workers`.
        never_lower: whether a verdict stays where the points would fall.
        most: how many submissions, or variants, there may be.

    Raises:
        NotFound: there is no such set.
        Conflict: there are more than `most`.
    """
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        trial = trial_of(held, never_lower=never_lower)
        wanted = to_do(connection, trial)
        check_size(wanted, name, most)
    given: dict[SubmissionRow, TrialVerdict | None] = {}
    for done in run(regrade, read_pieces(backend, trial, wanted)):
        given |= dict.fromkeys(done.unreadable)
        for each in done.verdicts:
            given[each.submission] = TrialVerdict(
                points=each.points, outcome=each.outcome, version=each.version
            )
    with backend.store.reading() as connection:
        return _report(connection, trial, given)


def trial_of(held: Held, *, never_lower: bool) -> Regrade:
    """Return the regrade of a set as it stands, of which nothing is kept."""
    return Regrade(
        row=TRIAL,
        id=None,
        problem_set_row=held.row,
        problem_set=held.problem_set.name,
        state=None,
        never_lower=never_lower,
        version=held.version,
        grader=GRADER,
        created_at=None,
        settled_at=None,
    )


def check_size(wanted: Sequence[ToDo], name: str, most: int | None) -> None:
    """Refuse what is too much for one request.

    Raises:
        Conflict: it is more than `most` submissions, or variants that nobody has answered.
    """
    alone = sum(submission is None for _, submission in wanted)
    for count, what in ((len(wanted) - alone, "submissions"), (alone, "unanswered variants")):
        if most is not None and count > most:
            raise Conflict(
                f"{count} {what} are to be regraded, more than the {most} of one request: "
                f"run `gradgrade regrade {name}` on the server"
            )


def _report(
    connection: Connection, trial: Regrade, given: Mapping[SubmissionRow, TrialVerdict | None]
) -> Report:
    """Return what the verdicts come to; None stands for a submission that cannot be graded."""
    rows = connection.execute(
        select(
            submissions.c.id,
            submissions.c.public_id,
            submissions.c.variant_id,
            students.c.student,
            variants.c.exercise,
            verdicts.c.points,
            verdicts.c.outcome,
        )
        .select_from(submissions)
        .join(verdicts, is_standing_verdict())
        .join(students, students.c.id == submissions.c.student_id)
        .join(variants, variants.c.id == submissions.c.variant_id)
        .where(submissions.c.problem_set_id == trial.problem_set_row)
        .order_by(submissions.c.id)
    )
    compared, unreadable = [], []
    for row in rows:
        if row.id not in given:
            continue  # it came in meanwhile
        if (new := given[row.id]) is None:
            unreadable.append(row.public_id)
        else:
            compared.append(_compared(trial, row, new))
    return summed_up(trial, compared, unreadable)


def _compared(trial: Regrade, row: Row[Any], new: TrialVerdict) -> Compared:
    stays = not prevails(new.points, row.points, never_lower=trial.never_lower)
    return Compared(
        submission=row.public_id,
        student=row.student,
        exercise=row.exercise,
        before=row.points,
        after=row.points if stays else new.points,
        outcome_before=row.outcome,
        outcome_after=row.outcome if stays else new.outcome,
        kept=row.variant_id if new.version < trial.version else None,
    )
