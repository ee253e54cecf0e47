import hmac
import json
import re
from hashlib import sha256

import pytest
from sqlalchemy import func, select, update

from gradgrade.service.bounds import BYTES_AN_ENTRY, MOST_INVALID, SHORT_BODY
from gradgrade.service.store.schema import submissions
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, problem_set, right
from tests.service.course_api.live import SECRET

PATH = f"/problem-sets/{NAME}"
SUBMIT = f"{PATH}/exercises/{EXERCISES[0]}/submissions"


@pytest.fixture
def student(published):
    return published.students["s001"]


def test_a_submission_is_graded_kept_and_acknowledged(student):
    answers = right(student.exercise())
    reply = student.submit(answers)
    assert reply.status == 201
    told = reply.json
    assert set(told) == {
        *("submission", "attempt", "attempts_left", "score", "max_score"),
        *("received_at", "late", "receipt", "verdict"),
    }
    assert (told["attempt"], told["attempts_left"]) == (1, None)
    assert (told["score"], told["max_score"], told["late"]) == (10, 10, False)
    assert told["verdict"]["outcome"] == "correct"
    assert reply.headers["location"] == f"/api/v1/submissions/{told['submission']}"

    kept = student.asker.get(f"/submissions/{told['submission']}")
    assert kept.status == 200
    shared = ("submission", "attempt", "received_at", "late", "receipt", "score", "max_score")
    assert kept.json == {
        **{name: told[name] for name in shared},
        "problem_set": NAME,
        "exercise": EXERCISES[0],
        "student": "s001",
        "answers": answers,
        "verdict": told["verdict"],
    }


def test_a_receipt_is_of_the_body_and_the_time_under_the_servers_secret(student):
    body = b'{"answers": {"loss": 0.5}}'
    told = student.submit(body).json
    place = f"{NAME}/{EXERCISES[0]}\n".encode()
    said = f"receipt\n{told['submission']}\n{told['received_at']}\n".encode()
    said += sha256(place + body).digest()
    assert told["receipt"] == hmac.new(SECRET.encode(), said, sha256).hexdigest()
    assert told["receipt"] != student.submit(body).json["receipt"]


BLANK = [{}, {"dW1": None}, {"loss": None, "delta1": [[None], [None]], "dW1": None}]


@pytest.mark.parametrize("answers", BLANK, ids=["no names", "null", "the template"])
def test_where_nothing_is_filled_in_nothing_is_handed_in(student, answers):
    student.exercise()
    reply = student.submit(answers)
    assert reply.status == 422
    assert "nothing is filled in" in reply.detail
    assert student.asker.get(f"{PATH}/submissions").json == []


def test_beside_a_malformed_part_nothing_is_told_of_the_others_here_or_when_read_back(student):
    answers = right(student.exercise())
    malformed = {"loss": [1, 2, 3]}
    of_right = student.submit(answers | malformed)
    of_wrong = student.submit(answers | malformed | {"dW1": [[1, 2], [3, 4]]})
    assert (of_right.status, of_wrong.status) == (422, 422)
    assert of_right.json["verdict"] == of_wrong.json["verdict"]
    assert {part["outcome"] for part in of_right.json["verdict"]["parts"]} == {
        *("invalid", "not_judged")
    }
    kept = [
        student.asker.get(f"/submissions/{reply.json['submission']}").json["verdict"]
        for reply in (of_right, of_wrong)
    ]
    assert kept == [of_right.json["verdict"]] * 2


def test_numbers_are_read_back_as_they_were_written(student):
    told = student.submit(b'{"answers": {"loss": 0.250e0, "dW1": [[1E-3, 2], [3, null]]}}')
    assert told.status == 422
    told = student.submit(b'{"answers": {"loss": 0.250e0, "dW1": [[1E-3, 2], [3, 4.0]]}}').json
    kept = student.asker.get(f"/submissions/{told['submission']}").body
    assert b'"loss": 0.250e0' in kept
    assert b"[[1E-3, 2], [3, 4.0]]" in kept


