"""What a regrade grades anew: by which definition, with which numbers, at what price."""

import json

import pytest
from sqlalchemy import update

from gradgrade.problems import Exercise
from gradgrade.problems.grade import GRADER
from gradgrade.service.course.people.roster import extend
from gradgrade.service.course.sets.policy import Extension
from gradgrade.service.course.work import submission_history
from gradgrade.service.store.schema import audit_log, regraded_variants, variants, verdicts
from gradgrade.service.store.schema import submissions as submissions_table
from tests.service.course.regrades.regraded import (
    LOOSE,
    NAME,
    SLIP,
    exercise,
    is_sound,
    program,
    two_students,
)
from tests.strategies import dense

DUE = "2026-11-08T12:00:00+00:00"


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
