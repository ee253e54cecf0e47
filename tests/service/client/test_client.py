"""The client against a real server, and through a proxy that has faults."""

import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import numpy
import pytest

from gradgrade.problems import DocumentError, ProblemSet
from gradgrade.service.client.client import Client
from tests import ROOT
from tests.service.client.asking import client, refusal
from tests.service.course_api.classroom import NAME, new_classroom, problem_set, right
from tests.service.course_api.live import SECONDS, SECRET
from tests.service.course_api.server import serve
from tests.service.forked import begin
from tests.service.proxy import answering, cutting, dropping, proxy

ONE = "one-layer"
BUSY = answering("503 Service Unavailable", "Retry-After: 1")


def answers_to(student: Client) -> dict[str, object]:
    return right(student.exercise(NAME, ONE).to_json().encode())


# What can be asked


def test_a_solution_is_read_once_the_set_shows_it(classroom, student, instructor):
    document = classroom.instructor.get(f"/problem-sets/{NAME}").json
    instructor.replace(ProblemSet.from_data(document | {"solutions": "after_full_marks"}))
    answers = answers_to(student)
    assert refusal(student.solution, NAME, ONE).status == 403
    student.submit(NAME, ONE, answers)
    solution = student.solution(NAME, ONE)
    assert solution["values"]["loss"]["float64"] == answers["loss"]
    assert instructor.solution(NAME, ONE, student="s001") == solution


def test_a_student_reads_an_exercise_submits_and_reads_back(student):
    exercise = student.exercise(NAME, ONE)
    answers = {name: numpy.array(value) for name, value in answers_to(student).items()}
    made = student.submit(NAME, ONE, answers)
    assert (made["attempt"], made["attempts_left"], made["score"]) == (1, 2, 10)
    kept = student.submission(made["submission"])
    assert kept["verdict"]["exercise"] == exercise.id
    assert numpy.array_equal(kept["answers"]["dW1"], answers["dW1"])


def test_answers_are_sent_as_they_were_read_from_a_text(student):
    answers = answers_to(student)
    text = "\n".join(f"{name} = {value!r}" for name, value in answers.items())
    made = student.submit(NAME, ONE, text.replace("loss = ", "loss = +"))
    assert (made["attempt"], made["score"]) == (1, 10)
    assert student.submission(made["submission"])["answers"] == answers
    file = io.BytesIO()
    numpy.savez(file, **answers)
    assert student.submit(NAME, ONE, file.getvalue())["score"] == 10
    with pytest.raises(DocumentError, match="answers: loss: '1/3' is a fraction"):
        student.submit(NAME, ONE, "loss = 1/3")


def test_other_numbers_are_practised_on_where_the_set_allows_it(classroom, student, instructor):
    assert refusal(student.practice, NAME, ONE).status == 404
    document = classroom.instructor.get(f"/problem-sets/{NAME}").json
    instructor.replace(ProblemSet.from_data(document | {"practice": True}))
    drawn = student.practice(NAME, ONE, seed="a")
    assert drawn.id not in (student.exercise(NAME, ONE).id, student.practice(NAME, ONE).id)
    answers = right(drawn.to_json().encode())
    verdict = student.grade_practice(NAME, ONE, answers, seed="a")
    assert (verdict.outcome, verdict.exercise) == ("correct", drawn.id)
    assert student.grade_practice(NAME, ONE, answers).outcome != "correct"


def test_a_file_is_a_roster_all_of_whose_rows_hold(instructor, classroom):
    made = instructor.enrol(NAME, b"\xef\xbb\xbfStudent ID;Name\r\ns7;Ada\r\ns8;Alan\r\n")
    assert [(each["id"], each["name"]) for each in made] == [("s7", "Ada"), ("s8", "Alan")]
    before = classroom.instructor.get(f"/problem-sets/{NAME}/students").json
    with pytest.raises(DocumentError, match="row 3, column id: Excel has turned the id into 1E"):
        instructor.enrol(NAME, b"id\ns9\n1E+10\n")
    assert classroom.instructor.get(f"/problem-sets/{NAME}/students").json == before


