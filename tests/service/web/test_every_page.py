"""Every page that there is, as the table of addresses has them: what it weighs, names and tells."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import pytest
from flask.testing import FlaskClient

from benchmarks.pages import MOST_BYTES, VISITORS, addresses, bytes_of, signed_in
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, ProblemSet, solve
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.web.assets import MEDIA_TYPES
from tests.service.course_api.classroom import EXERCISES, NAME, problem_set
from tests.service.course_api.test_canaries import EXAMPLES, canaries, digits
from tests.service.web.visitor import Page, boxes
from tests.solved import right_answers

NAMES = {"name": NAME, "student": "s001", "form": "csv"}
FEWEST = 5
"""Of a numeral that tells a value: so many significant digits, or it could be any number's."""

NUMERAL = re.compile(r"[-−]?\d+[.,]\d+(?:[eE][+-]?\d+)?")
HOST = re.compile(r"(?:https?:)?//[\w.-]")
NAMING = {"src", "srcset", "data", "action", "formaction", "poster", "xlink:href", "style"}


@dataclass
class Course:
    """A course in which two students have their numbers."""

    backend: Backend
    tokens: dict[str, str]
    documents: dict[str, bytes]
    submissions: list[str] = field(default_factory=list)

    def client(self, who: str) -> FlaskClient:
        return signed_in(create_app(backend=self.backend), self.tokens[who])


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('course')}/course.db")
    migrate(store)
    backend = Backend(store=store, secret=b"a secret of the tests")
    now = datetime.now(UTC)
    with store.writing() as connection:
        actor = open_course(connection, "course", now=now)
        _, instructor = create_token(connection, actor, role="instructor", now=now)
    # What tells the most.
    policy = {"solutions": "after_full_marks", "practice": True, "hints": "formulas"}
    publish(backend, actor, ProblemSet.from_data(problem_set(exercises=EXAMPLES, **policy)))
    tokens = {
        each.student.id: each.token
        for each in enrol(backend, actor, NAME, [Student(id="s001"), Student(id="s002")])
    }
    documents = {
        each["name"]: fetch(backend, actor, NAME, each["name"], "s001").encode()
        for each in EXAMPLES
    }
    yield Course(backend, {"instructor": instructor, **tokens}, documents)
    store.close()


def read(reply) -> Page:
    headers = {name.lower(): value for name, value in reply.headers}
    return Page.read(reply.status_code, headers, reply.text)


def everything(client, documents):
    """Ask for every page that a student has, rightly and wrongly, and send every form of theirs."""
    seen, submissions = [], []
    for name, document in documents.items():
        path = f"/sets/{NAME}/{name}"
        answers = right_answers(Exercise.from_json(document))
        wrong = dict.fromkeys(boxes(answers), "123")
        for typed in (
            {"entry-0-0": "1/3"},  # refused
            {"entry-0-0": "123"},  # asked about
            wrong | {"entry-0-0": "1 000,5"},
            wrong,  # handed in
            {"answers": '{"loss": 123}', "confirmed": "yes"},
            {"answers": "loss = 1\nnothing = 2"},
        ):
            page = read(client.get(path))
            looks = [each.attributes for each in page.all("button") if "name" in each.attributes]
            for button in ({}, *({each["name"]: each.get("value", "")} for each in looks)):
                reply = client.post(path, data=page.fields | typed | button)
                seen.append(read(reply))
                if reply.location and "/submissions/" in reply.location:
                    submissions.append(reply.location.rpartition("/")[2])
        # Numbers of practice that are drawn anew come near an expected value now and then.
        practice = read(client.get(f"{path}/practice?seed=1"))
        seen.append(read(client.post(f"{path}/practice", data=practice.fields | wrong)))
    found = [
        address
        for name in (*documents, "nothing")
        for submission in submissions
        for _, address in addresses(
            "student", {**NAMES, "exercise": name, "submission": submission}
        )
    ]
    # Of most, only one or neither of the two is a part.
    for address in dict.fromkeys(found):
        seen += [read(client.get(address)), read(client.get(f"{address}?student=s002"))]
    return seen


def expected(document):
    """The asked values of an exercise, to 50 digits; what is about a round number is left out."""
    exercise = Exercise.from_json(document)
    solution = solve(exercise)
    return {
        abs(Decimal(text))
        for part in exercise.ask
        for text in flatten(solution[part.name].value)
        if len(Decimal(f"{Decimal(text):.{FEWEST}e}").normalize().as_tuple().digits) >= FEWEST
    }


