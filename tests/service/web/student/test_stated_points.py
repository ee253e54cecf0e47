"""Points that an instructor stated are shown to the student as such, with the comment."""

import pytest

from tests.service.course_api.classroom import EXERCISES, NAME
from tests.service.web.visitor import EXERCISE, Visitor, one_database

pytestmark = one_database

STATED = {"points": 7.25, "comment": "Read <b>by hand</b>"}


@pytest.fixture
def stated(published):
    """A student of whose two attempts at nothing one is replaced."""
    path = f"/problem-sets/{NAME}/students/s001/exercises/{EXERCISES[0]}/override"
    assert published.instructor.put(path, STATED).status == 200
    return published


def test_every_page_of_ones_own_tells_it(stated):
    submission = stated.students["s001"].submit({"loss": 0.5}).json["submission"]
    student = Visitor.of(stated.students["s001"].asker)
    for path in ("/", f"/sets/{NAME}", EXERCISE, f"/submissions/{submission}"):
        page = student.get(path)
        assert page.status == 200
        assert "set by your instructor" in page.text.lower()
        assert "“Read <b>by hand</b>”" in page.text
        assert "<b>by hand" not in page.source
    assert "7.25 of 14 points" in student.get(f"/sets/{NAME}").text
    assert "Graded: 0; what is handed in does not change what is set." in student.get(EXERCISE).text


def test_there_is_nothing_more_to_do_in_it(stated):
    home = Visitor.of(stated.students["s001"].asker).get("/")
    to_do, _, done = home.text.partition("Done")
    assert f"The exercise {EXERCISES[0]}" in done
    assert f"The exercise {EXERCISES[0]}" not in to_do


def test_others_are_told_nothing(stated):
    other = Visitor.of(stated.students["s002"].asker)
    for path in ("/", f"/sets/{NAME}", EXERCISE):
        assert "by hand" not in other.get(path).text
        assert "instructor" not in other.get(path).text.lower()
