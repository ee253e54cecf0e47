"""Regrades while students hand in, while somebody reads, and gone on with after they were left."""

import json
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from gradgrade.service.app import create_app
from gradgrade.service.course.errors import Busy, Conflict, InFlight
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.course.regrades import record
from gradgrade.service.course.regrades import report as regrade_report
from gradgrade.service.course.work import submissions
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.schema import audit_log, regrades, variants, verdicts
from tests.service.course.regrades.regraded import (
    LOOSE,
    NAME,
    SLIP,
    exercise,
    is_sound,
    many,
    two_students,
)

# While students hand in


def stopping_after(pieces, then=None):
    """Whoever works so many pieces, and then leaves, or does something once and goes on."""

    class Left(Exception):
        pass

    count = 0

    def run(function, tasks):
        nonlocal count
        for task in tasks:
            if count == pieces:
                if then is None:
                    raise Left
                then()
            count += 1
            yield function(task)

    return run, Left


@pytest.mark.parametrize("place", ["PostgreSQL"], indirect=True)
def test_who_hands_in_while_a_regrade_holds_the_variants_is_told_to_come_again(room):
    # SQLite has one lock for all, which is told as busy whoever has it.
    two_students(room)
    short = open_store(room.database, wait_seconds=0.2)
    backend = replace(room.backend, store=short)
    received = room.received(room.right("ann"))
    try:
        with room.backend.store.writing() as connection:
            connection.execute(select(variants).with_for_update(key_share=True)).all()
            with pytest.raises(InFlight, match="another submission of yours"):
                submissions.submit(backend, room.student("ann"), received)
        run, left = stopping_after(0)
        with pytest.raises(left):
            room.regrade(run)
        with room.backend.store.writing() as connection:
            connection.execute(select(variants).with_for_update(key_share=True)).all()
            with pytest.raises(Busy, match="is being regraded"):
                submissions.submit(backend, room.student("ann"), received)
    finally:
        short.close()


def test_what_comes_in_while_it_runs_is_regraded_too(room):
    two_students(room)
    slips = {name: room.right(name, off=SLIP) for name in ("ann", "bob")}
    room.enrol("cem", "dan")
    room.replace(exercise(tolerance=LOOSE))
    came = []

    def hand_in():
        # A second attempt, and one at a variant that is of the new version already.
        came.append(room.hand_in("ann", slips["ann"]))
        assert room.read(came[0]).points == 500
        came.append(room.hand_in("cem", room.right("cem", off=SLIP)))

    run, _ = stopping_after(0, hand_in)
    report = room.regrade(run)
    assert report.submissions == 4
    assert [room.read(each).points for each in came] == [1000, 1000]
    assert room.points() == {"ann": 1000, "bob": 1000, "cem": 1000, "dan": None}
    assert is_sound(room)
    room.reverse(report)
    assert [room.read(each).points for each in came] == [500, 1000]


def test_answers_that_were_graded_before_the_flip_are_graded_anew_after_it(room, monkeypatch):
    two_students(room)
    room.replace(exercise(tolerance=LOOSE))
    grade, meanwhile = submissions.grade, [room.regrade]

    def interrupted(*arguments, **options):
        """Grade, and regrade the set before the verdict is recorded."""
        graded = grade(*arguments, **options)
        while meanwhile:
            meanwhile.pop()()
        return graded

    monkeypatch.setattr(submissions, "grade", interrupted)
    came = room.hand_in("ann", room.right("ann", off=SLIP))
    assert meanwhile == []
    assert room.read(came).points == 1000
    assert is_sound(room)


def test_no_submission_is_left_behind_whenever_it_comes(room):
    two_students(room)
    answers = {name: room.right(name, off=SLIP) for name in ("ann", "bob")}
    is_over = threading.Event()
    came = dict.fromkeys(answers, 0)

    def keep_handing_in(name):
        while not is_over.is_set():
            room.hand_in(name, answers[name])
            came[name] += 1
            time.sleep(0.01)

    threads = [threading.Thread(target=keep_handing_in, args=(name,)) for name in answers]
    for thread in threads:
        thread.start()
    try:
        for turn in range(4):
            room.replace(exercise(tolerance=LOOSE, points=10 + turn))
            room.regrade()
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert min(came.values()) > 5
    # Under the last definition every one of them is right, and worth what it says.
    assert {(each["version"], each["points"]) for each in room.standing()} == {(5, 1300)}
    assert is_sound(room)


