"""Regrades: everything graded anew, all at once, and taken back."""

import gc
import json
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import event, select, update

from gradgrade.problems import Exercise
from gradgrade.problems.grade import GRADER
from gradgrade.service.app import create_app
from gradgrade.service.course import audit
from gradgrade.service.course.errors import Busy, Conflict, InFlight, NotFound
from gradgrade.service.course.people.roster import extend
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.course.regrades import record
from gradgrade.service.course.regrades import report as regrade_report
from gradgrade.service.course.regrades.piece_work import NewVerdict
from gradgrade.service.course.regrades.pieces import PIECE
from gradgrade.service.course.sets.policy import Extension
from gradgrade.service.course.work import submission_history, submissions
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.schema import (
    audit_log,
    regraded_variants,
    regrades,
    variants,
    verdicts,
)
from gradgrade.service.store.schema import submissions as submissions_table
from tests.service.course.regrades.regraded import (
    LOOSE,
    NAME,
    exercise,
    program,
)
from tests.strategies import dense

DUE = "2026-11-08T12:00:00+00:00"
SLIP = 1e-3
"""The share that a loss is off by, which is wrong strictly and right loosely."""


def two_students(room, **policy):
    """Ann's loss is slightly off, Bob's answers are right."""
    room.publish(exercise(), **policy)
    room.enrol("ann", "bob")
    return (
        room.hand_in("ann", room.right("ann", off=SLIP)),
        room.hand_in("bob", room.right("bob")),
    )


def is_sound(room):
    return find_faults(room.backend.store) == []


# What is graded anew


def test_a_loosened_tolerance_makes_a_wrong_answer_right_and_the_gradebook_follows(room):
    ann, bob = two_students(room)
    assert room.points() == {"ann": 500, "bob": 1000}
    room.replace(exercise(tolerance=LOOSE))
    report = room.regrade()
    assert room.points() == {"ann": 1000, "bob": 1000}
    assert (report.submissions, report.changed, report.higher, report.lower) == (2, 1, 1, 0)
    (change,) = report.to_data()["changes"]
    assert change == {
        "submission": ann,
        "student": "ann",
        "exercise": "line",
        "before": 5,
        "after": 10,
        "outcome_before": "partial",
        "outcome_after": "correct",
    }
    kept = room.read(ann)
    assert (kept.outcome, kept.points, kept.attempt) == ("correct", 1000, 1)
    assert room.read(bob).outcome == "correct"
    assert is_sound(room)


def test_what_was_handed_in_to_a_program_is_graded_anew_with_its_numbers(room):
    room.publish(program())
    room.enrol("ann", "bob")
    room.hand_in("ann", room.right("ann", off=SLIP))
    before = room.variant("ann").given, room.variant("bob").given
    room.replace(program(tolerance=LOOSE))
    report = room.regrade()
    assert (report.submissions, report.changed, report.higher, report.lower) == (1, 1, 1, 0)
    assert room.points()["ann"] == 1000
    assert (room.variant("ann").given, room.variant("bob").given) == before
    assert is_sound(room)


def test_variants_move_to_the_new_definition_with_their_numbers(room):
    two_students(room)
    before = {each["id"]: each for each in room.rows(variants)}
    room.replace(exercise(tolerance=LOOSE))
    room.regrade()
    for each in room.rows(variants):
        was, now = (Exercise.from_json(row["document"]) for row in (before[each["id"]], each))
        assert (now.id, now.given) == (was.id, was.given)
        assert now.ask != was.ask
        assert each["version"] == 2
        assert each["answer_key"] != before[each["id"]]["answer_key"]
        same = ("fingerprint", "pinned_at", "attempts", "student_id")
        assert [each[name] for name in same] == [before[each["id"]][name] for name in same]


def test_who_has_not_handed_in_yet_is_moved_too_and_graded_by_the_new_definition(room):
    room.publish(exercise())
    room.enrol("ann")
    answers = room.right("ann", off=SLIP)
    room.replace(exercise(tolerance=LOOSE))
    assert room.regrade().submissions == 0
    room.hand_in("ann", answers)
    assert room.points() == {"ann": 1000}


def test_where_nothing_changed_nothing_changes(room):
    two_students(room)
    before = room.standing(), room.rows(variants)
    report = room.regrade()
    assert (report.submissions, report.changed, list(report.changes)) == (2, 0, [])
    assert room.rows(variants) == before[1]
    assert room.rows(regraded_variants) == []
    for was, now in zip(before[0], room.standing(), strict=True):
        assert now["regrade_id"] is not None
        names = ("submission_id", "outcome", "points", "score", "document", "version", "grader")
        assert [now[name] for name in names] == [was[name] for name in names]


