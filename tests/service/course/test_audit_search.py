"""The audit log is searched alike on every database, and every action that is written is known."""

import ast
from datetime import UTC, datetime

import pytest

from gradgrade.service.course.audit import log_change
from gradgrade.service.course.audit_search import NAMED, Wanted, makers, search_log
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.store.engine import open_store
from tests import ROOT
from tests.service.store.databases import KINDS, make_tables, new_database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def words_of_changes() -> set[str]:
    """The texts in the core that are written as the word of an action."""
    found = set()
    for path in (ROOT / "service/course").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "action":
                found |= {each.value for each in ast.walk(node.value) if is_text(each)}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_audit":
                found |= {each.value for each in node.args if is_text(each)}
    return found


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_every_action_that_is_written_can_be_searched():
    assert words_of_changes() == set(NAMED)


@pytest.fixture(params=KINDS)
def course(request, tmp_path):
    with new_database(request.param, tmp_path) as address:
        store = open_store(address)
        make_tables(store)
        with store.writing() as connection:
            staff = open_course(connection, "course", now=NOW)
            other = open_course(connection, "another", now=NOW)
            create_token(connection, staff, role="assistant", now=NOW)

            def change(action, name, **detail):
                log_change(connection, staff, now=NOW, action=action, name=name, **detail)

            change("problem_set.published", "week-1")
            change("problem_set.published", "week-10")
            change("students.enrolled", "week-1", students=["s1", "Zoë"])
            change("student.extended", "week-1/s1", due=None)
            change("student.extended", "week-10/s1", due=None)
            change("student.extended", "week-1/s10", due=None)
            change("student.extended", "week-1/S1", due=None)
            change("student.token_replaced", "week-1")  # a student who is called as a set is
            log_change(connection, other, now=NOW, action="student.extended", name="week-1/s1")
            yield (
                lambda **wanted: [
                    each.object
                    for each in search_log(connection, staff, Wanted(**wanted), limit=50)
                    if each.action != "token.created"
                ],
                lambda: makers(connection, staff),
            )
        store.close()


def test_the_latest_come_first_and_of_the_own_course_alone(course):
    found, _ = course
    assert found() == [
        *("week-1", "week-1/S1", "week-1/s10", "week-10/s1", "week-1/s1"),
        *("week-1", "week-10", "week-1"),
    ]


def test_a_student_is_told_letter_for_letter(course):
    found, _ = course
    assert found(student="s1") == ["week-10/s1", "week-1/s1", "week-1"]
    assert found(student="S1") == ["week-1/S1"]
    assert found(student="Zoë") == ["week-1"]
    assert found(student="s") == []
    assert found(student="week-1") == ["week-1"]
    assert found(student="week-1", action="student.token_replaced") == ["week-1"]


def test_a_set_is_no_student_and_no_set_whose_name_begins_so(course):
    found, _ = course
    assert found(problem_set="week-1") == [
        *("week-1/S1", "week-1/s10", "week-1/s1", "week-1", "week-1"),
    ]
    assert found(problem_set="week-10") == ["week-10/s1", "week-10"]
    assert found(problem_set="week-1", student="s1") == ["week-1/s1", "week-1"]
    assert found(problem_set="week_1") == []


def test_nobody_made_changes_but_the_command_line(course):
    found, who = course
    assert found(by_command=True) == found()
    assert found(token=1) == []
    assert who() == []
