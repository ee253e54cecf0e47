"""Where the time of the walks goes: `python -m benchmarks.costs` writes docs/profile.md."""

import cProfile
import pstats
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.engines import ball_walk, certified_solve
from benchmarks.networks import SIZES, Case
from gradgrade.service.cli.writing import write

DIGITS = 50
MOST = 8
PAGE = Path(__file__).resolve().parents[1] / "docs" / "profile.md"

INTRODUCTION = f"""\
# Where the time goes

Written by `python -m benchmarks.costs`: the functions with the largest share of their own time, by
Python's profiler, at {DIGITS} digits. What flint does appears under the function that calls it:
`dot`, `add`, `subtract` and `multiply` of `ball.py` hold
little else. Shares, not times: the profiler makes Python's part look larger than it is.
"""


def costs(run: Callable[[], object], repetitions: int) -> list[tuple[str, float]]:
    """Return the functions with the largest own time, and their shares of the whole."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(repetitions):
        run()
    profiler.disable()
    stats = pstats.Stats(profiler)
    # The type stubs leave out the table that the profiler's own reports are made from.
    table: dict[tuple[str, int, str], tuple[Any, ...]] = vars(stats)["stats"]
    own: dict[str, float] = {}
    for (file, _, function), times in table.items():
        name = re.sub(r" at 0x[0-9a-f]+", "", function)
        name = f"{Path(file).name}: {name}" if file != "~" else name
        own[name] = own.get(name, 0.0) + times[2]
    whole = sum(own.values())
    ranked = sorted(own.items(), key=lambda item: -item[1])[:MOST]
    return [(name, seconds / whole) for name, seconds in ranked]


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield INTRODUCTION
    for title, engine, sizes, batch, repetitions in (
        ("Ball walk", ball_walk, SIZES[0], 1, 500),
        ("Ball walk", ball_walk, SIZES[1], 1, 200),
        ("Ball walk", ball_walk, SIZES[-1], 1, 10),
        ("Certified solve", certified_solve, SIZES[-1], 1, 3),
        ("Certified solve", certified_solve, SIZES[-1], 32, 1),
    ):
        case = Case(sizes, batch)
        yield f"## {title}, {case}, batch {batch}\n"
        yield "| function | share of own time |"
        yield "| --- | ---: |"
        for name, share in costs(engine(case, DIGITS).run, repetitions):
            yield f"| `{name}` | {share:.0%} |"
        yield ""


if __name__ == "__main__":
    write(PAGE, "\n".join(page()))
