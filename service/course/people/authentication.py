"""Authentication: whose a token is, by its text or by its row.

A token's text is kept nowhere, only its SHA-256: whoever reads the database cannot come in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Unauthenticated
from gradgrade.service.store.identities import StudentIdentity, TokenRow
from gradgrade.service.store.prepared import execute
from gradgrade.service.store.schema import courses, students, tokens

LONGEST = 100
"""Characters; no token of ours is longer, and a longer text is not even hashed."""


def authenticate(backend: Backend, text: str) -> Actor:
    """Return whose token this is.

    Raises:
        Unauthenticated: nobody's, or it has expired or was revoked.
    """
    if len(text) > LONGEST:
        raise Unauthenticated("the token is not valid")
    with backend.store.reading() as connection:
        row = execute(connection, _BY_DIGEST, {"digest": digest_of(text)})
    return _actor(backend, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session was begun with.

    Args:
        token: the token's row.
        made: when the token was made: a database that was restored may give the row to another.
        sign_outs: how often its owner had signed out by then.
    """

    token: TokenRow
    made: datetime
    sign_outs: int


def session_of(backend: Backend, token: TokenRow) -> Session:
    """Return what a session of a token begins with.

    Raises:
        NoResultFound: there is none.
    """
    with backend.store.reading() as connection:
        row = connection.execute(_BY_ROW, {"row": token}).one()
    return Session(token=token, made=row.created_at, sign_outs=row.sign_outs)


def actor_of(backend: Backend, session: Session) -> Actor:
    """Return whose session this is.

    Raises:
        Unauthenticated: its token has expired or was revoked, or its owner signed out since.
    """
    with backend.store.reading() as connection:
        row = connection.execute(_BY_ROW, {"row": session.token}).one_or_none()
    is_same = row is not None and row.created_at == session.made
    if row is None or not is_same or row.sign_outs != session.sign_outs:
        raise Unauthenticated("the session has ended")
    return _actor(backend, row)


def end_sessions(backend: Backend, token: TokenRow) -> None:
    """End every session of a token, on whatever machine."""
    ended = update(tokens).where(tokens.c.id == token)
    with backend.store.writing() as connection:
        connection.execute(ended.values(sign_outs=tokens.c.sign_outs + 1))


def _actor(backend: Backend, row: Row[Any] | None) -> Actor:
    if row is None or row.revoked_at is not None:
        raise Unauthenticated("the token is not valid")
    if row.expires_at is not None and row.expires_at <= backend.clock():
        raise Unauthenticated("the token has expired")
    student = None
    if row.student_id is not None:
        student = StudentIdentity(row=row.student_id, id=row.student, name=row.name)
    return Actor(
        token=row.id,
        role=row.role,
        course=row.course,
        course_row=row.course_id,
        student=student,
        problem_set_row=row.problem_set_id,
    )


def digest_of(text: str) -> bytes:
    """Return what is kept of a token."""
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
        tokens.c.sign_outs,
        courses.c.name.label("course"),
        students.c.student,
        students.c.name,
    )
    .join(courses, courses.c.id == tokens.c.course_id)
    .outerjoin(students, students.c.id == tokens.c.student_id)
)
_BY_DIGEST = _KNOWN.where(tokens.c.digest == bindparam("digest"))
_BY_ROW = _KNOWN.where(tokens.c.id == bindparam("row"))
