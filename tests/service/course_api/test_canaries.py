"""No expected value, answer key or digest is in anything that a student can fetch."""

import base64
import json
import re
from functools import reduce
from hashlib import sha256

import pytest
from sqlalchemy import select

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from gradgrade.service.api.course import ROUTES
from gradgrade.service.store.schema import tokens, variants
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, new_classroom, problem_set

DIGITS = 12
PATH = f"/problem-sets/{NAME}"

EXAMPLES = [
    exercise("one-layer"),
    problem_set()["exercises"][1],
    exercise("rounded", arithmetic="decimal", tolerance={"decimals": 4}, ask=["gradients"]),
    exercise("adaptive", optimizer={"name": "adam", "learning_rate": 0.1}, ask=["updates"]),
]


def digits(text: str) -> str:
    """The digits of a text, so that no decimal point hides a number."""
    return text.replace(".", "")


def leading(text: str) -> str:
    """The first significant digits of a number."""
    return re.sub(r"^-?0*", "", digits(text.partition("e")[0]))[:DIGITS]


def canaries(document: bytes) -> set[str]:
    """What betrays an asked value: its first digits, exact and as a double."""
    made = Exercise.from_json(document)
    solution, found = solve(made), set()
    for part in made.ask:
        solved = solution[part.name]
        found |= {leading(text) for text in flatten(solved.value)}
        found |= {leading(repr(value)) for value in flatten(solved.float64)}
    # A value of few digits, such as 0 or 0.25, would be found in any text.
    return {each for each in found if len(each) == DIGITS and each.strip("0")}


class Scan:
    """All that somebody was sent: bodies and headers."""

    def __init__(self, asker):
        self.asker = asker
        self.seen = []

    def ask(self, method, path, body=None, **headers):
        reply = self.asker.ask(method, path, body, **headers)
        self.seen.append(f"{reply.status} {reply.headers} {reply.body.decode()}")
        return reply

    @property
    def text(self):
        return "\n".join(self.seen)


@pytest.fixture(scope="module")
def scanned(server):
    """A room of which a student and a CI job have fetched all that they can."""
    room = new_classroom(server)
    # What tells the most.
    room.publish(
        exercises=EXAMPLES, feedback="diagnosis", solutions="after_full_marks", practice=True
    )
    first, second = room.enrol("s001", "s002")
    documents = {
        (student.id, each["name"]): student.exercise(each["name"])
        for student in (first, second)
        for each in EXAMPLES
    }
    second.submit()  # right answers of another student
    scans = [Scan(first.asker), Scan(room.ci())]
    for scan in scans:
        everything(scan, documents)
    return room, documents, scans


def everything(scan, documents):
    """Ask for all that there is, rightly and wrongly."""
    for each in EXAMPLES:
        name = each["name"]
        asked = json.loads(documents["s001", name])["ask"]
        wrong = {part["name"]: blown(part["shape"]) for part in asked}
        path = f"{PATH}/exercises/{name}/submissions"
        for answers in (
            wrong,
            {part["name"]: None for part in asked},
            {asked[-1]["name"]: [[[0.5]]]},
            {asked[0]["name"]: "0.5"},
            {"dW9": 0.5},
        ):
            scan.ask("POST", path, {"answers": answers})
            practice = f"{PATH}/exercises/{name}/practice"
            scan.ask("POST", practice, {"seed": "a", "answers": answers})
        scan.ask("POST", path, b"{")
        scan.ask("POST", path, {"answers": wrong}, Idempotency_Key="k")
        scan.ask("POST", path, {"answers": {}}, Idempotency_Key="k")
    objects = {"name": NAME, "student": "s001", "token": "1", "regrade": "1"}
    listed = scan.ask("GET", f"{PATH}/submissions")
    submissions = [each["submission"] for each in listed.json] if listed.status == 200 else ["1"]
    for route in ROUTES:
        for submission in submissions if "{submission}" in route.path else ["1"]:
            for name in [each["name"] for each in EXAMPLES] if "{exercise}" in route.path else [""]:
                names = objects | {"submission": submission, "exercise": name}
                path = re.sub(r"{(\w+)}", lambda found, names=names: names[found[1]], route.path)
                path = path.removeprefix("/api/v1")
                for query in ("", "?student=s002", "?seed=a&count=2", "?seed=a"):
                    scan.ask(route.method, path + query, {} if route.body else None)
    for path in ("//openapi.json", "//docs", "//healthz", "//metrics", "//nowhere", "/nowhere"):
        scan.ask("GET", path)
    checks = f"{PATH}/exercises/{EXERCISES[0]}/checks"
    answers = [{"variant": 1, "answers": {"loss": 0.5, "dW1": blown([2, 2])}}]
    scan.ask("POST", checks, {"seed": "a", "answers": answers})


