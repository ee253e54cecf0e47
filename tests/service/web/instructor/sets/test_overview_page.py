"""A set's overview: what it asks, what that is worth, and who has numbers of which version."""

from tests.service.course_api.classroom import NAME, problem_set
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}/-/overview"


def test_it_tells_what_is_asked_and_who_holds_numbers_of_an_earlier_version(published, staff):
    published.students["s001"].exercise()
    page = staff.get(PLACE)
    check_page(page)
    assert "Version 1 of the set" in page.text
    assert "14 points" in page.text
    assert "earlier version" not in page.text
    published.instructor.put(f"/problem-sets/{NAME}", problem_set(attempts=3))
    published.students["s002"].exercise()
    page = staff.get(PLACE)
    assert "Version 2 of the set" in page.text
    assert "3 attempts" in page.text
    assert "1 of an earlier version" in page.text


def test_an_assistant_reads_it_and_is_led_nowhere_else(published, assistant):
    page = assistant.get(PLACE)
    assert page.status == 200
    assert "/-/document" not in page.source
    assert "/new-set" not in page.source


def test_another_set_like_it_is_begun_and_published(published, staff):
    page = staff.get(f"/new-set?like={NAME}")
    check_page(page)
    assert f'name = "{NAME}-copy"' in page.fields["text"]
    sent = staff.post("/new-set", page.fields | {"action": "publish"})
    assert (sent.status, sent.location) == (303, f"/sets/{NAME}-copy")
    assert staff.get("/new-set?like=nothing").status == 404
