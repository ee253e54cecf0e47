"""`check-code` and pytest with a server, which has the variants and grades the answers."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from gradgrade.problems import ProblemSet, solve
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.grade import GRADER
from gradgrade.problems.marking.answer_key import make_answer_key
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, issued_in
from gradgrade.service.cli.program import program
from tests import ROOT
from tests.service.cli.run import assert_refused, run
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST
from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import SECRET, live_server
from tests.service.proxy import answering, proxy

COURSE = ROOT / "examples" / "course"
NAME, EXERCISE = "week-3", "hidden-layer"

pytestmark = needs_bubblewrap

WRONG = """
from solution import solve as right

def solve(exercise):
    answers = right(exercise)
    answers["dW1"] = -answers["dW1"]
    return answers
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with live_server("SQLite", f"sqlite:///{directory}/course.db", directory) as server:
        yield server


@pytest.fixture(scope="module")
def problem_set():
    return ProblemSet.load(COURSE / "week-3.toml")


@pytest.fixture
def classroom(live, problem_set):
    made = new_classroom(live)
    assert made.instructor.post("/problem-sets", problem_set.to_json().encode()).status == 201
    return made


@pytest.fixture
def token(classroom):
    return classroom.ci(of=NAME).token


@pytest.fixture
def apart(tmp_path):
    """A folder of the instructor's."""
    (tmp_path / "grader").mkdir()
    return tmp_path / "grader"


@pytest.fixture
def folder(tmp_path):
    tmp_path = tmp_path / "submission"
    tmp_path.mkdir()
    for name in ("student.py", "solution.py"):
        shutil.copy(COURSE / name, tmp_path)
    text = (COURSE / "solution.py").read_text()
    wrong = text.replace("def solve(", "def right(") + WRONG.split("\n\n", 1)[1]
    (tmp_path / "wrong.py").write_text(wrong)
    return tmp_path


def ran(folder: Path, *command: str, token: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "GRADGRADE_TOKEN"}
    if token is not None:
        environment["GRADGRADE_TOKEN"] = token
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, env=environment
    )


def checked(folder, address, file, *options, token):
    command = ("check-code", NAME, file, "--server", address, *options)
    return run(*command, cwd=folder, variables={"GRADGRADE_TOKEN": token})


def at(live) -> str:
    return f"http://127.0.0.1:{live.port}"


def test_the_right_program_has_full_marks_and_a_wrong_one_is_told_why(live, folder, token):
    done = checked(folder, at(live), "solution.py", "--variants", "3", token=token)
    assert done.exit_code == 0, done.stderr
    assert "10 of 10 points" in done.stdout
    done = checked(folder, at(live), "wrong.py", "--variants", "3", token=token)
    assert done.exit_code == 1, done.stderr
    assert "Less than full marks on 3 of 3 variants." in " ".join(done.stdout.split())
    assert done.stdout.count("the right answers are on the server") == 1
    assert "A test to paste" not in done.stdout
    quiet = checked(folder, at(live), "wrong.py", "--no-smallest", token=token)
    assert "the right answers are on the server" not in quiet.stdout


def test_two_requests_grade_an_exercise_and_no_expected_value_comes_with_them(
    live, classroom, folder, token, problem_set
):
    options = ("--variants", "5", "--seed", "a seed", "--exercise", EXERCISE, "--format", "json")
    with proxy(live.port) as through:
        done = checked(folder, through.address, "student.py", *options, token=token)
        wrong = checked(folder, through.address, "wrong.py", *options, token=token)
    assert (done.exit_code, wrong.exit_code) == (1, 1), done.stderr
    lines = [each.split(b"\r\n")[0].decode() for each in through.requests]
    place = f"/api/v1/problem-sets/{NAME}/exercises/{EXERCISE}"
    assert lines == 2 * [
        f"GET {place}/variants?count=5&seed=a+seed HTTP/1.1",
        f"POST {place}/checks HTTP/1.1",
    ]
    received = b"".join(through.answers).decode()
    chunk = Chunk(
        problem_set=problem_set,
        exercise=EXERCISE,
        students=tuple("12345"),
        rules=rules_of(compile_template(problem_set, EXERCISE)),
        secret=SECRET.encode(),
        course=f"{classroom.course}/ci/a seed",
    )
    for issued in issued_in(chunk):
        # These are the very variants.
        assert issued.exercise.id in received
        solution = solve(issued.exercise)
        for name in solution:
            for digits in re.findall(r"\d\.\d{10}", str(solution[name].value)):
                assert digits not in received, name
        for ends in make_answer_key(solution, grader=GRADER).accepted.values():
            assert not any(repr(float(end)) in received for array in ends for end in array.flat)