def blown(shape):
    """Half everywhere, in an array of a shape."""
    return 0.5 if not shape else [blown(shape[1:]) for _ in range(shape[0])]


def test_the_scan_has_canaries_and_would_find_them(scanned):
    _, documents, scans = scanned
    for document in documents.values():
        made = canaries(document)
        assert len(made) >= 2
        solution = digits(solve(Exercise.from_json(document)).to_json())
        assert sum(each in solution for each in made) >= len(made) / 2
    student, ci = (scan.text for scan in scans)
    # They were sent something: exercises, verdicts, refusals.
    assert student.count('"gradgrade/exercise/1"') >= len(EXAMPLES)
    assert student.count('"gradgrade/verdict/1"') >= 2 * len(EXAMPLES)
    assert ci.count('"gradgrade/exercise/1"') >= len(EXAMPLES)
    assert "404" in student


def test_no_expected_value_is_in_what_was_fetched(scanned):
    room, documents, scans = scanned
    texts = [digits(scan.text) for scan in scans] + [digits(room.live.log.read_text())]
    for document in documents.values():
        for canary in canaries(document):
            assert not any(canary in text for text in texts)


def test_no_expected_value_of_a_ci_variant_is_in_what_was_fetched(scanned):
    _, _, (_, ci) = scanned
    text = digits(ci.text)
    for each in EXAMPLES:
        path = f"{PATH}/exercises/{each['name']}/variants?seed=a&count=2"
        for made in ci.asker.get(path).json["exercises"]:
            for canary in canaries(json.dumps(made).encode()):
                assert canary not in text


def test_no_expected_value_of_practice_is_in_what_was_fetched(scanned):
    _, _, (student, _) = scanned
    text = digits(student.text)
    for each in EXAMPLES:
        made = student.asker.get(f"{PATH}/exercises/{each['name']}/practice?seed=a")
        identity = made.json["id"]
        assert identity in text
        for canary in canaries(made.body):
            assert canary not in text


def test_no_answer_key_fingerprint_or_digest_is_in_what_was_fetched(scanned):
    room, _, scans = scanned
    texts = [scan.text for scan in scans] + [room.live.log.read_text()]
    with room.live.store.reading() as connection:
        rows = connection.execute(select(variants)).all()
        digests = connection.execute(select(tokens.c.digest)).scalars().all()
    assert rows
    for row in rows:
        accepted = json.loads(row.answer_key)["accepted"]
        bounds = {repr(value) for each in accepted.values() for value in flatten(each)}
        for bound in bounds:
            assert len(bound) < DIGITS or not any(bound in text for text in texts)
        # Where no number is drawn, there is none.
        fingerprint = row.fingerprint and row.fingerprint.hex()
        assert fingerprint is None or not any(fingerprint in text for text in texts)
    for digest in digests:
        written = (digest.hex(), base64.b64encode(digest).decode())
        assert not any(each in text for each in written for text in texts)
    for text in texts:
        assert "answer_key" not in text
        assert "fingerprint" not in text


def test_no_token_is_in_a_log_or_an_answer(scanned):
    room, _, scans = scanned
    askers = [room.instructor, room.assistant, *(each.asker for each in room.students.values())]
    texts = [scan.text for scan in scans] + [room.live.log.read_text()]
    for asker in [*askers, *(scan.asker for scan in scans)]:
        assert not any(asker.token in text for text in texts)
        assert not any(sha256(asker.token.encode()).hexdigest() in text for text in texts)


def test_another_students_numbers_are_in_nothing_that_a_student_fetches(scanned):
    _, documents, (student, ci) = scanned
    for (name, _), document in documents.items():
        if name == "s002":
            identity = Exercise.from_json(document).id
            assert identity not in student.text
            assert identity not in ci.text
    # What was asked is told as it was written.
    asked = ("'s002'", "student=s002", r'"written": "\"s002\""')
    assert "s002" not in reduce(lambda text, each: text.replace(each, ""), asked, student.text)


def test_nothing_was_a_fault_of_ours(scanned):
    room, _, scans = scanned
    assert "Traceback" not in room.live.log.read_text()
    for scan in scans:
        assert not any(seen.startswith("5") for seen in scan.seen)
