"""The server's settings, to read in a browser."""

from gradgrade.service.settings import CONFIDENTIAL, Settings
from tests.service.course_api.live import SECRET
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database


def test_the_servers_settings_are_told_and_nothing_confidential(published, server, staff):
    page = staff.get("/settings")
    check_page(page)
    assert "GRADGRADE_PUBLIC_GRADING" in page.text
    assert "false" in page.text
    assert SECRET not in page.source
    assert server.database not in page.source
    assert "redis" not in page.source


def test_every_setting_that_is_told_is_one_and_none_is_confidential(published, staff):
    told = {each.text for each in staff.get("/settings").all("code")}
    names = {each for each in told if each in Settings.model_fields}
    assert {"public_grading", "course", "language", "received_header"} <= names
    assert {f"GRADGRADE_{each.upper()}" for each in names} <= told
    assert not names & CONFIDENTIAL


def test_they_are_an_instructors_alone(published, assistant):
    student = Visitor.of(published.students["s001"].asker)
    for visitor in (assistant, student):
        assert visitor.get("/settings").status == 403