def test_answers_come_as_a_map_or_as_a_document(student):
    document = json.loads(student.exercise())
    answers = {"loss": 0.5}
    whole = {"schema": "gradgrade/answers/1", "exercise": document["id"], "answers": answers}
    for body in (
        {"answers": answers},
        {"answers": whole},
        whole,
        {"exercise": document["id"], "answers": answers},
    ):
        reply = student.submit(json.dumps(body).encode())
        assert reply.status == 201, reply.body
        kept = student.asker.get(f"/submissions/{reply.json['submission']}")
        assert kept.json["answers"] == answers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"answers": {"loss": NaN}}', 400),
        (b'{"answers": {"loss": 1e400}}', 400),
        (b'{"answers": {"loss": 1, "loss": 2}}', 400),
        (b"{", 400),
        (b"", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"answers": null}', 422),
        (b'{"answers": {"loss": "1"}}', 422),
        (b'{"answers": {"loss": true}}', 422),
        (b'{"answers": {"dW1": [[1, 2], [3]]}}', 422),
        (b'{"answers": {"dW1": []}}', 422),
        (b'{"answers": {"dW9": 1}}', 422),
        (b'{"answers": {"loss": 1}, "attempt": 1}', 422),
        (b'{"answers": {"answers": {"loss": 1}, "student": "s002"}}', 422),
        (b'{"exercise": "x", "answers": {"answers": {"loss": 1}}}', 422),
        (b'{"exercise": "0123456789abcdef", "answers": {"loss": 1}}', 422),
        (b'{"answers": {"schema": "gradgrade/answers/1"}}', 422),
    ],
)
def test_what_is_refused_whole_leaves_no_trace(student, body, status):
    reply = student.submit(body)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert "verdict" not in reply.json
    assert student.asker.get(f"{PATH}/submissions").json == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"answers": {"loss": 0.5, "dW1": [[0.1, NaN]]}}', "/answers/dW1/0/1"),
        (b'{"answers": {"loss": 0.5, "dW1": [[0.1, true]]}}', "/answers/dW1/0/1"),
        (b'{"answers": {"answers": {"loss": NaN}}}', "/answers/answers/loss"),
        (b'{"answers": {"answers": {"loss": true}}}', "/answers/answers/loss"),
        (b'{"answers": {"answers": {"loss": 0.5}, "exercise": 5}}', "/answers/exercise"),
    ],
)
def test_a_refusal_tells_programs_which_entry_it_is_about(student, body, pointer):
    assert [each["pointer"] for each in student.submit(body).json["faults"]] == [pointer]


def test_an_invalid_submission_is_kept_and_spends_nothing(classroom):
    classroom.publish(attempts=1)
    (student,) = classroom.enrol("s001")
    reply = student.submit({"loss": [1.0]})
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    told = reply.json
    assert told["verdict"]["outcome"] == "invalid"
    assert (told["attempt"], told["attempts_left"], told["score"]) == (None, 1, 0)
    assert len(told["receipt"]) == 64
    kept = student.asker.get(f"/submissions/{told['submission']}").json
    assert (kept["attempt"], kept["verdict"]["outcome"]) == (None, "invalid")
    assert student.submit().json["attempts_left"] == 0
    listed = student.asker.get(f"{PATH}/submissions").json
    assert [(each["attempt"], each["outcome"]) for each in listed] == [
        (None, "invalid"),
        (1, "correct"),
    ]


def test_an_invalid_submission_sent_again_is_answered_alike(student):
    first, second = (student.submit({"loss": [1.0]}, Idempotency_Key="k") for _ in range(2))
    assert first.status == second.status == 422
    assert first.body == second.body


def test_attempts_are_counted_down_and_then_refused(classroom):
    classroom.publish(attempts=2)
    (student,) = classroom.enrol("s001")
    assert [student.submit({"loss": 0.5}).json["attempts_left"] for _ in range(2)] == [1, 0]
    closed = student.submit()
    assert closed.status == 409
    assert closed.detail == "all 2 attempts at this exercise are spent"
    assert student.submit(name=EXERCISES[1]).json["attempts_left"] == 1
    classroom.instructor.put(f"{PATH}/students/s001/extension", {"attempts": 3})
    assert student.submit().json["attempts_left"] == 0
    assert student.submit().status == 409