def test_invalid_submissions_are_graded_anew_and_still_spend_nothing(room):
    room.publish(exercise())
    room.enrol("ann")
    ann = room.hand_in("ann", room.right("ann") | {"dW1": [1.0]})
    assert room.read(ann).outcome == "invalid"
    room.replace(exercise(ask=["loss"]))
    report = room.regrade()
    assert [(each.outcome_before, each.outcome_after) for each in report.changes] == [
        ("invalid", "correct")
    ]
    assert (room.read(ann).attempt, room.read(ann).points) == (None, 1000)
    assert room.points() == {"ann": None}
    assert is_sound(room)


def test_what_is_no_longer_asked_is_left_out_and_what_is_new_is_missing(room):
    handed_in = two_students(room)
    room.replace(exercise(ask=["dW1", "db1"]))
    room.regrade()
    ann, bob = map(room.read, handed_in)
    assert ann.verdict is not None
    assert [(part["name"], part["outcome"]) for part in ann.verdict["parts"]] == [
        ("dW1", "correct"),
        ("db1", "missing"),
    ]
    assert ann.points == bob.points == 500


def test_points_and_carried_forward_are_the_sets_own_now(room):
    two_students(room)
    room.replace(exercise(points=20))
    room.regrade()
    assert room.points() == {"ann": 1000, "bob": 2000}


def test_verdicts_of_an_older_grader_are_replaced(room):
    ann, _ = two_students(room)
    with room.backend.store.writing() as connection:
        connection.execute(update(verdicts).values(grader="1", points=0, score=0))
        key = room.rows(variants)[0]["answer_key"].replace(f'"grader":"{GRADER}"', '"grader":"1"')
        connection.execute(update(variants).where(variants.c.id == 1).values(answer_key=key))
    report = room.regrade()
    assert (report.higher, report.kept) == (2, 0)
    assert room.read(ann).grader == GRADER
    assert f'"grader":"{GRADER}"' in room.rows(variants)[0]["answer_key"]


# What can no longer be read

UNREADABLE = (
    b"[]",
    b"{",
    b'{"answers": null}',
    b'{"answers": {"loss": ' + b"[" * 7 + b"1" + b"]" * 7 + b"}}",
)
REFUSED_WHOLE = (b'{"answers": {"loss": "a word"}}', b'{"answers": {"dW1": [[1], [2, 3]]}}')


@pytest.mark.parametrize("body", UNREADABLE + REFUSED_WHOLE)
def test_a_body_that_cannot_be_read_keeps_its_verdict_and_stops_no_other(room, body):
    ann, bob = two_students(room)
    with room.backend.store.writing() as connection:
        connection.execute(
            update(submissions_table).where(submissions_table.c.public_id == bob).values(body=body)
        )
    before = room.standing()[1]
    room.replace(exercise(tolerance=LOOSE, points=4))
    tried, applied = room.try_out(), room.regrade()
    for report in (tried, applied):
        assert (report.submissions, list(report.unreadable)) == (1, [bob])
        assert report.to_data()["unreadable"] == [bob]
    assert applied.regrade.state == "applied"
    assert room.standing()[1] == before
    assert room.points() == {"ann": 400, "bob": 1000}
    kept = room.read(bob)
    assert kept.outcome == "correct"
    assert submission_history.readable_answers(room.read(ann)) is not None
    detail = json.loads(room.rows(audit_log)[-1]["detail"])
    assert (detail["submissions"], detail["unreadable"]) == (1, 1)
    assert list(room.reverse(applied).unreadable) == [bob]
    assert room.points() == {"ann": 500, "bob": 1000}
    assert is_sound(room)


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_submission_that_cannot_be_read_is_read_back_without_its_answers(room, body):
    ann, _ = two_students(room)
    with room.backend.store.writing() as connection:
        connection.execute(update(submissions_table).values(body=body))
    assert submission_history.readable_answers(room.read(ann)) is None


# Late work


def test_late_work_is_priced_by_the_policy_that_stands_now(room):
    late = {"due": DUE, "late_until": "2026-11-30T12:00:00+00:00"}
    room.publish(exercise(), **late, late_penalty=0.5)
    room.enrol("ann", "bob")
    answers = {name: room.right(name) for name in ("ann", "bob")}
    room.hand_in("bob", answers["bob"])
    room.later(days=10)
    ann = room.hand_in("ann", answers["ann"])
    assert room.points() == {"ann": 500, "bob": 1000}
    room.replace(exercise(), **late, late_penalty=0.2)
    room.regrade()
    assert room.points() == {"ann": 800, "bob": 1000}
    extend(room.backend, room.staff, NAME, "ann", Extension(due=room.now))
    room.regrade()
    assert room.points() == {"ann": 1000, "bob": 1000}
    # What the receipt says of it stays.
    assert room.read(ann).is_late


