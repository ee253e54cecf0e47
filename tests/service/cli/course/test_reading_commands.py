"""Commands that read a course: alike in both ways, and without a trace."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from tests.service.cli.course.conftest import WAYS
from tests.service.cli.run import assert_refused, run
from tests.service.course_api.classroom import EXERCISES, NAME

READING = ("students", "progress", "statistics")
ONE, TWO = EXERCISES


def test_a_course_tells_the_same_here_and_over_http(graded):
    asked = [
        *((command, NAME, "--format", "json") for command in READING),
        ("gradebook", NAME, "--format", "moodle"),
        ("gradebook", "--format", "csv"),
        ("progress", NAME),
    ]
    for arguments in asked:
        here, over_http = (graded.run(*arguments, way=way).stdout for way in WAYS)
        assert here == over_http != ""


@pytest.mark.parametrize("name", ["week-3.toml", "./week-3", "Week-3", ""])
@pytest.mark.parametrize("command", [*READING, "gradebook", "pregenerate", "regrade"])
def test_what_is_no_name_of_a_set_is_refused_as_it_was_written(command, name):
    refused = run(command, name)
    assert_refused(refused, f"{name!r} is no set's name")
    assert "write what its document has as `name`" in refused.stderr


def test_progress_tells_of_every_student_and_exercise_how_far_they_are(graded):
    found = graded.data("progress", NAME)
    states = {
        each["id"]: [each["exercises"][name]["state"] for name in EXERCISES]
        for each in found["students"]
    }
    assert states == {
        "s001": ["full_marks", "not_opened"],
        "s002": ["opened", "not_opened"],
        "s003": ["not_opened", "handed_in"],
    }
    first = found["students"][0]["exercises"][ONE]
    assert (first["score"], first["attempts"], first["attempts_left"]) == (10, 2, 1)


def test_progress_on_a_terminal_has_a_row_a_student_and_a_line_an_exercise(graded):
    header, *rows = graded.run("progress", NAME).stdout.splitlines()
    assert header.split() == ["id", "name", ONE, TWO]
    assert rows[0].split(maxsplit=1)[1].split("  ") == ["full marks (2)", "-"]
    assert rows[-2] == f"{ONE}: 1 not opened, 1 opened, 0 handed in, 1 full marks"


def test_the_gradebook_of_a_course_has_every_set_and_everybody(graded):
    graded.classroom.publish(name="week-2")
    graded.classroom.enrol("s001", "s004", of="week-2")
    table = list(csv.DictReader(io.StringIO(graded.run("gradebook").stdout)))
    assert [(row["id"], row[NAME], row["week-2"]) for row in table] == [
        ("s001", "10.00", ""),
        ("s002", "", ""),
        ("s003", "0.00", ""),
        ("s004", "", ""),
    ]
    assert {row["max"] for row in table} == {"28.00"}


def test_a_gradebook_goes_to_a_file_that_its_owner_alone_reads(graded, tmp_path: Path):
    out = tmp_path / "grades.xlsx"
    assert graded.run("gradebook", NAME, "--format", "xlsx", "--out", out).exit_code == 0
    assert out.read_bytes().startswith(b"PK")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_statistics_show_who_handed_in_and_where_they_went_wrong(graded):
    shown = graded.run("statistics", NAME).stdout
    assert [line.split()[:4] for line in shown.splitlines()[1:4]] == [
        [ONE, "1", "of", "3"],
        [TWO, "1", "of", "3"],
        ["all", "2", "of", "3"],
    ]
    assert "went wrong first" in shown


@pytest.mark.parametrize("command", [*READING, "gradebook", "extend"])
def test_where_there_is_no_database_a_command_makes_none(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = {"extend": ["s001", "--attempts", "3"]}.get(command, [])
    assert_refused(run(command, NAME, *arguments), "gradgrade.db: no such database")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [*READING, "gradebook"])
def test_a_set_that_is_not_there_is_named(each_way, command):
    assert_refused(each_way.run(command, "week-9"), "'week-9'")


def test_a_server_that_does_not_answer_is_told_and_so_is_a_missing_token(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADGRADE_TOKEN", raising=False)
    assert_refused(
        run("students", NAME, "--server", "http://127.0.0.1:9"), "--token-file", "GRADGRADE_TOKEN"
    )
    assert_refused(run("students", NAME, "--server", "http://a", "--database", "sqlite:///b"), "--")
    assert_refused(run("students", NAME, "--token-file", tmp_path / "token"), "--server")
    empty = tmp_path / "token"
    empty.write_text("\n")
    assert_refused(
        run("students", NAME, "--server", "http://127.0.0.1:9", "--token-file", empty), "empty"
    )


def test_another_token_sees_nothing_of_the_course(graded, monkeypatch):
    monkeypatch.setenv("GRADGRADE_TOKEN", "gg_nobodys")
    server = graded.ways["over HTTP"][1]
    assert_refused(run("students", NAME, "--server", server), "token")


def test_students_as_json_are_what_the_interface_tells(graded):
    told = graded.classroom.instructor.get(f"/problem-sets/{NAME}/students").json
    assert graded.data("students", NAME) == told
    assert json.loads(graded.run("students", NAME, "--format", "json").stdout) == told
