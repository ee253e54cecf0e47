"""Does a submission cost more where many are stored? Two databases, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from json import loads
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text

from benchmarks.classroom import EXERCISE, SET, furnish
from benchmarks.databases import KINDS, new_database
from gradgrade.problems import Answers
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.work.intake import Received
from gradgrade.service.course.work.submissions import submit
from gradgrade.service.store.engine import Store, open_store
from gradgrade.service.store.migrate import migrate

SECRET = b"a secret of the benchmarks"
FEW, MANY = 1_000, 1_000_000
STUDENTS = 20_000
"""Who has received in the rows that are there before."""

BLOCK, BLOCKS = 50, 31


@dataclass(frozen=True, slots=True)
class Grown:
    """What a submission costs, in milliseconds, with few rows stored and with many."""

    few: float
    many: float
    ratio: float


def measure(kind: str) -> Grown:
    """Return what submissions to two databases of a kind cost, measured in turn."""
    with (
        TemporaryDirectory() as directory,
        _filled(kind, Path(directory) / "few", FEW) as few,
        _filled(kind, Path(directory) / "many", MANY) as many,
    ):
        pairs = [(_block(few), _block(many)) for _ in range(BLOCKS)][1:]
    return Grown(
        few=1000 * min(each for each, _ in pairs),
        many=1000 * min(each for _, each in pairs),
        ratio=median(many / few for few, many in pairs),
    )


def _block(hand_in: Callable[[], object]) -> float:
    began = perf_counter()
    for _ in range(BLOCK):
        hand_in()
    return (perf_counter() - began) / BLOCK


@contextmanager
def _filled(kind: str, directory: Path, rows: int) -> Iterator[Callable[[], object]]:
    """Provide what hands in to a database with so many submissions."""
    directory.mkdir()
    with new_database(kind, directory) as address:
        store = open_store(address)
        try:
            migrate(store)
            backend = Backend(store=store, secret=SECRET)
            hand_in = _pupil_of(backend)
            hand_in()
            _copy(store, rows)
            yield hand_in
        finally:
            store.close()


def _pupil_of(backend: Backend) -> Callable[[], object]:
    _, (pupil,) = furnish(backend, students=1)
    actor = authenticate(backend, pupil.token)
    answers = Answers.from_data(loads(pupil.right)["answers"])
    keys = map(str, count())

    def hand_in() -> object:
        received = Received(
            problem_set=SET,
            exercise=EXERCISE,
            body=pupil.right,
            answers=answers,
            key=next(keys),
            received_at=datetime.now(UTC),
        )
        return submit(backend, actor, received)

    return hand_in


def _copy(store: Store, rows: int) -> None:
    """Copy the one submission that is there, with all that belongs to it, to many students."""
    students = max(1, min(STUDENTS, rows // 10))
    numbers = _SQLITE_NUMBERS if store.is_sqlite else _POSTGRESQL_NUMBERS
    with store.writing() as connection:
        if not store.is_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _COPIES:
            values = {"students": students, "rows": rows}
            statement = statement.replace("NUMBERS", numbers)
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    if not store.is_sqlite:
        # Autovacuum would come when it likes, in the middle of what is measured.
        with store.reading() as connection:
            connection.execute(text("VACUUM ANALYZE"))


# A table `numbers` of one column n, from 1 to :rows.
_SQLITE_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST(:rows AS INTEGER))"
)
_POSTGRESQL_NUMBERS = "WITH numbers(n) AS (SELECT generate_series(1, CAST(:rows AS INTEGER)))"

# The rows that are there have the number 1; the new ones are numbered on from 2.
_COPIES = (
    """
    INSERT INTO students (course_id, student, name, email, created_at)
    NUMBERS SELECT course_id, 'x' || CAST(n AS TEXT), name, email, created_at
    FROM students, numbers WHERE n <= :students ORDER BY n
    """,
    """
    INSERT INTO enrolments (problem_set_id, student_id)
    SELECT problem_set_id, id FROM enrolments, students WHERE id > 1
    """,
    """
    INSERT INTO variants
    (problem_set_id, exercise, student_id, version, document, answer_key, pinned_at, attempts)
    SELECT problem_set_id, exercise, students.id, version, document, answer_key, pinned_at,
    CAST(:rows AS INTEGER) / CAST(:students AS INTEGER)
    FROM variants, students WHERE students.id > 1 ORDER BY students.id
    """,
    """
    INSERT INTO submissions (public_id, problem_set_id, student_id, variant_id, attempt,
    received_at, body, is_late, receipt, key, request, reply, told)
    NUMBERS SELECT 'x' || CAST(n AS TEXT), first.problem_set_id, variants.student_id, variants.id,
    1 + (n - 1) / CAST(:students AS INTEGER), received_at, body, is_late, receipt,
    'x' || CAST(n AS TEXT), request, reply, told FROM submissions AS first, numbers
    JOIN variants ON variants.student_id = 2 + n % CAST(:students AS INTEGER) ORDER BY n
    """,
    """
    INSERT INTO verdicts (submission_id, stands, grader, version, created_at, outcome, score,
    max_score, points, document, parts)
    SELECT submissions.id, stands, grader, version, created_at, outcome, score, max_score, points,
    document, parts FROM verdicts, submissions WHERE submissions.id > 1 ORDER BY submissions.id
    """,
)


if __name__ == "__main__":
    for each in KINDS:
        print(each, measure(each))