def test_work_that_would_come_too_late_now_is_late_and_never_refused(room):
    two_students(room)
    early = {"due": "2026-10-01T12:00:00Z", "late_until": "2026-10-02T12:00:00Z"}
    room.replace(exercise(), **early, late_penalty=0.1)
    report = room.regrade()
    assert (report.submissions, report.lower) == (2, 2)
    assert room.points() == {"ann": 450, "bob": 900}


# Trials


@pytest.mark.parametrize("place", ["SQLite"], indirect=True)
def test_a_trial_keeps_no_verdict_whole(room):
    many(room, 150)
    held = []

    def watching(function, tasks):
        for task in tasks:
            held.append(sum(isinstance(each, NewVerdict) for each in gc.get_objects()))
            yield function(task)

    assert room.try_out(watching).submissions == 150
    assert len(held) > 4
    assert max(held) <= 2 * PIECE


def test_nothing_is_asked_of_the_database_once_a_regrade_is_applied(room):
    two_students(room)
    room.replace(exercise(tolerance=LOOSE))
    said = []
    engine = room.backend.store.engine
    watched = (
        ("before_cursor_execute", lambda *arguments: said.append(arguments[2])),
        ("commit", lambda _: said.append("COMMIT")),
    )
    for name, listener in watched:
        event.listen(engine, name, listener)
    try:
        report = room.regrade()
    finally:
        for name, listener in watched:
            event.remove(engine, name, listener)
    assert (report.regrade.state, report.changed) == ("applied", 1)
    assert said[-1] == "COMMIT"
    with room.backend.store.reading() as connection:
        read = regrade_report.read_report(connection, room.staff, str(report.regrade.id))
    assert read.to_data() == report.to_data()


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


def test_a_dry_run_changes_nothing_and_tells_what_a_regrade_would(room):
    two_students(room)
    room.replace(exercise(tolerance=LOOSE, points=4))
    before = room.everything()
    for never_lower in (False, True):
        tried = room.try_out(never_lower=never_lower)
        assert room.everything() == before
        assert tried.regrade.id is None
        applied = room.regrade(never_lower=never_lower)
        told, done = tried.to_data(), applied.to_data()
        ours = ("regrade", "state", "created_at", "settled_at")
        assert {k: v for k, v in told.items() if k not in ours} == {
            k: v for k, v in done.items() if k not in ours
        }
        assert done["state"] == "applied"
        room.reverse(applied)
        before = room.everything()


def test_more_than_a_request_may_regrade_is_left_to_the_command_line(room):
    two_students(room)
    before = room.everything()
    for work in (room.try_out, room.regrade):
        with pytest.raises(Conflict, match=r"2 submissions .* run `gradgrade regrade week-3`"):
            work(most=1)
    assert room.everything() == before
    assert room.regrade(most=2).submissions == 2


# Never lower


def test_never_lower_leaves_what_would_fall(room):
    two_students(room)
    room.replace(exercise(points=7, tolerance=LOOSE))
    report = room.regrade(never_lower=True)
    # Ann had 5 of 10 and has 7 of 7; Bob had 10 of 10, and would have 7.
    assert room.points() == {"ann": 700, "bob": 1000}
    assert [each.student for each in report.changes] == ["ann"]
    assert (report.submissions, report.changed, report.higher, report.lower) == (2, 1, 1, 0)
    assert is_sound(room)


def test_what_stood_through_a_regrade_stands_again_when_a_later_one_is_reversed(room):
    two_students(room)
    room.replace(exercise(points=7))
    room.regrade(never_lower=True)
    before = room.points(), room.standing()
    room.replace(exercise(points=3))
    lowered = room.regrade()
    assert room.points() == {"ann": 150, "bob": 300}
    assert [(each.before, each.after) for each in lowered.changes] == [(500, 150), (1000, 300)]
    room.reverse(lowered)
    assert (room.points(), room.standing()) == before


# Variants that do not fit


def test_variants_that_do_not_fit_keep_their_own_definition_and_are_told(room):
    two_students(room)
    before = room.rows(variants)
    late = {"due": "2026-10-01T12:00:00Z", "late_penalty": 0.1}
    room.replace(exercise(layers=[dense(3, "tanh"), dense(1, "sigmoid")]), **late)
    tried, applied = room.try_out(), room.regrade()
    assert tried.kept == applied.kept == 2
    assert room.rows(variants) == before
    # Their own definition grades them, and the set's policy prices them.
    assert room.points() == {"ann": 450, "bob": 900}
    assert {each["version"] for each in room.standing()} == {1}
    assert is_sound(room)


