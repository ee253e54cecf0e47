"""Regrades as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.store.identities import ProblemSetRow, RegradeId, RegradeRow
from gradgrade.service.store.schema import problem_sets, regrades

State = Literal["running", "applied", "reversed"]

TRIAL = RegradeRow(0)
"""The row of a regrade that is never kept; no row has this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrade:
    """A regrade of a set; of a trial, `id`, `state` and the times are None.

    Args:
        row: its row.
        id: what it is called.
        problem_set_row: the row of the set.
        problem_set: the set's name.
        state: how far it is.
        never_lower: whether a verdict stays where the points would fall.
        version: of the set, under which it grades.
        grader: the version of the marking.
        created_at: when it began.
        settled_at: when it was applied, or reversed.
    """

    row: RegradeRow
    id: RegradeId | None
    problem_set_row: ProblemSetRow
    problem_set: str
    state: State | None
    never_lower: bool
    version: int
    grader: str
    created_at: datetime | None
    settled_at: datetime | None

    def to_data(self) -> dict[str, Any]:
        """Return the regrade as JSON's data."""
        return {
            "regrade": self.id,
            "problem_set": self.problem_set,
            "state": self.state,
            "version": self.version,
            "grader": self.grader,
            "never_lower": self.never_lower,
            "created_at": _written(self.created_at),
            "settled_at": _written(self.settled_at),
        }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def listing(connection: Connection, actor: Actor, name: str) -> Sequence[Regrade]:
    """Return the regrades of a set, the oldest first.

    Raises:
        NotFound: there is no such set.
    """
    held = find(connection, actor, name)
    wanted = _selected().where(regrades.c.problem_set_id == held.row).order_by(regrades.c.id)
    return [_regrade(row) for row in connection.execute(wanted)]


def find_regrade(connection: Connection, actor: Actor, identity: RegradeId) -> Regrade:
    """Return a regrade of the course.

    Raises:
        NotFound: there is none of this id.
    """
    wanted = _selected().where(
        regrades.c.public_id == identity, problem_sets.c.course_id == actor.course_row
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"there is no regrade {identity!r}")
    return _regrade(row)


def running(connection: Connection, problem_set: ProblemSetRow) -> Regrade | None:
    """Return the regrade of a set that was begun and has not been applied."""
    wanted = _selected().where(
        regrades.c.problem_set_id == problem_set, regrades.c.state == "running"
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _regrade(row)


def _selected() -> Select[Any]:
    return select(
        regrades.c.id.label("row"),
        regrades.c.public_id.label("id"),
        regrades.c.problem_set_id.label("problem_set_row"),
        problem_sets.c.name.label("problem_set"),
        *(regrades.c[name] for name in ("state", "never_lower", "version", "grader")),
        regrades.c.created_at,
        regrades.c.settled_at,
    ).join(problem_sets, problem_sets.c.id == regrades.c.problem_set_id)


def _regrade(row: Row[Any]) -> Regrade:
    return Regrade(**row._mapping)
