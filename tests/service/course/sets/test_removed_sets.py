"""A set that is removed while somebody hands in to it."""

import pytest

from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.sets.problem_sets import remove
from gradgrade.service.course.work.intake import read_intake
from gradgrade.service.course.work.recording import grade, record
from gradgrade.service.store.schema import submissions
from tests.service.course.regrades.regraded import NAME, exercise, new_classroom
from tests.service.store.databases import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_handed_in_to_a_set_that_was_removed_meanwhile_is_not_taken(kind, tmp_path):
    with new_classroom(kind, tmp_path) as room:
        room.publish(exercise())
        room.enrol("ann")
        ann, received = room.student("ann"), room.received(room.right("ann"))
        intake = read_intake(room.backend, ann, received)
        graded = grade(room.backend, received, intake, is_late=False)
        remove(room.backend, room.staff, NAME)
        with (
            pytest.raises(NotFound, match="this problem set was removed"),
            room.backend.store.writing() as connection,
        ):
            record(connection, actor=ann, graded=graded)
        assert room.count(submissions) == 0
