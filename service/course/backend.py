"""Backend: what every operation of a course needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gradgrade.oracle.bounded_cache import MEBIBYTE, BoundedCache
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.marking.marker import Marker
from gradgrade.service.background import Background
from gradgrade.service.contained import Contained, here
from gradgrade.service.store.engine import Store

Clock = Callable[[], datetime]

MOST_OF_MARKERS = 48 * MEBIBYTE
"""Thousands of those of ordinary exercises, or eight of the largest that a server draws."""

MOST_OF_EXPLAINERS = 32 * MEBIBYTE
"""Of variants as wrong answers to them are explained, walked with running errors.
That is a hundred or so of ordinary exercises, or two of the largest."""

MOST_OF_SERIES = 16 * MEBIBYTE
"""Of variants for CI: a run asks for them, then for the verdicts on answers to them."""

MOST_OF_AHEAD = 8 * MEBIBYTE
"""Of variants that were made ahead: hundreds of ordinary ones; a student who comes takes theirs."""


def system_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A database, the secret that variants are drawn with, and a clock; and what a process keeps.

    Args:
        store: the database.
        secret: what keeps variants from being foretold.
        clock: tells the time, with its zone.
        contained: whoever tries out the sets that are previewed and published.
        markers: what marks answers to variants, by what stands for the variant and its key.
        explainers: what explains wrong answers to them, likewise.
        series: the variants of CI jobs, by what they are drawn from.
        most_ahead: how many students' variants are made ahead when one fetches theirs.
        background: makes them.
        ahead: those that were made, by what they are drawn from.
    """

    store: Store
    secret: bytes = field(repr=False)
    clock: Clock = system_clock
    contained: Contained = field(default=here, repr=False, compare=False)
    markers: BoundedCache[bytes, Marker] = field(
        default_factory=lambda: BoundedCache(most=MOST_OF_MARKERS),
        repr=False,
        compare=False,
    )
    explainers: BoundedCache[bytes, Explainer] = field(
        default_factory=lambda: BoundedCache(most=MOST_OF_EXPLAINERS),
        repr=False,
        compare=False,
    )
    series: BoundedCache[tuple[bytes, ...], Any] = field(
        default_factory=lambda: BoundedCache(most=MOST_OF_SERIES),
        repr=False,
        compare=False,
    )
    most_ahead: int = 0
    background: Background = field(default_factory=Background, repr=False, compare=False)
    ahead: BoundedCache[bytes, Any] = field(
        default_factory=lambda: BoundedCache(most=MOST_OF_AHEAD),
        repr=False,
        compare=False,
    )
