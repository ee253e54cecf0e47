"""Whoever comes by tries an exercise, without a token, and reads the guides."""

import re
from datetime import UTC, datetime

import pytest
from markupsafe import escape

from gradgrade.problems import catalogue, generate, solve
from gradgrade.service.app import create_app
from gradgrade.service.contained import Exhausted, here
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.http.limits import Limiter
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.web import guides
from gradgrade.service.web.visitor.front_page import LONGEST_TYPED, FrontPage
from gradgrade.service.web.visitor.trying import EXERCISE, SET
from tests.service.web.visitor import boxes

SEED = "1"
NOW = datetime(2031, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def anybody():
    return create_app().test_client()


@pytest.fixture(scope="module")
def solution():
    return solve(exercise())


def exercise(seed=SEED):
    return generate(catalogue.load(SET), EXERCISE, student="1", secret=seed.encode())


def right(solution):
    return boxes({part.name: solution[part.name].float64 for part in exercise().ask})


def test_the_front_page_has_an_exercise_and_no_value_that_is_expected(anybody, solution):
    page = anybody.get("/", query_string={"seed": SEED}).text
    assert "Learn backpropagation" in page
    assert "worked solution comes after a try" in page
    for part in exercise().ask:
        assert f"<code>{part.name}</code>" in page
    expected = [str(solution[name].float64) for name in ("loss", "dW1", "delta1")]
    digits = set(re.findall(r"0\.(\d{5})", " ".join(expected)))
    assert len(digits) >= 3
    assert not [each for each in digits if each in page]


def test_right_answers_are_told_to_be_right_and_then_the_solution_is_shown(anybody, solution):
    page = anybody.get("/", query_string={"seed": SEED, **right(solution)}).text
    assert "✓ correct" in page
    assert "5 of 5 points" in page
    assert "The worked solution</summary>" in page


def test_a_mistake_is_named_where_it_began_and_what_was_typed_is_kept(anybody, solution):
    typed = right(solution)
    (name,) = (each for each in typed if each == "entry-4-0")
    typed[name] = str(-float(typed[name]))
    page = anybody.get("/", query_string={"seed": SEED, **typed}).text
    assert "It began at <code>delta1</code>" in page
    assert "± sign" in page
    assert f'value="{typed[name]}"' in page


def test_what_is_no_number_is_told_beside_its_box_and_nothing_is_graded(anybody):
    page = anybody.get("/", query_string={"seed": SEED, "entry-0-0": "<b>about 1</b>"}).text
    assert "Nothing was graded yet." in page
    assert str(escape("<b>about 1</b>")) in page
    assert "<b>about" not in page
    assert "The worked solution</summary>" not in page


def test_another_seed_has_other_numbers_and_the_same_one_the_same(anybody):
    pages = [anybody.get("/", query_string={"seed": each}).text for each in ("1", "2", "1")]
    given = [re.findall(r'<td class="numeral">([^<]*)</td>', page) for page in pages]
    assert given[0] == given[2] != given[1]


def test_what_is_longer_than_any_answer_is_refused(anybody):
    reply = anybody.get("/", query_string={"entry-0-0": "1" * (LONGEST_TYPED + 1)})
    assert (reply.status_code, reply.mimetype) == (414, "text/html")


def test_what_takes_too_much_of_the_processor_is_said_to_be_so():
    def exhausted(*_arguments, **_named):
        raise Exhausted("it takes more than it may")

    reply = create_app(contained=exhausted).test_client().get("/")
    assert (reply.status_code, reply.mimetype) == (503, "text/html")


def test_numbers_that_somebody_holds_are_graded_for_nobody(solution):
    def refuse(numbers):
        raise Conflict("these are the numbers of an exercise that is not closed yet")

    front = FrontPage(
        contained=here, limiter=Limiter(Settings()), clock=lambda: NOW, refuses=refuse
    )
    app = create_app()
    with app.test_request_context("/", query_string={"seed": SEED}):
        assert front.show().status_code == 200
    typed = {"seed": SEED, **right(solution)}
    with app.test_request_context("/", query_string=typed), pytest.raises(Conflict):
        front.show()


def test_the_exercise_of_the_day_is_that_of_the_servers_clock(tmp_path):
    store = open_store(str(tmp_path / "course.db"))
    migrate(store)
    backend = Backend(store=store, secret=b"a secret of the tests", clock=lambda: NOW)
    page = create_app(backend=backend).test_client().get("/").text
    assert f'name="seed" value="{NOW:%Y-%m-%d}"' in page
    store.close()


def test_no_guide_shows_markup_as_text(anybody):
    for guide in (each for shelf in guides.shelves().values() for each in shelf):
        assert "&lt;br&gt;" not in anybody.get(f"/guides/{guide.name}").text, guide.name


def test_every_link_and_picture_of_a_guide_is_there(anybody):
    seen = 0
    for shelf in guides.shelves().values():
        for guide in shelf:
            for link in re.findall(r'(?:href|src)="(/[^"]*|#[^"]*)"', str(guide.html)):
                page, _, anchor = link.partition("#")
                reply = anybody.get(page or f"/guides/{guide.name}")
                assert reply.status_code == 200, (guide.name, link)
                assert not anchor or f'id="{anchor}"' in reply.text, (guide.name, link)
                seen += 1
    assert seen > 30


def test_pictures_of_guides_are_those_that_there_are_and_no_other_file(anybody):
    for path, media_type in (
        ("/guides/network.svg", "image/svg+xml"),
        ("/guides/images/verdict.webp", "image/webp"),
    ):
        reply = anybody.get(path)
        assert (reply.status_code, reply.mimetype) == (200, media_type)
    for path in (
        "/guides/images/none.webp",
        "/guides/images/..%2Fpages.md",
        "/guides/images/%2e%2e/pages.md",
        "/guides/make_drawings.py",
        "/guides/images",
    ):
        assert anybody.get(path).status_code == 404


def test_guides_are_found_by_their_words_and_what_is_searched_for_is_a_text(anybody):
    page = anybody.get("/guides?q=late+penalty").text
    assert "/guides/course#" in page
    nothing = anybody.get("/guides?q=%3Cscript%3Ezebra").text
    assert "Nothing was found" in nothing
    assert "<script>zebra" not in nothing
    assert anybody.get("/guides/tour").status_code == 404
    assert anybody.get("/guides/answers").status_code == 200
    assert anybody.get("/guides/..%2FREADME").status_code == 404
