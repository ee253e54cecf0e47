"""Authentication: whose a token is, by its text or by its row.

A token's text is kept nowhere, only its SHA-256: whoever reads the database cannot come in.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Unauthenticated
from gradgrade.service.store.identities import StudentIdentity, TokenRow
from gradgrade.service.store.prepared import run
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
        row = run(connection, _BY_DIGEST, {"digest": digest_of(text)})
    return _actor(backend, row)


def actor_of(backend: Backend, token: TokenRow, *, made: datetime) -> Actor:
    """Return whose token this is, by its row and when it was made.

    A database that was restored may give the row to another token.

    Raises:
        Unauthenticated: there is none, or it has expired or was revoked.
    """
    with backend.store.reading() as connection:
        row = connection.execute(_BY_ROW, {"row": token}).one_or_none()
    return _actor(backend, row if row is not None and row.created_at == made else None)


def created_at(backend: Backend, token: TokenRow) -> datetime:
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
    is_student = row.student_id is not None
    return Actor(
        token=row.id,
        role=row.role,
        course=row.course,
        course_row=row.course_id,
        student=StudentIdentity(row=row.student_id, id=row.student) if is_student else None,
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
        courses.c.name.label("course"),
        students.c.student,
    )
    .join(courses, courses.c.id == tokens.c.course_id)
    .outerjoin(students, students.c.id == tokens.c.student_id)
)
_BY_DIGEST = _KNOWN.where(tokens.c.digest == bindparam("digest"))
_BY_ROW = _KNOWN.where(tokens.c.id == bindparam("row"))
