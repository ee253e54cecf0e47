"""The pages as a person meets them: in Chromium, by mouse and keys."""

import pytest

from gradgrade.service.web.entrance import sign_in_link
from tests.looks import looks
from tests.service.course_api.classroom import NAME, right
from tests.service.web.chromium import sign_in
from tests.service.web.visitor import EXERCISE, boxes, one_database

pytestmark = one_database


def go(browser, server, path: str) -> None:
    browser.open(f"http://127.0.0.1:{server.port}{path}")


def test_a_student_signs_in_answers_and_reads_the_verdict(browser, published):
    student = published.students["s001"]
    sign_in(browser, student.asker)
    assert "The first week" in browser.text
    browser.click(f"a[href='/sets/{NAME}']")
    browser.click(f"a[href='{EXERCISE}']")
    for name, text in boxes(right(student.exercise())).items():
        browser.type(f"#{name}", "1/3" if name == "entry-0-0" else text)
    browser.click("main .go")
    assert "Nothing was handed in, and no attempt is spent." in browser.text
    assert browser.value("document.querySelector('#entry-0-0').value") == "1/3"
    browser.value("document.querySelector('#entry-0-0').select()")
    browser.type("#entry-0-0", repr(right(student.exercise())["loss"]))
    browser.click("main .go", times=2)
    assert "✓ correct" in browser.text
    assert "10 of 10 points" in browser.text
    listed = student.asker.get(f"/problem-sets/{NAME}/submissions").json
    assert [each["attempt"] for each in listed] == [1]
    browser.click("header button")
    assert "Learn backpropagation" in browser.text
    # It complains of the refused form, as of every such status, and of nothing else.
    (complaint,) = (each for each in browser.complaints if "404" not in each)
    assert "422" in complaint


def test_who_leaves_most_empty_is_asked_and_hands_in_all_the_same(browser, server, published):
    student = published.students["s001"]
    sign_in(browser, student.asker)
    go(browser, server, EXERCISE)
    browser.type("#entry-0-0", "0.5")
    browser.click("main .go")
    assert "Nothing was handed in yet. 1 of 3 parts is filled in" in browser.text
    assert student.asker.get(f"/problem-sets/{NAME}/submissions").json == []
    browser.click("main .go")
    assert "0 of 10 points" in browser.text
    listed = student.asker.get(f"/problem-sets/{NAME}/submissions").json
    assert [each["attempt"] for each in listed] == [1]


def test_a_link_fills_the_token_in_and_stays_in_no_address(browser, server, published):
    token = published.students["s001"].asker.token
    browser.open(sign_in_link(f"http://127.0.0.1:{server.port}", token))
    assert browser.value("document.querySelector('#token').value") == token
    assert token not in browser.value("location.href")
    assert "The first week" not in browser.text
    browser.click("main .go")
    assert "The first week" in browser.text
    assert browser.complaints == []


def test_the_cookie_is_out_of_a_scripts_reach(browser, published):
    sign_in(browser, published.students["s001"].asker)
    assert browser.value("document.cookie") == ""
    cookies = browser.call("Network.getCookies")["cookies"]
    assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Lax")]


def test_no_script_runs_and_no_inline_style_holds_even_if_one_got_in(browser):
    # The evaluation itself is not bound by the page's policy; what it puts into the page is.
    browser.value(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<p id=p style="color: red" onclick="document.title=1">x</p>\');'
        "const added = document.createElement('script');"
        "added.textContent = 'document.title = 2'; document.body.append(added);"
        "document.querySelector('#p').click()"
    )
    assert browser.value("document.title") == "Guides – gradgrade"
    assert browser.value("getComputedStyle(document.querySelector('#p')).color") != "rgb(255, 0, 0)"
    refusals = [each for each in browser.complaints if "Content Security Policy" in each]
    assert len(refusals) == 3


