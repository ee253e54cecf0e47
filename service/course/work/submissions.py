"""Submissions: taken once, graded, and kept with the attempt that they spend.

A submission is graded before anything is locked. One transaction then spends the attempt, keeps
the body, the verdict and what is replied under the request's key, or nothing of all that; on
SQLite those who wait for one another share it. Whoever sends the same request again under the same
key is replied the same.
"""

from __future__ import annotations

import hmac
from functools import partial

from sqlalchemy.exc import IntegrityError

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Busy, Closed, InFlight, KeyReused
from gradgrade.service.course.regrades.record import running
from gradgrade.service.course.work.intake import Desk, Earlier, Handed, approach
from gradgrade.service.course.work.recording import Regraded, graded_at, spent_all, take
from gradgrade.service.course.work.reply import Reply
from gradgrade.service.store.engine import StoreLocked

MOST_GRADED = 3
"""How often an answer is graded anew because its variant was regraded meanwhile."""


REGRADED = "this problem set is being regraded: hand it in again"


def submit(backend: Backend, actor: Actor, handed: Handed) -> Reply:
    """Take a student's submission, grade it and keep it.

    Raises:
        NotFound: there is no such set or exercise for this student.
        Conflict: the exercise was never fetched, so that there are no numbers to answer.
        Closed: it is too late, or all attempts are spent; nothing is kept.
        KeyReused: the key came with another request before.
        InFlight: another of the student's submissions to this exercise is being kept.
        DocumentError: the answers are refused whole; nothing is kept.
        Busy: the set is being regraded, or the exercise was again and again meanwhile.
    """
    for _ in range(MOST_GRADED):
        desk = approach(backend, actor, handed)
        if desk.earlier is not None:
            return _same(handed, desk.earlier)
        is_late = desk.policy.is_late(handed.received_at)
        if desk.policy.attempts is not None and desk.attempts >= desk.policy.attempts:
            raise spent_all(desk)
        graded = graded_at(backend, handed, desk, is_late=is_late)
        try:
            return backend.store.write(partial(take, actor=actor, graded=graded))
        except Regraded:
            continue
        except StoreLocked:
            raise _held_up(backend, desk) from None
        except (Closed, IntegrityError):
            # The same request may have come twice at once, and the other one was kept.
            desk = approach(backend, actor, handed)
            if desk.earlier is None:
                raise
            return _same(handed, desk.earlier)
    raise Busy(REGRADED)


def _same(handed: Handed, earlier: Earlier) -> Reply:
    """Return what was replied to the same request.

    Raises:
        KeyReused: it was another.
    """
    if not hmac.compare_digest(earlier.request, handed.digest):
        raise KeyReused(f"Idempotency-Key: {handed.key!r} came with another request before")
    return Reply(
        submission=earlier.submission,
        is_valid=earlier.is_valid,
        outcome=None,
        text=earlier.text,
    )


def _held_up(backend: Backend, desk: Desk) -> Busy | InFlight:
    """Return why the variant was held by somebody else for too long."""
    with backend.store.reading() as connection:
        if running(connection, desk.problem_set) is not None:
            return Busy(REGRADED)
    return InFlight("another submission of yours to this exercise is being kept")
