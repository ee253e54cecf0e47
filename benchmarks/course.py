"""A course under load: `python -m benchmarks.course` writes docs/course-at-scale.md."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from string import Template
from tempfile import TemporaryDirectory

from benchmarks.classroom import EXERCISE, SET, Pupil, furnish, submissions
from benchmarks.course_plan import plan
from benchmarks.databases import KINDS, new_database
from benchmarks.growth_of_rows import FEW, MANY, Grown
from benchmarks.growth_of_rows import measure as measure_growth
from benchmarks.gunicorn import THREADS, WORKERS, Gunicorn, served
from benchmarks.load import Measured, load
from benchmarks.report import machine
from service.course.backend import Backend
from service.store.engine import open_store
from service.store.migrate import migrate

CLIENTS = 64
ROUNDS = 5
COUNT = 3_000
WARM = 500
COLD = 640
LASTING = 50_000
SECRET = "a secret of the benchmarks"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "course-at-scale.md"
TEMPLATE = Path(__file__).with_name("course-at-scale.md")

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

EMPTY, EMPTY_SAME = ("nothing, a bare GET", 0), ("nothing, the same", 0)
"""An empty Flask route, by what it is sent."""

MIXES: Sequence[tuple[str, int]] = (("right answers", 0), ("three of ten wrong", 3))


@dataclass(frozen=True, slots=True)
class Served:
    """A course on one kind of database, served.

    Args:
        server: gunicorn.
        pupils: its students.
    """

    server: Gunicorn
    pupils: Sequence[Pupil]

    def load(self, count: int, *, wrong_of_ten: int, tag: str) -> Measured:
        """Have all clients hand in, each as a student of its own."""
        clients = self.clients(wrong_of_ten=wrong_of_ten, tag=f"{tag}-{wrong_of_ten}")
        return _checked(load(self.server.port, clients, count=count))

    def clients(self, *, wrong_of_ten: int, tag: str) -> list[Iterator[bytes]]:
        """Return what all clients send."""
        return [
            submissions([each], wrong_of_ten=wrong_of_ten, tag=tag)
            for each in self.pupils[:CLIENTS]
        ]

    def load_cold(self) -> Measured:
        """Have every client hand in for students whom this server has never met."""
        others = self.pupils[CLIENTS:]
        clients = [
            submissions(others[at::CLIENTS], wrong_of_ten=0, tag="cold") for at in range(CLIENTS)
        ]
        return _checked(load(self.server.port, clients, count=COLD))


def main() -> None:
    """Measure, and write the page."""
    rates, latencies, cold, resident = _rates()
    grown = {kind: measure_growth(kind) for kind in KINDS}
    text = Template(TEMPLATE.read_text("utf-8")).substitute(
        machine=machine(),
        workers=WORKERS,
        threads=THREADS,
        clients=CLIENTS,
        rounds=ROUNDS,
        count=f"{COUNT:,}",
        cold=COLD,
        exercise=f"{SET}/{EXERCISE}",
        rates=_table(rates, latencies),
        cold_rates=", ".join(f"{each:.0f} a second on {kind}" for kind, each in cold.items()),
        lasting=f"{LASTING:,}",
        memory="; ".join(
            f"{kind}: {a:.0f} MiB, then {b:.0f} MiB" for kind, (a, b) in resident.items()
        ),
        few=f"{FEW:,}",
        many=f"{MANY:,}",
        growth=_growth(grown),
        **plan({kind: rates[kind, 3] for kind in KINDS}, cores=2),
    )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


Rates = Mapping[tuple[str, int], float]


def _rates() -> tuple[
    dict[tuple[str, int], float],
    dict[tuple[str, int], Measured],
    dict[str, float],
    dict[str, tuple[float, float]],
]:
    """Return requests a second by what is asked, the last round, cold rates, and memory."""
    found: dict[tuple[str, int], list[Measured]] = {}
    with ExitStack() as stack:
        empty = stack.enter_context(served("benchmarks.served:empty()", {}))
        courses = {kind: stack.enter_context(_course(kind)) for kind in KINDS}
        cold = {kind: each.load_cold().per_second for kind, each in courses.items()}
        for turn in range(ROUNDS + 1):
            count = COUNT if turn else WARM
            same = courses["SQLite"].clients(wrong_of_ten=0, tag="nothing")
            measured = {
                EMPTY: load(empty.port, [cycle([GET])] * CLIENTS, count=2 * count),
                EMPTY_SAME: load(empty.port, same, count=2 * count),
            }
            for kind, course in courses.items():
                for _, wrong in MIXES:
                    tag = f"round{turn}"
                    measured[kind, wrong] = course.load(count, wrong_of_ten=wrong, tag=tag)
            for what, each in measured.items():
                found.setdefault(what, []).append(each)
        resident = {kind: _memory(each) for kind, each in courses.items()}
    rates = {what: median(each.per_second for each in turns[1:]) for what, turns in found.items()}
    return rates, {what: turns[-1] for what, turns in found.items()}, cold, resident


def _memory(course: Served) -> tuple[float, float]:
    before = course.server.resident_megabytes()
    course.load(LASTING, wrong_of_ten=3, tag="lasting")
    return before, course.server.resident_megabytes()


@contextmanager
def _course(kind: str) -> Iterator[Served]:
    with TemporaryDirectory() as directory, new_database(kind, Path(directory)) as address:
        store = open_store(address)
        migrate(store)
        backend = Backend(store=store, secret=SECRET.encode())
        _, pupils = furnish(backend, students=CLIENTS + COLD)
        store.close()
        environment = {
            "GRADGRADE_DATABASE": address,
            "GRADGRADE_SECRET": SECRET,
            "GRADGRADE_LOG_LEVEL": "warning",
        }
        with served("benchmarks.served:course()", environment) as server:
            yield Served(server, pupils)


def _checked(measured: Measured) -> Measured:
    if set(measured.statuses) != {201}:
        raise RuntimeError(f"not all were taken: {dict(measured.statuses)}")
    return measured


def _table(rates: Rates, latencies: Mapping[tuple[str, int], Measured]) -> str:
    rows = [("an empty Flask route, sent a bare GET", EMPTY)]
    rows += [("an empty Flask route, sent the same submissions", EMPTY_SAME)]
    rows += [(f"{kind}, {said}", (kind, wrong)) for kind in KINDS for said, wrong in MIXES]
    lines = ["| what | a second | of the first | of the second | median, ms | p99, ms |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for said, what in rows:
        late = latencies[what]
        lines.append(
            f"| {said} | {rates[what]:,.0f} "
            f"| {rates[what] / rates[EMPTY]:.0%} | {rates[what] / rates[EMPTY_SAME]:.0%} "
            f"| {1000 * late.percentile(0.5):.0f} | {1000 * late.percentile(0.99):.0f} |"
        )
    return "\n".join(lines)


def _growth(grown: Mapping[str, Grown]) -> str:
    lines = ["| database | few, ms | many, ms | many / few |", "|---|---:|---:|---:|"]
    lines += [
        f"| {kind} | {each.few:.2f} | {each.many:.2f} | {each.ratio:.2f} |"
        for kind, each in grown.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
