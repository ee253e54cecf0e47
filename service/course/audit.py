"""The audit log: who changed what and when, written in the transaction of the change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.store.identities import AuditRow, TokenRow
from gradgrade.service.store.schema import audit_log


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log.

    Args:
        row: of the entry; later ones are larger.
        at: when.
        token: the row of the token that was used; None for the command line.
        action: a stable word, such as `problem_set.replaced`.
        object: the name of what was changed.
        detail: more about it.
    """

    row: AuditRow
    at: datetime
    token: TokenRow | None
    action: str
    object: str
    detail: dict[str, Any]


def log_change(
    connection: Connection, actor: Actor, *, now: datetime, action: str, name: str, **detail: Any
) -> None:
    """Write an entry into the transaction of the change."""
    entry = {
        "course_id": actor.course_row,
        "token_id": actor.token,
        "at": now,
        "action": action,
        "object": name,
        "detail": json.dumps(detail, ensure_ascii=False),
    }
    connection.execute(insert(audit_log), entry)


def read_log(connection: Connection, actor: Actor, *, after: int, limit: int) -> Sequence[Entry]:
    """Return the entries of a course from the one after `after` on, the oldest first."""
    rows = connection.execute(
        select(audit_log)
        .where(audit_log.c.course_id == actor.course_row, audit_log.c.id > after)
        .order_by(audit_log.c.id)
        .limit(limit)
    )
    return [entry_of(row) for row in rows]


def entry_of(row: Row[Any]) -> Entry:
    """Return what a row of the log says."""
    return Entry(
        row=row.id,
        at=row.at,
        token=row.token_id,
        action=row.action,
        object=row.object,
        detail=json.loads(row.detail),
    )
