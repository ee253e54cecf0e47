"""Every action of the audit log has a name to choose it by, and a sentence that tells it."""

from dataclasses import replace
from datetime import UTC, datetime

from gradgrade.service.course.audit import Entry
from gradgrade.service.course.audit_search import NAMED
from gradgrade.service.web.instructor.course.log_sentences import Course, actions, sentence

SET = "week-1"


def test_every_action_has_a_name_and_a_sentence():
    course = Course(sets=[SET], makers={})
    assert set(actions()) == set(NAMED)
    for action in NAMED:
        entry = Entry(row=1, at=datetime.now(UTC), token=None, action=action, object=SET, detail={})
        assert action not in sentence(entry, course)
    unknown = replace(entry, action="set.painted")
    assert sentence(unknown, course) == f"set.painted: {SET}"
