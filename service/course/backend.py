"""Backend: what every operation of a course needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gradgrade.service.store.engine import Store

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A database, the secret that variants are drawn with, and a clock.

    Args:
        store: the database.
        secret: what keeps variants from being foretold.
        clock: tells the time, with its zone.
    """

    store: Store
    secret: bytes
    clock: Clock = system_clock