def test_what_is_not_finite_costs_its_part_alone(live, folder, token):
    program = (folder / "wrong.py").read_text()
    program = program.replace('answers["dW1"] = -answers["dW1"]', 'answers["dW1"][0, 0] = nan')
    (folder / "nan.py").write_text(f"from math import nan\n{program}")
    done = checked(folder, at(live), "nan.py", "--variants", "2", "--format", "json", token=token)
    assert done.exit_code == 1, done.stderr
    (found,) = json.loads(done.stdout)["exercises"]
    assert (found["failed"], found["variants"]) == (2, 2)
    notes = {each["name"]: each["note"] for each in found["verdict"]["parts"]}
    assert notes.pop("dW1") == "not_finite"
    assert set(notes.values()) == {"correct"}
    parts = found["verdict"]["parts"]
    lost = sum(each["max_score"] for each in parts if each["name"] == "dW1")
    assert found["score"] == pytest.approx(10 - lost)
    assert found["verdict"]["outcome"] == "partial"
    program = program.replace('["dW1"][0, 0] = nan', '["loss"] = [answers["loss"]]')
    (folder / "axis.py").write_text(f"from math import nan\n{program}")
    done = checked(folder, at(live), "axis.py", "--variants", "2", "--format", "json", token=token)
    (found,) = json.loads(done.stdout)["exercises"]
    outcomes = [each["outcome"] for each in found["verdict"]["parts"]]
    assert outcomes.count("invalid") == 1
    assert outcomes.count("correct") == len(outcomes) - 1
    assert 0 < found["score"] < 10


@pytest.mark.parametrize("feedback", ["score", "parts"])
def test_where_less_is_told_points_are_told(live, folder, problem_set, feedback):
    made = new_classroom(live)
    document = problem_set.model_copy(update={"feedback": feedback})
    assert made.instructor.post("/problem-sets", document.to_json().encode()).status == 201
    token = made.ci(of=NAME).token
    done = checked(folder, at(live), "wrong.py", "--variants", "2", token=token)
    assert done.exit_code == 1, done.stderr
    assert ("all parts" in done.stdout) == (feedback == "score")
    assert "of 10 points" in done.stdout
    assert checked(folder, at(live), "solution.py", token=token).exit_code == 0


def test_the_program_does_not_see_the_token(live, folder, token):
    (folder / "curious.py").write_text(
        "import os\n\ndef solve(exercise):\n    raise ValueError(dict(os.environ))\n"
    )
    done = checked(folder, at(live), "curious.py", "--format", "json", token=token)
    assert done.exit_code == 1
    assert "ValueError" in done.stdout
    assert token not in done.stdout + done.stderr


REFUSED = [
    ({"name": "week-9"}, (), "week-9"),
    ({"name": "."}, (), "'.'"),
    ({"token": "gg_" + "n" * 43}, (), "the token is not valid"),
    ({"token": "two words"}, (), "token"),
    ({"token": ""}, (), "GRADGRADE_TOKEN"),
    ({"server": "http://course.example.org"}, (), "https"),
    ({}, ("--exercise", "absent"), "absent"),
    ({}, ("--variants", "201"), "count"),
    ({}, ("--seed", "a\nb"), "seed"),
]


@pytest.mark.parametrize(("changed", "options", "says"), REFUSED)
def test_what_the_server_refuses_is_bad_input(
    live, folder, token, monkeypatch, changed, options, says
):
    given = {"name": NAME, "server": at(live), "token": token, **changed}
    monkeypatch.setenv("GRADGRADE_TOKEN", given["token"])
    file = folder / "solution.py"
    done = run("check-code", given["name"], file, "--server", given["server"], *options)
    assert_refused(done, says)
    assert "n" * 43 not in done.stderr


def test_a_token_of_another_role_is_told_which_one_is_needed(live, classroom, folder, monkeypatch):
    monkeypatch.setenv("GRADGRADE_TOKEN", classroom.instructor.token)
    done = run("check-code", NAME, folder / "solution.py", "--server", at(live))
    assert_refused(done, "--server needs a token of the role ci for this set")


def test_a_file_here_is_no_name_of_a_set_there(live, folder, token, monkeypatch):
    monkeypatch.setenv("GRADGRADE_TOKEN", token)
    address = f"http://127.0.0.1:{live.port}"
    path = folder / "week.toml"
    path.write_text("", encoding="utf-8")
    done = run("check-code", path, folder / "solution.py", "--server", address)
    assert_refused(done, "with --server the name of a set there is wanted")


