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
from gradgrade.service.course.work.intake import Earlier, Intake, Received, read_intake
from gradgrade.service.course.work.recording import RegradedMeanwhile, grade, record
from gradgrade.service.course.work.reply import Reply
from gradgrade.service.store.errors import StoreLocked

MOST_GRADED = 3
"""How often an answer is graded anew because its variant was regraded meanwhile."""


REGRADED = "this problem set is being regraded: hand it in again"


def submit(backend: Backend, actor: Actor, received: Received) -> Reply:
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
    received.answers.filled_in()
    for _ in range(MOST_GRADED):
        intake = read_intake(backend, actor, received)
        if intake.earlier is not None:
            return _same(received, intake.earlier)
        is_late = intake.policy.is_late(received.received_at)
        intake.policy.check_attempts(intake.attempts)
        graded = grade(backend, received, intake, is_late=is_late)
        try:
            return backend.store.write(partial(record, actor=actor, graded=graded))
        except RegradedMeanwhile:
            continue
        except StoreLocked:
            raise _held_up(backend, intake) from None
        except (Closed, IntegrityError):
            # The same request may have come twice at once, and the other one was kept.
            intake = read_intake(backend, actor, received)
            if intake.earlier is None:
                raise
            return _same(received, intake.earlier)
    raise Busy(REGRADED)


def _same(received: Received, earlier: Earlier) -> Reply:
    """Return what was replied to the same request.

    Raises:
        KeyReused: it was another.
    """
    if not hmac.compare_digest(earlier.request, received.digest):
        raise KeyReused(f"Idempotency-Key: {received.key!r} came with another request before")
    return Reply(
        submission=earlier.submission,
        is_valid=earlier.is_valid,
        outcome=None,
        text=earlier.text,
    )


def _held_up(backend: Backend, intake: Intake) -> Busy | InFlight:
    """Return why the variant was held by somebody else for too long."""
    with backend.store.reading() as connection:
        if running(connection, intake.problem_set) is not None:
            return Busy(REGRADED)
    return InFlight("another submission of yours to this exercise is being kept")
