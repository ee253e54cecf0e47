"""The course to look at, filled: the same grades for the same seed."""

from dataclasses import replace
from datetime import UTC, datetime

from gradgrade.service.course.backend import Backend
from gradgrade.service.course.grades.course_gradebook import gather_course_gradebook
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.example_course.seeding import (
    COURSE,
    SETS,
    hand_in,
    open_example,
    secret_of,
)
from gradgrade.service.gradebook_formats import FORMATS
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
SMALL = [replace(SETS[0], exercises=SETS[0].exercises[:1])]


def gradebook(database: str, seed: str) -> str:
    store = open_store(database)
    try:
        migrate(store)
        backend = Backend(store=store, secret=secret_of(seed).encode())
        opened = open_example(backend, seed, now=NOW, sets=SMALL)
        hand_in(backend, opened, opened.work, now=NOW)
        with store.snapshot() as connection:
            actor = open_course(connection, COURSE, now=NOW, makes=False)
            book = gather_course_gradebook(connection, actor)
    finally:
        store.close()
    return FORMATS["csv"].write_course(book).decode()


def test_a_seed_always_makes_the_same_grades(tmp_path):
    first, again = (
        gradebook(f"sqlite:///{tmp_path / name}.db", "0") for name in ("first", "again")
    )
    assert first == again
    assert len(first.splitlines()) == 31
