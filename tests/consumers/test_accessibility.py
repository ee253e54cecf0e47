"""axe reads every kind of page, light and dark, wide and narrow, and finds nothing."""

import json
import time

import pytest

from tests.consumers import node_programs
from tests.looks import looks
from tests.service.course_api.classroom import EXERCISES, NAME, new_classroom, right
from tests.service.web.chromium import chromium

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASKED = {"runOnly": RULES, "resultTypes": ["violations"]}
"""What axe is asked for; where all is as it should be, it need not gather."""

SECONDS = 30

ANYBODYS = (
    *("/", "/?seed=1&entry-0-0=x", "/?seed=1&entry-0-0=0.5", "/sign-in", "/nowhere"),
    *("/playground", "/playground?W1-0=x"),
)
GUIDES = ("/guides", "/guides?q=late", "/guides/course")
EXERCISE = f"/sets/{NAME}/{EXERCISES[0]}"
STUDENTS = ("/", f"/sets/{NAME}", EXERCISE, f"{EXERCISE}/practice?seed=1", "/sets/none")
SOLVED = ("/", f"/sets/{NAME}", f"{EXERCISE}/solution")
STAFFS = (
    *(f"/sets/{NAME}{tab}" for tab in ("", "/-/roster", "/-/gradebook", "/-/statistics")),
    *(
        f"/sets/{NAME}/-/overview",
        f"/sets/{NAME}/-/document",
        "/new-set",
        f"/sets/{NAME}/{EXERCISES[0]}",
    ),
    *(f"/sets/{NAME}/-/students/s002", "/gradebook", "/audit-log"),
    *(f"/sets/{NAME}/-/regrades", f"/sets/{NAME}/-/settings", "/tokens", "/settings"),
)


@pytest.fixture(scope="module")
def axe():
    node_programs.needed()
    return (node_programs.FOLDER / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def room(live):
    made = new_classroom(live)
    made.publish(solutions="after_full_marks", practice=True)
    made.enrol("s001", "s002")
    return made


def violations(browser, axe):
    """What axe finds in the page that is open."""
    asked = json.dumps(ASKED)
    if browser.value("typeof axe") == "undefined":
        browser.value(f"{axe};0")
    browser.value(
        f"window.found = null; axe.run({asked}).then(told => {{"
        "window.found = JSON.stringify(told.violations.map(each => [each.id, "
        "each.nodes[0].html]))}); 0"
    )
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = browser.value("window.found")
        if found is not None:
            return json.loads(found)
        time.sleep(0.05)
    raise TimeoutError("axe says nothing")


def check(browser, axe, live, paths):
    for path in paths:
        browser.open(f"http://127.0.0.1:{live.port}{path}")
        check_shown(browser, axe, path)


def check_shown(browser, axe, what):
    """Check the page that is open, however it is looked at."""
    for width, scheme in looks():
        browser.look(width=width, scheme=scheme)
        assert violations(browser, axe) == [], (what, width, scheme)
        assert browser.value("document.documentElement.scrollWidth") <= width, what


def sign_in(browser, live, asker):
    browser.call("Network.clearBrowserCookies")
    browser.open(f"http://127.0.0.1:{live.port}/sign-in")
    browser.type("#token", asker.token)
    browser.click("main button")


def test_pages_of_anybody_can_be_used_by_everybody(browser, axe, live):
    check(browser, axe, live, (*ANYBODYS, *GUIDES))


def test_a_students_pages_can_be_used_by_everybody(browser, axe, live, room):
    student = room.students["s001"]
    answers = right(student.exercise())
    answers["dW1"] = [[-each for each in row] for row in answers["dW1"]]
    sent = student.submit(answers).json["submission"]
    sign_in(browser, live, student.asker)
    check(browser, axe, live, (*STUDENTS, f"/submissions/{sent}"))
    student.submit()
    check(browser, axe, live, SOLVED)


def test_what_is_tried_can_be_read_by_everybody(browser, axe, live, room):
    """A verdict at once, and the worked solution, opened."""
    sign_in(browser, live, room.students["s001"].asker)
    for width, scheme in looks():
        browser.look(width=width, scheme=scheme)
        browser.open(f"http://127.0.0.1:{live.port}{EXERCISE}/practice?seed=1")
        browser.type("#entry-0-0", "0.5")
        browser.click(".submit button")
        browser.value(
            "for (const each of document.querySelectorAll('details')) each.open = true; 0"
        )
        assert violations(browser, axe) == [], (width, scheme)
        assert browser.value("document.documentElement.scrollWidth") <= width


def test_a_form_that_was_looked_at_and_has_faults_can_be_used_by_everybody(
    browser, axe, live, room
):
    sign_in(browser, live, room.students["s001"].asker)
    browser.open(f"http://127.0.0.1:{live.port}/sets/{NAME}/{EXERCISES[1]}")
    browser.value("document.querySelectorAll('details').forEach(each => each.open = true); 0")
    browser.type("#entry-0-0", "1/3")
    browser.type("#text-1", "1 2\n3 4")
    browser.type("#answers", "loss = 1,234")
    browser.click("[name=look]")
    for width, scheme in looks():
        browser.look(width=width, scheme=scheme)
        assert violations(browser, axe) == [], (width, scheme)
        assert browser.value("document.documentElement.scrollWidth") <= width


def test_an_instructors_pages_can_be_used_by_everybody(browser, axe, live, room):
    room.students["s002"].submit({"loss": -1.0})
    student = f"/problem-sets/{NAME}/students/s002"
    room.instructor.put(f"{student}/extension", {"attempts": 7})
    stated = {"points": 7.25, "comment": "seen"}
    room.instructor.put(f"{student}/exercises/{EXERCISES[0]}/override", stated)
    sign_in(browser, live, room.instructor)
    check(browser, axe, live, STAFFS)


def test_what_an_instructors_forms_lead_to_can_be_used_by_everybody(browser, axe, live, room):
    room.students["s001"].submit({"loss": -1.0})
    sign_in(browser, live, room.instructor)
    place = f"http://127.0.0.1:{live.port}/sets/{NAME}/-"
    browser.open(f"{place}/document")
    browser.click("#preview button")
    check_shown(browser, axe, "a preview")
    browser.value("document.getElementById('text').value = 'attempts = 0'; 0")
    browser.click("#preview button")
    check_shown(browser, axe, "faults at their lines")
    browser.open(f"{place}/settings")
    browser.type("#attempts", "many")
    browser.click("main .go")
    check_shown(browser, axe, "faults of settings")
    browser.open(f"{place}/regrades")
    browser.click("main .go")
    check_shown(browser, axe, "what a regrade would change")
    browser.open(f"http://127.0.0.1:{live.port}/tokens")
    browser.click("main .go")
    check_shown(browser, axe, "a token that was made")
    browser.click("main a[href$=revocation]")
    check_shown(browser, axe, "whether to revoke it")


def test_what_cannot_be_used_by_everybody_is_found(browser, axe, live):
    browser.call("Network.clearBrowserCookies")
    browser.open(f"http://127.0.0.1:{live.port}/guides")
    browser.value("document.querySelector('label').remove(); 0")
    assert [name for name, _ in violations(browser, axe)] == ["label"]
