"""The audit log as people search it: the latest first, of whom and what they ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import Entry, entry_of
from gradgrade.service.store.identities import AuditRow, StudentId, TokenRow
from gradgrade.service.store.roles import Role
from gradgrade.service.store.schema import audit_log, students, tokens

Named = Literal["set", "student of set", "student", "token"]

NAMED: Mapping[str, Named] = MappingProxyType(
    {
        "problem_set.published": "set",
        "problem_set.replaced": "set",
        "problem_set.removed": "set",
        "students.enrolled": "set",
        "student.extended": "student of set",
        "student.token_replaced": "student",
        "score.overridden": "student of set",
        "score.override_withdrawn": "student of set",
        "regrade.begun": "set",
        "regrade.applied": "set",
        "regrade.abandoned": "set",
        "regrade.reversed": "set",
        "variants.pregenerated": "set",
        "token.created": "token",
        "token.revoked": "token",
    }
)
"""What the object of each action names; a student of a set as `SET/STUDENT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are wanted; None where any are.

    Args:
        problem_set: the name of the set that they are about.
        student: the id of the student.
        action: a word of `NAMED`.
        token: the row of the token that was used.
        by_command: only what was done on the command line.
    """

    problem_set: str | None = None
    student: StudentId | None = None
    action: str | None = None
    token: TokenRow | None = None
    by_command: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who made changes: a token, and what it allows."""

    token: TokenRow
    role: Role


def search_log(
    connection: Connection,
    actor: Actor,
    wanted: Wanted,
    *,
    before: AuditRow | None = None,
    limit: int,
) -> Sequence[Entry]:
    """Return entries of a course, the latest first.

    Args:
        connection: to the database.
        actor: an instructor of the course.
        wanted: which.
        before: the row of the entry that they come after in this order; None: of none.
        limit: how many at most.
    """
    found = (
        select(audit_log)
        .where(audit_log.c.course_id == actor.course_row, *_conditions(wanted))
        .order_by(audit_log.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        found = found.where(audit_log.c.id < before)
    return [entry_of(row) for row in connection.execute(found)]


def makers(connection: Connection, actor: Actor) -> Sequence[Maker]:
    """Return who made changes in a course, by their tokens."""
    rows = connection.execute(
        select(tokens.c.id, tokens.c.role)
        .where(
            tokens.c.course_id == actor.course_row,
            tokens.c.id.in_(
                select(audit_log.c.token_id).where(audit_log.c.course_id == actor.course_row)
            ),
        )
        .order_by(tokens.c.id)
    )
    return [Maker(token=row.id, role=row.role) for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.problem_set is not None:
        conditions.append(_is_about_set(wanted.problem_set))
    if wanted.student is not None:
        conditions.append(_is_about_student(wanted.student))
    if wanted.action is not None:
        conditions.append(audit_log.c.action == wanted.action)
    if wanted.token is not None:
        conditions.append(audit_log.c.token_id == wanted.token)
    if wanted.by_command:
        conditions.append(audit_log.c.token_id.is_(None))
    return conditions


def _is_about_set(name: str) -> ColumnElement[bool]:
    # In names of sets there is no slash.
    return or_(
        and_(_names("set"), audit_log.c.object == name),
        and_(_names("student of set"), audit_log.c.object.startswith(f"{name}/", autoescape=True)),
    )


def _is_about_student(student: StudentId) -> ColumnElement[bool]:
    theirs = (
        select(cast(tokens.c.id, Text))
        .join(students, students.c.id == tokens.c.student_id)
        .where(tokens.c.course_id == audit_log.c.course_id, students.c.student == student)
    )
    return or_(
        # In ids of students there is no slash either.
        and_(_names("student of set"), _holds(audit_log.c.object + "/", f"/{student}/")),
        and_(_names("student"), audit_log.c.object == student),
        and_(_names("token"), audit_log.c.object.in_(theirs)),
        and_(
            audit_log.c.action == "students.enrolled",
            _holds(audit_log.c.detail, json.dumps(student, ensure_ascii=False)),
        ),
    )


def _names(what: Named) -> ColumnElement[bool]:
    return audit_log.c.action.in_([action for action, named in NAMED.items() if named == what])


def _holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Return whether a text holds another, letter for letter, as LIKE does not tell on SQLite."""
    return func.replace(text, part, "") != text
