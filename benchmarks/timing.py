"""Paired timing: in every repetition all engines run one after another, in alternating order.

Ratios are medians over repetitions of what two engines took in the same repetition, so that a
machine that slows down for a while slows both. Times are minima.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from time import perf_counter
from timeit import Timer
from typing import Any

LEAST_SECONDS = 0.02
"""A shorter run is looped until it takes so long."""

SLOW_SECONDS = 10.0
"""A run that takes longer is not repeated."""

REPETITIONS = (3, 15)
"""At least, and at most where the budget allows more."""


@dataclass(frozen=True)
class Timings:
    """Seconds a run, by engine and repetition.

    The first repetition warms up and is left out, except for engines too slow to be repeated.
    """

    seconds: Mapping[str, Mapping[int, float]]

    def __contains__(self, engine: str) -> bool:
        """Tell whether an engine was measured."""
        return engine in self.seconds

    def divided(self, times: Mapping[str, int]) -> "Timings":
        """Return the timings of one piece of work, where runs do it several times.

        >>> Timings({"a": {0: 9.0, 1: 6.0}}).divided({"a": 3}).best("a")
        2.0
        """
        return Timings(
            {
                name: {at: each / times[name] for at, each in repetitions.items()}
                for name, repetitions in self.seconds.items()
            }
        )

    def best(self, engine: str) -> float:
        """Return the shortest time."""
        return min(self._counted(engine, engine))[0]

    def repetitions(self, engine: str) -> int:
        """Return how many count."""
        return len(self._counted(engine, engine))

    def ratio(self, engine: str, other: str) -> float:
        """Return how many times as long one engine takes as another, the median over pairs."""
        return median(one / two for one, two in self._counted(engine, other))

    def _counted(self, engine: str, other: str) -> list[tuple[float, float]]:
        one, two = self.seconds[engine], self.seconds[other]
        common = sorted(one.keys() & two.keys())
        return [(one[each], two[each]) for each in (common[1:] or common)]


def measure(
    runs: Mapping[str, Callable[[], Any]],
    *,
    budget: float,
    clock: Callable[[], float] = perf_counter,
    most: int = REPETITIONS[1],
) -> tuple[Timings, dict[str, Any]]:
    """Time several ways to do the same work, side by side.

    Args:
        runs: what to run, by name.
        budget: seconds after which no further repetition starts, once there are enough.
        clock: tells seconds; the processor's, where other work shares the machine.
        most: repetitions, where the budget allows so many.

    Returns:
        What each took, and what each returned.
    """
    seconds: dict[str, dict[int, float]] = {}
    returned = {}
    for name, run in runs.items():
        start = clock()
        returned[name] = run()
        seconds[name] = {0: clock() - start}
    repeated = [name for name in runs if seconds[name][0] < SLOW_SECONDS]
    timers = {name: Timer(runs[name], timer=clock) for name in repeated}
    loops = {name: ceil(LEAST_SECONDS / max(seconds[name][0], 1e-7)) for name in repeated}
    least = REPETITIONS[0]
    spent = 0.0
    for repetition in range(1, most + 1):
        if repetition > least and spent > budget:
            break
        for name in _alternated(repeated, repetition):
            taken = timers[name].timeit(loops[name])
            seconds[name][repetition] = taken / loops[name]
            spent += taken
    return Timings(seconds), returned


def _alternated(names: Sequence[str], repetition: int) -> Sequence[str]:
    return names if repetition % 2 else names[::-1]