def test_numbers_that_were_never_fetched_cannot_be_answered(student):
    error = refusal(student.submit, NAME, ONE, {"loss": 0.5})
    assert error.status == 409
    assert error.detail.startswith("fetch the exercise first")
    student.exercise(NAME, ONE)
    assert student.submit(NAME, ONE, {"loss": 0.5})["attempt"] == 1


def test_answers_to_another_exercise_are_refused_with_what_the_server_says(student):
    student.exercise(NAME, ONE)
    error = refusal(student.submit, NAME, ONE, {"exercise": "0" * 16, "answers": {"loss": 1}})
    assert error.status == 422
    assert "0000000000000000" in error.detail


def test_a_wrong_shape_is_an_error_with_the_verdict_and_spends_nothing(student):
    student.exercise(NAME, ONE)
    error = refusal(student.submit, NAME, ONE, {"loss": [0.5]})
    assert error.status == 422
    assert error.members["verdict"]["outcome"] == "invalid"
    assert student.submit(NAME, ONE, answers_to(student))["attempt"] == 1


def test_where_nothing_is_filled_in_nothing_is_sent(through, classroom):
    student = client(classroom.students["s001"].asker, port=through.port)
    for blank in ({}, {"loss": None}):
        with pytest.raises(DocumentError, match="nothing is filled in"):
            student.submit(NAME, ONE, blank)
    assert through.requests == []


@pytest.mark.parametrize("value", [float("nan"), numpy.array(numpy.inf), [[1.0], [2.0, 3.0]]])
def test_what_is_no_array_of_finite_numbers_is_not_sent(through, classroom, value):
    student = client(classroom.students["s001"].asker, port=through.port)
    for call in (student.submit, lambda *place: student.check(*place[:2], [place[2]])):
        with pytest.raises(DocumentError, match="loss"):
            call(NAME, ONE, {"loss": value})
    assert through.requests == []


def test_an_instructor_publishes_enrols_previews_replaces_and_reads_the_gradebook(instructor):
    other = ProblemSet.from_data(problem_set(name="week-2"))
    assert instructor.publish(other)["version"] == 1
    assert refusal(instructor.publish, other).status == 409
    assert [each["name"] for each in instructor.problem_sets()] == [NAME, "week-2"]
    (enrolled,) = instructor.enrol("week-2", [{"id": "s009", "name": "A", "email": "a@b.org"}])
    assert enrolled["token"].startswith("gg_")
    changed = ProblemSet.from_data(problem_set(name="week-2", title="Another"))
    assert refusal(instructor.replace, changed, only_version=7).status == 412
    assert instructor.replace(changed, only_version=1)["version"] == 2
    assert instructor.problem_set("week-2")["title"] == "Another"
    previewed = instructor.preview(changed, students=2)
    assert [each["exercise"] for each in previewed] == ["one-layer", "two-layers"]
    assert b"s009" in instructor.gradebook("week-2", form="csv")
    assert json.loads(instructor.gradebook("week-2"))
    assert instructor.exercise("week-2", ONE, student="s009").name == ONE


def test_a_regrade_is_dry_unless_it_is_asked_for(instructor, student):
    student.submit(NAME, ONE, answers_to(student))
    assert instructor.regrade(NAME)["changes"] == []


def test_all_pages_of_a_list_are_read(instructor):
    exercises = problem_set()["exercises"][:1]
    for number in range(100):
        instructor.publish(
            ProblemSet.from_data(problem_set(name=f"set-{number}", exercises=exercises))
        )
    names = [each["name"] for each in instructor.problem_sets()]
    assert len(names) == len(set(names)) == 101


@pytest.mark.parametrize("name", [".", "..", "", "a\nb", "\ud800"])
def test_what_cannot_be_a_name_is_not_asked_for(instructor, name):
    with pytest.raises(DocumentError, match="no name"):
        instructor.problem_set(name)


