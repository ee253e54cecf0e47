"""Statistics are what the verdicts say that stand: counted from them anew, they are the same."""

from random import Random

import pytest
from sqlalchemy import delete, select

from gradgrade.problems.documents.number import Number
from gradgrade.service.course.grades.overrides import state_override
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.example_course.answers import answers_to
from gradgrade.service.store.schema import enrolments, students
from tests.service.course.grades.from_verdicts import statistics_from_verdicts
from tests.service.course.regrades.regraded import (
    LOOSE,
    NAME,
    exercise,
)
from tests.strategies import dense

STUDENTS = [f"s{number}" for number in range(1, 7)]
ATTEMPTS = 40
KINDS_OF_ANSWERS = ["right", "mistaken", "mistaken", "slipped", "unfinished", "off", "malformed"]
ALL = {"name": "all", "ask": ["all"], "layers": [dense(2, "sigmoid"), dense(2, "tanh")]}
POLICY = {
    "due": "2026-11-03T12:00:00+00:00",
    "late_until": "2026-12-01T12:00:00+00:00",
    "late_penalty": 0.25,
}


def answers(room, draw, student, name):
    """Answers of one of the usual kinds."""
    kind = draw.choice(KINDS_OF_ANSWERS)
    if kind in ("off", "malformed"):
        right = room.right(student, name, off=1e-3)
        return right if kind == "off" else right | {"loss": [[1]]}
    return answers_to(room.variant(student, name), kind, draw.random())


def work(room, draw):
    """Everybody hands in, in any order, over some days."""
    for _ in range(ATTEMPTS):
        room.later(hours=draw.randint(0, 5))
        student, name = draw.choice(STUDENTS), draw.choice(["line", "all"])
        room.hand_in(student, answers(room, draw, student, name), name)


def counted_twice(room):
    """The statistics as documents, by the service and by the judge."""
    with room.backend.store.snapshot() as connection:
        row = find(connection, room.staff, NAME).row
        served, judged = (
            gather(connection, row).to_json()
            for gather in (gather_statistics, statistics_from_verdicts)
        )
    return served, judged


@pytest.mark.parametrize("seed", range(3))
def test_statistics_are_those_of_the_verdicts_whatever_was_done_in_the_course(room, seed):
    draw = Random(seed)
    loose = exercise(tolerance=LOOSE), exercise(**ALL, points=7.77, tolerance=LOOSE)
    room.publish(exercise(), exercise(**ALL), **POLICY)
    room.enrol(*STUDENTS)
    seen = []

    def check():
        served, judged = counted_twice(room)
        assert served == judged
        seen.append(served)

    work(room, draw)
    check()
    room.replace(*loose, **POLICY)
    report = room.regrade(never_lower=bool(seed % 2))
    check()
    work(room, draw)
    state_override(
        room.backend, room.staff, NAME, "s1", "all", points=Number("3.5"), comment="on paper"
    )
    check()
    with room.backend.store.writing() as connection:
        last = select(students.c.id).where(students.c.student == STUDENTS[-1])
        connection.execute(delete(enrolments).where(enrolments.c.student_id.in_(last)))
    check()
    room.reverse(report)
    check()
    room.replace(loose[1], **POLICY)
    check()
    assert len(set(seen)) == len(seen)
