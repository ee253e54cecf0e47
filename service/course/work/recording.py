"""Keeping: a submission graded, and in one transaction kept with the attempt that it spends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, or_, select, update

from gradgrade.problems import Exercise, Verdict
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import AnswerKey
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Closed, NotFound
from gradgrade.service.course.work.intake import Desk, Handed
from gradgrade.service.course.work.receipts import receipt_of
from gradgrade.service.course.work.reply import Reply, reply_text
from gradgrade.service.store.prepared import run
from gradgrade.service.store.schema import submissions, variants, verdicts

CACHED_GRADERS = 512


class Regraded(Exception):
    """The variant was regraded between the grading and the keeping: the verdict is an old one."""


@lru_cache(maxsize=CACHED_GRADERS)
def grader(document: str, key: str) -> Grader:
    """Return the grader of a variant."""
    return Grader(Exercise.from_json(document), key=AnswerKey.from_json(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A submission that was graded, and is to be kept; points are in hundredths.

    Args:
        handed: what came.
        desk: what it was graded under.
        verdict: what grading says.
        is_late: whether it was late.
        score: of the verdict.
        points: what is left of the score.
        submission: what it will be called.
        receipt: what is given for it.
    """

    handed: Handed
    desk: Desk
    verdict: Verdict
    is_late: bool
    score: int
    points: int
    submission: str
    receipt: str

    @property
    def is_valid(self) -> bool:
        """Whether it spends an attempt."""
        return self.verdict.outcome != "invalid"


def graded_at(backend: Backend, handed: Handed, desk: Desk, *, is_late: bool) -> Graded:
    """Grade a submission.

    Args:
        backend: whose secret the receipt is made with.
        handed: what came.
        desk: what it is graded under.
        is_late: whether it is late.

    Raises:
        DocumentError: the answers are refused whole.
    """
    verdict = grader(desk.document, desk.answer_key).grade(handed.answers)
    submission = secrets.token_hex(16)
    score = round(100 * verdict.score)
    return Graded(
        handed=handed,
        desk=desk,
        verdict=verdict,
        is_late=is_late,
        score=score,
        points=desk.policy.points(score, is_late=is_late),
        submission=submission,
        receipt=receipt_of(
            backend.secret,
            submission=submission,
            received_at=handed.received_at,
            problem_set=handed.problem_set,
            exercise=handed.exercise,
            body=handed.body,
        ),
    )


def take(connection: Connection, *, actor: Actor, graded: Graded) -> Reply:
    """Spend the attempt and keep everything; where anything is raised, nothing of it is kept.

    Raises:
        Closed: all attempts are spent.
        Regraded: the variant is another by now.
        IntegrityError: something is kept under the same key.
    """
    spent = _spend(connection, graded.desk, graded.is_valid)
    attempt = spent if graded.is_valid else None
    members = _members(graded, attempt=attempt, spent=spent)
    told = graded.desk.policy.told(graded.handed.received_at)
    values = _submission_row(actor, graded, attempt)
    if graded.handed.key is not None:
        values |= {"request": graded.handed.digest, "reply": members, "told": told}
    row = run(connection, _KEEP, values).id
    run(connection, _KEEP_VERDICT, _verdict_row(graded, row))
    return Reply(
        submission=graded.submission,
        is_valid=graded.is_valid,
        outcome=graded.verdict.outcome,
        text=reply_text(members, graded.verdict.line, told),
    )


def _members(graded: Graded, *, attempt: int | None, spent: int) -> str:
    """Return what is replied, but for the verdict."""
    handed, policy = graded.handed, graded.desk.policy
    left = None if policy.attempts is None else max(policy.attempts - spent, 0)
    members = {
        "submission": graded.submission,
        "attempt": attempt,
        "attempts_left": left,
        "score": as_score(graded.points),
        "max_score": graded.verdict.max_score,
        "received_at": handed.received_at.isoformat(),
        "late": graded.is_late,
        "receipt": graded.receipt,
    }
    return json.dumps(members)


def _submission_row(actor: Actor, graded: Graded, attempt: int | None) -> dict[str, Any]:
    return {
        "public_id": graded.submission,
        "problem_set_id": graded.desk.problem_set,
        "student_id": actor.student,
        "variant_id": graded.desk.variant,
        "attempt": attempt,
        "received_at": graded.handed.received_at,
        "body": graded.handed.body,
        "is_late": graded.is_late,
        "receipt": graded.receipt,
        "key": graded.handed.key,
        "request": None,
        "reply": None,
        "told": None,
    }


def _verdict_row(graded: Graded, row: int) -> dict[str, Any]:
    return {
        "submission_id": row,
        "regrade_id": None,
        "stands": True,
        "grader": GRADER,
        "version": graded.desk.version,
        "created_at": graded.handed.received_at,
        "outcome": graded.verdict.outcome,
        "first_error": graded.verdict.first_error,
        "score": graded.score,
        "max_score": round(100 * graded.verdict.max_score),
        "points": graded.points,
        "document": graded.verdict.line,
    }


def _row_of(table: Table) -> Mapping[str, Any]:
    """Return a parameter for every column but the number, which the database gives."""
    return {
        each.name: bindparam(each.name, type_=each.type) for each in table.c if each.name != "id"
    }


_KEEP = insert(submissions).values(_row_of(submissions)).returning(submissions.c.id)
_KEEP_VERDICT = insert(verdicts).values(_row_of(verdicts)).inline()


def spent_all(desk: Desk) -> Closed:
    """Return why nothing more is taken of whoever has spent all attempts."""
    return Closed(f"all {desk.policy.attempts} attempts at this exercise are spent")


def _spend(connection: Connection, desk: Desk, count: int) -> int:
    """Spend so many attempts, and return how many are spent; the variant then stays as it is.

    Raises:
        NotFound: the set was removed meanwhile.
        Closed: none is left.
        Regraded: the variant is another by now.
    """
    values = {
        "variant": desk.variant,
        "graded": desk.version,
        "count": int(count),
        "most": desk.policy.attempts,
    }
    spent = run(connection, _SPEND, values)
    if spent is None:
        version = connection.execute(_VERSION, values).scalar_one_or_none()
        if version is None:
            raise NotFound("this problem set was removed")
        if version != desk.version:
            raise Regraded
        raise spent_all(desk)
    return int(spent.attempts)


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
