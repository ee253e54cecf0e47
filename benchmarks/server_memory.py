"""Memory of a server's process after wrong answers: `python -m benchmarks.server_memory` prints it.

To the largest network that a server draws, each answer of another student to numbers of their own,
all of its entries wrong: what is kept of each, and what explaining it takes, is then most. The
variants are one that was drawn, under other ids, since to draw each would take a minute.
"""

import random
from collections.abc import Iterator, Sequence
from json import dumps
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy import insert, select

from benchmarks.memory import KIBIBYTE, status
from gradgrade.oracle.nested import build
from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.app import create_app
from gradgrade.service.bounds import MOST_PUBLISHING_SECONDS
from gradgrade.service.contained import Process
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people import roster
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.identities import StudentId
from gradgrade.service.store.migrate import migrate
from gradgrade.service.store.schema import students, variants

ANSWERS = 600
TOLD_AFTER = (0, 1, 10, 100, 200, 300, 400, 500, 600)
SET, EXERCISE = "largest", "two-layers"

LARGEST = ProblemSet.from_toml(
    """
    schema = "gradgrade/problem-set/1"
    name = "largest"
    [[exercises]]
    name = "two-layers"
    inputs = 285
    layers = [
      { type = "dense", units = 300, activation = "tanh" },
      { type = "dense", units = 30, activation = "tanh" },
    ]
    loss = { name = "half_squared_error" }
    optimizer = { name = "sgd", learning_rate = 0.1 }
    ask = ["gradients", "updates"]
    """
)


def served(backend: Backend, problem_set: ProblemSet, count: int) -> Iterator[tuple[str, bytes]]:
    """Publish a set of one exercise, and yield tokens of so many students with wrong answers."""
    with backend.store.writing() as connection:
        staff = open_course(connection, "course", now=backend.clock())
    publish(backend, staff, problem_set)
    names = [roster.Student(id=StudentId(f"s{number:03}")) for number in range(count)]
    enrolled = roster.enrol(backend, staff, problem_set.name, names)
    (only,) = problem_set.exercises
    drawn = fetch(backend, staff, problem_set.name, only.name, names[0].id)
    _give(backend, drawn)
    yield from zip([each.token or "" for each in enrolled], wrong_answers(drawn), strict=False)


def _give(backend: Backend, document: str) -> None:
    """Give all students the variant of the first, each under an id of their own."""
    own = Exercise.from_json(document).id
    with backend.store.writing() as connection:
        (first,) = connection.execute(select(variants)).mappings()
        rows = connection.execute(select(students.c.id).where(students.c.id != first["student_id"]))
        given = {name: first[name] for name in first if name not in ("id", "fingerprint")}
        for number, row in enumerate(rows.scalars().all(), start=1):
            copied = document.replace(own, f"{number:016x}")
            connection.execute(
                insert(variants).values({**given, "student_id": row, "document": copied})
            )


def wrong_answers(document: str) -> Iterator[bytes]:
    """Yield bodies of submissions whose every entry is wrong."""
    asked, chance = Exercise.from_json(document).ask, random.Random(0)
    while True:
        answers = {
            part.name: build(_numbers(prod(part.shape), chance), tuple(part.shape))
            for part in asked
        }
        yield dumps({"answers": answers}).encode()


def _numbers(count: int, chance: random.Random) -> Sequence[float]:
    return [chance.uniform(-1, 1) for _ in range(count)]


@click.command()
@click.option("--answers", type=int, default=ANSWERS, show_default=True)
def main(answers: int) -> None:
    """Hand in wrong answers, and print what the process has at the most and at last."""
    template = compile_template(LARGEST, EXERCISE)
    print(f"cost {cost_of(template):,}, {sum(prod(each.shape) for each in template.ask):,} entries")
    print("| wrong answers | resident, MiB | at the most, MiB |\n| ---: | ---: | ---: |")
    with TemporaryDirectory() as directory:
        store = open_store(str(Path(directory, "course.db")))
        migrate(store)
        # As a server has it: what publishing tries out is another process's.
        contained = Process(seconds=MOST_PUBLISHING_SECONDS, stays=False)
        secret = b"a secret of the benchmarks"
        backend = Backend(store=store, secret=secret, contained=contained)
        settings = Settings(most_bytes=2**25)
        client = create_app(backend=backend, settings=settings).test_client()
        path = f"/api/v1/problem-sets/{SET}/exercises/{EXERCISE}/submissions"
        _tell(0)
        for number, (token, body) in enumerate(served(backend, LARGEST, answers), start=1):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            reply = client.post(path, data=body, headers=headers)
            if reply.status_code != 201:
                raise RuntimeError(reply.text[:1000])
            if number in (*TOLD_AFTER, answers):
                _tell(number)
        store.close()


def _tell(number: int) -> None:
    resident, most = (status(field) // KIBIBYTE**2 for field in ("VmRSS", "VmHWM"))
    print(f"| {number} | {resident} | {most} |", flush=True)


if __name__ == "__main__":
    main()