def test_a_name_with_a_slash_leads_nowhere_else(instructor):
    assert refusal(instructor.problem_set, f"../problem-sets/{NAME}").status == 404


# What is tried again


def test_a_submission_whose_reply_is_lost_is_repeated_and_is_one_attempt(through, classroom):
    student = client(classroom.students["s001"].asker, port=through.port)
    answers = answers_to(student)
    through.requests.clear()
    through.faults.extend([dropping, cutting])
    made = student.submit(NAME, ONE, answers)
    assert made["attempt"] == 1
    assert len(through.requests) == 3
    keys = {
        line
        for request in through.requests
        for line in request.split(b"\r\n")
        if line.startswith(b"Idempotency-Key: ")
    }
    assert len(keys) == 1
    assert student.submit(NAME, ONE, answers)["attempt"] == 2


def test_two_submissions_are_two_attempts_and_one_key_is_one(student):
    answers = answers_to(student)
    assert [student.submit(NAME, ONE, answers)["attempt"] for _ in range(2)] == [1, 2]
    again = [student.submit(NAME, ONE, answers, key="mine") for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("fault", [dropping, cutting, answering("502 Bad Gateway")])
def test_a_lost_answer_is_asked_for_again(through, classroom, fault):
    through.faults.append(fault)
    found = client(classroom.instructor, port=through.port).problem_set(NAME)
    assert found["name"] == NAME
    assert len(through.requests) == 2


@pytest.mark.parametrize("fault", [dropping, cutting, answering("504 Gateway Timeout")])
def test_tokens_are_not_asked_for_twice(through, classroom, fault):
    """The server has told them; a second answer would hold none."""
    instructor = client(classroom.instructor, port=through.port)
    through.faults.append(fault)
    refusal(instructor.enrol, NAME, [{"id": "s002"}])
    assert len(through.requests) == 1


MUCH_WORK = {
    "preview": lambda client: client.preview(ProblemSet.from_data(problem_set()), students=1),
    "dry regrade": lambda client: client.regrade(NAME),
    "variants": lambda client: client.variants(NAME, ONE, count=1),
    "check": lambda client: client.check(NAME, ONE, [{"loss": 0.5}]),
}


def whoever_may(ask, classroom):
    return classroom.ci() if ask in ("variants", "check") else classroom.instructor


@pytest.mark.parametrize("ask", MUCH_WORK)
@pytest.mark.parametrize("fault", [dropping, answering("504 Gateway Timeout")])
def test_much_work_is_not_asked_for_again_while_the_server_may_be_at_it(
    through, classroom, ask, fault
):
    asker = client(whoever_may(ask, classroom), port=through.port)
    through.faults.append(fault)
    assert not refusal(MUCH_WORK[ask], asker).is_refusal
    assert len(through.requests) == 1


@pytest.mark.parametrize("ask", MUCH_WORK)
def test_much_work_whose_answer_takes_too_long_is_not_asked_for_again(through, classroom, ask):
    def slow(forward):
        time.sleep(1)
        return forward()

    asker = client(whoever_may(ask, classroom), port=through.port, timeout=0.5)
    through.faults.append(slow)
    assert refusal(MUCH_WORK[ask], asker).status is None
    time.sleep(1)
    assert len(through.requests) == 1


@pytest.mark.parametrize("ask", MUCH_WORK)
def test_much_work_is_asked_for_again_where_the_server_was_too_busy_for_it(through, classroom, ask):
    asker = client(whoever_may(ask, classroom), port=through.port)
    through.faults.append(BUSY)
    assert MUCH_WORK[ask](asker) is not None
    assert len(through.requests) == 2


@pytest.mark.parametrize("fault", [BUSY, answering("429 Too Many Requests", "Retry-After: 1")])
def test_what_the_server_has_not_done_is_tried_again_when_it_says(through, classroom, fault):
    instructor = client(classroom.instructor, port=through.port)
    through.faults.append(fault)
    began = time.monotonic()
    (made,) = instructor.enrol(NAME, [{"id": "s002"}])
    assert time.monotonic() - began >= 1
    assert made["token"] is not None


def test_a_publication_whose_answer_is_lost_is_not_repeated(through, classroom):
    instructor = client(classroom.instructor, port=through.port)
    through.faults.append(dropping)
    error = refusal(instructor.publish, ProblemSet.from_data(problem_set(name="week-2")))
    assert error.status is None
    assert not error.is_refusal
    assert instructor.problem_set("week-2")["name"] == "week-2"


def test_tries_end(through, classroom):
    instructor = client(classroom.instructor, port=through.port, retries=2)
    through.faults.extend([answering("503 Service Unavailable")] * 5)
    assert refusal(instructor.problem_sets).status == 503
    assert len(through.requests) == 3


def test_a_database_that_is_locked_for_a_moment_is_waited_for(live, classroom, student):
    answers = answers_to(student)
    locked = sqlite3.connect(live.database.removeprefix("sqlite:///"), check_same_thread=False)
    locked.execute("BEGIN IMMEDIATE")
    hasty = client(classroom.students["s001"].asker, retries=0)
    assert refusal(hasty.submit, NAME, ONE, answers).status == 503
    Timer(0.8, locked.rollback).start()
    assert student.submit(NAME, ONE, answers)["attempt"] == 1
    locked.close()


def test_a_server_that_is_killed_and_started_again_has_kept_one_attempt(live, tmp_path, classroom):
    student = classroom.students["s001"].asker
    (tmp_path / "moment").write_text("")

    def start():
        told = [live.database, SECRET, str(tmp_path / "moment")]
        return begin(tmp_path / "server.log", serve, told)

    process, port = start()
    with proxy(port) as through:
        own = client(student, port=through.port)
        answers = answers_to(own)

        def killing(forward):
            forward()
            nonlocal process
            process.kill()
            process.join(SECONDS)
            process, through.upstream = start()
            return b""

        through.faults.append(killing)
        try:
            assert own.submit(NAME, ONE, answers)["attempt"] == 1
            assert own.submit(NAME, ONE, answers)["attempt"] == 2
        finally:
            process.kill()
            process.join(SECONDS)


def test_where_nothing_listens_one_line_says_so():
    with proxy(1) as gone:
        address = gone.address
    error = refusal(Client(address, "gg_token", retries=1).problem_sets)
    assert error.status is None
    assert error.detail.startswith(f"{address} does not answer: ")
    assert "\n" not in error.detail


def test_an_answer_that_is_not_the_servers_is_an_error(through, classroom):
    through.faults.append(answering("200 OK"))
    error = refusal(client(classroom.instructor, port=through.port).problem_sets)
    assert "cannot be read" in error.detail


def test_the_client_needs_neither_the_server_nor_its_database():
    program = (
        "import sys, service.client\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'flask', 'werkzeug', 'sqlalchemy', 'alembic', 'waitress'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_scripts_of_the_page_run(live, tmp_path, monkeypatch, capsys):
    page = (ROOT / "docs" / "client.md").read_text("utf-8")
    page = page.replace("https://course.example.org", f"http://127.0.0.1:{live.port}")
    instructors, students, ci = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shutil.copytree(ROOT / "examples" / "course", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    classroom = new_classroom(live)
    monkeypatch.setenv("GRADGRADE_TOKEN", classroom.instructor.token)
    names: dict[str, object] = {}
    exec(instructors, names)
    (line,) = re.findall(r"^s001 (gg_\S+)$", capsys.readouterr().out, re.MULTILINE)
    assert b"s001" in Path("week-3.csv").read_bytes()
    monkeypatch.setenv("GRADGRADE_TOKEN", line)
    exec(students, names)
    assert capsys.readouterr().out.startswith("1 10 correct\n")
    names["course"] = client(classroom.ci(of="week-3"))
    exec(ci, names)
    assert capsys.readouterr().out == "correct 10\n" * 5
