"""The history of submissions, read back: one's own, or everybody's for staff."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.answers import submitted_answers
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.sets.feedback import as_told
from gradgrade.service.course.sets.policy import EXTENSION, Extension, policy_of
from gradgrade.service.course.sets.problem_sets import find, read_document
from gradgrade.service.store.identities import StudentId, SubmissionId, SubmissionRow
from gradgrade.service.store.joins import (
    is_current_version,
    is_own_enrolment,
    is_standing_verdict,
)
from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    problem_sets,
    students,
    submissions,
    variants,
    verdicts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A submission that was recorded, with the verdict that stands.

    Args:
        row: its row.
        id: what it is called.
        problem_set: the set's name.
        student: the student's id.
        exercise: the exercise's name.
        attempt: which attempt it spent; None: it was invalid and spent none.
        received_at: when it came.
        is_late: whether it was late.
        receipt: what was given for it.
        outcome: of the verdict.
        points: what is left of the score, in hundredths.
        max_score: in hundredths.
        body: what was sent; None in a listing.
        verdict: the document, as much as is told; None in a listing.
        grader: the version of the grader.
    """

    row: SubmissionRow
    id: SubmissionId
    problem_set: str
    student: StudentId
    exercise: str
    attempt: int | None
    received_at: datetime
    is_late: bool
    receipt: str
    outcome: str
    points: int
    max_score: int
    grader: str
    body: bytes | None = None
    verdict: dict[str, Any] | None = None


def listing(
    connection: Connection,
    actor: Actor,
    name: str,
    *,
    student: StudentId | None = None,
    exercise: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Recorded]:
    """Return submissions to a set from the one after row `after` on: one's own, or staff's all.

    Raises:
        NotFound: there is no such set for them.
    """
    held = find(connection, actor, name)
    wanted = _recorded(actor).where(
        submissions.c.problem_set_id == held.row, submissions.c.id > after
    )
    if student is not None:
        wanted = wanted.where(students.c.student == student)
    if exercise is not None:
        wanted = wanted.where(variants.c.exercise == exercise)
    return [
        _as_recorded(row)
        for row in connection.execute(wanted.order_by(submissions.c.id).limit(limit))
    ]


def read(backend: Backend, actor: Actor, identity: SubmissionId) -> Recorded:
    """Return a submission whole, the verdict as far as the set's feedback tells it.

    Raises:
        NotFound: there is none for them.
    """
    wanted = _recorded(actor).where(submissions.c.public_id == identity)
    wanted = wanted.add_columns(
        submissions.c.body,
        verdicts.c.document,
        problem_set_versions.c.document.label("definition"),
        *EXTENSION,
    )
    with backend.store.reading() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"there is no submission {identity!r}")
    verdict: dict[str, Any] = json.loads(row.document)
    if not actor.is_staff:
        own = policy_of(read_document(row.definition), Extension.of(row))
        verdict = as_told(verdict, own.told(backend.clock()))
    return replace(_as_recorded(row), body=row.body, verdict=verdict)


def readable_answers(recorded: Recorded) -> dict[str, Any] | None:
    """Return the answers in a submission that was read whole; None where they cannot be read."""
    assert recorded.body is not None
    try:
        return submitted_answers(recorded.body)
    except DocumentError:
        return None


def _recorded(actor: Actor) -> Select[Any]:
    wanted = (
        select(
            submissions.c.id.label("row"),
            submissions.c.public_id.label("id"),
            problem_sets.c.name.label("problem_set"),
            students.c.student,
            variants.c.exercise,
            submissions.c.attempt,
            submissions.c.received_at,
            submissions.c.is_late,
            submissions.c.receipt,
            verdicts.c.outcome,
            verdicts.c.points,
            verdicts.c.max_score,
            verdicts.c.grader,
        )
        .join(verdicts, is_standing_verdict())
        .join(students, students.c.id == submissions.c.student_id)
        .join(variants, variants.c.id == submissions.c.variant_id)
        .join(problem_sets, problem_sets.c.id == submissions.c.problem_set_id)
        .join(problem_set_versions, is_current_version())
        .outerjoin(enrolments, is_own_enrolment())
        .where(problem_sets.c.course_id == actor.course_row)
    )
    return wanted if actor.is_staff else wanted.where(submissions.c.student_id == actor.student_row)


def _as_recorded(row: Row[Any]) -> Recorded:
    names = set(Recorded.__dataclass_fields__) - {"body", "verdict"}
    return Recorded(**{name: getattr(row, name) for name in names})
