"""Tokens: who may come in. A token's text is shown once; what is kept is its SHA-256."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import record, record_each
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound, Unauthenticated, Unprocessable
from gradgrade.service.store.prepared import run
from gradgrade.service.store.roles import Role
from gradgrade.service.store.schema import Instant, courses, problem_sets, students, tokens

PREFIX = "gg_"
"""What tokens begin with, so that those that leak are found."""

RANDOM_BYTES = 32
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token.

    Args:
        id: of the token; it tells nothing of its text.
        role: what it allows.
        student: the id of the student whose it is.
        problem_set: the name of the set that a CI token is for.
        created_at: when it was made.
        expires_at: when it ends; None: never.
        revoked_at: when it was revoked; None: it was not.
    """

    id: int
    role: Role
    student: str | None
    problem_set: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def authenticate(backend: Backend, text: str) -> Actor:
    """Return whose token this is.

    Raises:
        Unauthenticated: nobody's, or it has expired or was revoked.
    """
    if len(text) > LONGEST:
        raise Unauthenticated("the token is not valid")
    with backend.store.reading() as connection:
        row = run(connection, _BY_DIGEST, {"digest": _digest(text)})
    return _actor(backend, row)


def actor_of(backend: Backend, token: int, *, made: datetime) -> Actor:
    """Return whose token this is, by its row and when it was made.

    A database that was restored may give the row to another token.

    Raises:
        Unauthenticated: there is none, or it has expired or was revoked.
    """
    with backend.store.reading() as connection:
        row = connection.execute(_BY_ROW, {"row": token}).one_or_none()
    return _actor(backend, row if row is not None and row.created_at == made else None)


def created_at(backend: Backend, token: int) -> datetime:
    """Return when a token was made.

    Raises:
        NoResultFound: there is none.
    """
    with backend.store.reading() as connection:
        made: datetime = connection.execute(_BY_ROW, {"row": token}).one().created_at
    return made


def _actor(backend: Backend, row: Row[Any] | None) -> Actor:
    if row is None or row.revoked_at is not None:
        raise Unauthenticated("the token is not valid")
    if row.expires_at is not None and row.expires_at <= backend.clock():
        raise Unauthenticated("the token has expired")
    return Actor(
        token=row.id,
        role=row.role,
        course=row.course_id,
        course_name=row.course_name,
        student=row.student_id,
        student_name=row.student,
        problem_set=row.problem_set_id,
    )


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


_KNOWN = (
    select(
        tokens.c.id,
        tokens.c.role,
        tokens.c.course_id,
        tokens.c.student_id,
        tokens.c.problem_set_id,
        tokens.c.created_at,
        tokens.c.expires_at,
        tokens.c.revoked_at,
        courses.c.name.label("course_name"),
        students.c.student,
    )
    .join(courses, courses.c.id == tokens.c.course_id)
    .outerjoin(students, students.c.id == tokens.c.student_id)
)
_BY_DIGEST = _KNOWN.where(tokens.c.digest == bindparam("digest"))
_BY_ROW = _KNOWN.where(tokens.c.id == bindparam("row"))


def create_token(
    connection: Connection,
    actor: Actor,
    *,
    role: Role,
    now: datetime,
    student: str | None = None,
    problem_set: str | None = None,
    expires: datetime | None = None,
) -> tuple[int, str]:
    """Make a token.

    Args:
        connection: in a transaction.
        actor: who makes it.
        role: what it allows.
        now: the time.
        student: the id of the student whose it is, with that role and no other.
        problem_set: the name of the set that it is for, with the role `ci` and no other.
        expires: when it ends.

    Returns:
        Its id and its text, which nobody can tell again.

    Raises:
        Unprocessable: a student or a set is missing or too much, or the end is past.
        NotFound: there is no such student or set in the course.
    """
    if (role == "student") != (student is not None):
        raise Unprocessable(f"student: given with role student, and only there (role={role!r})")
    if (role == "ci") != (problem_set is not None):
        raise Unprocessable(f"problem_set: given with role ci, and only there (role={role!r})")
    if expires is not None and expires <= now:
        raise Unprocessable(f"expires: {expires.isoformat()} is past")
    text = _new_text()
    made = (
        insert(tokens)
        .values(
            course_id=actor.course,
            role=role,
            digest=_digest(text),
            student_id=None if student is None else _student(connection, actor, student),
            problem_set_id=None if problem_set is None else _set(connection, actor, problem_set),
            created_at=now,
            expires_at=expires,
        )
        .returning(tokens.c.id)
    )
    identity = connection.execute(made).scalar_one()
    record(connection, actor, now=now, action="token.created", name=str(identity), role=role)
    return identity, text


