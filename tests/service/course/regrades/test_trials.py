"""Regrades tried out: what is told, and that nothing is changed."""

import gc

import pytest

from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.regrades.piece_work import NewVerdict
from gradgrade.service.course.regrades.pieces import PIECE
from tests.service.course.regrades.regraded import LOOSE, exercise, many, two_students


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
