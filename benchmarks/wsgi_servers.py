"""Submissions to gunicorn and Granian in pairs: `python -m benchmarks.wsgi_servers` prints both.

Granian is no dependency: `pip install granian` first. Both have the same number of processes and
threads, a course of their own on SQLite and the same submissions, right answers alone: the less a
request takes of us, the more a server shows.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from statistics import median

from benchmarks.course import Cost, course_on
from benchmarks.gunicorn import GRANIAN, THREADS, WORKERS

KINDS = ("gthread", GRANIAN)
ROUNDS, COUNT, WARM = 9, 2_000, 500


def main() -> None:
    """Measure, and print what came of it."""
    if find_spec(GRANIAN) is None:
        sys.exit("Granian is not installed: pip install granian")
    costs = _costs()
    print(f"{WORKERS} processes of {THREADS} threads, {ROUNDS} pairs of {COUNT} submissions")
    for kind, each in costs.items():
        rate = median(cost.measured.per_second for cost in each)
        processor = 1000 * median(cost.processor for cost in each)
        print(f"{kind}: {rate:,.0f} a second, {processor:.2f} ms of the processor each")
    ours, others = costs.values()
    pairs = list(zip(ours, others, strict=True))
    rate = median(other.measured.per_second / own.measured.per_second for own, other in pairs)
    processor = median(own.processor / other.processor for own, other in pairs)
    print(
        f"{GRANIAN} / {KINDS[0]}, medians of pairs: {rate:.2f} times as many a second, "
        f"{processor:.2f} times as many for the same time of the processor"
    )


def _costs() -> Mapping[str, Sequence[Cost]]:
    """Return what every round cost, by kind of server; who begins alternates."""
    costs: dict[str, list[Cost]] = {kind: [] for kind in KINDS}
    with ExitStack() as stack:
        courses = {kind: stack.enter_context(course_on("SQLite", kind)) for kind in KINDS}
        for each in courses.values():
            each.load(WARM, wrong_of_ten=0, tag="warm")
        for turn in range(ROUNDS):
            for kind in KINDS if turn % 2 else reversed(KINDS):
                cost = courses[kind].load(COUNT, wrong_of_ten=0, tag=f"round{turn}")
                costs[kind].append(cost)
    return costs


if __name__ == "__main__":
    main()
