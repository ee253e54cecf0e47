"""What the pages answer when something else is wrong, or anything at all is sent."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from tests.examples import examples
from tests.service.course_api.classroom import NAME, new_classroom, right
from tests.service.course_api.live import Live
from tests.service.operations.served import server as served
from tests.service.web.visitor import EXERCISE, FORM, Visitor, boxes, one_database

TEXT = st.text(max_size=40) | st.sampled_from(["\0", "\ud7ff", "%00", "../", "1e999", "{" * 20])
FIELDS = st.sampled_from(["entry-0-0", "entry-2-3", "entry-9-9", "answers", "key", "token", "x"])


@pytest.fixture
def limited(tmp_path):
    """A course on a server that takes a submission an hour."""
    database = f"sqlite:///{tmp_path / 'course.db'}"
    store = open_store(database)
    migrate(store)
    with served(tmp_path, database=database, submission_rate="1/hour") as live:
        yield new_classroom(Live("SQLite", database, live.port, live.log, tmp_path, store))
    store.close()


def test_too_many_submissions_are_refused_and_what_was_typed_is_kept(limited):
    limited.publish()
    limited.enrol("s001")
    student = Visitor.of(limited.students["s001"].asker)
    answers = boxes(right(limited.students["s001"].exercise()))
    assert student.fill_in(EXERCISE, **answers).status == 303
    form = student.get(EXERCISE).fields
    page = student.post(EXERCISE, form | answers)
    assert page.status == 429
    assert int(page.headers["retry-after"]) > 0
    assert "too many requests" in page.text
    assert page.fields | answers == page.fields
    assert page.fields["key"] == form["key"]  # sent again later, it is the same submission
    asker = limited.students["s001"].asker
    assert len(asker.get(f"/problem-sets/{NAME}/submissions").json) == 1


def test_a_database_that_does_not_answer_is_a_page_that_says_so(tmp_path):
    with served(tmp_path, database="postgresql://nobody@127.0.0.1:1/none") as live:
        visitor = Visitor(live.port)
        page = visitor.sign_in("gg_x")
    assert page.status == 503
    assert int(page.headers["retry-after"]) > 0
    assert page.all("h1")[0].text == "The server is busy"
    assert page.headers["x-request-id"] in page.text  # under which it is logged
    assert "Traceback" not in page.source


@one_database
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from([EXERCISE, "/sign-in", "/sign-out", "/", f"/sets/{NAME}"]),
    query=st.dictionaries(st.sampled_from(["student", "back_to", "x"]), TEXT),
    fields=st.dictionaries(FIELDS, TEXT),
)
def test_whatever_is_sent_is_answered_without_a_fault(published, path, query, fields):
    for asker in (published.students["s001"].asker, published.instructor):
        visitor = Visitor.of(asker)
        secret = visitor.get("/sign-in").fields["csrf_token"]
        body = visitor.encoded(fields | {"csrf_token": secret})
        place = f"{path}?{visitor.encoded(query)}"
        assert visitor.ask("POST", place, body, Content_Type=FORM).status < 500
        assert visitor.ask("GET", place).status < 500


@one_database
@pytest.mark.parametrize("body", [b"\xff\xfe=%ff", b"&&&=;", b"a=" * 1000, b"%" * 100, b""])
def test_whatever_bytes_are_sent_are_answered_without_a_fault(student, body):
    assert student.ask("POST", EXERCISE, body, Content_Type=FORM).status == 400


def test_the_moment_of_a_submission_is_when_it_came(published, student):
    before = datetime.now(UTC)
    student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    after = datetime.now(UTC)
    (kept,) = published.students["s001"].asker.get(f"/problem-sets/{NAME}/submissions").json
    assert before <= datetime.fromisoformat(kept["received_at"]) <= after
