"""A course under load: `python -m benchmarks.course` writes docs/course-at-scale.md."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from string import Template
from tempfile import TemporaryDirectory

from benchmarks.classroom import EXERCISE, SET, Pupil, furnish, submissions
from benchmarks.course_plan import plan
from benchmarks.databases import KINDS, new_database
from benchmarks.growth_of_rows import FEW, MANY, Grown
from benchmarks.growth_of_rows import measure as measure_growth
from benchmarks.gunicorn import OPTIONS, THREADS, WORKERS, Gunicorn, served
from benchmarks.load import Measured, load
from benchmarks.report import machine
from gradgrade.service.course.backend import Backend
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate

CLIENTS = 64
ROUNDS = 5
COUNT = 3_000
WARM = 500
COLD = 640
STRETCH, STRETCHES = 25_000, 4
SECRET = "a secret of the benchmarks"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "course-at-scale.md"
TEMPLATE = Path(__file__).with_name("course-at-scale.md")

EMPTY = "an empty Flask route"

MIXES: Sequence[tuple[str, int]] = (("right answers", 0), ("three of ten wrong", 3))


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured: which server is sent what.

    Args:
        worker: the kind of gunicorn's workers.
        asked: what they serve.
        wrong_of_ten: how many answers are wrong.
    """

    worker: str
    asked: str
    wrong_of_ten: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a round of requests came to.

    Args:
        measured: by the clients.
        processor: what a request took of the workers' processor time, in seconds.
    """

    measured: Measured
    processor: float


@dataclass(frozen=True, slots=True)
class Served:
    """A course on one kind of database, served.

    Args:
        server: gunicorn.
        pupils: its students.
    """

    server: Gunicorn
    pupils: Sequence[Pupil]

    def load(self, count: int, *, wrong_of_ten: int, tag: str) -> Cost:
        """Have all clients hand in, each as a student of its own."""
        clients = self.clients(wrong_of_ten=wrong_of_ten, tag=f"{tag}-{wrong_of_ten}")
        cost = _cost(self.server, clients, count)
        _checked(cost.measured)
        return cost

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
    costs: dict[Row, list[Cost]] = {}
    # One after the other, since whoever has nothing to do takes memory and caches all the same.
    for worker in OPTIONS:
        _rounds(worker, costs)
    lasting = [_lasting(kind) for kind in KINDS]
    grown = {kind: measure_growth(kind) for kind in KINDS}
    rates = {row: _rate(each) for row, each in costs.items()}
    text = Template(TEMPLATE.read_text("utf-8")).substitute(
        machine=machine(),
        workers=WORKERS,
        threads=THREADS,
        clients=CLIENTS,
        rounds=ROUNDS,
        count=f"{COUNT:,}",
        cold=COLD,
        exercise=f"{SET}/{EXERCISE}",
        cold_rates=", ".join(f"{each.cold:.0f} a second on {each.kind}" for each in lasting),
        stretch=f"{STRETCH:,}",
        memory="; ".join(
            f"{each.kind}: {', '.join(f'{held:.0f}' for held in each.memory)} MiB"
            for each in lasting
        ),
        few=f"{FEW:,}",
        many=f"{MANY:,}",
        growth=_growth(grown),
        **{worker: _table(worker, costs) for worker in OPTIONS},
        **plan({kind: rates[Row("gthread", kind, 3)] for kind in KINDS}, cores=2),
    )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


@dataclass(frozen=True, slots=True)
class Lasting:
    """What is measured once of a course.

    Args:
        kind: of its database.
        cold: first submissions a second.
        memory: of the workers after every further stretch of submissions, in MiB.
    """

    kind: str
    cold: float
    memory: Sequence[float]


def _rounds(worker: str, costs: dict[Row, list[Cost]]) -> None:
    """Measure every row of a kind of worker in every round."""
    with ExitStack() as stack:
        empty = stack.enter_context(served("benchmarks.served:empty()", {}, kind=worker))
        courses = {kind: stack.enter_context(course_on(kind, worker)) for kind in KINDS}
        for turn in range(ROUNDS + 1):
            count = COUNT if turn else WARM
            same = courses["SQLite"].clients(wrong_of_ten=0, tag="nothing")
            found = {Row(worker, EMPTY, 0): _cost(empty, same, 2 * count)}
            for kind, course in courses.items():
                for _, wrong in MIXES:
                    cost = course.load(count, wrong_of_ten=wrong, tag=f"round{turn}")
                    found[Row(worker, kind, wrong)] = cost
            if turn:
                for row, cost in found.items():
                    costs.setdefault(row, []).append(cost)


def _lasting(kind: str) -> Lasting:
    with course_on(kind, "gthread") as course:
        cold = course.load_cold().per_second
        memory = []
        for turn in range(STRETCHES):
            course.load(STRETCH, wrong_of_ten=3, tag=f"lasting{turn}")
            memory.append(course.server.resident_megabytes())
        return Lasting(kind, cold, memory)


def _cost(server: Gunicorn, clients: Sequence[Iterator[bytes]], count: int) -> Cost:
    before = server.processor_seconds()
    measured = load(server.port, clients, count=count)
    return Cost(measured, (server.processor_seconds() - before) / count)


def _rate(costs: Sequence[Cost]) -> float:
    return median(each.measured.per_second for each in costs)


def _processor(costs: Sequence[Cost]) -> float:
    return median(each.processor for each in costs)


@contextmanager
def course_on(kind: str, worker: str) -> Iterator[Served]:
    """Provide a course on a kind of database, served by a kind of worker."""
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
        with served("benchmarks.served:course()", environment, kind=worker) as server:
            yield Served(server, pupils)


def _checked(measured: Measured) -> Measured:
    if set(measured.statuses) != {201}:
        raise RuntimeError(f"not all were taken: {dict(measured.statuses)}")
    return measured


def _table(worker: str, costs: Mapping[Row, Sequence[Cost]]) -> str:
    rows = [(EMPTY, Row(worker, EMPTY, 0))]
    rows += [
        (f"{kind}, {said}", Row(worker, kind, wrong)) for kind in KINDS for said, wrong in MIXES
    ]
    empty = _rate(costs[rows[0][1]])
    lines = ["| what | a second | of the first | processor, ms | median, ms | p99, ms |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for said, row in rows:
        late = costs[row][-1].measured
        lines.append(
            f"| {said} | {_rate(costs[row]):,.0f} | {_rate(costs[row]) / empty:.0%} "
            f"| {1000 * _processor(costs[row]):.2f} "
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