def numerals(text):
    """The numerals of a text that have enough digits to tell a value, without their signs."""
    for found in set(NUMERAL.findall(text)):
        try:
            number = abs(Decimal(found.replace("−", "-").replace(",", ".")))
        except InvalidOperation:
            continue
        if len(number.as_tuple().digits) >= FEWEST:
            yield number


def tells(numeral, value):
    """Whether a numeral is a value to as many digits as it has, rounded or cut off."""
    return abs(numeral - value) < Decimal(1).scaleb(numeral.as_tuple().exponent)


def told(pages, document):
    """What of the asked values stands in pages: their digits, or numerals that round to them."""
    text = "\n".join(page.source for page in pages)
    values = expected(document)
    found = {each for each in canaries(document) if each in digits(text)}
    return found | {
        str(numeral) for numeral in numerals(text) for value in values if tells(numeral, value)
    }


def names_another_host(page):
    """Whatever of a page is loaded from, or sent to, another host than the page's own."""
    return [
        (each.tag, name, value)
        for each in page.elements
        for name, value in each.attributes.items()
        if (name in NAMING or (name == "href" and each.tag != "a")) and HOST.search(value)
    ]


def test_no_page_tells_a_student_an_expected_value_before_the_sets_policy_does(course):
    client = course.client("s001")
    pages = everything(client, course.documents)
    assert {page.status for page in pages} >= {200, 303, 403, 404, 422}
    assert sum("/submissions/" in page.headers.get("location", "") for page in pages) >= 6
    for document in course.documents.values():
        assert told(pages, document) == set()


def test_the_scan_finds_values_where_the_policy_shows_them(course):
    client = course.client("s001")
    name = EXERCISES[0]
    path = f"/sets/{NAME}/{name}"
    typed = boxes(right_answers(Exercise.from_json(course.documents[name])))
    handed_in = client.post(path, data=read(client.get(path)).fields | typed)
    assert handed_in.status_code == 303
    solution = read(client.get(f"{path}/solution"))
    assert len(told([solution], course.documents[name])) >= 5
    # And what a page would print of them: rounded, with a comma, with a typographic minus.
    value = max(expected(course.documents[name]))
    for text in (f"<b>{value:.5f}</b>", f"−{value:.6f}".replace(".", ","), f"{value:.6e}"):
        assert told([Page(200, {}, text, [])], course.documents[name])
    assert not told([Page(200, {}, f"{value:.2f} and 7.25", [])], course.documents[name])


@pytest.mark.parametrize("who", ["visitor", "s001", "instructor"])
def test_every_page_is_light_and_comes_from_this_host_alone(course, who):
    names = {**NAMES, "exercise": EXERCISES[0]}
    if who == "visitor":
        client, found = create_app(backend=course.backend).test_client(), VISITORS
    else:
        client = course.client(who)
        role = "instructor" if who == "instructor" else "student"
        found = [address for _, address in addresses(role, names)]
    assert len(found) >= 5
    for address in found:
        reply = client.get(address)
        assert reply.status_code in (200, 403), address
        assert bytes_of(client, reply.data) < MOST_BYTES, address
        assert names_another_host(read(reply)) == [], address


def test_the_check_of_hosts_rejects_what_is_loaded_from_elsewhere():
    def page(source):
        return Page.read(200, {"content-type": "text/html"}, source)

    for loaded in (
        '<img src="https://example.org/x.png">',
        '<link rel="stylesheet" href="//example.org/x.css">',
        '<form action="http://example.org/"></form>',
    ):
        assert names_another_host(page(loaded))
    assert not names_another_host(page('<a href="https://example.org">x</a><img src="/x.png">'))


def test_no_file_that_pages_name_names_another_host(course):
    client = create_app(backend=course.backend).test_client()
    for name, media_type in MEDIA_TYPES.items():
        if media_type.startswith("text/"):
            text = client.get(f"/static/{name}").text
            loaded = re.findall(r"url\(([^)]*)\)|@import(.*)|fetch\(\"(.*)\"|from \"(.*)\"", text)
            assert not [each for found in loaded for each in found if HOST.search(each)], name
