"""Intake: what holds before a submission is taken, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any

from sqlalchemy import Row, bindparam, select

from gradgrade.problems import Answers
from gradgrade.service.bounds import BYTES_AN_ENTRY, SHORT_BODY
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.sets.policy import EXTENSION, Extension, Policy, policy_of
from gradgrade.service.course.sets.problem_sets import Held, find, read_document, template_of
from gradgrade.service.course.work.receipts import digest_of
from gradgrade.service.course.work.reply import reply_text
from gradgrade.service.course.work.variants import pin_undrawn
from gradgrade.service.store.identities import ProblemSetRow, SubmissionId, VariantRow
from gradgrade.service.store.joins import is_current_version
from gradgrade.service.store.prepared import execute
from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    problem_sets,
    submissions,
    variants,
    verdicts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A submission as it arrives.

    Args:
        problem_set: the set's name.
        exercise: the exercise's name.
        body: the request's body.
        answers: what it holds.
        key: what the request is known by when it is sent again.
        received_at: when it came.
    """

    problem_set: str
    exercise: str
    body: bytes
    answers: Answers
    key: str | None
    received_at: datetime

    @property
    def digest(self) -> bytes:
        """Equal where the request is."""
        return digest_of(self.problem_set, self.exercise, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was replied under the same key before, to a valid submission or an invalid one."""

    submission: SubmissionId
    request: bytes
    is_valid: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a submission answers, and what holds for it: nothing of it is taken yet.

    Args:
        problem_set: the set's row.
        version: of the set that the variant stands under.
        variant: the variant's row.
        document: the variant's JSON.
        answer_key: what is accepted, as JSON.
        attempts: how many are spent.
        policy: what holds for the student.
        earlier: what was replied under the same key before.
    """

    problem_set: ProblemSetRow
    version: int
    variant: VariantRow
    document: str
    answer_key: str
    attempts: int
    policy: Policy
    earlier: Earlier | None


def read_intake(backend: Backend, actor: Actor, received: Received) -> Intake:
    """Return what the student answers: what was fetched, or given to everybody alike.

    Raises:
        NotFound: there is no such set or exercise for this student.
        Conflict: the exercise was never fetched, and its numbers would have to be drawn.
    """
    named = {
        "course": actor.course_row,
        "name": received.problem_set,
        "exercise": received.exercise,
        "student": actor.student_row,
        "key": received.key,
    }
    for _ in range(2):
        with backend.store.reading() as connection:
            row = execute(connection, _INTAKE, named)
        if row is None:
            raise NotFound(f"there is no problem set {received.problem_set!r}")
        if row.variant is not None:
            return _intake(row)
        held = Held(row=row.id, version=row.version, problem_set=read_document(row.definition))
        assert actor.student is not None
        pin_undrawn(backend, actor, held, exercise=received.exercise, student=actor.student)
    raise NotFound(f"there is no exercise {received.exercise!r}")


def most_body_bytes(backend: Backend, actor: Actor, name: str, exercise: str) -> int:
    """Return how long a submission to an exercise may be.

    Raises:
        NotFound: there is no such set or exercise for this student.
    """
    with backend.store.reading() as connection:
        template = template_of(find(connection, actor, name), exercise)
    return SHORT_BODY + BYTES_AN_ENTRY * sum(prod(part.shape) for part in template.ask)


_FIRST = verdicts.alias("first")

_INTAKE = (
    select(
        problem_sets.c.id,
        problem_sets.c.version,
        problem_set_versions.c.document.label("definition"),
        *EXTENSION,
        variants.c.id.label("variant"),
        variants.c.version.label("variant_version"),
        variants.c.document,
        variants.c.answer_key,
        variants.c.attempts,
        submissions.c.public_id,
        submissions.c.request,
        submissions.c.attempt,
        submissions.c.reply,
        submissions.c.told,
        _FIRST.c.document.label("verdict"),
    )
    .join(problem_set_versions, is_current_version())
    .join(
        enrolments,
        (enrolments.c.problem_set_id == problem_sets.c.id)
        & (enrolments.c.student_id == bindparam("student")),
    )
    .outerjoin(
        variants,
        (variants.c.problem_set_id == problem_sets.c.id)
        & (variants.c.exercise == bindparam("exercise"))
        & (variants.c.student_id == enrolments.c.student_id),
    )
    .outerjoin(
        submissions,
        (submissions.c.student_id == enrolments.c.student_id)
        & (submissions.c.key == bindparam("key")),
    )
    .outerjoin(_FIRST, (_FIRST.c.submission_id == submissions.c.id) & _FIRST.c.regrade_id.is_(None))
    .where(
        problem_sets.c.course_id == bindparam("course"), problem_sets.c.name == bindparam("name")
    )
)


def _intake(row: Row[Any]) -> Intake:
    earlier = None
    if row.request is not None:
        earlier = Earlier(
            submission=row.public_id,
            request=row.request,
            is_valid=row.attempt is not None,
            text=reply_text(row.reply, row.verdict, row.told),
        )
    return Intake(
        problem_set=row.id,
        version=row.variant_version,
        variant=row.variant,
        document=row.document,
        answer_key=row.answer_key,
        attempts=row.attempts,
        policy=policy_of(read_document(row.definition), Extension.of(row)),
        earlier=earlier,
    )