# Interrupted


def test_a_regrade_that_was_left_is_gone_on_with_and_grades_nothing_twice(room):
    many(room, 70)
    before = room.standing()
    run, left = stopping_after(2)
    with pytest.raises(left):
        room.regrade(run)
    assert room.standing() == before
    there = room.count(verdicts, verdicts.c.regrade_id.is_not(None))
    assert there == 64
    graded = []

    def counting(function, tasks):
        for task in tasks:
            graded.extend(task.submissions)
            yield function(task)

    report = room.regrade(counting)
    assert len(graded) == 70 - there
    assert (report.submissions, report.higher) == (70, 70)
    assert room.count(verdicts) == 140
    assert room.count(regrades) == 1
    assert set(room.points().values()) == {1000}
    assert is_sound(room)


def test_a_running_regrade_is_listed_holds_up_reversals_and_other_regrades(room):
    two_students(room)
    first = room.regrade()
    run, left = stopping_after(0)
    with pytest.raises(left):
        room.regrade(run)
    with pytest.raises(Conflict, match="is running, with never_lower=False"):
        room.regrade(never_lower=True)
    with pytest.raises(Conflict, match="came later"):
        room.reverse(first)
    with room.backend.store.reading() as connection:
        _, running = record.list_regrades(connection, room.staff, NAME)
        assert (running.state, running.settled_at) == ("running", None)
        assert regrade_report.read_report(connection, room.staff, running.id).submissions == 0
    with pytest.raises(Conflict, match="the regrade is running"):
        room.reverse(regrade_report.summed_up(running, ()))
    assert room.regrade().regrade.id == running.id


def test_a_regrade_that_was_left_before_the_set_was_replaced_begins_anew(room):
    many(room, 40)
    run, left = stopping_after(1)
    with pytest.raises(left):
        room.regrade(run)
    room.replace(exercise(tolerance=LOOSE, points=4))
    report = room.regrade()
    assert (report.submissions, report.regrade.version) == (40, 3)
    assert room.count(regrades) == 1
    assert {(each["version"], each["points"]) for each in room.standing()} == {(3, 400)}


def test_who_still_works_on_what_was_begun_anew_is_told(room):
    many(room, 40)

    def meanwhile():
        room.replace(exercise(points=4))
        room.regrade()

    run, _ = stopping_after(1, meanwhile)
    with pytest.raises(Conflict, match="begun anew, to version 3"):
        room.regrade(run)
    assert {each["version"] for each in room.standing()} == {3}
    assert is_sound(room)


def test_two_that_work_on_the_same_regrade_count_nothing_twice(room):
    many(room, 40)
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(room.regrade())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = (each.to_data() for each in reports)
    # Whoever comes second finds it running, and joins in, or applied, and begins the next.
    assert first["submissions"] == second["submissions"] == 40
    assert room.count(verdicts) == 40 + 40 * room.count(regrades)
    assert set(room.points().values()) == {1000}
    applied = [
        json.loads(row["detail"])
        for row in room.rows(audit_log)
        if row["action"] == "regrade.applied"
    ]
    assert len(applied) == room.count(regrades)
    assert is_sound(room)


# Who reads meanwhile


@pytest.mark.parametrize("what", ["gradebook", "statistics"])
def test_who_reads_during_a_regrade_sees_one_side_of_it(room, what):
    two_students(room)
    with room.backend.store.writing() as connection:
        _, token = create_token(connection, room.staff, role="instructor", now=room.now)
    client = create_app(backend=room.backend, settings=Settings()).test_client()

    def read():
        path = f"/api/v1/problem-sets/{NAME}/{what}"
        reply = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 200
        return reply.json

    def meanwhile(*arguments):
        if waiting and "row_number" in arguments[2]:
            waiting.pop()
            room.replace(exercise(tolerance=LOOSE, points=20))
            room.regrade()

    before, waiting = read(), [True]
    engine = room.backend.store.engine
    event.listen(engine, "before_cursor_execute", meanwhile)
    try:
        during = read()
    finally:
        event.remove(engine, "before_cursor_execute", meanwhile)
    assert waiting == []
    assert during == before != read()
    assert room.points() == {"ann": 2000, "bob": 2000}
