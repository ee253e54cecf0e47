"""`gradgrade worksheet`, and `gradgrade solve` in the formats of sheets."""

import json
import stat
from pathlib import Path

import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.service.cli.worksheet import FORMATS
from tests.service.cli.run import assert_refused, run

ONE = "004-two-two-two"
ENDINGS = {"markdown": "md", "latex": "tex", "html": "html", "pdf": "pdf", "notebook": "ipynb"}


def written(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("form", "ending"), ENDINGS.items())
def test_each_variant_has_a_question_and_an_answer_sheet(form: str, ending: str, tmp_path: Path):
    arguments = ["seeds", "--out", tmp_path, "--exercise", ONE, "--count", "2", "--format", form]
    assert run("worksheet", *arguments).exit_code == 0
    ids = [generate(load("seeds"), ONE, student=each, secret=b"0").id for each in ("1", "2")]
    assert written(tmp_path).keys() == {
        f"{each}.{kind}.{ending}" for each in ids for kind in ("question", "answers")
    }
    for path in tmp_path.iterdir():
        mode = stat.S_IMODE(path.stat().st_mode)
        assert (mode == 0o600) == (".answers." in path.name)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_arguments_write_the_same_bytes(form: str, tmp_path: Path):
    for name in ("first", "again"):
        arguments = ["seeds", "--exercise", ONE, "--count", "2", "--seed", "s", "--format", form]
        assert run("worksheet", *arguments, "--out", tmp_path / name).exit_code == 0
    first = written(tmp_path / "first")
    assert first
    assert first == written(tmp_path / "again")


def test_html_is_the_default_and_all_exercises_are_written(tmp_path: Path):
    result = run("worksheet", "seeds", "--out", tmp_path)
    assert len(list(tmp_path.glob("*.question.html"))) == len(load("seeds").exercises)
    assert result.stdout.splitlines()[0].split() == ["file", "holds", "answers"]
    assert len(result.stdout.splitlines()) == 1 + 2 * len(load("seeds").exercises)


def test_the_variants_are_those_of_generate(tmp_path: Path):
    roster = tmp_path / "roster.csv"
    roster.write_text("id\ns001\ns002\n", encoding="utf-8")
    arguments = ["first-steps", "--roster", roster, "--seed", "autumn"]
    generated = run("generate", *arguments, "--out", tmp_path / "a", "--format", "json")
    assert run("worksheet", *arguments, "--out", tmp_path / "b").exit_code == 0
    ids = {each["id"] for each in json.loads(generated.stdout)}
    assert {path.name.split(".")[0] for path in (tmp_path / "b").iterdir()} == ids


def test_moodle_writes_one_private_file(tmp_path: Path):
    assert run("worksheet", "seeds", "--out", tmp_path, "--format", "moodle").exit_code == 0
    (path,) = tmp_path.iterdir()
    assert path.name == "seeds.moodle.xml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_prairielearn_writes_a_folder_for_each_exercise(tmp_path: Path):
    arguments = ["seeds", "--out", tmp_path, "--count", "3", "--format", "prairielearn"]
    assert run("worksheet", *arguments).exit_code == 0
    names = {definition.name for definition in load("seeds").exercises}
    assert {path.name for path in tmp_path.iterdir()} == names
    variants = tmp_path / ONE / "variants.json"
    assert len(json.loads(variants.read_text("utf-8"))) == 3
    assert stat.S_IMODE(variants.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["seeds", "--exercise", "none"], ["none", ONE]),
        (["seeds", "--count", "1", "--roster", "r"], ["exclude"]),
        (["nowhere"], ["nowhere"]),
        (["seeds", "--format", "docx"], ["docx", "pdf"]),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], words: list[str], tmp_path: Path):
    assert_refused(run("worksheet", *arguments, "--out", tmp_path / "out"), *words)
    assert not (tmp_path / "out").exists()


def test_pdf_without_its_extra_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    result = run("worksheet", "seeds", "--out", tmp_path, "--format", "pdf")
    assert_refused(result, "gradgrade[pdf]")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["markdown", "latex", "html"])
def test_solve_prints_the_answer_sheet_in_6_digits(
    form: str, exercise: Exercise, exercise_file: Path, tmp_path: Path
):
    printed = run("solve", exercise_file, "--format", form)
    assert printed.exit_code == 0
    arguments = ["seeds", "--exercise", ONE, "--out", tmp_path / "out", "--format", form]
    run("worksheet", *arguments)
    (sheet,) = (tmp_path / "out").glob(f"{exercise.id}.answers.*")
    assert printed.stdout == sheet.read_text("utf-8")
    assert "0.24908954" in run("solve", exercise_file, "--format", form, "--digits", "8").stdout


def test_worksheets_have_the_numbers_of_the_exercises_where_two_draws_are_alike(tmp_path: Path):
    few = tmp_path / "few.toml"
    few.write_text(
        'schema = "gradgrade/problem-set/1"\nname = "few"\n[[exercises]]\nname = "one"\n'
        'inputs = 1\nlayers = [{ type = "dense", units = 1, activation = "tanh" }]\n'
        'loss = { name = "squared_error" }\noptimizer = { name = "sgd", learning_rate = 0.1 }\n'
        'ask = ["dW1"]\ngiven = { W1 = [[0.7]], b1 = [0.2], y = [[0.3]] }\n'
        "draw = { inputs = { low = 0.9, high = 2.9, step = 0.2 } }\n"
    )
    shared = (few, "--out", tmp_path / "out", "--count", "8")
    assert run("generate", *shared).exit_code == 0
    assert run("worksheet", *shared, "--format", "markdown").exit_code == 0
    files = list((tmp_path / "out").glob("*.exercise.json"))
    assert len(files) == 8
    given = set()
    for file in files:
        ((x,),) = json.loads(file.read_text())["given"]["x"]
        sheet = file.with_name(file.name.replace(".exercise.json", ".question.md"))
        assert str(x) in sheet.read_text()
        given.add(x)
    assert len(given) == 8
