"""Submissions: taken once, graded, and kept with the attempt that they spend.

A submission is graded before anything is locked. One transaction then spends the attempt, keeps
the body, the verdict and what is replied under the request's key, or nothing of all that. Whoever
sends the same request again under the same key is replied the same.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from problems import Exercise, Verdict
from problems.answer_key import AnswerKey
from problems.grade import GRADER, Grader
from problems.points import as_score
from service.course.actor import Actor
from service.course.backend import Backend
from service.course.desk import Desk, Earlier, Handed, approach
from service.course.errors import Busy, Closed, InFlight, KeyReused
from service.course.feedback import as_told
from service.store.engine import StoreLocked
from service.store.schema import (
    idempotency_keys,
    submissions,
    variants,
    verdicts,
)

CACHED_GRADERS = 512

MOST_GRADED = 3
"""How often an answer is graded anew because its variant was regraded meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is replied to a submission.

    Args:
        is_valid: whether it was graded and spent an attempt.
        text: the reply's members as a JSON object.
    """

    is_valid: bool
    text: str


VALID, INVALID = 201, 422
"""The statuses of replies."""


class _Regraded(Exception):
    """The variant was regraded between the grading and the keeping: the verdict is an old one."""


def submit(backend: Backend, actor: Actor, handed: Handed) -> Reply:
    """Take a student's submission, grade it and keep it.

    Raises:
        NotFound: there is no such set or exercise for this student.
        Closed: it is too late, or all attempts are spent; nothing is kept.
        KeyReused: the key came with another request before.
        InFlight: another of the student's submissions to this exercise is being kept.
        DocumentError: the answers are refused whole; nothing is kept.
        Busy: the exercise was regraded again and again meanwhile.
    """
    for _ in range(MOST_GRADED):
        desk = approach(backend, actor, handed)
        if desk.earlier is not None:
            return _same(handed, desk.earlier)
        is_late = desk.policy.is_late(handed.received_at)
        if desk.policy.attempts is not None and desk.attempts >= desk.policy.attempts:
            raise _spent(desk)
        verdict = grader(desk.document, desk.answer_key).grade(handed.answers)
        try:
            with backend.store.writing() as connection:
                return _take(connection, backend, actor, handed, desk, verdict, is_late=is_late)
        except _Regraded:
            continue
        except StoreLocked:
            raise InFlight("another submission of yours to this exercise is being kept") from None
        except (Closed, IntegrityError):
            # The same request may have come twice at once, and the other one was kept.
            desk = approach(backend, actor, handed)
            if desk.earlier is None:
                raise
            return _same(handed, desk.earlier)
    raise Busy("this exercise is being regraded: hand it in again")


@lru_cache(maxsize=CACHED_GRADERS)
def grader(document: str, key: str) -> Grader:
    """Return the grader of a variant."""
    return Grader(Exercise.from_json(document), key=AnswerKey.from_json(key))


def _same(handed: Handed, earlier: Earlier) -> Reply:
    """Return what was replied to the same request.

    Raises:
        KeyReused: it was another.
    """
    if not hmac.compare_digest(earlier.request, handed.digest):
        raise KeyReused(f"Idempotency-Key: {handed.key!r} came with another request before")
    return Reply(is_valid=earlier.status == VALID, text=earlier.text)


def _spent(desk: Desk) -> Closed:
    return Closed(f"all {desk.policy.attempts} attempts at this exercise are spent")


def _take(
    connection: Connection,
    backend: Backend,
    actor: Actor,
    handed: Handed,
    desk: Desk,
    verdict: Verdict,
    *,
    is_late: bool,
) -> Reply:
    is_valid = verdict.outcome != "invalid"
    spent = _spend(connection, desk, is_valid)
    attempt = spent if is_valid else None
    document = verdict.to_data()
    submission = secrets.token_hex(16)
    receipt = _receipt(backend.secret, submission, handed)
    score = round(100 * verdict.score)
    points = desk.policy.points(score, is_late=is_late)
    allowed = desk.policy.attempts
    text = json.dumps(
        {
            "submission": submission,
            "attempt": attempt,
            "attempts_left": None if allowed is None else max(allowed - spent, 0),
            "score": as_score(points),
            "max_score": verdict.max_score,
            "received_at": handed.received_at.isoformat(),
            "late": is_late,
            "receipt": receipt,
            "verdict": as_told(document, desk.policy.told(handed.received_at)),
        },
        ensure_ascii=False,
    )
    row = connection.execute(
        _KEEP,
        {
            "public_id": submission,
            "problem_set_id": desk.problem_set,
            "student_id": actor.student,
            "variant_id": desk.variant,
            "attempt": attempt,
            "received_at": handed.received_at,
            "body": handed.body,
            "is_late": is_late,
            "receipt": receipt,
        },
    ).scalar_one()
    connection.execute(
        _KEEP_VERDICT,
        {
            "submission_id": row,
            "regrade_id": None,
            "stands": True,
            "grader": GRADER,
            "version": desk.version,
            "created_at": handed.received_at,
            "outcome": verdict.outcome,
            "first_error": verdict.first_error,
            "score": score,
            "max_score": round(100 * verdict.max_score),
            "points": points,
            "document": json.dumps(document, ensure_ascii=False),
        },
    )
    if handed.key is not None:
        connection.execute(
            _KEEP_REPLY,
            {
                "student_id": actor.student,
                "key": handed.key,
                "request": handed.digest,
                "status": VALID if is_valid else INVALID,
                "reply": text,
                "submission_id": row,
            },
        )
    return Reply(is_valid=is_valid, text=text)


# Built once: to build a statement takes as long as to run it.
_KEEP = insert(submissions).returning(submissions.c.id)
_KEEP_VERDICT = insert(verdicts)
_KEEP_REPLY = insert(idempotency_keys)


def _spend(connection: Connection, desk: Desk, count: int) -> int:
    """Spend so many attempts, and return how many are spent; the variant then stays as it is.

    Raises:
        Closed: none is left.
        _Regraded: the variant is another by now.
    """
    values = {
        "variant": desk.variant,
        "graded": desk.version,
        "count": int(count),
        "most": desk.policy.attempts,
    }
    spent = connection.execute(_SPEND, values).scalar_one_or_none()
    if spent is None:
        if connection.execute(_VERSION, values).scalar_one() != desk.version:
            raise _Regraded
        raise _spent(desk)
    return int(spent)


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


def _receipt(secret: bytes, submission: str, handed: Handed) -> str:
    """Return what proves to the server's people that it took this body at this time."""
    said = f"receipt\n{submission}\n{handed.received_at.isoformat()}\n".encode()
    return hmac.new(secret, said + handed.digest, sha256).hexdigest()