def test_only_what_does_not_fit_is_kept(room):
    room.publish(exercise(), exercise("other"))
    room.enrol("ann")
    for name in ("line", "other"):
        room.hand_in("ann", room.right("ann", name, off=SLIP), name)
    room.replace(exercise(tolerance=LOOSE), exercise("other", tolerance=LOOSE, inputs=3))
    report = room.regrade()
    assert (report.kept, report.higher) == (1, 1)
    assert room.points() == {"ann": 1500}
    assert sorted(each["version"] for each in room.rows(variants)) == [1, 2]


def test_an_exercise_that_was_removed_keeps_its_verdicts(room):
    room.publish(exercise(), exercise("other"))
    room.enrol("ann")
    room.hand_in("ann", room.right("ann", "other"), "other")
    room.replace(exercise())
    assert (room.regrade().changed, room.try_out().kept) == (0, 1)


# Reversal


def test_a_reversal_restores_row_for_row(room):
    two_students(room)
    before = room.everything()
    room.replace(exercise(tolerance=LOOSE))
    report = room.regrade()
    told = room.reverse(report)
    assert told.regrade.state == "reversed"
    assert told.changes == report.changes
    after = room.everything()
    for name in ("variants", "submissions", "students", "enrolments"):
        assert after[name] == before[name]
    assert room.standing() == [each for each in before["verdicts"] if each["stands"]]
    assert room.points() == {"ann": 500, "bob": 1000}
    assert is_sound(room)


def test_what_was_handed_in_after_a_regrade_keeps_its_verdict_when_that_is_reversed(room):
    two_students(room)
    answers = room.right("ann", off=SLIP)
    room.replace(exercise(tolerance=LOOSE))
    report = room.regrade()
    again = room.hand_in("ann", answers)
    verdict = room.read(again)
    room.reverse(report)
    assert room.read(again) == verdict
    assert verdict.points == 1000
    # What comes next is graded under the definition that is theirs again.
    assert room.read(room.hand_in("ann", answers)).points == 500


def test_regrades_are_reversed_from_the_last_to_the_first(room):
    two_students(room)
    states = [room.points()]
    reports = []
    for points in (20, 30, 40):
        room.replace(exercise(points=points))
        reports.append(room.regrade())
        states.append(room.points())
    for report in reports[:2]:
        with pytest.raises(Conflict, match=f"regrade {reports[2].regrade.id} came later"):
            room.reverse(report)
    for report in reversed(reports):
        assert room.points() == states.pop()
        room.reverse(report)
    assert room.points() == states.pop()
    with pytest.raises(Conflict, match="the regrade is reversed"):
        room.reverse(reports[0])


def test_a_regrade_after_a_reversal_compares_with_what_stands(room):
    two_students(room)
    room.replace(exercise(tolerance=LOOSE))
    room.reverse(room.regrade())
    assert [(each.before, each.after) for each in room.regrade().changes] == [(500, 1000)]


# Kept, listed and audited


def test_regrades_are_listed_read_and_audited(room):
    two_students(room)
    room.replace(exercise(tolerance=LOOSE))
    report = room.regrade()
    room.later(hours=1)
    room.reverse(report)
    with room.backend.store.reading() as connection:
        (listed,) = record.list_regrades(connection, room.staff, NAME)
        read = regrade_report.read_report(connection, room.staff, listed.id)
        log = audit.read_log(connection, room.staff, after=0, limit=100)
        for other in ("nothing", ""):
            with pytest.raises(NotFound):
                regrade_report.read_report(connection, room.staff, other)
        with pytest.raises(NotFound):
            record.list_regrades(connection, room.staff, "other")
    assert (listed.state, listed.version, listed.settled_at) == ("reversed", 2, room.now)
    assert (read.regrade, read.changes) == (listed, report.changes)
    ours = [each for each in log if each.action.startswith("regrade.")]
    assert [each.action for each in ours] == [
        "regrade.begun",
        "regrade.applied",
        "regrade.reversed",
    ]
    assert {(each.object, each.detail["regrade"]) for each in ours} == {(NAME, listed.id)}
    assert ours[1].detail["changed"] == 1


def test_another_courses_regrades_are_not_found(room):
    from gradgrade.service.course.people.courses import open_course
    from gradgrade.service.course.regrades.running import reverse

    two_students(room)
    report = room.regrade()
    with room.backend.store.writing() as connection:
        other = open_course(connection, "other", now=room.now)
    with pytest.raises(NotFound):
        reverse(room.backend, other, report.regrade.id)
    with room.backend.store.reading() as connection, pytest.raises(NotFound):
        regrade_report.read_report(connection, other, report.regrade.id)


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


def many(room, count):
    room.publish(exercise())
    room.enrol("ann", "bob")
    for number in range(count):
        name = ("ann", "bob")[number % 2]
        room.hand_in(name, room.right(name, off=SLIP))
    room.replace(exercise(tolerance=LOOSE))


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