@pytest.mark.parametrize(("width", "scheme"), looks())
def test_every_page_fits_its_window_and_follows_the_scheme(
    browser, published, server, width, scheme
):
    student = published.students["s001"]
    sent = student.submit({"dW1": [[1.2345678901234567, 2], [3, 4]]}).json["submission"]
    sign_in(browser, student.asker)
    browser.look(width=width, scheme=scheme)
    for path in (
        "/",
        "/guides/course",
        f"/sets/{NAME}",
        EXERCISE,
        f"/submissions/{sent}",
        "/sets/nowhere",
    ):
        go(browser, server, path)
        assert browser.value("document.documentElement.scrollWidth") <= width, path
        background = browser.value("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}[scheme]
        assert browser.value("document.querySelectorAll('h1').length") == 1


def test_in_a_narrow_window_the_titles_of_exercises_keep_room(browser, published, server):
    browser.look(width=380, scheme="light")
    sign_in(browser, published.students["s001"].asker)
    go(browser, server, f"/sets/{NAME}")
    assert browser.value("document.querySelector('.list tbody th').clientWidth") >= 11 * 16


def test_in_a_narrow_window_no_line_about_mistakes_is_cut(browser, published, server):
    student = published.students["s001"]
    answers = right(student.exercise())
    turned = [list(row) for row in zip(*answers["dW1"], strict=True)]
    student.submit(answers | {"dW1": turned})
    browser.look(width=380, scheme="light")
    browser.open(browser.value("location.origin") + "/sign-in")
    browser.type("#token", published.instructor.token)
    browser.click("main button")
    go(browser, server, f"/sets/{NAME}/-/statistics")
    line = "[...document.querySelectorAll('main *')].filter(each => each.childElementCount == 0)"
    line += ".find(each => each.textContent.includes('count once'))"
    assert browser.value(f"{line}.getBoundingClientRect().right") <= 380


def test_formulas_are_laid_out_as_mathematics(browser, published, server):
    sign_in(browser, published.students["s001"].asker)
    go(browser, server, EXERCISE)
    above, below = (
        browser.value(f"document.querySelector('mfrac').children[{n}].getBoundingClientRect().top")
        for n in (0, 1)
    )
    assert above < below


OUTSIDE = """
[...document.querySelectorAll('svg.drawing')].filter(each => each.getClientRects().length).map(
  each => {
    const frame = each.getBoundingClientRect();
    const parts = [...each.querySelectorAll('text, circle, rect')].map(
      part => part.getBoundingClientRect());
    const outside = parts.filter(part => part.left < frame.left - 1 || part.top < frame.top - 1 ||
      part.right > frame.right + 1 || part.bottom > frame.bottom + 1);
    const labels = [...each.querySelectorAll('.weights text')].map(
      part => part.getBoundingClientRect());
    const overlapping = labels.filter((one, i) => labels.some((other, j) => i < j &&
      one.left < other.right && other.left < one.right &&
      one.top + 3 < other.bottom && other.top + 3 < one.bottom));
    return [each.classList[1], parts.length > 0, outside.length, overlapping.length];
  })
"""


@pytest.mark.parametrize(("width", "form"), [(1200, "wide-form"), (360, "turned-form")])
def test_the_drawing_that_fits_the_window_is_shown_and_nothing_of_it_lies_outside(
    browser, published, server, width, form
):
    sign_in(browser, published.students["s001"].asker)
    browser.look(width=width, scheme="light")
    go(browser, server, EXERCISE)
    assert browser.value(OUTSIDE) == [[form, True, 0, 0]]


def test_the_part_that_one_is_at_is_lit_on_the_drawing(browser, published, server):
    sign_in(browser, published.students["s001"].asker)
    go(browser, server, EXERCISE)
    stroke = "getComputedStyle(document.querySelector('.drawing .edges.W1 line')).stroke"
    before = browser.value(stroke)
    browser.value("document.querySelector('.at-W1 input').focus()")
    assert browser.value(stroke) != before
    browser.value("document.querySelector('.at-loss input').focus()")
    assert browser.value(stroke) == before
