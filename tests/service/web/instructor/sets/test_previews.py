"""Previews take turns: several instructors who write sets hold few threads."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from benchmarks.pages import signed_in
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate

from .test_editor_page import FINE


def test_a_preview_waits_for_another_and_beyond_that_the_text_comes_back(tmp_path):
    has_begun, may_end = Event(), Event()

    def slowly(function, *arguments, **named):
        has_begun.set()
        assert may_end.wait(30)
        return function(*arguments, **named)

    store = open_store(str(tmp_path / "course.db"))
    migrate(store)
    backend = Backend(store=store, secret=b"a secret of the tests", contained=slowly)
    app = create_app(backend=backend, settings=Settings(threads=1))
    with store.writing() as connection:
        staff = open_course(connection, "course", now=backend.clock())
        _, token = create_token(connection, staff, role="instructor", now=backend.clock())
    browser = signed_in(app, token)
    secret = re.search(r'name="csrf_token" value="([^"]*)"', browser.get("/new-set").text)[1]

    def preview():
        return browser.post("/new-set", data={"csrf_token": secret, "text": FINE})

    with ThreadPoolExecutor(1) as other:
        first = other.submit(preview)
        assert has_begun.wait(30)
        try:
            refused = preview()
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "others are having sets previewed" in refused.text
            assert "name = &#34;week-9&#34;" in refused.text
            assert browser.get("/gradebook").status_code == 200
        finally:
            may_end.set()
        assert first.result().status_code == 200
    assert preview().status_code == 200
    store.close()
