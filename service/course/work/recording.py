"""Recording: a submission graded, and in one transaction kept with the attempt that it spends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, or_, select, update

from gradgrade.problems import Exercise, Verdict
from gradgrade.problems.documents.points import as_score, hundredths_of
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import AnswerKey
from gradgrade.problems.marking.marker import Marker
from gradgrade.service.bounds import MOST_INVALID
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Closed, NotFound
from gradgrade.service.course.part_summaries import write_parts
from gradgrade.service.course.work.explaining import explaining
from gradgrade.service.course.work.intake import Intake, Received
from gradgrade.service.course.work.receipts import receipt_of
from gradgrade.service.course.work.reply import Reply, reply_text
from gradgrade.service.course.work.variants import read_exercise
from gradgrade.service.store.identities import SubmissionId, SubmissionRow
from gradgrade.service.store.prepared import execute
from gradgrade.service.store.schema import submissions, variants, verdicts


class RegradedMeanwhile(Exception):
    """The variant was regraded between grading and recording: the verdict is an old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A submission that was graded, and is to be recorded; points are in hundredths.

    Args:
        received: what came.
        intake: what it was graded under.
        verdict: what grading says.
        is_late: whether it was late.
        score: of the verdict.
        points: what is left of the score.
        submission: what it will be called.
        receipt: what is given for it.
    """

    received: Received
    intake: Intake
    verdict: Verdict
    is_late: bool
    score: int
    points: int
    submission: SubmissionId
    receipt: str


def grade(backend: Backend, received: Received, intake: Intake, *, is_late: bool) -> Graded:
    """Grade a submission.

    Args:
        backend: whose secret the receipt is made with.
        received: what came.
        intake: what it is graded under.
        is_late: whether it is late.

    Raises:
        DocumentError: the answers are refused whole.
    """
    verdict = _verdict(backend, received, intake)
    submission = SubmissionId(secrets.token_hex(16))
    score = hundredths_of(verdict.score)
    return Graded(
        received=received,
        intake=intake,
        verdict=verdict,
        is_late=is_late,
        score=score,
        points=intake.policy.points(score, is_late=is_late),
        submission=submission,
        receipt=receipt_of(
            backend.secret,
            submission=submission,
            received_at=received.received_at,
            problem_set=received.problem_set,
            exercise=received.exercise,
            body=received.body,
        ),
    )


def _verdict(backend: Backend, received: Received, intake: Intake) -> Verdict:
    """Return the verdict on what came; the exercise itself is read where something is wrong."""
    text = f"{len(intake.document)} {intake.document}{intake.answer_key}"
    variant = sha256(text.encode()).digest()

    def exercise() -> Exercise:
        return read_exercise(intake.document)

    def marker() -> Marker:
        return Grader(exercise(), key=AnswerKey.from_json(intake.answer_key)).marker

    explain = explaining(backend, variant, exercise)
    return backend.markers.get(variant, marker).verdict(received.answers, explain)


def record(connection: Connection, *, actor: Actor, graded: Graded) -> Reply:
    """Spend the attempt and keep everything; where anything is raised, nothing of it is kept.

    Raises:
        Closed: all attempts are spent, or enough malformed answers are kept.
        RegradedMeanwhile: the variant is another by now.
        IntegrityError: something is kept under the same key.
    """
    is_valid = graded.verdict.is_valid
    spent = _spend(connection, graded.intake, is_valid)
    if not is_valid:
        _check_invalids(connection, graded.intake)
    attempt = spent if is_valid else None
    members = _members(graded, attempt=attempt, spent=spent)
    told = graded.intake.policy.told(graded.received.received_at)
    values = _submission_columns(actor, graded, attempt)
    if graded.received.key is not None:
        values |= {"request": graded.received.digest, "reply": members, "told": told}
    row = SubmissionRow(execute(connection, _RECORD, values).id)
    execute(connection, _RECORD_VERDICT, _verdict_columns(graded, row))
    return Reply(
        submission=graded.submission,
        is_valid=is_valid,
        outcome=graded.verdict.outcome,
        text=reply_text(members, graded.verdict.line, told),
    )


def _members(graded: Graded, *, attempt: int | None, spent: int) -> str:
    """Return what is replied, but for the verdict."""
    received = graded.received
    members = {
        "submission": graded.submission,
        "attempt": attempt,
        "attempts_left": graded.intake.policy.attempts_left(spent),
        "score": as_score(graded.points),
        "max_score": graded.verdict.max_score,
        "received_at": received.received_at.isoformat(),
        "late": graded.is_late,
        "receipt": graded.receipt,
    }
    return json.dumps(members)


def _submission_columns(actor: Actor, graded: Graded, attempt: int | None) -> dict[str, Any]:
    return {
        "public_id": graded.submission,
        "problem_set_id": graded.intake.problem_set,
        "student_id": actor.student_row,
        "variant_id": graded.intake.variant,
        "attempt": attempt,
        "received_at": graded.received.received_at,
        "body": graded.received.body,
        "is_late": graded.is_late,
        "receipt": graded.receipt,
        "key": graded.received.key,
        "request": None,
        "reply": None,
        "told": None,
    }


def _verdict_columns(graded: Graded, row: SubmissionRow) -> dict[str, Any]:
    return {
        "submission_id": row,
        "regrade_id": None,
        "stands": True,
        "grader": GRADER,
        "version": graded.intake.version,
        "created_at": graded.received.received_at,
        "outcome": graded.verdict.outcome,
        "first_error": graded.verdict.first_error,
        "score": graded.score,
        "max_score": hundredths_of(graded.verdict.max_score),
        "points": graded.points,
        "document": graded.verdict.line,
        "parts": write_parts(graded.verdict),
    }


def _columns_of(table: Table) -> Mapping[str, Any]:
    """Return a parameter for every column but the number, which the database gives."""
    return {
        each.name: bindparam(each.name, type_=each.type) for each in table.c if each.name != "id"
    }


_RECORD = insert(submissions).values(_columns_of(submissions)).returning(submissions.c.id)
_RECORD_VERDICT = insert(verdicts).values(_columns_of(verdicts)).inline()


def _spend(connection: Connection, intake: Intake, count: int) -> int:
    """Spend so many attempts, and return how many are spent; the variant then stays as it is.

    Raises:
        NotFound: the set was removed meanwhile.
        Closed: none is left.
        RegradedMeanwhile: the variant is another by now.
    """
    values = {
        "variant": intake.variant,
        "graded": intake.version,
        "count": int(count),
        "most": intake.policy.attempts,
    }
    spent = execute(connection, _SPEND, values)
    if spent is None:
        version = connection.execute(_VERSION, values).scalar_one_or_none()
        if version is None:
            raise NotFound("this problem set was removed")
        if version != intake.version:
            raise RegradedMeanwhile
        raise intake.policy.all_spent()
    return int(spent.attempts)


def _check_invalids(connection: Connection, intake: Intake) -> None:
    """Refuse another malformed submission where enough are kept; the variant is held by now."""
    kept = connection.execute(_INVALIDS, {"variant": intake.variant}).scalar_one()
    if kept >= MOST_INVALID:
        raise Closed(
            f"answers: a part is malformed, and {kept} malformed submissions to this exercise are "
            "kept already; `gradgrade answers` writes a file in the right shapes"
        )


_INVALIDS = select(func.count()).where(
    submissions.c.variant_id == bindparam("variant"), submissions.c.attempt.is_(None)
)
_MOST = bindparam("most", type_=variants.c.attempts.type)
_AFTERWARDS = variants.c.attempts + bindparam("count", type_=variants.c.attempts.type)
_SPEND = (
    update(variants)
    .where(
        variants.c.id == bindparam("variant"),
        variants.c.version == bindparam("graded"),
        or_(_MOST.is_(None), _AFTERWARDS <= _MOST),
    )
    .values(attempts=_AFTERWARDS)
    .returning(variants.c.attempts)
)
_VERSION = select(variants.c.version).where(variants.c.id == bindparam("variant"))