def test_the_same_key_is_answered_alike_and_a_changed_body_is_refused(student):
    body = b'{"answers": {"loss": 0.5}}'
    first, again = (student.submit(body, Idempotency_Key="k1") for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert first.headers["location"] == again.headers["location"]
    for changed in (b'{"answers": {"loss": 0.25}}', b'{"answers":{"loss":0.5}}'):
        reply = student.submit(changed, Idempotency_Key="k1")
        assert reply.status == 422
        assert reply.detail == "Idempotency-Key: 'k1' came with another request before"
    elsewhere = student.submit(body, EXERCISES[1], Idempotency_Key="k1")
    assert elsewhere.status == 422
    assert len(student.asker.get(f"{PATH}/submissions").json) == 1


@pytest.mark.parametrize("feedback", ["score", "parts", "diagnosis"])
def test_a_key_is_answered_alike_after_the_sets_policy_has_changed(classroom, feedback):
    classroom.publish(feedback=feedback, attempts=3)
    (student,) = classroom.enrol("s001")
    first = student.submit({"loss": -0.5}, Idempotency_Key="k1")
    assert first.json["attempts_left"] == 2
    student.submit({"loss": 0.5})
    other = "score" if feedback == "diagnosis" else "diagnosis"
    changed = problem_set(feedback=other, attempts=7, due="2020-01-01T00:00:00Z")
    assert classroom.instructor.put(PATH, changed).status == 200
    again = student.submit({"loss": -0.5}, Idempotency_Key="k1")
    assert (again.status, again.body) == (first.status, first.body)
    assert student.submit({"loss": -0.5}, Idempotency_Key="k2").status == 409


def test_one_students_key_is_nothing_to_another(published):
    for student in published.students.values():
        assert student.submit({"loss": 0.5}, Idempotency_Key="k1").json["attempt"] == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_is_short_and_plain(student, key):
    header = key.encode().decode("latin-1")
    assert student.submit({"loss": 0.5}, Idempotency_Key=header).status == 422


def test_submissions_are_listed_for_staff_by_student_and_exercise(published):
    first, second = published.students.values()
    first.submit({"loss": 0.5})
    second.submit()
    second.submit(name=EXERCISES[1])

    def listed(asker, query=""):
        reply = asker.get(f"{PATH}/submissions{query}")
        return [(each["student"], each["exercise"], each["score"]) for each in reply.json]

    theirs = [("s002", EXERCISES[0], 10), ("s002", EXERCISES[1], 4)]
    for asker in (published.instructor, published.assistant):
        assert listed(asker) == [("s001", EXERCISES[0], 0), *theirs]
        assert listed(asker, "?student=s002") == theirs
        assert listed(asker, f"?student=s002&exercise={EXERCISES[1]}") == theirs[1:]
        assert listed(asker, "?student=s999") == []
    assert listed(first.asker) == [("s001", EXERCISES[0], 0)]
    page = published.instructor.get(f"{PATH}/submissions?student=s002&limit=1")
    rest = page.headers["link"].partition("/api/v1")[2].partition(">")[0]
    assert listed(published.instructor, rest.partition("submissions")[2]) == theirs[1:]


def test_staff_read_everybodys_submission(published):
    told = published.students["s001"].submit().json
    for asker in (published.instructor, published.assistant):
        kept = asker.get(f"/submissions/{told['submission']}").json
        assert (kept["student"], kept["receipt"]) == ("s001", told["receipt"])


def test_numbers_that_were_never_fetched_cannot_be_answered(published, student):
    body = {"answers": {"loss": 0.5}}
    refused = student.asker.post(SUBMIT, body, Idempotency_Key="k")
    assert refused.status == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.detail.startswith("fetch the exercise first: ")
    assert published.instructor.get(f"{PATH}/variants").json == []
    student.exercise()
    assert student.asker.post(SUBMIT, body, Idempotency_Key="k").status == 201


def test_numbers_that_are_all_given_are_answered_without_being_fetched(published, student):
    given = {"x": [[1], [0.5]], "y": [[0], [1]], "W1": [[0.5, 1], [1, 0.25]], "b1": [0, 0.5]}
    published.publish(name="given", exercises=[exercise("same-for-all", given=given)])
    published.enrol("s001", of="given")
    place = "/problem-sets/given/exercises/same-for-all"
    reply = student.asker.post(f"{place}/submissions", {"answers": {"loss": 0.5}})
    assert (reply.status, reply.json["attempt"]) == (201, 1)
    (pinned,) = published.instructor.get("/problem-sets/given/variants").json
    assert pinned["id"] == reply.json["verdict"]["exercise"]


def test_where_nothing_is_nothing_is_taken(published, student):
    body = {"answers": {"loss": 0.5}}
    for path in (
        f"{PATH}/exercises/absent/submissions",
        f"/problem-sets/absent/exercises/{EXERCISES[0]}/submissions",
    ):
        assert student.asker.post(path, body).status == 404
    assert published.instructor.post(SUBMIT, body).status == 404
    published.publish(name="week-2")
    assert student.submit(body["answers"], of="week-1").status == 201
    path = f"/problem-sets/week-2/exercises/{EXERCISES[0]}/submissions"
    assert student.asker.post(path, body).status == 404


def test_answers_are_of_the_variant_that_a_student_has_whatever_the_set_says_now(
    published, student
):
    answers = right(student.exercise())
    changed = problem_set()
    changed["exercises"][0]["layers"] = [{"type": "dense", "units": 3, "activation": "tanh"}]
    assert published.instructor.put(PATH, changed).status == 200
    assert student.submit(answers).json["verdict"]["outcome"] == "correct"


def counted(live):
    """How many submissions the server counted as stored."""
    text = live.asker(None).get("//metrics").body.decode()
    found = re.findall(r"^gradgrade_submissions_total{.*} ([0-9.]+)$", text, re.MULTILINE)
    return sum(map(float, found))


def test_a_submission_that_is_sent_again_is_counted_once(live, student):
    before = counted(live)
    first, second = (student.submit({"loss": 0.5}, Idempotency_Key="k") for _ in range(2))
    assert first.body == second.body
    assert counted(live) == before + 1
    for _ in range(2):
        assert student.submit({"loss": [1.0]}, Idempotency_Key="malformed").status == 422
    assert counted(live) == before + 2


def test_a_submission_whose_body_cannot_be_read_is_still_told(published, live, student):
    told = student.submit().json
    with live.store.writing() as connection:
        kept = update(submissions).where(submissions.c.public_id == told["submission"])
        connection.execute(kept.values(body=b"{"))
    read = student.asker.get(f"/submissions/{told['submission']}")
    assert (read.status, read.json["answers"]) == (200, None)
    assert read.json["verdict"] == told["verdict"]


@pytest.mark.parametrize("server", ["SQLite"], indirect=True)
def test_so_many_malformed_submissions_are_kept_and_right_ones_are_taken_all_the_same(
    live, student
):
    malformed = {"loss": [1.0]}
    told = [student.submit(malformed, Idempotency_Key=f"k{each}") for each in range(MOST_INVALID)]
    assert {each.status for each in told} == {422}
    refused = student.submit(malformed, Idempotency_Key="one more")
    assert (refused.status, "malformed submissions" in refused.detail) == (409, True)
    assert student.submit(malformed, Idempotency_Key="k0").body == told[0].body
    assert student.submit().json["attempt"] == 1
    with live.store.reading() as connection:
        kept = connection.execute(
            select(func.count()).where(
                submissions.c.attempt.is_(None), submissions.c.key.in_(["k0", "one more"])
            )
        )
        assert kept.scalar_one() == 1


@pytest.mark.parametrize("server", ["SQLite"], indirect=True)
def test_a_body_is_no_longer_than_answers_to_the_exercise_can_be(student):
    answers = json.dumps({"answers": right(student.exercise())}).encode()
    entries = 1 + 2 + 4
    most = SHORT_BODY + BYTES_AN_ENTRY * entries
    longer = student.submit(answers + b" " * (most + 1 - len(answers)))
    assert (longer.status, longer.detail) == (
        413,
        f"the body has {most + 1} bytes; answers to this exercise have at most {most}",
    )
    assert student.submit(answers + b" " * (most - len(answers))).status == 201
    elsewhere = f"/problem-sets/absent/exercises/{EXERCISES[0]}/submissions"
    assert student.asker.post(elsewhere, b" " * (most + 1)).status == 404
