"""The editor in Chromium: its preview follows the text, and says where it does not."""

import time

import pytest

from tests.service.course_api.classroom import NAME
from tests.service.web.chromium import chromium
from tests.service.web.visitor import one_database

pytestmark = one_database

SECONDS = 60


@pytest.fixture
def browser(tmp_path, server, published):
    with chromium(tmp_path) as started:
        started.open(f"http://127.0.0.1:{server.port}/sign-in")
        started.type("#token", published.instructor.token)
        started.click("main button")
        started.open(f"http://127.0.0.1:{server.port}/sets/{NAME}/-/document")
        yield started


def write(browser, old, new):
    """Change the text as by keys."""
    browser.value(
        "(() => { const text = document.getElementById('text');"
        f"text.value = text.value.replace('{old}', '{new}');"
        "text.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )


def wait(browser, expression):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if browser.value(expression):
            return
        time.sleep(0.1)
    raise TimeoutError(expression)


def test_the_preview_follows_the_text_and_says_when_it_is_older(browser):
    browser.click("#preview button")
    assert browser.value("document.getElementById('older').textContent") == ""
    write(browser, '"tanh"', '"tanhh"')
    assert "The text has changed since." in browser.text
    wait(browser, "!!document.querySelector('#told .note')")
    assert 'did you mean "tanh"?' in browser.text
    assert "The text has changed since." in browser.text
    assert browser.value("document.querySelectorAll('#preview svg').length") == 2
    browser.value("document.querySelector('a[data-line]').click()")
    marked = browser.value(
        "(() => { const text = document.getElementById('text');"
        "return text.value.slice(text.selectionStart, text.selectionEnd); })()"
    )
    assert "tanhh" in marked
    write(browser, '"tanhh"', '"sigmoid"')
    wait(browser, "!document.querySelector('#told .note')")
    assert browser.value("document.getElementById('older').textContent") == ""
    assert browser.value("document.activeElement.id") == "text"
    assert "sigmoid" in browser.value("document.querySelector('#preview svg').textContent")


def test_nothing_is_asked_where_that_is_not_wanted(browser):
    browser.value("document.getElementById('live').click()")
    write(browser, '"tanh"', '"tanhh"')
    time.sleep(2)
    assert browser.value("document.querySelector('#told').textContent.trim()") == ""
