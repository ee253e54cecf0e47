"""Regrades taken back."""

import pytest

from gradgrade.service.course.errors import Conflict
from tests.service.course.regrades.regraded import LOOSE, SLIP, exercise, is_sound, two_students


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
