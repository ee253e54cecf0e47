"""Submissions: taken once, graded, and kept with the attempt that they spend.

A submission is graded before anything is locked. One transaction then spends the attempt, keeps
the body, the verdict and what is replied under the request's key, or nothing of all that. Whoever
sends the same request again under the same key is replied the same.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from problems import Answers, Exercise, Verdict
from problems.answer_key import AnswerKey
from problems.grade import GRADER, Grader
from problems.points import as_score
from service.course.actor import Actor
from service.course.backend import Backend
from service.course.errors import Busy, Closed, InFlight, KeyReused, NotFound
from service.course.feedback import as_told
from service.course.policy import Extension, Policy, policy
from service.course.problem_sets import Held, find, read_document
from service.course.variants import pin
from service.store.engine import StoreLocked
from service.store.schema import (
    enrolments,
    idempotency_keys,
    problem_set_versions,
    problem_sets,
    students,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
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
        place = f"{self.problem_set}/{self.exercise}\n".encode()
        return sha256(place + self.body).digest()


VALID, INVALID = 201, 422
"""The statuses of replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """What was replied under the same key before."""

    request: bytes
    status: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What stands before a submission is taken: the variant it answers, and what holds for it."""

    problem_set: int
    version: int
    variant: int
    document: str
    answer_key: str
    attempts: int
    policy: Policy
    earlier: _Earlier | None


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
        desk = _approach(backend, actor, handed)
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
            desk = _approach(backend, actor, handed)
            if desk.earlier is None:
                raise
            return _same(handed, desk.earlier)
    raise Busy("this exercise is being regraded: hand it in again")


@lru_cache(maxsize=CACHED_GRADERS)
def grader(document: str, key: str) -> Grader:
    """Return the grader of a variant."""
    return Grader(Exercise.from_json(document), key=AnswerKey.from_json(key))


def _same(handed: Handed, earlier: _Earlier) -> Reply:
    """Return what was replied to the same request.

    Raises:
        KeyReused: it was another.
    """
    if not hmac.compare_digest(earlier.request, handed.digest):
        raise KeyReused(f"Idempotency-Key: {handed.key!r} came with another request before")
    return Reply(is_valid=earlier.status == VALID, text=earlier.text)


def _approach(backend: Backend, actor: Actor, handed: Handed) -> _Desk:
    """Return what the student answers; it is pinned where it was never fetched."""
    named = {
        "course": actor.course,
        "name": handed.problem_set,
        "exercise": handed.exercise,
        "student": actor.student,
        "key": handed.key,
    }
    for _ in range(2):
        with backend.store.reading() as connection:
            row = connection.execute(_DESK, named).one_or_none()
        if row is None:
            raise NotFound(f"there is no problem set {handed.problem_set!r}")
        if row.variant is not None:
            return _desk(row)
        held = Held(id=row.id, version=row.version, problem_set=read_document(row.definition))
        assert actor.student is not None
        assert actor.student_name is not None
        pin(
            backend,
            actor,
            held,
            exercise=handed.exercise,
            row=actor.student,
            student=actor.student_name,
        )
    raise NotFound(f"there is no exercise {handed.exercise!r}")


_DESK = (
    select(
        problem_sets.c.id,
        problem_sets.c.version,
        problem_set_versions.c.document.label("definition"),
        enrolments.c.due,
        enrolments.c.late_until,
        enrolments.c.attempts.label("allowed"),
        variants.c.id.label("variant"),
        variants.c.version.label("variant_version"),
        variants.c.document,
        variants.c.answer_key,
        variants.c.attempts,
        idempotency_keys.c.request,
        idempotency_keys.c.status,
        idempotency_keys.c.reply,
    )
    .join(
        problem_set_versions,
        (problem_set_versions.c.problem_set_id == problem_sets.c.id)
        & (problem_set_versions.c.version == problem_sets.c.version),
    )
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
        idempotency_keys,
        (idempotency_keys.c.student_id == enrolments.c.student_id)
        & (idempotency_keys.c.key == bindparam("key")),
    )
    .where(
        problem_sets.c.course_id == bindparam("course"), problem_sets.c.name == bindparam("name")
    )
)


def _desk(row: Row[Any]) -> _Desk:
    extension = Extension(due=row.due, late_until=row.late_until, attempts=row.allowed)
    earlier = None
    if row.request is not None:
        earlier = _Earlier(request=row.request, status=row.status, text=row.reply)
    return _Desk(
        problem_set=row.id,
        version=row.variant_version,
        variant=row.variant,
        document=row.document,
        answer_key=row.answer_key,
        attempts=row.attempts,
        policy=policy(read_document(row.definition), extension),
        earlier=earlier,
    )


def _spent(desk: _Desk) -> Closed:
    return Closed(f"all {desk.policy.attempts} attempts at this exercise are spent")


def _take(
    connection: Connection,
    backend: Backend,
    actor: Actor,
    handed: Handed,
    desk: _Desk,
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


def _spend(connection: Connection, desk: _Desk, count: int) -> int:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A submission that was kept, with the verdict that stands.

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

    row: int
    id: str
    problem_set: str
    student: str
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
    student: str | None = None,
    exercise: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Kept]:
    """Return submissions to a set from the one after row `after` on: one's own, or staff's all.

    Raises:
        NotFound: there is no such set for them.
    """
    held = find(connection, actor, name)
    wanted = _kept(actor).where(submissions.c.problem_set_id == held.id, submissions.c.id > after)
    if student is not None:
        wanted = wanted.where(students.c.student == student)
    if exercise is not None:
        wanted = wanted.where(variants.c.exercise == exercise)
    return [
        _as_kept(row) for row in connection.execute(wanted.order_by(submissions.c.id).limit(limit))
    ]


def read(backend: Backend, actor: Actor, identity: str) -> Kept:
    """Return a submission whole, the verdict as far as the set's feedback tells it.

    Raises:
        NotFound: there is none for them.
    """
    wanted = _kept(actor).where(submissions.c.public_id == identity)
    wanted = wanted.add_columns(
        submissions.c.body,
        verdicts.c.document,
        problem_set_versions.c.document.label("definition"),
        enrolments.c.due,
        enrolments.c.late_until,
        enrolments.c.attempts.label("allowed"),
    )
    with backend.store.reading() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"there is no submission {identity!r}")
    verdict: dict[str, Any] = json.loads(row.document)
    if not actor.is_staff:
        extension = Extension(due=row.due, late_until=row.late_until, attempts=row.allowed)
        own = policy(read_document(row.definition), extension)
        verdict = as_told(verdict, own.told(backend.clock()))
    return replace(_as_kept(row), body=row.body, verdict=verdict)


def _kept(actor: Actor) -> Any:
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
        .join(verdicts, (verdicts.c.submission_id == submissions.c.id) & verdicts.c.stands)
        .join(students, students.c.id == submissions.c.student_id)
        .join(variants, variants.c.id == submissions.c.variant_id)
        .join(problem_sets, problem_sets.c.id == submissions.c.problem_set_id)
        .join(
            problem_set_versions,
            (problem_set_versions.c.problem_set_id == problem_sets.c.id)
            & (problem_set_versions.c.version == problem_sets.c.version),
        )
        .outerjoin(
            enrolments,
            (enrolments.c.problem_set_id == problem_sets.c.id)
            & (enrolments.c.student_id == students.c.id),
        )
        .where(problem_sets.c.course_id == actor.course)
    )
    return wanted if actor.is_staff else wanted.where(submissions.c.student_id == actor.student)


def _as_kept(row: Row[Any]) -> Kept:
    names = set(Kept.__dataclass_fields__) - {"body", "verdict"}
    return Kept(**{name: getattr(row, name) for name in names})
