"""A regrade in steps: seen before it stands, carried out or left."""

import pytest
from sqlalchemy import func, select, update

from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.regrades import running, steps
from gradgrade.service.course.regrades.pieces import read_pieces, to_do
from gradgrade.service.course.regrades.record import list_regrades
from gradgrade.service.course.regrades.report import read_report
from gradgrade.service.store.identities import VariantRow
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.schema import regraded_variants, submissions, verdicts
from tests.service.course.regrades.regraded import LOOSE, NAME, exercise, two_students

NOTHING = VariantRow(0)


@pytest.fixture
def room(room):
    """Ann's loss is slightly off, Bob's answers are right; the set is looser by now."""
    two_students(room)
    room.replace(exercise(tolerance=LOOSE))
    return room


def begin(room):
    return running.begin(room.backend, room.staff, NAME, never_lower=False)


def step(room, begun, tried=NOTHING):
    return steps.take_step(room.backend, room.staff, begun.id, tried=tried)


def standing(room, begun, tried):
    with room.backend.store.reading() as connection:
        return steps.standing_of(connection, room.staff, begun, tried=tried)


def test_what_would_change_is_told_before_it_does(room):
    begun = begin(room)
    tried = step(room, begun)
    assert standing(room, begun, tried).left == []
    with room.backend.store.reading() as connection:
        report = read_report(connection, room.staff, begun.id)
    assert (report.submissions, report.changed, report.higher) == (2, 1, 1)
    assert room.points() == {"ann": 500, "bob": 1000}
    applied = steps.carry_out(room.backend, room.staff, begun.id, tried=tried)
    assert applied.changes == report.changes
    assert room.points() == {"ann": 1000, "bob": 1000}
    assert find_faults(room.backend.store) == []


def test_nothing_is_carried_out_before_all_is_graded(room):
    begun = begin(room)
    assert standing(room, begun, NOTHING).submissions == 2
    assert steps.carry_out(room.backend, room.staff, begun.id, tried=NOTHING) is None
    assert room.points() == {"ann": 500, "bob": 1000}


def test_who_leaves_it_leaves_no_trace_but_in_the_log(room):
    begun = begin(room)
    step(room, begun)
    running.abandon(room.backend, room.staff, begun.id)
    with room.backend.store.reading() as connection:
        assert list_regrades(connection, room.staff, NAME) == []
        for table in (verdicts, regraded_variants):
            of_it = select(func.count()).where(table.c.regrade_id == begun.row)
            assert connection.execute(of_it).scalar_one() == 0
    assert room.points() == {"ann": 500, "bob": 1000}
    assert find_faults(room.backend.store) == []


def test_what_stands_is_not_left(room):
    begun = begin(room)
    steps.carry_out(room.backend, room.staff, begun.id, tried=step(room, begun))
    with pytest.raises(Conflict, match="can be reversed"):
        running.abandon(room.backend, room.staff, begun.id)
    with pytest.raises(Conflict, match="the regrade is applied"):
        step(room, begun)


def test_a_step_of_a_set_that_was_replaced_is_refused(room):
    begun = begin(room)
    room.replace(exercise())
    assert standing(room, begun, NOTHING).is_outdated
    with pytest.raises(Conflict, match="begin it anew"):
        step(room, begun)
    assert begin(room).version == begun.version + 1


def test_a_submission_that_cannot_be_graded_holds_nothing_up(room):
    with room.backend.store.writing() as connection:
        first = select(func.min(submissions.c.id)).scalar_subquery()
        connection.execute(update(submissions).where(submissions.c.id == first).values(body=b"{"))
    begun = begin(room)
    tried = step(room, begun)
    report = steps.carry_out(room.backend, room.staff, begun.id, tried=tried)
    assert (report.submissions, len(report.unreadable)) == (1, 1)


def test_a_step_ends_after_so_many_seconds_and_does_one_piece_at_least(room):
    begun = begin(room)
    with room.backend.store.reading() as connection:
        wanted = to_do(connection, begun)
    pieces = [next(read_pieces(room.backend, begun, [each])) for each in wanted]
    times = iter([0.0, 5.0])
    done = steps.regrade_within(pieces, seconds=4, clock=lambda: next(times))
    assert len(done) == 1
    times = iter([0.0, 1.0, 2.0])
    assert len(steps.regrade_within(pieces, seconds=4, clock=lambda: next(times))) == 2


def test_what_is_handed_in_between_two_steps_is_graded_in_the_end(room):
    begun = begin(room)
    tried = step(room, begun)
    room.hand_in("ann", room.right("ann"))
    report = steps.carry_out(room.backend, room.staff, begun.id, tried=tried)
    assert report.submissions == 3
