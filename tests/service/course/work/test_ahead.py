"""Variants made ahead: what would be drawn anyway, nobody's before, and waited for by nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.generate import fingerprint
from gradgrade.service.background import MOST_WAITING
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.course.work import variants as variants_of_students
from gradgrade.service.course.work.ahead import take_ahead
from gradgrade.service.store.schema import variants
from tests.service.course.regrades.regraded import (
    LINE,
    LOOSE,
    NAME,
    SECRET,
    Classroom,
    exercise,
    new_classroom,
    week,
)
from tests.service.store.databases import KINDS
from tests.strategies import dense

AHEAD = 4
NAMES = tuple(f"s{number:02}" for number in range(1, 13))
OTHER = exercise("other", layers=[dense(3, "tanh"), dense(1)], ask=["dW2"])
SECONDS = 60

FEW = exercise(
    "few",
    layers=[dense(2, "tanh")],
    given={"W1": [[0.3, -0.2], [0.5, 0.4]], "b1": [0.1, 0.2], "y": [[0.5], [0.9]]},
    draw={"inputs": {"low": 0.5, "high": 2, "step": 0.25}},
    batch=1,
)
"""So few variants that students who are drawn for alone have the same."""

GIVEN = exercise(
    "given",
    layers=[dense(2, "tanh")],
    given=FEW["given"] | {"x": [[1.5], [0.5]]},
    batch=1,
)
"""One variant, which all students have."""


def process_of(room: Classroom, *, most_ahead: int = AHEAD) -> Backend:
    """A process of the room's server, which has kept nothing."""
    there = room.backend
    return Backend(
        store=there.store,
        secret=there.secret,
        clock=there.clock,
        contained=there.contained,
        most_ahead=most_ahead,
    )


@pytest.fixture(params=KINDS)
def room(request, tmp_path):
    with new_classroom(request.param, tmp_path) as made:
        made.backend = process_of(made)
        yield made


def begun(room: Classroom, *exercises: dict[str, Any]) -> None:
    room.publish(*(exercises or [exercise()]))
    room.enrol(*NAMES)


def fetched(room: Classroom, student: str, name: str = LINE) -> Exercise:
    """What a student is given, once nothing more is made in the background."""
    document = variants_of_students.fetch(room.backend, room.student(student), NAME, name, None)
    room.backend.background.wait()
    return Exercise.from_json(document)


def kept(room: Classroom, name: str = LINE) -> list[str]:
    """Whose variants the process keeps; it keeps none of them afterwards."""
    with room.backend.store.reading() as connection:
        held = find(connection, room.staff, NAME)
    there = [take_ahead(room.backend, room.staff, held, name, student) for student in NAMES]
    return [each.student for each in there if each is not None]


def drawn(room: Classroom) -> list[dict[str, Any]]:
    """All variants, but for when and in which order they were made."""
    rows = room.rows(variants, without=("id", "pinned_at"))
    return sorted(rows, key=lambda row: (row["exercise"], row["student_id"]))


# Whose


def test_the_next_students_are_drawn_for_and_hold_nothing_before_they_fetch(room):
    begun(room)
    fetched(room, "s03")
    assert room.count(variants) == 1
    assert kept(room) == ["s04", "s05", "s06", "s07"]


def test_after_the_last_of_the_roster_its_first_are_next_and_who_has_numbers_is_passed_over(room):
    begun(room)
    room.variant("s01")
    fetched(room, "s11")
    assert kept(room) == ["s02", "s03", "s04", "s12"]


def test_more_are_made_once_half_of_them_were_fetched(room):
    begun(room)
    for student in ("s01", "s02"):
        fetched(room, student)
    assert len(room.backend.ahead) == AHEAD - 1
    fetched(room, "s03")
    assert kept(room) == ["s04", "s05", "s06", "s07"]


def test_a_fetch_by_staff_and_a_server_that_is_told_so_make_none(room):
    begun(room)
    room.variant("s01")
    room.backend = process_of(room, most_ahead=0)
    fetched(room, "s02")
    assert kept(room) == []


@pytest.mark.parametrize("room", ["SQLite"], indirect=True)
def test_of_a_large_exercise_fewer_are_made(room):
    begun(room, exercise("large", inputs=150, layers=[dense(150), dense(1)], ask=["db2"]))
    fetched(room, "s01", "large")
    assert 1 <= len(room.backend.ahead) < AHEAD


def test_where_all_numbers_are_given_they_are_made_ahead_too(room):
    begun(room, GIVEN)
    fetched(room, "s03", "given")
    assert kept(room, "given") == ["s04", "s05", "s06", "s07"]
    numbers = {row["numbers"] for row in drawn(room)}
    for student in NAMES:
        fetched(room, student, "given")
    assert {row["numbers"] for row in drawn(room)} == numbers
    assert room.count(variants) == len(NAMES)


# What


def test_what_was_made_ahead_is_what_is_drawn_alone(room, tmp_path):
    begun(room, exercise(), OTHER)
    places = [(student, name) for name in (LINE, "other") for student in NAMES]
    for place in places:
        fetched(room, *place)
    with new_classroom("SQLite", tmp_path) as alone:
        begun(alone, exercise(), OTHER)
        for place in reversed(places):
            fetched(alone, *place)
        assert drawn(room) == drawn(alone)


def test_numbers_that_another_student_has_by_then_are_drawn_anew(room, tmp_path):
    begun(room, FEW)
    for student in NAMES:
        fetched(room, student, "few")
    alike = {
        fingerprint(generate(week(FEW), "few", student=each, secret=SECRET, course="course"))
        for each in NAMES
    }
    assert len(alike) < len({row["fingerprint"] for row in drawn(room)}) == len(NAMES)
    with new_classroom("SQLite", tmp_path) as alone:
        begun(alone, FEW)
        for student in NAMES:
            fetched(alone, student, "few")
        assert drawn(room) == drawn(alone)


def test_an_edit_of_the_set_is_for_all_who_have_not_fetched_yet(room):
    begun(room)
    fetched(room, "s01")
    room.replace(exercise(tolerance=LOOSE, title="Mended"))
    assert fetched(room, "s02").title == "Mended"
    assert [row["version"] for row in drawn(room)] == [1, 2]


# Beside requests


def test_no_request_waits_for_what_is_made(room):
    begun(room)
    goes_on = Event()

    def blocked() -> Iterator[None]:
        goes_on.wait(SECONDS)
        yield

    while room.backend.background.ask(blocked):
        pass
    try:
        for student in NAMES:
            variants_of_students.fetch(room.backend, room.student(student), NAME, LINE, None)
    finally:
        goes_on.set()
    room.backend.background.wait()
    assert room.count(variants) == len(NAMES) > MOST_WAITING
    assert kept(room) == []


def test_a_class_at_once_in_two_processes_has_a_variant_each_as_if_drawn_alone(room, tmp_path):
    begun(room)
    processes = [room.backend, process_of(room)]

    def ask(number: int) -> str:
        process = processes[number % len(processes)]
        student = room.student(NAMES[number])
        return variants_of_students.fetch(process, student, NAME, LINE, None)

    with ThreadPoolExecutor(len(NAMES)) as pool:
        given = list(pool.map(ask, range(len(NAMES))))
    for each in processes:
        each.background.wait()
    assert len(set(given)) == room.count(variants) == len(NAMES)
    with new_classroom("SQLite", tmp_path) as alone:
        begun(alone)
        for student in NAMES:
            fetched(alone, student)
        assert drawn(room) == drawn(alone)
