"""First fetches of students, as a server answers them: of one alone, and of one made ahead."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time, thread_time

from gradgrade.problems import ProblemSet
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.identities import StudentId
from gradgrade.service.store.migrate import migrate

AHEAD = 16

STUDENTS = 7
"""Of so many students the middle one counts: how many draws are rejected is another each time, and
the first of all fetches pays for what is kept from then on."""

FETCH_ALONE = "a first fetch of a student, nothing made ahead"


class Class:
    """A set that is published to a class of which nobody has fetched anything.

    Args:
        backend: of the course.
        students: `STUDENTS`, and one more than are made ahead.
        problem_set: the set's name.
    """

    def __init__(self, backend: Backend, students: Sequence[Actor], problem_set: str) -> None:
        self._alone, self._ahead = backend, replace(backend, most_ahead=AHEAD)
        self._students = students
        self._problem_set = problem_set

    def first_fetches(self, exercise: str) -> dict[str, float]:
        """Return what fetches of an exercise take of the processor, in seconds."""
        alone, (next_one, *others) = self._students[:STUDENTS], self._students[STUDENTS:]
        fetched_alone = [self._fetched(self._alone, each, exercise) for each in alone]
        began = process_time()
        beginning = self._fetched(self._ahead, next_one, exercise)
        made = (process_time() - began - beginning) / AHEAD
        fetched = [self._fetched(self._ahead, each, exercise) for each in others[:STUDENTS]]
        return {
            FETCH_ALONE: median(fetched_alone),
            f"one of {AHEAD} made ahead, in the background": made,
            "a first fetch of one made ahead": median(fetched),
        }

    def _fetched(self, backend: Backend, student: Actor, exercise: str) -> float:
        began = thread_time()
        fetch(backend, student, self._problem_set, exercise, None)
        taken = thread_time() - began
        backend.background.wait()
        return taken


@contextmanager
def opened(problem_set: ProblemSet) -> Iterator[Class]:
    """Provide a class in a database of its own, on SQLite."""
    with TemporaryDirectory() as directory:
        store = open_store(str(Path(directory) / "course.db"))
        try:
            migrate(store)
            backend = Backend(store=store, secret=b"benchmark")
            with store.writing() as connection:
                staff = open_course(connection, "course", now=backend.clock())
            publish(backend, staff, problem_set)
            names = [
                Student(id=StudentId(f"s{number:02}")) for number in range(STUDENTS + AHEAD + 1)
            ]
            admitted = enrol(backend, staff, problem_set.name, names)
            students = [authenticate(backend, each.token or "") for each in admitted]
            yield Class(backend, students, problem_set.name)
        finally:
            store.close()
