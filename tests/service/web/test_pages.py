import json
import re
import tomllib
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise

import pytest
from sqlalchemy import delete

from gradgrade.problems import Exercise, solve
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.store.schema import enrolments, overrides
from gradgrade.service.web.assets import address
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, new_classroom, right
from tests.service.course_api.live import SECRET
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}</title><svg onload=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</textarea><style>*{display:none}</style>",
)


@pytest.fixture
def places(published, student):
    """Addresses of every kind of page, and what is there for a student."""
    answers = right(published.students["s001"].exercise())
    answers["dW1"] = [[-entry for entry in row] for row in answers["dW1"]]
    verdict = student.fill_in(EXERCISE, **boxes(answers)).location
    return ["/", f"/sets/{NAME}", EXERCISE, verdict, "/sets/nowhere", "/submissions/none"]


def check_page(page) -> None:
    """What holds for every page."""
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.all("html")[0].attributes["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert page.all("title")[0].text
    assert {each.tag for each in page.elements} & {"style", "img", "iframe"} == set()
    for each in page.all("svg"):
        assert each.attributes["role"] == "img"
        assert each.attributes["aria-labelledby"]
    for each in page.elements:
        assert not [name for name in each.attributes if name.startswith("on") or name == "style"]
    named = [each.attributes["href"] for each in page.all("link")]
    named += [each.attributes["src"] for each in page.all("script")]
    fields = {each.attributes.get("id") for each in page.all("input")}
    own = {
        "token": "sign_in.js",
        "rate": "playground.js",
        "live": "editor.js",
    }
    scripts = ["page.js", *(own[each] for each in own if each in fields)]
    filled_in = page.all("form") + page.all("table")
    if any(
        {"answers", "fill"} & set(each.attributes.get("class", "").split()) for each in filled_in
    ):
        scripts.append("desk.js")
    assert named == [address(each) for each in ("favicon.svg", "style.css", *scripts)]
    labelled = {each.attributes.get("for") for each in page.all("label")}
    for each in page.all("input") + page.all("textarea"):
        if each.attributes.get("type") != "hidden":
            assert each.attributes.get("aria-label") or each.attributes["id"] in labelled
    names = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len(names) == len(set(names))
    for form in page.all("form"):
        assert form.attributes["action"].startswith("/")
    posts = [each for each in page.all("form") if each.attributes["method"] == "post"]
    secrets = [each for each in page.all("input") if each.attributes.get("name") == "csrf_token"]
    assert len(posts) == len(secrets)
    levels = [int(each.tag[1]) for each in page.elements if re.fullmatch("h[1-6]", each.tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_page_is_well_made_without_script_or_inline_style(places, student, visitor):
    for path in (
        "/",
        "/?seed=1&entry-2-0=0.5",
        "/sign-in",
        "/guides",
        "/guides/course",
        "/playground",
        "/playground?W1-0=x&rate=9",
    ):
        check_page(visitor.get(path))
    check_page(visitor.sign_in("gg_wrong"))
    check_page(student.fill_in(EXERCISE, **{"entry-0-0": "1/3"}))
    for place in places:
        check_page(student.get(place))


def test_the_checks_of_a_page_reject_what_is_not_well_made(student):
    page = student.get(EXERCISE)
    for tag, attributes in [
        ("script", {"src": "/other.js"}),
        ("style", {}),
        ("p", {"style": ""}),
        ("p", {"onclick": ""}),
    ]:
        added = type(page.elements[0])(tag, attributes)
        page.elements.append(added)
        with pytest.raises(AssertionError):
            check_page(page)
        page.elements.remove(added)
    check_page(page)


def test_no_page_tells_an_expected_value_that_was_not_sent(published, student):
    document = published.students["s001"].exercise()
    solution = solve(Exercise.from_json(document))
    typed = {f"entry-1-{index}": "123" for index in range(2)}
    sent = student.fill_in(EXERCISE, **typed, confirmed="yes")
    pages = [student.get(each).source for each in (EXERCISE, f"/sets/{NAME}", sent.location)]
    pages.append(student.get(f"{EXERCISE}/exercise.json").source)
    expected = re.findall(r"\d\.\d{5}", repr([solution[each].float64 for each in ("loss", "dW1")]))
    assert len(expected) >= 2
    for source in pages:
        assert not [each for each in expected if each[2:] in source]


@pytest.mark.parametrize("payload", PAYLOADS)
@one_database
def test_what_people_write_never_becomes_markup(classroom, payload, server):
    classroom.publish(title=payload, exercises=[exercise(EXERCISES[0], title=payload)])
    backend = Backend(store=server.store, secret=SECRET.encode())
    with server.store.writing() as connection:
        actor = open_course(connection, classroom.course, now=datetime.now(UTC))
    # By the core, which takes ids that the API would refuse.
    (admitted,) = enrol(backend, actor, NAME, [Student(id=payload, name=payload)])
    student = Visitor.of(server.asker(admitted.token))
    sent = student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    staff = Visitor.of(classroom.instructor)
    whose = staff.fill_in(EXERCISE)  # the form that asks for the student's id
    assert whose.status == 404
    for page in (
        student.get("/"),
        student.get(f"/sets/{NAME}"),
        student.get(EXERCISE),
        student.get(sent.location),
        student.fill_in(EXERCISE, answers=payload),
        staff.get(sent.location),
    ):
        check_page(page)
        assert any(payload in each.text for each in page.elements)


@one_database
@pytest.mark.parametrize(
    "path",
    [
        "/sets",
        "/sets/",
        "/sets/<script>",
        "/sets/%00",
        "/sets/week-1/%00",
        "/sets/week-1/none",
        f"{EXERCISE}/more",
        "/submissions/%F0%9F%92%A9",
        "/submissions/" + "a" * 3000,
        "/sign-in/x",
        f"{EXERCISE}?student=s002&student=%00",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(student, path):
    page = student.get(path)
    if "?" in path:
        assert page.status == 200  # a student's query says nothing
    else:
        assert page.status == 404
        assert page.all("h1")[0].text == "There is no page here"
    check_page(page)


def test_a_method_that_a_page_does_not_take_is_refused_as_a_page(student):
    page = student.ask("DELETE", EXERCISE)
    assert page.status == 405
    assert "POST" in page.headers["allow"]
    check_page(page)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-out", "/guides", "/submissions/none"])
def test_every_address_of_a_page_refuses_another_method_as_a_page(student, method, path):
    page = student.ask(method, path)
    assert page.status == 405
    assert "Method Not Allowed" not in page.text
    check_page(page)


def test_what_is_only_sent_to_cannot_be_opened_and_says_so(student):
    page = student.get("/sign-out")
    assert page.status == 405
    assert "cannot be opened by itself" in page.text
    assert "s001" in page.all("header")[0].text
    check_page(page)


@pytest.mark.parametrize(
    "path", ["/sign-in", "/guides", "/guides/course", "/guides/none", "/sets/x", "/sign-in/x"]
)
def test_no_page_looks_signed_out_to_whoever_is_signed_in(student, path):
    header = student.get(path).all("header")[0].text
    assert "s001" in header
    assert "Sign out" in header


def test_people_are_called_by_their_names(published):
    path = f"/problem-sets/{NAME}/students"
    made = published.instructor.post(path, [{"id": "s003", "name": "Ada Lovelace"}]).json
    ada = Visitor.of(published.live.asker(made[0]["token"]))
    header = ada.get("/").all("header")[0].text
    assert "Ada Lovelace" in header
    assert published.course in header
    assert "s003" not in header
    assert "Instructor" in Visitor.of(published.instructor).get("/").all("header")[0].text
    assert "Assistant" in Visitor.of(published.assistant).get("/").all("header")[0].text


def test_errors_of_the_api_stay_problems(student):
    for path in ("/api/v1/nowhere", "/nowhere", "/api/v1/problem-sets"):
        reply = student.get(path)
        assert reply.headers["content-type"] == "application/problem+json"
        assert json.loads(reply.source)["status"] == reply.status


def test_an_address_that_is_none_is_a_page_in_a_browser(student):
    page = student.ask("GET", "/nowhere", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.status == 404
    check_page(page)
    assert "s001" in page.source  # who is signed in stays so
    api = student.ask("GET", "/api/v1/nowhere", Accept="text/html")
    assert api.headers["content-type"] == "application/problem+json"


def test_another_students_work_is_not_there(published, student):
    sent = student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    other = Visitor.of(published.students["s002"].asker)
    page = other.get(sent.location)
    assert page.status == 404
    assert page.text == other.get("/submissions/" + "0" * 32).text.replace(
        "0" * 32, sent.location.rpartition("/")[2]
    )


def test_another_courses_set_is_not_there(published, server, student):
    elsewhere = new_classroom(server)
    elsewhere.publish(name="elsewhere")
    elsewhere.enrol("s001", of="elsewhere")
    assert student.get("/sets/elsewhere").status == 404
    assert "elsewhere" not in student.get("/").source


def test_staff_sees_a_students_exercise_and_hands_nothing_in(published, student):
    sent = student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    for staff in map(Visitor.of, (published.instructor, published.assistant)):
        whose = staff.get(EXERCISE)
        assert "Whose exercise?" in whose.text
        assert [each.text for each in whose.all("option")] == ["s001", "s002"]
        check_page(whose)
        assert staff.get(f"/sets/{NAME}/none").status == 404
        page = staff.get(f"{EXERCISE}?student=s001")
        check_page(page)
        assert "Student s001" in page.text
        assert [each for each in page.fields if each.startswith("entry")] == []
        assert sent.location in page.source
        assert "Student s001" in staff.get(sent.location).text
        document = staff.get(f"{EXERCISE}/exercise.json?student=s001").source.encode()
        assert document == published.students["s001"].exercise()
        secret = staff.get("/").fields["csrf_token"]
        assert (
            staff.post(
                EXERCISE, {"csrf_token": secret, "entry-0-0": "1", "confirmed": "yes"}
            ).status
            == 404
        )
        for nobody in ("nobody", "%00", "%F0%9F%92%A9", "%FF"):
            assert staff.get(f"{EXERCISE}?student={nobody}").status == 404
            assert staff.get(f"{EXERCISE}/exercise.json?student={nobody}").status == 404
        assert staff.get(f"{EXERCISE}/exercise.json").status == 422


def test_a_student_who_left_the_roster_still_reads_their_verdicts(published, student, server):
    sent = student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    with server.store.writing() as connection:
        connection.execute(delete(overrides))
        connection.execute(delete(enrolments))
    assert student.get(EXERCISE).status == 404
    page = student.get(sent.location)
    assert page.status == 200
    check_page(page)


def test_where_there_is_no_course_there_are_the_pages_of_visitors_alone():
    client = create_app().test_client()
    assert client.get("/").status_code == client.get("/guides").status_code == 200
    assert "/sign-in" not in client.get("/").text
    for path in ("/sign-in", "/sets/first-steps", "/submissions/1"):
        reply = client.get(path)
        assert (reply.status_code, reply.mimetype) == (404, "text/html"), path


def test_assets_are_kept_by_browsers_until_they_change(visitor):
    style = visitor.get(address("style.css"))
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    again = visitor.ask("GET", address("style.css"), If_None_Match=style.headers["etag"])
    assert (again.status, again.source) == (304, "")
    older = visitor.get("/static/style.css?v=0123456789ab")
    assert (older.status, older.source) == (200, style.source)
    assert "immutable" not in older.headers["cache-control"]
    assert visitor.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    for unknown in ("site.py", "..%2Fsite.py", "vendored.toml"):
        assert visitor.get(f"/static/{unknown}").status == 404


def test_what_was_not_written_here_is_what_is_stated_of_it():
    static = files("gradgrade.service.web").joinpath("static")
    vendored = tomllib.loads(static.joinpath("vendored.toml").read_text())
    scripts = {"page.js", "sign_in.js", "playground.js", "editor.js", "desk.js", "drafts.js"}
    ours = {"vendored.toml", "style.css", "favicon.svg", *scripts}
    assert {each.name for each in static.iterdir()} == ours | vendored.keys()
    for name, stated in vendored.items():
        assert sha256(static.joinpath(name).read_bytes()).hexdigest() == stated["sha256"]
        assert stated["licence"]
        assert stated["source"].startswith("https://")


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(scheme):
    style = files("gradgrade.service.web").joinpath("static", "style.css").read_text()
    root = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", root))
    statuses = ("right", "wrong", "carry", "heed")
    texts = {
        "paper": ("text", "quiet", "accent", *statuses),
        "wash": ("text", "quiet", "accent", *statuses),
        "accent": ("on-accent",),
        "text": ("paper",),
        **{f"{each}-wash": ("text", each) for each in statuses},
    }
    for behind, names in texts.items():
        for name in names:
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)
    assert contrast(colours["edge"], colours["paper"]) >= 3
