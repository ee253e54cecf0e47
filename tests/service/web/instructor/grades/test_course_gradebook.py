"""The gradebook of the whole course."""

import re

from tests.service.course_api.classroom import NAME
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database


def test_the_gradebook_of_the_course_has_every_set(published, staff):
    published.publish(name="week-2", title="The second week")
    published.enrol("s001", of="week-2")
    published.students["s001"].submit()
    page = staff.get("/gradebook")
    assert page.status == 200
    check_page(page)
    words = " ".join(re.sub("<.*?>", " ", page.source).split())
    assert "s001 s001 10.00 – nothing yet 10.00" in words
    assert "s002 s002 – nothing yet not on its roster –" in words
    assert f'href="/sets/{NAME}/-/students/s001"' in page.source
    assert "/sets/week-2/-/students" not in page.source


def test_every_file_of_it_is_what_the_interface_gives(published, staff):
    published.students["s001"].submit()
    for name in ("csv", "canvas", "moodle", "json"):
        file = staff.get(f"/gradebook/{name}")
        reply = published.instructor.get(f"/gradebook?format={name}")
        assert file.source.encode() == reply.body
        assert file.headers["content-disposition"] == reply.headers["content-disposition"]
        assert f'href="/gradebook/{name}"' in staff.get("/gradebook").source
    assert staff.get("/gradebook/pdf").status == 404


def test_a_course_without_students_says_so(classroom):
    page = Visitor.of(classroom.instructor).get("/gradebook")
    assert page.status == 200
    check_page(page)
    assert "Nobody is on a roster yet." in page.text


def test_an_assistant_reads_it_and_is_not_led_to_the_log(assistant):
    page = assistant.get("/gradebook")
    assert page.status == 200
    assert "/audit-log" not in page.source


def test_a_student_does_not_read_it(published):
    student = Visitor.of(published.students["s001"].asker)
    for path in ("/gradebook", "/gradebook/csv"):
        page = student.get(path)
        assert page.status == 403
        assert "/gradebook" not in page.source.replace(path, "")
