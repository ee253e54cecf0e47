"""A course with a set that is received in to and replaced, in a real database."""

import json
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from gradgrade.problems import Answers, Exercise, ProblemSet
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Busy
from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.course.regrades import running, trial
from gradgrade.service.course.regrades.report import Report
from gradgrade.service.course.sets.problem_sets import find, publish, replace
from gradgrade.service.course.work import submission_history, submissions
from gradgrade.service.course.work.intake import Received
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.schema import metadata, verdicts
from tests.service.remembered import remembered
from tests.service.store.databases import make_tables, new_database
from tests.solved import right_answers
from tests.strategies import definition, dense

NAME = "week-3"
LINE = "line"
BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECRET = b"0123456789abcdef"

STRICT = {"relative": 1e-6, "absolute": 0}
LOOSE = {"relative": 1e-2, "absolute": 0}
SLIP = 1e-3
"""The share that a loss is off by, which is wrong strictly and right loosely."""


def exercise(name: str = LINE, **fields: Any) -> dict[str, Any]:
    """A small exercise of 10 points: 5 for the loss, 5 for dW1."""
    small = {
        "name": name,
        "points": 10,
        "layers": [dense(2, "sigmoid"), dense(1, "sigmoid")],
        "ask": ["loss", "dW1"],
        "tolerance": STRICT,
    }
    return definition(**(small | fields))


def program(**fields: Any) -> dict[str, Any]:
    """The same of a program, whose loss is half of the points too."""
    return {
        "name": LINE,
        "type": "program",
        "points": 10,
        "arrays": {"x": [2], "w": [2]},
        "program": "loss = sum(sigmoid(x * w))",
        "differentiate": "loss",
        "ask": ["loss", "dw"],
        "tolerance": STRICT,
        **fields,
    }


def week(*exercises: dict[str, Any], **fields: Any) -> ProblemSet:
    """The set; policy in `fields`."""
    data = {"schema": "gradgrade/problem-set/1", "name": NAME, "exercises": list(exercises)}
    return ProblemSet.from_json(json.dumps(data | fields))


class Classroom:
    """A course with the set in it.

    Args:
        backend: its clock tells `now`.
        database: the address of its database.
    """

    def __init__(self, store, database: str) -> None:
        self.database = database
        self.now = BEGIN
        self.backend = Backend(
            store=store, secret=SECRET, clock=lambda: self.now, contained=remembered
        )
        with store.writing() as connection:
            self.staff = open_course(connection, "course", now=BEGIN)
        self.tokens: dict[str, str] = {}

    def publish(self, *exercises: dict[str, Any], **fields: Any) -> None:
        publish(self.backend, self.staff, week(*exercises, **fields))

    def replace(self, *exercises: dict[str, Any], **fields: Any) -> None:
        replace(self.backend, self.staff, NAME, week(*exercises, **fields))

    def enrol(self, *names: str) -> None:
        made = enrol(self.backend, self.staff, NAME, [Student(id=name) for name in names])
        self.tokens |= {each.student.id: each.token for each in made if each.token}

    def student(self, name: str) -> Actor:
        return authenticate(self.backend, self.tokens[name])

    def variant(self, student: str, exercise: str = LINE) -> Exercise:
        return Exercise.from_json(fetch(self.backend, self.staff, NAME, exercise, student))

    def right(self, student: str, exercise: str = LINE, *, off: float = 0) -> dict[str, Any]:
        """The answers of a student, the loss being off by such a share."""
        answers = right_answers(self.variant(student, exercise))
        return answers | {"loss": answers["loss"] * (1 + off)}

    def hand_in(self, student: str, answers: dict[str, Any], exercise: str = LINE) -> str:
        """Hand in, again where the server is busy; returns the submission's id."""
        received = self.received(answers, exercise)
        while True:
            try:
                reply = submissions.submit(self.backend, self.student(student), received)
            except Busy:
                continue
            return str(json.loads(reply.text)["submission"])

    def received(self, answers: dict[str, Any], exercise: str = LINE) -> Received:
        return Received(
            problem_set=NAME,
            exercise=exercise,
            body=json.dumps({"answers": answers}).encode(),
            answers=Answers.of(answers),
            key=None,
            received_at=self.now,
        )

    def read(self, submission: str) -> submission_history.Recorded:
        return submission_history.read_submission(self.backend, self.staff, submission)

    def points(self) -> dict[str, int | None]:
        """What the gradebook has for each student."""
        with self.backend.store.reading() as connection:
            book = gather_gradebook(connection, find(connection, self.staff, NAME).row)
        return {row.student: row.points for row in book.rows}

    def try_out(self, run=map, **options: Any) -> Report:
        return trial.try_out(self.backend, self.staff, NAME, run, **options)

    def regrade(self, run=map, **options: Any) -> Report:
        return running.apply(self.backend, self.staff, NAME, run, **options)

    def reverse(self, report: Report) -> Report:
        assert report.regrade.id is not None
        return running.reverse(self.backend, self.staff, report.regrade.id)

    def rows(self, table, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        wanted = select(table).order_by(*table.primary_key.columns)
        with self.backend.store.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [{name: row[name] for name in row if name not in without} for row in rows]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables."""
        return {table.name: self.rows(table) for table in metadata.sorted_tables}

    def standing(self) -> list[dict[str, Any]]:
        """The verdicts that stand, in the order of their submissions."""
        found = [row for row in self.rows(verdicts) if row["stands"]]
        return sorted(found, key=lambda row: row["submission_id"])

    def count(self, table, *conditions: Any) -> int:
        with self.backend.store.reading() as connection:
            wanted = select(func.count()).select_from(table).where(*conditions)
            return int(connection.execute(wanted).scalar_one())

    def later(self, **delay: float) -> None:
        self.now += timedelta(**delay)


def two_students(room, **policy):
    """Ann's loss is slightly off, Bob's answers are right."""
    room.publish(exercise(), **policy)
    room.enrol("ann", "bob")
    return (
        room.hand_in("ann", room.right("ann", off=SLIP)),
        room.hand_in("bob", room.right("bob")),
    )


def many(room, count):
    room.publish(exercise())
    room.enrol("ann", "bob")
    for number in range(count):
        name = ("ann", "bob")[number % 2]
        room.hand_in(name, room.right(name, off=SLIP))
    room.replace(exercise(tolerance=LOOSE))


def is_sound(room):
    return find_faults(room.backend.store) == []


@contextmanager
def new_store(kind: str, directory: Path):
    """Provide a store with its tables and its database's address."""
    with ExitStack() as stack:
        database = stack.enter_context(new_database(kind, directory))
        store = open_store(database)
        stack.callback(store.close)
        make_tables(store)
        yield store, database


@contextmanager
def new_classroom(kind: str, directory: Path):
    """Provide a course in a database of its own."""
    with new_store(kind, directory) as (store, database):
        yield Classroom(store, database)


def empty(store) -> None:
    """Delete all rows, which is sooner done than to make a database, or files of tables anew."""
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
