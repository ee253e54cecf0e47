"""Tokens: made, listed and revoked. A token's text is shown once, to whoever makes it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select, update

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.course.people.authentication import digest_of
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.store.identities import StudentId, StudentIdentity, StudentRow, TokenRow
from gradgrade.service.store.roles import Role
from gradgrade.service.store.schema import Instant, problem_sets, students, tokens

PREFIX = "gg_"
"""What tokens begin with, so that those that leak are found."""

RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token.

    Args:
        row: of the token, by which people call it; it tells nothing of its text.
        role: what it allows.
        student: the id of the student whose it is.
        problem_set: the name of the set that a CI token is for.
        created_at: when it was made.
        expires_at: when it ends; None: never.
        revoked_at: when it was revoked; None: it was not.
    """

    row: TokenRow
    role: Role
    student: StudentId | None
    problem_set: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def create_token(
    connection: Connection,
    actor: Actor,
    *,
    role: Role,
    now: datetime,
    student: StudentId | None = None,
    problem_set: str | None = None,
    expires: datetime | None = None,
) -> tuple[TokenRow, str]:
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
        Its row and its text, which nobody can tell again.

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
    held = None if problem_set is None else find(connection, actor, problem_set)
    made = (
        insert(tokens)
        .values(
            course_id=actor.course_row,
            role=role,
            digest=digest_of(text),
            student_id=None if student is None else _student(connection, actor, student),
            problem_set_id=None if held is None else held.row,
            created_at=now,
            expires_at=expires,
        )
        .returning(tokens.c.id)
    )
    row = TokenRow(connection.execute(made).scalar_one())
    log_change(connection, actor, now=now, action="token.created", name=str(row), role=role)
    return row, text


def create_student_tokens(
    connection: Connection, actor: Actor, rows: Sequence[StudentRow], *, now: datetime
) -> dict[StudentRow, tuple[TokenRow, str]]:
    """Make a token for each of many students who has none that is valid; the caller logs it.

    Args:
        connection: in a transaction.
        actor: who makes them.
        rows: the students'.
        now: the time.

    Returns:
        The tokens' rows and their texts, which nobody can tell again, by the students' rows.
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
            "course_id": actor.course_row,
            "role": "student",
            "digest": digest_of(text),
            "student_id": row,
            "created_at": now,
        }
        for row, text in texts.items()
    ]
    created = insert(tokens).returning(tokens.c.id, tokens.c.student_id)
    return {
        each.student_id: (each.id, texts[each.student_id])
        for each in connection.execute(created, made)
    }


def _new_text() -> str:
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def list_tokens(
    connection: Connection, actor: Actor, *, after: int = 0, limit: int | None = None
) -> Sequence[Token]:
    """Return the tokens of a course from the one after `after` on, the oldest first."""
    rows = connection.execute(
        select(
            tokens,
            tokens.c.id.label("row"),
            students.c.student,
            problem_sets.c.name.label("problem_set"),
        )
        .outerjoin(students, students.c.id == tokens.c.student_id)
        .outerjoin(problem_sets, problem_sets.c.id == tokens.c.problem_set_id)
        .where(tokens.c.course_id == actor.course_row, tokens.c.id > after)
        .order_by(tokens.c.id)
        .limit(limit)
    )
    names = Token.__dataclass_fields__
    return [Token(**{name: getattr(row, name) for name in names}) for row in rows]


def revoke_token(connection: Connection, actor: Actor, *, token: TokenRow, now: datetime) -> None:
    """Revoke a token; one that is revoked stays so.

    Raises:
        NotFound: the course has no such token.
    """
    changed = connection.execute(
        update(tokens)
        .where(tokens.c.id == token, tokens.c.course_id == actor.course_row)
        .values(revoked_at=func.coalesce(tokens.c.revoked_at, now, type_=Instant()))
    )
    if not changed.rowcount:
        raise NotFound(f"there is no token {token}")
    log_change(connection, actor, now=now, action="token.revoked", name=str(token))


def replace_student_token(
    connection: Connection, actor: Actor, *, student: StudentIdentity, now: datetime
) -> str:
    """Revoke all tokens of a student and make another."""
    revoked = connection.execute(
        update(tokens)
        .where(tokens.c.student_id == student.row, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(tokens.c.id)
    ).scalars()
    old = sorted(revoked)
    row, text = create_token(connection, actor, role="student", student=student.id, now=now)
    log_change(
        connection,
        actor,
        now=now,
        action="student.token_replaced",
        name=student.id,
        token=row,
        revoked=old,
    )
    return text


def _student(connection: Connection, actor: Actor, student: StudentId) -> StudentRow:
    found = select(students.c.id).where(
        students.c.course_id == actor.course_row, students.c.student == student
    )
    row: StudentRow | None = connection.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no student {student!r}")
    return row