def create_student_tokens(
    connection: Connection, actor: Actor, rows: Sequence[int], *, now: datetime
) -> dict[int, str]:
    """Make a token for each of many students who has none that is valid.

    Args:
        connection: in a transaction.
        actor: who makes them.
        rows: the students'.
        now: the time.

    Returns:
        The texts, which nobody can tell again, by the students' rows.
    """
    valid = select(tokens.c.student_id).where(
        tokens.c.student_id.in_(rows),
        tokens.c.revoked_at.is_(None),
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
    )
    having = set(connection.execute(valid).scalars())
    texts = {row: _new_text() for row in rows if row not in having}
    if not texts:
        return {}
    made = [
        {
            "course_id": actor.course,
            "role": "student",
            "digest": _digest(text),
            "student_id": row,
            "created_at": now,
        }
        for row, text in texts.items()
    ]
    identities = connection.execute(insert(tokens).returning(tokens.c.id), made).scalars()
    names = [str(each) for each in sorted(identities)]
    record_each(connection, actor, now=now, action="token.created", names=names, role="student")
    return texts


def _new_text() -> str:
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def list_tokens(
    connection: Connection, actor: Actor, *, after: int = 0, limit: int | None = None
) -> Sequence[Token]:
    """Return the tokens of a course from the one after `after` on, the oldest first."""
    rows = connection.execute(
        select(tokens, students.c.student, problem_sets.c.name.label("problem_set"))
        .outerjoin(students, students.c.id == tokens.c.student_id)
        .outerjoin(problem_sets, problem_sets.c.id == tokens.c.problem_set_id)
        .where(tokens.c.course_id == actor.course, tokens.c.id > after)
        .order_by(tokens.c.id)
        .limit(limit)
    )
    names = Token.__dataclass_fields__
    return [Token(**{name: getattr(row, name) for name in names}) for row in rows]


def revoke_token(connection: Connection, actor: Actor, *, token: int, now: datetime) -> None:
    """Revoke a token; one that is revoked stays so.

    Raises:
        NotFound: the course has no such token.
    """
    changed = connection.execute(
        update(tokens)
        .where(tokens.c.id == token, tokens.c.course_id == actor.course)
        .values(revoked_at=func.coalesce(tokens.c.revoked_at, now, type_=Instant()))
    )
    if not changed.rowcount:
        raise NotFound(f"there is no token {token}")
    record(connection, actor, now=now, action="token.revoked", name=str(token))


def replace_student_token(
    connection: Connection, actor: Actor, *, student: str, now: datetime
) -> str:
    """Revoke all tokens of a student and make another.

    Raises:
        NotFound: there is no such student in the course.
    """
    row = _student(connection, actor, student)
    revoked = connection.execute(
        update(tokens)
        .where(tokens.c.student_id == row, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(tokens.c.id)
    ).scalars()
    old = sorted(revoked)
    identity, text = create_token(connection, actor, role="student", student=student, now=now)
    record(
        connection,
        actor,
        now=now,
        action="student.token_replaced",
        name=student,
        token=identity,
        revoked=old,
    )
    return text


def _student(connection: Connection, actor: Actor, student: str) -> int:
    found = select(students.c.id).where(
        students.c.course_id == actor.course, students.c.student == student
    )
    row = connection.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no student {student!r}")
    return int(row)


def _set(connection: Connection, actor: Actor, name: str) -> int:
    found = select(problem_sets.c.id).where(
        problem_sets.c.course_id == actor.course, problem_sets.c.name == name
    )
    row = connection.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no problem set {name!r}")
    return int(row)
