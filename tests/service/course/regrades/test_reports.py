"""What is told of regrades once they are applied: reports, lists and the audit log."""

import pytest
from sqlalchemy import event

from gradgrade.service.course import audit
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.regrades import record
from gradgrade.service.course.regrades import report as regrade_report
from tests.service.course.regrades.regraded import LOOSE, NAME, exercise, two_students


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
