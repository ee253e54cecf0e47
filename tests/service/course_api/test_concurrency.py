"""Attempt limits and keys hold under many clients at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from gradgrade.service.store.schema import submissions, variants
from tests.service.course_api.classroom import EXERCISES, NAME, new_classroom
from tests.service.course_api.live import Asker, live_server

CLIENTS = 64
LIMIT = 5


def at_once(count, ask):
    """What `ask(number)` returns, all asked at the same moment."""
    gate = Barrier(count)

    def begin(number):
        gate.wait()
        return ask(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@pytest.mark.parametrize("is_keyed", [False, True], ids=["without keys", "with keys"])
def test_a_limit_of_attempts_is_exact_under_64_clients(classroom, is_keyed):
    classroom.publish(attempts=LIMIT)
    (student,) = classroom.enrol("s001")

    def submit(number):
        headers = {"Idempotency_Key": f"k{number}"} if is_keyed else {}
        return student.submit({"loss": number}, **headers)

    replies = at_once(CLIENTS, submit)
    taken = [each.json for each in replies if each.status == 201]
    assert sorted(each.status for each in replies) == [201] * LIMIT + [409] * (CLIENTS - LIMIT)
    assert sorted(each["attempt"] for each in taken) == list(range(1, LIMIT + 1))
    assert sorted(each["attempts_left"] for each in taken) == list(range(LIMIT))
    assert len({each["submission"] for each in taken}) == LIMIT
    listed = student.asker.get(f"/problem-sets/{NAME}/submissions").json
    assert {each["submission"] for each in listed} == {each["submission"] for each in taken}
    # Whoever sends again what was taken is told so, though no attempt is left.
    if is_keyed:
        for number, each in enumerate(replies):
            again = submit(number)
            assert (again.status, again.status != 201 or again.body == each.body) == (
                each.status,
                True,
            )


def test_the_same_key_a_hundred_times_at_once_is_one_attempt(classroom):
    classroom.publish(attempts=3)
    (student,) = classroom.enrol("s001")
    body = b'{"answers": {"loss": 0.5}}'
    replies = at_once(100, lambda _: student.submit(body, Idempotency_Key="once"))
    assert {each.status for each in replies} == {201}
    assert len({each.body for each in replies}) == 1
    assert len({each.headers["location"] for each in replies}) == 1
    assert replies[0].json["attempts_left"] == 2
    assert len(student.asker.get(f"/problem-sets/{NAME}/submissions").json) == 1
    changed = student.submit({"loss": 0.25}, Idempotency_Key="once")
    assert changed.status == 422


def test_of_one_key_with_two_bodies_at_once_one_is_taken(classroom):
    classroom.publish()
    (student,) = classroom.enrol("s001")
    replies = at_once(
        20, lambda number: student.submit({"loss": number % 2}, Idempotency_Key="once")
    )
    taken = [each for each in replies if each.status == 201]
    assert len(taken) == 10
    assert len({each.body for each in taken}) == 1
    assert {each.status for each in replies} == {201, 422}


def test_a_variant_that_many_fetch_at_once_is_one(classroom):
    classroom.publish()
    (student,) = classroom.enrol("s001")
    assert len(set(at_once(16, lambda _: student.exercise()))) == 1


def test_what_is_being_kept_is_in_flight_and_leaves_no_trace(live, tmp_path):
    room = new_classroom(live)
    room.publish()
    (student,) = room.enrol("s001")
    student.exercise()
    options = {"wait_seconds": 0.5}
    with live_server(live.kind, live.database, tmp_path, **options) as impatient:
        asker = Asker(impatient.port, student.asker.token)
        path = f"/problem-sets/{NAME}/exercises/{EXERCISES[0]}/submissions"
        ask = {"body": {"answers": {"loss": 0.5}}, "Idempotency_Key": "k"}
        with live.store.writing() as connection:
            connection.execute(select(variants.c.id).with_for_update()).all()
            held = asker.post(path, **ask)
        # SQLite locks the whole database, so that nothing tells whose request it waits for.
        if live.kind == "SQLite":
            assert (held.status, held.headers["retry-after"]) == (503, "1")
        else:
            assert held.status == 409
            assert held.detail == "another submission of yours to this exercise is being kept"
        with live.store.reading() as connection:
            kept = select(submissions.c.id).join(
                variants, variants.c.id == submissions.c.variant_id
            )
            own = kept.where(submissions.c.public_id.is_not(None))
            before = len(connection.execute(own).all())
        told = asker.post(path, **ask)
        assert (told.status, told.json["attempt"]) == (201, 1)
        with live.store.reading() as connection:
            assert len(connection.execute(own).all()) == before + 1
