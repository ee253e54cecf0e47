"""A regrade in steps, each of which is short: for those who look at it before it stands.

A regrade that was begun keeps verdicts which do not stand yet. So what it would change can be read
before it is carried out, and whoever leaves it has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from sqlalchemy import Connection, func, select

from gradgrade.problems.grade import GRADER
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.regrades.piece_work import Piece, Regraded, regrade
from gradgrade.service.course.regrades.pieces import (
    PIECE,
    ToDo,
    keep_regraded,
    read_pieces,
    redefined,
    to_do,
)
from gradgrade.service.course.regrades.record import Regrade, find_regrade
from gradgrade.service.course.regrades.report import Report
from gradgrade.service.course.regrades.running import finish, is_running
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.store.identities import RegradeId, VariantRow
from gradgrade.service.store.schema import regrades, verdicts

STEP_SECONDS = 4
"""After so long a step begins no further piece."""

STEP_PIECES = 16
"""How many pieces a step has at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a regrade is that was begun.

    Args:
        graded: how many submissions have a verdict of it.
        left: what is still to be tried.
        is_outdated: whether the set or the grader was replaced since, so that it begins anew.
    """

    graded: int
    left: Sequence[ToDo]
    is_outdated: bool

    @property
    def submissions(self) -> int:
        """How many submissions there are, as far as it is known."""
        return self.graded + sum(submission is not None for _, submission in self.left)


def standing_of(
    connection: Connection, actor: Actor, begun: Regrade, *, tried: VariantRow
) -> Standing:
    """Return how far a regrade is.

    Args:
        connection: to the database.
        actor: who asks.
        begun: the regrade, which is running.
        tried: the row of the last variant that was tried, with all of its submissions; 0: none.
    """
    graded = select(func.count()).where(verdicts.c.regrade_id == begun.row)
    return Standing(
        graded=connection.execute(graded).scalar_one(),
        left=_left(connection, begun, tried),
        is_outdated=_is_outdated(find(connection, actor, begun.problem_set), begun),
    )


def take_step(
    backend: Backend, actor: Actor, identity: RegradeId, *, tried: VariantRow
) -> VariantRow:
    """Grade some of what is left of a regrade, for some seconds.

    Returns:
        The row of the last variant that was tried now, with all of its submissions.

    Raises:
        NotFound: there is no such regrade.
        Conflict: it is not running, or the set was replaced since.
    """
    with backend.store.reading() as connection:
        begun = find_regrade(connection, actor, identity)
        _check_goes_on(connection, actor, begun)
        left = _left(connection, begun, tried)
    pieces = list(islice(read_pieces(backend, begun, left), STEP_PIECES))
    if not pieces:
        return tried
    done = backend.contained(regrade_within, pieces, seconds=STEP_SECONDS)
    with backend.store.writing() as connection:
        if is_running(connection, begun):
            for each in done:
                keep_regraded(connection, begun, each, now=backend.clock())
    return _last_tried(left, len(done) * PIECE)


def carry_out(
    backend: Backend, actor: Actor, identity: RegradeId, *, tried: VariantRow
) -> Report | None:
    """Make a regrade stand of which all was tried, what came in meanwhile included.

    Returns:
        What it came to; None: there is more to grade first.

    Raises:
        NotFound: there is no such regrade.
        Conflict: it is not running, or the set was replaced since.
    """
    with backend.store.reading() as connection:
        begun = find_regrade(connection, actor, identity)
        _check_goes_on(connection, actor, begun)
        if _left(connection, begun, tried):
            return None
        latest = select(regrades.c.last_submission).where(regrades.c.id == begun.row)
        last_known = connection.execute(latest).scalar_one()
        # What was tried and has no verdict cannot be graded, or needed no other definition.
        rest = to_do(connection, begun)
        seen = redefined(connection, begun)
    alone = {variant for variant, submission in rest if submission is None}
    unreadable = {each for _, each in rest if each is not None and each <= last_known}
    return finish(backend, actor, begun, map, seen=seen | alone, unreadable=unreadable)


def regrade_within(
    pieces: Sequence[Piece], *, seconds: float, clock: Callable[[], float] = monotonic
) -> list[Regraded]:
    """Grade one piece after another, at least one of them, until so many seconds have passed."""
    begun, done = clock(), list[Regraded]()
    for piece in pieces:
        done.append(regrade(piece))
        if clock() - begun > seconds:
            break
    return done


def _left(connection: Connection, begun: Regrade, tried: VariantRow) -> list[ToDo]:
    return [each for each in to_do(connection, begun) if each[0] > tried]


def _last_tried(left: Sequence[ToDo], count: int) -> VariantRow:
    """Return the last variant of which everything is among the first so many."""
    variant, _ = left[min(count, len(left)) - 1]
    is_split = count < len(left) and left[count][0] == variant
    return VariantRow(variant - 1) if is_split else variant


def _check_goes_on(connection: Connection, actor: Actor, begun: Regrade) -> None:
    if begun.state != "running":
        raise Conflict(f"the regrade is {begun.state}")
    if _is_outdated(find(connection, actor, begun.problem_set), begun):
        raise Conflict("the set was replaced since this regrade was begun: begin it anew")


def _is_outdated(held: Held, begun: Regrade) -> bool:
    return (begun.version, begun.grader) != (held.version, GRADER)
