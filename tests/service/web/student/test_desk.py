"""The form of an exercise as a person meets it: in Chromium, by keys, paste and reload."""

import json
import time

import pytest

from tests.service.course_api.classroom import DENSE, EXERCISES, NAME, exercise, right
from tests.service.web.chromium import chromium
from tests.service.web.student.test_entry import CODE, lines
from tests.service.web.visitor import EXERCISE, boxes, one_database

pytestmark = one_database

HEIGHT = 800
SECONDS = 20
TAB_STOPS = """
[...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex="0"]')].filter(
  each => each.checkVisibility({visibilityProperty: true}) && !each.disabled).length
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def at_desk(started, server, classroom):
    """Publish exercises, sign a student in, and open the first exercise."""

    def open_desk(*exercises, **fields):
        classroom.publish(**({"exercises": list(exercises)} if exercises else {}), **fields)
        classroom.enrol("s001")
        student = classroom.students["s001"]
        started.call("Network.clearBrowserCookies")
        started.look(width=1280, scheme="light")
        started.open(f"http://127.0.0.1:{server.port}/sign-in")
        started.value("localStorage.clear()")
        started.complaints.clear()
        started.type("#token", student.asker.token)
        started.click("main .go")
        name = exercises[0]["name"] if exercises else EXERCISES[0]
        started.open(f"http://127.0.0.1:{server.port}/sets/{NAME}/{name}")
        return started, student

    return open_desk


def value(browser, name: str) -> str:
    return browser.value(f"document.getElementById({json.dumps(name)}).value")


def press(browser, key: str) -> None:
    codes = {"ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "Enter": 13, "Tab": 9}
    for kind in ("rawKeyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            code=key,
            windowsVirtualKeyCode=codes[key],
            text="\r" if key == "Enter" and kind == "rawKeyDown" else "",
        )


PASTE = """
((box, text) => {
  box.focus();
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
  if (box.dispatchEvent(event)) box.setRangeText(text);
})
"""


def paste(browser, name: str, text: str) -> None:
    browser.value(f"{PASTE}(document.getElementById({json.dumps(name)}), {json.dumps(text)})")


def focused(browser) -> str:
    return browser.value("document.activeElement.id")


def reload(browser) -> None:
    browser.open(browser.value("location.href"))


def drafts(browser) -> list[str]:
    return browser.value("Object.keys(localStorage)")


def wait_for(browser, expression: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not browser.value(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.05)


def test_a_code_exercise_is_answered_by_pasting_three_arrays_on_a_page_of_few_stops(at_desk):
    browser, student = at_desk(CODE)
    assert browser.value(TAB_STOPS) <= 40
    assert browser.value("document.documentElement.scrollHeight") < 3 * HEIGHT
    answers = right(student.exercise("code"))
    for number, array in enumerate(answers.values()):
        browser.type(f"#text-{number}", lines(array))
    wait_for(browser, "document.getElementById('says-2').textContent.includes('8 × 16')")
    browser.click("main .go")
    assert "✓ correct" in browser.text
    assert "10 of 10 points" in browser.text
    assert browser.complaints == []


def test_a_text_is_understood_while_one_types_and_nothing_is_spent(at_desk):
    browser, student = at_desk()
    browser.value("document.querySelectorAll('details.as-text').forEach(each => each.open = true)")
    browser.type("#text-2", "0,5 1\n2 3")
    wait_for(browser, "document.getElementById('says-2').textContent.trim()")
    said = browser.value("document.getElementById('says-2').textContent.trim()")
    assert said == "Understood as 2 × 2: [[0.5, 1], [2, 3]]"
    assert student.asker.get(f"/problem-sets/{NAME}/submissions").json == []
    assert browser.complaints == []


def test_why_a_text_cannot_be_taken_is_told_while_one_types_too(at_desk):
    browser, student = at_desk()
    browser.value("document.querySelectorAll('details').forEach(each => each.open = true)")
    browser.type("#text-2", "1 2 3")
    wait_for(browser, "document.getElementById('says-2').textContent.includes('asked is 2 × 2')")
    browser.type("#answers", "loss = 1/3")
    wait_for(browser, "document.getElementById('says-all').textContent.includes('is a fraction')")
    browser.click("[name=look]")
    assert browser.value("document.getElementById('text-2').ariaInvalid") == "true"
    browser.value("document.getElementById('text-2').select()")
    browser.type("#text-2", "1 2\n3 4")
    understood = "document.getElementById('says-2').textContent.startsWith('Understood as 2 × 2')"
    wait_for(browser, understood)
    assert browser.value("document.getElementById('text-2').ariaInvalid") == "false"
    assert browser.value("document.getElementById('text-2-fault').textContent") == ""
    assert student.asker.get(f"/problem-sets/{NAME}/submissions").json == []
    assert browser.complaints == []


def test_arrows_and_enter_move_between_rows_and_hand_nothing_in(at_desk):
    browser, student = at_desk()
    browser.type("#entry-2-0", "1")
    for key, there in (
        ("ArrowDown", "entry-2-2"),
        ("ArrowUp", "entry-2-0"),
        ("ArrowLeft", "entry-2-0"),
        ("Enter", "entry-2-2"),
        ("Enter", "entry-2-2"),
        ("Tab", "entry-2-3"),
    ):
        press(browser, key)
        assert focused(browser) == there, key
    assert student.asker.get(f"/problem-sets/{NAME}/submissions").json == []


@pytest.mark.parametrize(
    ("block", "cells"),
    [
        ("1\t-2\n3,5\t4e-3", ["1", "-2", "3,5", "4e-3"]),
        ("1, 2\n3, 4", ["1", "2", "3", "4"]),
        ("0.1,0.2\n0.3,0.4", ["0.1", "0.2", "0.3", "0.4"]),
        ("0,1 0,2\r\n0,3 0,4\r\n", ["0,1", "0,2", "0,3", "0,4"]),
        ("[[0.1 0.2]\n [0.3 0.4]]", ["0.1", "0.2", "0.3", "0.4"]),
        ("array([[0.1, 0.2], [0.3, 0.4]])", ["0.1", "0.2", "0.3", "0.4"]),
        ("1 2", ["1", "2", "", ""]),
        ("0,5", ["0,5", "", "", ""]),
        ("1 2 3\n4 5 6\n7 8 9", ["1", "2", "4", "5"]),
    ],
)
def test_a_block_that_is_pasted_into_a_cell_spreads_from_there(at_desk, block, cells):
    browser, _ = at_desk()
    paste(browser, "entry-2-0", block)
    assert [value(browser, f"entry-2-{index}") for index in range(4)] == cells


def test_a_block_spreads_from_the_cell_that_it_is_pasted_into(at_desk):
    browser, _ = at_desk()
    paste(browser, "entry-2-1", "1\n2")
    assert [value(browser, f"entry-2-{index}") for index in range(4)] == ["", "1", "", "2"]


def test_a_draft_survives_a_reload_is_told_of_and_can_be_discarded(at_desk):
    browser, student = at_desk()
    assert not browser.value("document.getElementById('draft').checkVisibility()")
    browser.type("#entry-0-0", "0.5")
    browser.value("document.querySelector('.all-parts').open = true")
    browser.type("#answers", "delta1 = [1, 2]")
    reload(browser)
    assert (value(browser, "entry-0-0"), value(browser, "answers")) == ("0.5", "delta1 = [1, 2]")
    assert "What you had typed in this browser was put back." in browser.text
    (name,) = drafts(browser)
    assert name == f"gradgrade-draft-{json.loads(student.exercise())['id']}"
    kept = json.loads(browser.value(f"localStorage.getItem({json.dumps(name)})"))
    assert kept["typed"] == {"entry-0-0": "0.5", "answers": "delta1 = [1, 2]"}
    assert kept.keys() == {"typed", "attempts", "isSent", "at"}
    browser.value("document.querySelector('#draft button').click()")
    assert (value(browser, "entry-0-0"), drafts(browser)) == ("", [])
    reload(browser)
    assert value(browser, "entry-0-0") == ""


def test_a_draft_goes_when_it_was_handed_in(at_desk):
    browser, student = at_desk()
    for name, text in boxes(right(student.exercise())).items():
        browser.type(f"#{name}", text)
    assert len(drafts(browser)) == 1
    browser.click("main .go")
    assert "✓ correct" in browser.text
    assert drafts(browser) == []


def test_a_draft_stays_when_nothing_was_handed_in(at_desk):
    browser, _ = at_desk()
    browser.type("#entry-0-0", "1/3")
    browser.click("main .go")
    assert "Nothing was handed in" in browser.text
    browser.open(browser.value("location.href"))
    assert value(browser, "entry-0-0") == "1/3"
    assert "was put back" in browser.text


def test_what_was_right_and_is_erased_stays_erased_in_the_draft(at_desk):
    browser, student = at_desk()
    typed = boxes(right(student.exercise())) | {"entry-2-1": "9"}
    for name, text in typed.items():
        browser.type(f"#{name}", text)
    browser.click("main .go")
    browser.open(browser.value("location.origin") + EXERCISE)
    assert value(browser, "entry-0-0") == typed["entry-0-0"]
    assert value(browser, "entry-2-1") == ""
    browser.value(
        "document.getElementById('entry-0-0').value = '';"
        "document.getElementById('entry-0-0').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    reload(browser)
    assert value(browser, "entry-0-0") == ""


def test_all_drafts_go_when_their_author_signs_out(at_desk):
    browser, _ = at_desk()
    browser.type("#entry-0-0", "0.5")
    assert len(drafts(browser)) == 1
    browser.click("header button")
    assert drafts(browser) == []


def test_no_more_drafts_are_kept_than_there_is_room_for(at_desk):
    browser, student = at_desk()
    browser.value(
        "for (let i = 0; i < 30; i++)"
        " localStorage.setItem(`gradgrade-draft-${i}`, JSON.stringify({typed: {}, at: i}))"
    )
    browser.type("#entry-0-0", "0.5")
    kept = drafts(browser)
    assert len(kept) == 20
    assert f"gradgrade-draft-{json.loads(student.exercise())['id']}" in kept
    assert "gradgrade-draft-10" not in kept
    assert "gradgrade-draft-29" in kept


def test_the_part_that_one_is_at_is_lit_whether_one_types_in_cells_or_in_the_box(at_desk):
    browser, _ = at_desk(exercise(EXERCISES[0], layers=[DENSE, DENSE], ask=["loss", "a1", "dW1"]))
    stroke = "getComputedStyle(document.querySelector('.drawing .edges.W1 line')).stroke"
    before = browser.value(stroke)
    browser.value("document.getElementById('entry-2-0').focus()")
    lit = browser.value(stroke)
    assert lit != before
    browser.value("document.getElementById('entry-0-0').focus()")
    assert browser.value(stroke) == before
    browser.value(
        "document.querySelectorAll('details.as-text').forEach(each => each.open = true);"
        "document.getElementById('text-2').focus()"
    )
    assert browser.value(stroke) == lit
