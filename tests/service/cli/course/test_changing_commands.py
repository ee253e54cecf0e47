"""Commands that change a course: publish, enrol, extend; and check, which changes nothing."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.web.entrance import sign_in_link
from tests.service.cli.course.conftest import OVER_HTTP
from tests.service.cli.run import assert_refused, run
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, problem_set

ROSTER = "id,name,email\ns001,Ada Lovelace,ada@example.org\ns002,Zoë,zoe@example.org\n"


@pytest.fixture
def set_file(tmp_path: Path) -> Path:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(problem_set()))
    return path


@pytest.fixture
def refused_file(tmp_path: Path) -> Path:
    """A set of which no variant of one exercise can be issued: zeros would pass for it."""
    exercises = [exercise("one-layer"), exercise("hopeless", tolerance={"decimals": 0})]
    path = tmp_path / "refused.json"
    path.write_text(json.dumps(problem_set(exercises=exercises)))
    return path


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


# check


def test_check_says_that_a_set_can_be_published_and_makes_nothing(set_file, monkeypatch):
    monkeypatch.chdir(set_file.parent)
    result = run("check", set_file)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:3]] == list(EXERCISES)
    assert result.stdout.splitlines()[-1].endswith(f"gradgrade publish {set_file}")
    assert list(set_file.parent.iterdir()) == [set_file]


def test_check_tells_of_every_exercise_before_it_refuses_the_set(each_way, refused_file):
    for options in ([], each_way.ways[each_way.way]):
        result = run("check", refused_file, *options)
        assert result.exit_code == 2
        assert "can be issued" in result.stdout
        assert "Refused: exercise 'hopeless' cannot be issued" in result.stdout
        assert result.stderr.endswith(f"{refused_file} would be refused: 1 fault\n")
        assert result.stderr.count("\n") == 1
    assert each_way.classroom.instructor.get("/problem-sets").json == []


AT_FAULT = """\
[[exercises]]
name = "{name}"
type = "program"
arrays = {{ x = [2], y = [3] }}
program = "{line}"
upstream = ["q"]
ask = ["q"]
"""


@pytest.mark.parametrize("lines", [("q = x + y",), ("q = x + y", "q = y @ x")])
def test_every_fault_of_a_program_is_shown_with_its_line_and_a_caret(tmp_path, lines):
    path = tmp_path / "faults.toml"
    exercises = [AT_FAULT.format(name=f"e{number}", line=line) for number, line in enumerate(lines)]
    path.write_text("\n".join(['schema = "gradgrade/problem-set/1"', 'name = "a"', *exercises]))
    checked, generated = run("check", path), run("generate", path, "--out", tmp_path / "out")
    assert (checked.exit_code, generated.exit_code) == (2, 2)
    for told in (checked.stdout, generated.stderr):
        said = told.splitlines()
        for line in lines:
            at = next(number for number, each in enumerate(said) if each.endswith(f"    {line}"))
            assert "shapes [" in said[at - 1]
            assert said[at + 1] == said[at].replace(line, "    ^")


def test_check_tells_every_fault_of_a_document_and_of_its_exercises(tmp_path):
    path = tmp_path / "faults.json"
    wrong = [exercise("a", ask=["dW9"]), exercise("b"), exercise("c", ask=["dW8"])]
    path.write_text(json.dumps(problem_set(exercises=wrong)))
    result = run("check", path)
    assert result.exit_code == 2
    assert [("dW9" in line, "dW8" in line) for line in result.stdout.splitlines()] == [
        (True, False),
        (False, True),
    ]
    path.write_text(json.dumps(problem_set(exercises=[exercise("a", points=-1, inputs=0)])))
    result = run("check", path, "--format", "json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["faults"]) == 2
    assert result.stderr.count("\n") == 1


def test_check_warns_of_what_publishing_warns_of(tmp_path):
    few = exercise("few", draw={name: {"low": 1, "high": 2, "step": 1} for name in ("weights",)})
    path = tmp_path / "few.json"
    path.write_text(json.dumps(problem_set(exercises=[few | {"ask": ["loss", "a1", "z1", "dW1"]}])))
    result = run("check", path)
    assert result.exit_code == 0
    assert "forward pass alone" in result.stdout


# publish


def test_publishing_warns_of_the_samples_that_check_warns_of(each_way, tmp_path):
    path = tmp_path / "alike.json"
    layers = [{"type": "dense", "units": 2, "activation": "sigmoid"}]
    path.write_text(
        json.dumps(problem_set(exercises=[exercise("alike", inputs=2, layers=layers, batch=2)]))
    )
    warning = "exercise 'alike': N = 2 samples are as many as weights have rows"
    assert f"Warning: {warning}" in run("check", path).stdout
    assert f"Warning: {warning}" in each_way.run("publish", path).stdout
    told = json.loads(each_way.run("publish", path, "--format", "json").stdout)["warnings"]
    assert [each for each in told if each.startswith(warning)]


def test_check_and_publish_warn_of_what_a_program_does_not_read(each_way, tmp_path):
    path = tmp_path / "idle.toml"
    path.write_text(
        f'schema = "gradgrade/problem-set/1"\nname = "{NAME}"\n[[exercises]]\nname = "idle"\n'
        'type = "program"\narrays = { x = [8], z = [] }\nprogram = "f = sum(x**2)"\n'
        'differentiate = "f"\nask = ["f", "dx"]\n'
    )
    warning = "Warning: exercise 'idle': no line reads z, which is given"
    assert warning in run("check", path).stdout
    assert warning in each_way.run("publish", path).stdout


def test_publish_puts_a_set_then_another_version_and_says_how_to_go_on(each_way, set_file):
    result = each_way.run("publish", set_file)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{NAME} is published, version 1\n")
    assert f"gradgrade enrol {NAME}" in result.stdout
    set_file.write_text(json.dumps(problem_set(attempts=4)))
    assert each_way.data("publish", set_file)["version"] == 2
    assert each_way.classroom.instructor.get(f"/problem-sets/{NAME}").json["attempts"] == 4


def test_what_publish_says_to_go_on_with_can_be_run(commands, set_file, roster):
    lines = commands.run("publish", set_file).stdout.splitlines()
    files = {"ROSTER.csv": str(roster), "TOKENS.csv": str(roster.with_name("tokens.csv"))}
    for command, outcome in (("enrol", "2 new students"), ("pregenerate", "variants made")):
        told = next(line for line in lines if f" {command} " in line).split()[1:]
        result = run(*(files.get(word, word) for word in told))
        assert result.exit_code == 0, result.output
        assert outcome in result.stdout


def test_publish_makes_the_variants_of_the_roster_where_it_is_asked_to(commands, set_file):
    classroom = commands.classroom
    classroom.publish()
    first, _ = classroom.enrol("s001", "s002")
    own = first.exercise()
    set_file.write_text(json.dumps(problem_set(attempts=4)))
    assert f"gradgrade pregenerate {NAME}" in commands.run("publish", set_file).stdout
    assert held(classroom) == 1
    result = commands.run("publish", set_file, "--pregenerate")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{2 * len(EXERCISES) - 1} variants made, 1 were there\n" in result.stdout
    assert " pregenerate " not in result.stdout
    assert held(classroom) == 2 * len(EXERCISES)
    assert first.exercise() == own
    again = commands.run("publish", set_file, "--pregenerate").stdout
    assert f"0 variants made, {2 * len(EXERCISES)} were there\n" in again


@pytest.mark.parametrize("command", ["pregenerate", "regrade"])
def test_what_is_no_address_of_a_cluster_is_none_when_it_is_run_again(commands, command):
    refused = commands.run(command, NAME, "--cluster", "nonsense")
    assert refused.stderr.endswith(
        " nonsense: no address of a Dask scheduler, such as tcp://host:8786\n"
    )
    assert_refused(refused)


def test_a_server_elsewhere_is_not_asked_to_make_variants_in_a_database_here(commands, set_file):
    refused = commands.run("publish", set_file, "--pregenerate", way=OVER_HTTP)
    assert_refused(refused, "--server and --pregenerate exclude each other")
    assert commands.classroom.instructor.get("/problem-sets").json == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_set_with_too_few_variants_for_its_roster_is_published_all_the_same(
    commands, tmp_path, form
):
    few = exercise(
        "few",
        given={"W1": [[0.3, -0.2], [0.5, 0.4]], "b1": [0.1, 0.2], "y": [[0.5], [0.9]]},
        draw={"inputs": {"low": 1, "high": 2, "step": 1}},
        batch=1,
    )
    path = tmp_path / "few.json"
    path.write_text(json.dumps(problem_set(exercises=[few])))
    commands.classroom.publish()
    commands.classroom.enrol(*(f"s{number:03}" for number in range(9)))
    result = commands.run("publish", path, "--pregenerate", "--format", form)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "exercise 'few' cannot be issued" in result.stderr
    if form == "json":
        assert json.loads(result.stdout)["version"] == 2
    else:
        assert result.stdout.startswith(f"{NAME} is published, version 2\n")
        assert f"gradgrade pregenerate {NAME}" in result.stdout
    standing = commands.classroom.instructor.get(f"/problem-sets/{NAME}").json
    assert [each["name"] for each in standing["exercises"]] == ["few"]


def held(classroom) -> int:
    """How many variants students of the set have."""
    return len(classroom.instructor.get(f"/problem-sets/{NAME}/variants").json)


def test_publish_makes_the_database_that_serve_would(tmp_path, monkeypatch, set_file):
    monkeypatch.chdir(tmp_path)
    assert run("publish", set_file).exit_code == 0
    assert {"gradgrade.db", "gradgrade.secret"} < {each.name for each in tmp_path.iterdir()}
    assert run("students", NAME).exit_code == 0


def test_a_set_that_is_refused_makes_no_database(tmp_path, monkeypatch, refused_file):
    monkeypatch.chdir(tmp_path)
    assert_refused(run("publish", refused_file), "hopeless")
    assert list(tmp_path.iterdir()) == [refused_file]


# enrol


def test_enrol_keeps_the_tokens_for_a_mail_merge_for_its_owner_alone(each_way, roster):
    each_way.classroom.publish()
    tokens = roster.with_name("tokens.csv")
    result = each_way.run("enrol", NAME, roster, "--tokens", tokens, "--address", "https://c.org")
    assert result.exit_code == 0, result.output
    assert "gg_" not in result.stdout
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(tokens.read_text("utf-8"))))
    assert [(row["id"], row["name"], row["email"]) for row in rows] == [
        ("s001", "Ada Lovelace", "ada@example.org"),
        ("s002", "Zoë", "zoe@example.org"),
    ]
    for row in rows:
        assert row["link"] == sign_in_link("https://c.org", row["token"])
        student = each_way.classroom.live.asker(row["token"])
        assert [each["name"] for each in student.get("/problem-sets").json] == [NAME]


def test_who_has_a_token_keeps_it_and_is_in_no_file(commands, roster):
    commands.classroom.publish()
    first, second = (roster.with_name(name) for name in ("first.csv", "second.csv"))
    commands.run("enrol", NAME, roster, "--tokens", first)
    result = commands.run("enrol", NAME, roster, "--tokens", second)
    assert result.stdout.startswith("0 new students, 2 who have a token already")
    assert not second.exists()


def test_tokens_are_never_written_over_others(commands, roster):
    commands.classroom.publish()
    tokens = roster.with_name("tokens.csv")
    tokens.write_text("precious")
    result = commands.run("enrol", NAME, roster, "--tokens", tokens)
    assert_refused(result, "tokens.csv: is there already")
    assert tokens.read_text() == "precious"
    assert commands.data("students", NAME) == []


def test_without_a_file_the_tokens_are_told_here(commands, roster):
    commands.classroom.publish()
    told = commands.data("enrol", NAME, roster)
    assert all(each["token"].startswith("gg_") for each in told)
    assert told[0]["link"].endswith(f"#{told[0]['token']}")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("s001,Alan", "row 4, column id: the id 's001' stands in row 2 already: keep one of them"),
        ("1001.0,Alan", "row 4, column id: a program has turned the id into the number 1001.0"),
        ("s003,Alan,a@b.org,x,y", "row 4: it has 5 cells and the header 3, the last is 'y'"),
        ("a/b,Alan", "row 4, column id: the id 'a/b'"),
        ("1.23457E+11,Alan", "row 4, column id: Excel has turned the id into 1.23457E+11"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_row_that_cannot_be_taken_refuses_the_roster_before_anything_is_made(
    commands, roster, row, said, form
):
    commands.classroom.publish()
    tokens = roster.with_name("tokens.csv")
    roster.write_text(f"{ROSTER}{row}\n", encoding="utf-8")
    result = commands.run("enrol", NAME, roster, "--tokens", tokens, "--format", form)
    assert_refused(result, f"{roster.name}: roster: {said}")
    assert not tokens.exists()
    assert commands.data("students", NAME) == []


def test_every_row_that_cannot_be_taken_is_told_on_a_line_of_its_own(each_way, roster):
    each_way.classroom.publish()
    roster.write_text(f"{ROSTER}1.23457E+11,Alan\ns001,Grace\n", encoding="utf-8")
    result = each_way.run("enrol", NAME, roster)
    assert (result.exit_code, result.stdout) == (2, "")
    heading, *faults = result.stderr.splitlines()
    assert heading.endswith("roster: 2 faults:")
    assert [each.split(":")[0] for each in faults] == ["  row 4, column id", "  row 5, column id"]
    assert each_way.data("students", NAME) == []


def test_one_new_student_is_told_as_one(commands, roster):
    commands.classroom.publish()
    roster.write_text("id\ns001\n", encoding="utf-8")
    assert commands.run("enrol", NAME, roster).stdout.splitlines()[-1] == (
        "1 new student, 0 who have a token already"
    )
    roster.write_text("id\ns001\ns002\ns003\n", encoding="utf-8")
    assert commands.run("enrol", NAME, roster).stdout.splitlines()[-1] == (
        "2 new students, 1 who has a token already"
    )


def test_a_roster_for_a_set_that_is_not_there_leaves_no_file(each_way, roster):
    tokens = roster.with_name("tokens.csv")
    assert_refused(each_way.run("enrol", "week-9", roster, "--tokens", tokens), "'week-9'")
    assert not tokens.exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("course.example.org", "--address: 'course.example.org' is not https://HOST[:PORT][/PATH]"),
        ("https://c.org/x/api/v1/", "a part of the course's: write https://c.org/x"),
    ],
)
def test_where_no_link_would_lead_to_the_course_nobody_is_enrolled(each_way, roster, address, said):
    each_way.classroom.publish()
    tokens = roster.with_name("tokens.csv")
    result = each_way.run("enrol", NAME, roster, "--tokens", tokens, "--address", address)
    assert_refused(result, said)
    assert not tokens.exists()
    assert each_way.data("students", NAME) == []


# extend


def test_extend_states_what_differs_and_leaves_the_rest(each_way):
    each_way.classroom.publish()
    each_way.classroom.enrol("s001")
    result = each_way.run("extend", NAME, "s001", "--due", "2031-01-02T03:04Z")
    assert result.exit_code == 0, result.output
    assert each_way.data("extend", NAME, "s001", "--attempts", "7") == {
        "id": "s001",
        "due": "2031-01-02T03:04:00+00:00",
        "late_until": None,
        "attempts": 7,
    }
    cleared = each_way.data("extend", NAME, "s001", "--clear", "--attempts", "2")
    assert (cleared["due"], cleared["attempts"]) == (None, 2)


def test_extend_refuses_what_is_no_extension(commands):
    commands.classroom.publish()
    commands.classroom.enrol("s001")
    assert_refused(commands.run("extend", NAME, "s001"), "--due")
    assert_refused(commands.run("extend", NAME, "s001", "--due", "soon"), "--due", "'soon'")
    assert_refused(commands.run("extend", NAME, "s009", "--attempts", "2"), "'s009'")
    assert_refused(commands.run("extend", NAME, "s001", "--attempts", "0"), "--attempts")


# override


def test_override_states_points_until_they_are_withdrawn(each_way):
    each_way.classroom.publish()
    each_way.classroom.enrol("s001")
    place = ("override", NAME, "s001", EXERCISES[0])
    told = each_way.data(*place, "--points", "7.25", "--comment", "ill; seen")
    assert (told["id"], told["exercise"]) == ("s001", EXERCISES[0])
    assert (told["override"]["points"], told["override"]["comment"]) == (7.25, "ill; seen")
    (student,) = json.loads(each_way.run("gradebook", NAME, "--format", "json").stdout)["students"]
    assert student["score"] == 7.25
    result = each_way.run(*place, "--withdraw")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"s001: what is graded in {EXERCISES[0]} counts again\n"
    assert_refused(each_way.run(*place, "--withdraw"), "no points are stated for 's001'")


def test_override_refuses_what_is_no_override(commands):
    commands.classroom.publish()
    commands.classroom.enrol("s001")
    place = ("override", NAME, "s001", EXERCISES[0])
    assert_refused(commands.run(*place), "--points", "--withdraw")
    assert_refused(commands.run(*place, "--points", "7"), "--comment")
    assert_refused(commands.run(*place, "--comment", "ill"), "--points")
    assert_refused(commands.run(*place, "--points", "7", "--comment", "x", "--withdraw"), "or")
    assert_refused(
        commands.run(*place, "--points", "seven", "--comment", "x"), "--points: 'seven'", "7.5"
    )
    assert_refused(commands.run(*place, "--points", "11", "--comment", "x"), "is worth 10")
    assert_refused(commands.run(*place, "--points", "7", "--comment", " "), "comment")
    nobody = ("override", NAME, "s009", EXERCISES[0], "--points", "7", "--comment", "x")
    assert_refused(commands.run(*nobody), "'s009'")
    nothing = ("override", NAME, "s001", "nothing", "--points", "7", "--comment", "x")
    told = f"there is no exercise 'nothing'; {NAME} has {', '.join(EXERCISES)}"
    assert_refused(commands.run(*nothing), told)


def test_the_starter_is_called_as_its_file_is(tmp_path):
    path = tmp_path / "Week 3!.toml"
    run("new", path)
    assert ProblemSet.load(path).name == "week-3"
