"""The editor of a set: faults at their lines, a file, a student's variant, what its gates say."""

import json
import re

import pytest

from gradgrade.problems import ProblemSet
from tests.service.course_api.classroom import EXERCISES, NAME, problem_set
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}/-/document"
BOUNDARY = "a-boundary-of-the-tests"
STARTS = """schema = "gradgrade/problem-set/1"
name = "week-9"

[[exercises]]
name = "one"
inputs = 2
layers = [
  { type = "dense", units = 2, activation = "sigmoyd" },
]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.4 }
ask = ["loss", "dW1"]
"""
FINE = STARTS.replace("sigmoyd", "sigmoid")


def send(staff, text, path="/new-set", **fields):
    fields = staff.get(path).fields | {"text": text, "action": "preview"} | fields
    return staff.post(path, {name: value for name, value in fields.items() if name != "file"})


def upload(staff, content, path="/new-set", **fields):
    token = staff.get(path).fields["csrf_token"]
    parts = {"csrf_token": token, "text": "", "action": "publish"} | fields
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    ]
    file = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="week.toml"\r\n\r\n'
    )
    body = "".join(lines).encode() + file.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return staff.ask("POST", path, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")


def marked(page):
    """The number and the text of every line at fault."""
    row = r'<tr id="line-(\d+)" class="at-fault">.*?<code>(.*?)</code>'
    return [(int(number), text) for number, text in re.findall(row, page.source, re.DOTALL)]


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        (STARTS, 8, "sigmoid"),
        (STARTS.replace('name = "one"', "name = “one”"), 5, "a curly quotation mark"),
        (json.dumps(problem_set(attempts=0), indent=1), None, "attempts"),
        (json.dumps(problem_set(), indent=1).replace('"title"', "title"), None, "line"),
    ],
)
def test_a_fault_is_quoted_with_its_line_and_linked_from_the_summary(staff, text, number, said):
    page = send(staff, text)
    check_page(page)
    assert page.status == 422
    assert page.all("title")[0].text.startswith("Error:")
    ((line, quoted),) = marked(page)
    assert number in (None, line)
    assert text.split("\n")[line - 1].split('"')[0].strip() in quoted
    assert f'href="#line-{line}"' in page.source
    assert said in page.text
    assert "There is none of this text" in page.text


def test_a_fault_of_a_set_as_it_stands_has_its_line_too(published, staff):
    text = staff.get(PLACE).fields["text"]
    broken = text.replace('"tanh"', '"tanhh"', 1)
    ((line, _),) = marked(send(staff, broken, PLACE))
    assert "tanhh" in broken.split("\n")[line - 1]


def test_a_students_variant_is_previewed_as_they_are_given_it(published, staff):
    document = published.students["s002"].exercise()
    weights = json.loads(document)["given"]["W1"]
    page = send(
        staff, staff.get(PLACE).fields["text"], PLACE, student="s002", exercise=EXERCISES[0]
    )
    check_page(page)
    assert page.source.count("<svg") == 2
    for number in (str(each) for row in weights for each in row):
        assert number.replace("-", "−") in page.source or number in page.source
    other = send(staff, staff.get(PLACE).fields["text"], PLACE, student="s001")
    assert re.findall(r"<td class=\"numeral\">[^<]*", other.source) != re.findall(
        r"<td class=\"numeral\">[^<]*", page.source
    )


def test_a_preview_tells_gates_bands_and_what_needs_no_backward_pass(staff):
    page = send(staff, FINE)
    check_page(page)
    assert page.status == 200
    assert "✓ yes" in page.text
    assert re.search(r"3 of \d+", page.text)
    assert "50 %" in page.text
    assert "Widest band" in page.text
    assert "Of the text as it was at" in page.text
    assert "Nothing is published yet." in page.text
    assert staff.get("/sets/week-9").status == 404


def test_a_file_is_previewed_before_it_is_published(staff):
    page = upload(staff, b"\xef\xbb\xbf" + FINE.replace("\n", "\r\n").encode())
    check_page(page)
    assert page.status == 200
    assert page.fields["text"] == FINE
    assert staff.get("/sets/week-9").status == 404
    assert upload(staff, STARTS.encode()).status == 422
    bad = upload(staff, b"\xff\xfe\xfa", text="kept")
    assert bad.status == 422
    assert bad.fields["text"] == "kept"


def test_nothing_that_was_written_is_lost_to_a_refusal(published, staff):
    text = json.dumps(problem_set(name="another"), indent=1)
    page = send(staff, text, PLACE, action="publish")
    assert page.status == 422
    assert "'another' is not 'week-1'" in page.text
    assert page.fields["text"] == text


def test_text_of_a_page_is_shown_as_text(staff):
    page = send(staff, STARTS.replace("sigmoyd", "</code><script>"))
    assert "<script>" not in page.source.replace("<script type", "")
    check_page(page)


COMMENTED = FINE.replace("[[exercises]]", "# What week 9 is for.\n[[exercises]]  # the only one")


def test_a_set_opens_as_it_was_written_with_its_comments(staff):
    assert send(staff, COMMENTED, action="publish").status == 303
    assert staff.get("/sets/week-9/-/document").fields["text"] == COMMENTED
    written = json.dumps(problem_set(name="week-10"), indent=1)
    assert send(staff, written, action="publish").status == 303
    assert staff.get("/sets/week-10/-/document").fields["text"] == written


def test_a_comment_is_kept_though_it_makes_no_other_version(staff):
    send(staff, COMMENTED, action="publish")
    place = "/sets/week-9/-/document"
    version = staff.get(place).fields["version"]
    changed = COMMENTED.replace("week 9 is", "week nine is")
    assert send(staff, changed, place, action="publish").status == 303
    assert staff.get(place).fields["text"] == changed
    assert staff.get(place).fields["version"] == version


def test_settings_change_their_lines_of_the_text_alone(staff):
    send(staff, COMMENTED, action="publish")
    fields = staff.get("/sets/week-9/-/settings").fields
    staff.post("/sets/week-9/-/settings", fields | {"attempts": "7", "title": "Nine"})
    text = staff.get("/sets/week-9/-/document").fields["text"]
    assert ProblemSet.from_toml(text).attempts == 7
    assert [line for line in COMMENTED.split("\n") if line not in text.split("\n")] == []


def test_a_copy_has_the_text_under_another_name(staff):
    send(staff, COMMENTED, action="publish")
    text = staff.get("/new-set?like=week-9").fields["text"]
    assert text == COMMENTED.replace('"week-9"', '"week-9-copy"')


def test_a_set_that_came_as_a_document_opens_as_toml_that_says_the_same(published, staff):
    text = staff.get(PLACE).fields["text"]
    assert text.startswith('schema = "gradgrade/problem-set/1"\nname = "week-1"\n')
    assert ProblemSet.from_toml(text) == ProblemSet.from_data(problem_set())
    assert send(staff, text, PLACE, action="publish").status == 303
    assert staff.get(PLACE).fields["version"].startswith("1-")


def test_a_set_that_is_replaced_over_http_opens_as_it_stands(published, staff):
    send(staff, staff.get(PLACE).fields["text"] + "# mine\n", PLACE, action="publish")
    assert staff.get(PLACE).fields["text"].endswith("# mine\n")
    changed = problem_set(title="Changed elsewhere")
    assert published.instructor.put(f"/problem-sets/{NAME}", changed).status == 200
    text = staff.get(PLACE).fields["text"]
    assert "# mine" not in text
    assert ProblemSet.from_toml(text).title == "Changed elsewhere"
