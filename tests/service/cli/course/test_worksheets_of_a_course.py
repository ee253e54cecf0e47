"""Worksheets and files of the very variants that a course's students have."""

import json

from gradgrade.problems import Exercise
from tests.service.cli.run import assert_refused, run
from tests.service.course_api.classroom import EXERCISES, NAME, problem_set
from tests.service.course_api.live import SECRET

ONE, TWO = EXERCISES


def ids_of(classroom) -> set[str]:
    return {
        Exercise.from_json(student.exercise(name)).id
        for student in classroom.students.values()
        for name in EXERCISES
    }


def test_sheets_are_of_the_variants_that_students_have(each_way, tmp_path):
    classroom = each_way.classroom
    classroom.publish()
    classroom.enrol("s001", "s002")
    held = Exercise.from_json(classroom.students["s001"].exercise(ONE)).id
    out = tmp_path / "sheets"
    result = each_way.run("worksheet", NAME, "--format", "markdown", "--out", out)
    assert result.exit_code == 0, result.output
    assert {path.name.split(".")[0] for path in out.glob("*.md")} == ids_of(classroom)
    assert "\ns001\n" in (out / f"{held}.question.md").read_text("utf-8")
    order = (out / f"{NAME}.sheets.csv").read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[1:3] for line in order] == [
        [name, student] for student in ("s001", "s002") for name in EXERCISES
    ]


def test_generate_and_worksheet_agree_with_a_server_given_its_secret(commands, tmp_path):
    classroom = commands.classroom
    classroom.publish()
    classroom.enrol("s001", "s002")
    paths = {name: tmp_path / name for name in ("set.json", "roster.csv", "secret")}
    paths["set.json"].write_text(json.dumps(problem_set()))
    paths["roster.csv"].write_text("id\ns001\ns002\n")
    paths["secret"].write_text(f"{SECRET}\n")
    paths["secret"].chmod(0o600)
    arguments = (paths["set.json"], "--roster", paths["roster.csv"])
    drawing = ("--secret-file", paths["secret"], "--course", classroom.course)
    out = tmp_path / "out"
    result = run("generate", *arguments, *drawing, "--out", out, "--format", "json")
    for each in json.loads(result.stdout):
        with open(each["file"], "rb") as file:
            held = classroom.students[each["student"]].exercise(each["exercise"])
            assert file.read() == held
    assert run("worksheet", *arguments, *drawing, "--out", tmp_path / "sheets").exit_code == 0
    sheets = {path.name.split(".")[0] for path in (tmp_path / "sheets").glob("*.html")}
    assert sheets == ids_of(classroom)


def test_a_course_brings_its_own_students_and_secret(commands, tmp_path):
    for stated in (["--count", "2"], ["--seed", "s"], ["--secret-file", "secret"]):
        result = commands.run("worksheet", NAME, "--out", tmp_path / "out", *stated)
        assert_refused(result, "of its own")
    assert not (tmp_path / "out").exists()


def test_options_that_contradict_one_another_are_refused(tmp_path):
    arguments = ("seeds", "--out", tmp_path / "out")
    for command in ("generate", "worksheet"):
        assert_refused(run(command, *arguments, "--seed", "s", "--secret-file", "x"), "exclude")
        assert_refused(run(command, *arguments, "--course", "c"), "--secret-file")
        assert_refused(run(command, *arguments, "--secret-file", tmp_path / "x"), "no such secret")
