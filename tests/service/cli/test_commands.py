"""What each command does with good input."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import jsonschema
import numpy
import pytest

from gradgrade.problems import Exercise, ProblemSet, SolutionDocument, catalogue, solve
from gradgrade.problems.documents.strict_json import loads
from gradgrade.problems.self_check import checks
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.service.cli.schema import KINDS
from tests.service.cli.run import assert_refused, run


def test_catalogue_lists_every_set_with_its_number_of_exercises():
    result = run("catalogue")
    assert result.exit_code == 0
    for name in catalogue.names():
        problem_set = catalogue.load(name)
        line = next(line for line in result.stdout.splitlines() if line.startswith(name))
        assert problem_set.title in line
        assert line.endswith(str(len(problem_set.exercises)))


def test_catalogue_as_json_names_the_exercises():
    listed = json.loads(run("catalogue", "--format", "json").stdout)
    assert [each["name"] for each in listed] == list(catalogue.names())
    for each in listed:
        assert each.keys() == {"name", "title", "exercises"}
        expected = [exercise.name for exercise in catalogue.load(each["name"]).exercises]
        assert each["exercises"] == expected


@pytest.mark.parametrize("name", catalogue.names())
def test_catalogue_show_prints_the_set_as_it_is_written(name: str):
    assert run("catalogue", "show", name).stdout == catalogue.text(name)


def test_nothing_is_warned_of_in_the_starter_set(tmp_path: Path):
    starter = tmp_path / "starter.toml"
    run("new", starter)
    checked = run("check", starter)
    assert checked.exit_code == 0
    assert "can be published" in checked.stdout
    assert "Warning" not in checked.output


def test_the_starter_set_generates_and_solves(tmp_path: Path):
    starter = tmp_path / "starter.toml"
    assert run("new", starter).exit_code == 0
    generated = run("generate", starter, "--out", tmp_path / "out", "--format", "json")
    (written,) = json.loads(generated.stdout)
    assert run("solve", written["file"]).exit_code == 0


@pytest.mark.parametrize("shape", ["solve", "functions", "layers", "torch"])
def test_new_writes_a_program_of_each_shape_to_start_from(tmp_path: Path, shape: str):
    path = tmp_path / "student.py"
    assert run("new", path, "--code", shape).exit_code == 0
    compile(path.read_text("utf-8"), "student.py", "exec")
    assert run("new", tmp_path / "other.py", "--code", "nonsense").exit_code == 2


def test_new_overwrites_only_when_told_to(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text("precious", encoding="utf-8")
    assert run("new", path).exit_code == 2
    assert path.read_text(encoding="utf-8") == "precious"
    assert run("new", path, "--force").exit_code == 0
    assert ProblemSet.load(path).exercises


def test_generate_writes_an_exercise_and_its_solution_for_every_student(tmp_path: Path):
    out = tmp_path / "deep" / "out"
    result = run("generate", "seeds", "--out", out, "--count", "2", "--format", "json")
    written = json.loads(result.stdout)
    names = [exercise.name for exercise in catalogue.load("seeds").exercises]
    expected = [(name, student) for name in names for student in ("1", "2")]
    assert [(each["exercise"], each["student"]) for each in written] == expected
    for each in written:
        exercise = Exercise.from_json(Path(each["file"]).read_bytes())
        assert exercise.id == each["id"]
        assert Path(each["file"]).name == f"{each['id']}.exercise.json"
        assert Path(each["solution"]).name == f"{each['id']}.solution.json"
        assert Path(each["solution"]).read_text(encoding="utf-8") == solve(exercise).to_json()
    assert len(list(out.iterdir())) == 2 * len(written)


def test_generate_shows_where_each_student_s_files_are(tmp_path: Path):
    header, *lines = run("generate", "seeds", "--out", tmp_path).stdout.splitlines()
    assert header.split() == ["student", "exercise", "id", "file"]
    for line in lines:
        student, _, variant, file = line.split(maxsplit=3)
        assert student == "1"
        assert file == str(tmp_path / f"{variant}.exercise.json")


def test_solutions_are_private_from_the_start_and_exercises_follow_the_umask(tmp_path: Path):
    before = os.umask(0o022)
    try:
        run("generate", "seeds", "--out", tmp_path)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {mode for name, mode in modes.items() if "solution" in name} == {0o600}
    assert {mode for name, mode in modes.items() if "exercise" in name} == {0o644}


def test_a_solution_that_everyone_could_read_becomes_private(tmp_path: Path):
    run("generate", "seeds", "--out", tmp_path)
    solution = next(tmp_path.glob("*.solution.json"))
    solution.chmod(0o644)
    run("generate", "seeds", "--out", tmp_path)
    assert stat.S_IMODE(solution.stat().st_mode) == 0o600


def test_generate_takes_its_students_from_a_roster(tmp_path: Path):
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffname,id,email\nAda,s001,ada@x\n\nAlan, s002 ,\n", encoding="utf-8")
    arguments = ("generate", "seeds", "--out", tmp_path / "out", "--format", "json")
    written = json.loads(run(*arguments, "--roster", roster).stdout)
    assert list(dict.fromkeys(each["student"] for each in written)) == ["s001", "s002"]
    assert len({each["id"] for each in written}) == len(written)


def test_generate_reads_toml_and_json_from_standard_input(tmp_path: Path):
    toml = catalogue.text("seeds")
    data = catalogue.load("seeds")
    run("generate", "-", "--out", tmp_path / "toml", stdin=toml)
    run("generate", "-", "--out", tmp_path / "json", stdin=data.to_json())
    names = [sorted(path.name for path in (tmp_path / each).iterdir()) for each in ("toml", "json")]
    assert names[0] == names[1]


def test_another_seed_gives_other_numbers(tmp_path: Path):
    def ids(*options: str) -> list[str]:
        arguments = ("generate", "first-steps", "--out", tmp_path, "--format", "json")
        return [each["id"] for each in json.loads(run(*arguments, *options).stdout)]

    assert ids() == ids("--seed", "0")
    assert not set(ids()) & set(ids("--seed", "1"))


def test_solve_prints_the_solution_document_in_50_digits(exercise: Exercise, exercise_file: Path):
    result = run("solve", exercise_file, "--format", "json")
    assert result.stdout == solve(exercise, digits=50).to_json()
    assert SolutionDocument.from_json(result.stdout).digits == 50


def test_solve_prints_the_worked_solution_in_10_digits(exercise: Exercise, exercise_file: Path):
    assert run("solve", exercise_file).stdout == worked_solution(exercise, digits=10)


@pytest.mark.parametrize("form", ["json", "text"])
def test_solve_takes_the_number_of_digits(exercise: Exercise, exercise_file: Path, form: str):
    expected = {
        "json": solve(exercise, digits=200).to_json(),
        "text": worked_solution(exercise, digits=200),
    }
    result = run("solve", exercise_file, "--digits", "200", "--format", form)
    assert result.stdout == expected[form]


def test_solve_reads_standard_input(exercise: Exercise, exercise_file: Path):
    assert run("solve", "-", stdin=exercise.to_json()).stdout == run("solve", exercise_file).stdout


def test_answers_prints_a_sheet_that_counts_as_missing_throughout(
    exercise: Exercise, exercise_file: Path
):
    sheet = run("answers", exercise_file).stdout
    data = json.loads(sheet)
    assert data["exercise"] == exercise.id
    assert data["answers"]["dW1"] == [[None, None], [None, None]]
    assert data["answers"]["loss"] is None
    in_part = json.dumps(data | {"answers": data["answers"] | {"loss": 7}})
    result = run("grade", exercise_file, "-", "--format", "json", stdin=in_part)
    verdict = json.loads(result.stdout)
    assert result.exit_code == 1
    assert verdict["outcome"] == "incorrect"
    assert {part["outcome"] for part in verdict["parts"]} == {"incorrect", "missing"}


def test_a_sheet_that_was_not_filled_in_is_refused(exercise_file: Path):
    sheet = run("answers", exercise_file).stdout
    result = run("grade", exercise_file, "-", stdin=sheet)
    assert_refused(
        result, "standard input: answers: nothing is filled in: write numbers in place of null"
    )


def test_full_marks_exit_with_0(exercise_file: Path, answers_file: Path):
    result = run("grade", exercise_file, answers_file)
    assert result.exit_code == 0
    assert result.stdout.endswith("correct: 10 of 10 points\n")


def test_arrays_that_numpy_saved_are_graded(
    exercise_file: Path, right_answers: dict[str, Any], tmp_path: Path
):
    saved = tmp_path / "answers.npz"
    numpy.savez(saved, **right_answers)
    result = run("grade", exercise_file, saved)
    assert result.exit_code == 0
    assert result.stdout.endswith("correct: 10 of 10 points\n")
    numpy.savez(saved, loss=numpy.array("0.5"))
    assert_refused(run("grade", exercise_file, saved), '"loss" holds str')


def test_answers_are_graded_as_a_program_prints_them_and_told_as_they_were_read(
    exercise_file: Path, right_answers: dict[str, Any]
):
    printed = "".join(f"{name} = {value!r};\r\n" for name, value in right_answers.items())
    result = run("grade", exercise_file, "-", stdin=printed.encode("utf-16"))
    assert result.exit_code == 0, result.output
    told = result.stderr.splitlines()
    assert [line.split(" = ")[0] for line in told] == [f"read as: {each}" for each in right_answers]
    strict = run("grade", exercise_file, "-", stdin=json.dumps(right_answers))
    assert (strict.exit_code, strict.stderr, strict.stdout) == (0, "", result.stdout)


def test_less_than_full_marks_exits_with_1(exercise_file: Path, right_answers: dict[str, Any]):
    wrong = json.dumps(right_answers | {"loss": 7})
    result = run("grade", exercise_file, "-", "--format", "json", stdin=wrong)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcome"] == "partial"


def test_a_named_mistake_is_told_with_the_rule_and_what_the_answer_looks_like(
    exercise_file: Path, right_answers: dict[str, Any]
):
    old = json.loads(exercise_file.read_text())["given"]["W2"]
    without_rate = [
        [w - g for w, g in zip(*rows, strict=True)]
        for rows in zip(old, right_answers["dW2"], strict=True)
    ]
    wrong = json.dumps(right_answers | {"W2_new": without_rate})
    result = run("grade", exercise_file, "-", "--format", "gradescope", stdin=wrong)
    told = " ".join(result.stdout.split())
    rule = "The rule is W2_new = W2 - η ∂L/∂W2; yours looks like W2_new = W2 - ∂L/∂W2."
    assert rule in told
    printed = run("grade", exercise_file, "-", stdin=wrong).stdout
    assert " ".join(printed.split()).count(rule) == 1


def test_a_wrong_shape_is_an_invalid_verdict(exercise_file: Path, right_answers: dict[str, Any]):
    wrong = json.dumps(right_answers | {"loss": [1]})
    result = run("grade", exercise_file, "-", stdin=wrong)
    assert result.exit_code == 1
    assert "The shape is [1]; it must be a number alone, without brackets." in result.stdout
    assert result.stdout.endswith("invalid: 0 of 10 points\n")


def test_what_a_malformed_part_keeps_from_judgement_is_told_in_one_row(
    exercise_file: Path, right_answers: dict[str, Any]
):
    wrong = json.dumps(right_answers | {"loss": [1], "dW1": None})
    told = run("grade", exercise_file, "-", stdin=wrong).stdout
    assert told.count("Not judged: another part is malformed.") == 1
    (row,) = (line for line in told.splitlines() if "Not judged" in line)
    assert row.startswith(f"{len(right_answers) - 2} other parts  not_judged  0/")
    assert any(line.startswith("dW1 ") and "Not answered." in line for line in told.splitlines())
    parts = json.loads(run("grade", exercise_file, "-", "--format", "json", stdin=wrong).stdout)
    assert len(parts["parts"]) == len(right_answers)


def test_grade_reads_the_exercise_from_standard_input(exercise: Exercise, answers_file: Path):
    assert run("grade", "-", answers_file, stdin=exercise.to_json()).exit_code == 0


def test_verify_tells_every_check_as_json(monkeypatch: pytest.MonkeyPatch):
    few = list(checks())[:3]
    monkeypatch.setattr("gradgrade.problems.self_check.checks", lambda *, full: few)
    results = json.loads(run("verify", "--format", "json").stdout)
    assert [each["passed"] for each in results] == [True] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_says_of_what(kind: str):
    schema = json.loads(run("schema", kind).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"gradgrade/{kind}/1"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_documents_fit_their_schemas(exercise_file: Path, answers_file: Path):
    documents = {
        "exercise": exercise_file.read_text(encoding="utf-8"),
        "answers": run("answers", exercise_file).stdout,
        "solution": run("solve", exercise_file, "--format", "json").stdout,
        "verdict": run("grade", exercise_file, answers_file, "--format", "json").stdout,
        "problem-set": catalogue.load("seeds").to_json(),
    }
    assert documents.keys() == set(KINDS) - {"audit"}  # which has a test of its own
    for kind, text in documents.items():
        schema = json.loads(run("schema", kind).stdout)
        jsonschema.Draft202012Validator(schema).validate(json.loads(text))


def test_results_printed_as_json_are_read_by_our_own_reader(exercise_file: Path):
    for arguments in (
        ["catalogue", "--format", "json"],
        ["solve", exercise_file, "--format", "json"],
    ):
        assert loads(run(*arguments).stdout)


def test_a_starter_is_written_from_an_exercises_script(tmp_path: Path):
    source = tmp_path / "set.toml"
    source.write_text(
        'schema = "gradgrade/problem-set/1"\nname = "code"\n[[exercises]]\nname = "layer"\n'
        'inputs = 3\nlayers = [{ type = "dense", units = 2 }]\nupstream = true\n'
        'convention = "row"\nask = ["a1", "dW1"]\n'
        '[exercises.code]\nscript = "a1 = forward(x, W1, b1)\\ndW1 = backward(da1, x)"\n'
    )
    path = tmp_path / "student.py"
    assert run("new", path, "--code", source, "layer").exit_code == 0
    assert "def backward(da1, x):" in path.read_text()
    assert run("new", path, "--code", source, "--force").exit_code == 0
    said = run("new", tmp_path / "other.py", "--code", "seeds", "004-two-two-two")
    assert said.exit_code == 2
    assert "has no script" in said.stderr