def test_where_no_server_answers_nothing_is_graded(live, folder, token, monkeypatch):
    # It is tried again as often as ever, but sooner.
    monkeypatch.setattr("gradgrade.service.client.connection.PAUSE", 0.01)
    monkeypatch.setenv("GRADGRADE_TOKEN", token)
    with proxy(live.port) as gone:
        pass
    done = run("check-code", NAME, folder / "solution.py", "--server", gone.address)
    assert_refused(done, code=3)
    assert done.stderr.startswith(f"gradgrade: error: {gone.address} does not answer: ")


def test_where_a_server_fails_nothing_is_graded(live, folder, token, monkeypatch):
    monkeypatch.setenv("GRADGRADE_TOKEN", token)
    with proxy(live.port) as through:
        through.faults.append(answering("500 Internal Server Error"))
        done = run("check-code", NAME, folder / "solution.py", "--server", through.address)
    assert_refused(done, "500", code=3)


def pytested(where, address, *arguments, token):
    options = ("--gradgrade", NAME, "--gradgrade-server", address, "--gradgrade-variants", "3")
    file = ("--noconftest", "--rootdir=.", "--gradgrade-file", "../submission/solution.py")
    return ran(where, *PYTEST, *file, *options, *arguments, token=token)


SECRETS = [
    ({"token": "gg_" + "n" * 43}, (), "GRADGRADE_TOKEN"),
    ({"token": None}, ("--gradgrade-server", "http://127.0.0.1:1"), "--gradgrade-server"),
    ({"token": None}, ("--gradgrade-seed", "a secret"), "--gradgrade-seed"),
]


@pytest.mark.parametrize(("environment", "options", "named"), SECRETS)
def test_what_is_secret_is_refused_where_pytest_loads_what_a_student_wrote(
    folder, apart, environment, options, named
):
    (folder / "conftest.py").write_text("")
    shutil.copy(COURSE / "week-3.toml", apart)
    command = (*PYTEST, "--gradgrade", str(apart / "week-3.toml"), *options)
    file = ("--gradgrade-file", str(folder / "solution.py"))
    places = [
        (folder, ()),
        (folder, ("--noconftest",)),
        (apart, ("--rootdir=.",)),
        (apart, ("--noconftest", f"--rootdir={folder}")),
        (apart, ("--noconftest", "--rootdir=.", str(folder))),
    ]
    # Where a student's files are loaded does not depend on what is secret.
    for where, arguments in places if environment == SECRETS[0][0] else places[:1]:
        done = ran(where, *command, *file, *arguments, **environment)
        assert done.returncode == 4, done.stdout
        assert f"{named} is not for a process that runs a student's files" in done.stderr


def test_pytest_grades_on_variants_of_a_seed_that_it_tells(folder):
    shutil.copy(COURSE / "week-3.toml", folder)
    command = (*PYTEST, "-v", "--gradgrade", "week-3.toml", "--gradgrade-file", "solution.py")
    command = (*command, "--gradgrade-variants", "2")
    seeds = []
    for options in ((), ("-n", "2")):
        done = ran(folder, *command, *options, token=None)
        assert done.returncode == 0, done.stdout
        seeds += re.findall(
            r"^gradgrade: a self-check, .*; seed (\w{16})$", done.stdout, re.MULTILINE
        )
    assert len(set(seeds)) == 2


def test_pytest_grades_on_a_server(live, apart, folder, token):
    file = ("--gradgrade-file", "../submission/wrong.py")
    done = pytested(apart, at(live), *file, token=token)
    assert done.returncode == 1, done.stdout
    assert "the right answers are on the server" in done.stdout
    assert "Traceback" not in done.stdout


def test_under_xdist_pytest_grades_on_a_server_too(live, apart, folder, token):
    done = pytested(apart, at(live), "-n", "2", token=token)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_pytest_says_in_a_line_what_is_wrong(live, apart, folder, token):
    done = pytested(apart, at(live), token=None)
    assert (done.returncode, "GRADGRADE_TOKEN" in done.stderr) == (4, True)
    assert "Traceback" not in done.stdout + done.stderr
    exercise = ("--gradgrade-exercise", "absent")
    done = pytested(apart, at(live), *exercise, token=token)
    assert (done.returncode, "absent" in done.stdout) == (1, True)
    assert "Traceback" not in done.stdout + done.stderr


def test_the_workflow_of_the_examples_calls_what_there_is():
    path = COURSE.parent / "github" / "gradgrade-server.yml"
    *_, step = yaml.safe_load(path.read_text("utf-8"))["jobs"]["grade"]["steps"]
    assert list(step["env"]) == ["GRADGRADE_TOKEN"]
    called, name, *arguments = shlex.split(step["run"])
    given = program.commands[name].make_context(name, arguments).params
    assert (called, given["source_path"], given["form"]) == ("gradgrade", NAME, "github")
    assert given["server"].startswith("https://")
