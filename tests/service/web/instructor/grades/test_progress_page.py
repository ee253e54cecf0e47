"""Progress: students found by name, and put in order."""

import re

import pytest

from gradgrade.service.course.grades.progress import ExerciseProgress, StudentProgress
from gradgrade.service.web.instructor.grades.progress_page import chosen
from tests.service.course_api.classroom import NAME
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import one_database

PLACE = f"/sets/{NAME}"


def student(number, name, *scores):
    cells = {
        f"e{place}": ExerciseProgress(
            state="not_opened" if score is None else "handed_in",
            score=score,
            attempts=0,
            attempts_left=None,
            late=False,
            submission=None,
            overridden=False,
        )
        for place, score in enumerate(scores)
    }
    return StudentProgress(id=f"s{number}", name=name, exercises=cells)


CLASS = [
    student(1, "zoë", 10, 10),
    student(2, "Álvaro", None, 3),
    student(3, "", 0, 2),
    student(4, "Bo", None, None),
    student(5, "Bob", None, 1),
]


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("", ["s1", "s2", "s3", "s4", "s5"]),
        ("name", ["s4", "s5", "s3", "s1", "s2"]),
        ("missing", ["s4", "s5", "s2", "s3", "s1"]),
        ("points", ["s4", "s5", "s3", "s2", "s1"]),
        ("nonsense", ["s1", "s2", "s3", "s4", "s5"]),
    ],
)
def test_students_are_put_in_order(order, ids):
    told = [each.id for each in chosen(CLASS, order=order)]
    assert told == ids


@pytest.mark.parametrize(
    ("wanted", "ids"), [("BO", ["s4", "s5"]), ("s3", ["s3"]), ("álv", ["s2"]), ("none", [])]
)
def test_students_are_found_by_name_or_id_in_any_letter_case(wanted, ids):
    assert [each.id for each in chosen(CLASS, wanted=wanted)] == ids


def rows(page):
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page.source)


@one_database
def test_the_address_says_who_is_shown_and_in_which_order(published, staff):
    published.students["s001"].submit()
    assert rows(staff.get(PLACE)) == ["s001", "s002"]
    page = staff.get(f"{PLACE}?order=missing")
    check_page(page)
    assert rows(page) == ["s002", "s001"]
    found = staff.get(f"{PLACE}?find=S002&order=missing")
    check_page(found)
    assert rows(found) == ["s002"]
    assert "Full marks" not in found.text.partition("Points of the attempt")[2]
    nobody = staff.get(f"{PLACE}?find=%3Cb%3E&order=%00")
    check_page(nobody)
    assert "Nobody on this roster has “<b>” in their name or id." in nobody.text
    assert nobody.fields["find"] == "<b>"
