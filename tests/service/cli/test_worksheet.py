"""`gradgrade worksheet`, and `gradgrade solve` in the formats of sheets."""

import csv
import io
import json
import math
import re
import stat
from pathlib import Path

import pytest

from gradgrade.oracle.nested import build
from gradgrade.problems import Exercise, generate, grade
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
    sheets = {path.name.split(".")[0] for path in (tmp_path / "b").glob("*.html")}
    assert sheets == ids


SIXTY_BOXES = """
schema = "gradgrade/problem-set/1"
name = "week-1"
[[exercises]]
name = "much"
inputs = 5
layers = [{ type = "dense", units = 6, activation = "tanh" }]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = ["loss", "dW1", "W1_new"]
"""


@pytest.mark.parametrize(
    ("form", "tolerance", "warns"),
    [
        ("moodle", "", True),
        ("html", "", True),
        ("notebook", "", False),
        ("moodle", "tolerance = { significant = 4 }\n", False),
    ],
)
def test_what_is_much_to_fill_in_by_hand_is_warned_of(
    form: str, tolerance: str, warns: bool, tmp_path: Path
):
    source = tmp_path / "set.toml"
    source.write_text(SIXTY_BOXES + tolerance, encoding="utf-8")
    result = run("worksheet", source, "--out", tmp_path / "out", "--count", "2", "--format", form)
    assert result.exit_code == 0, result.stderr
    if warns:
        (line,) = result.stderr.splitlines()
        assert line.startswith("Warning: much: 61 boxes with up to 1")
        assert "tolerance such as {significant = 4}" in line
    else:
        assert result.stderr == ""


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


# Whose they are


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text("id,name\ns002,Zoë\ns001,Ada Lovelace\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["markdown", "latex", "html", "notebook"])
def test_every_page_tells_whose_it_is_where_there_is_a_roster(form: str, roster: Path):
    out = roster.parent / "out"
    arguments = ["seeds", "--exercise", ONE, "--roster", roster, "--format", form]
    assert run("worksheet", *arguments, "--out", out).exit_code == 0
    table = list(csv.DictReader(io.StringIO((out / "seeds.sheets.csv").read_text("utf-8"))))
    assert [(each["id"], each["name"]) for each in table] == [
        ("s002", "Zoë"),
        ("s001", "Ada Lovelace"),
    ]
    for each in table:
        for kind in ("question", "answers"):
            text = (out / each[kind]).read_text("utf-8")
            assert f"{each['name']} ({each['id']})" in text
            assert each["sheet"] in text


def test_pdf_of_a_roster_is_one_file_in_its_order_too(roster: Path):
    out = roster.parent / "out"
    arguments = ["seeds", "--exercise", ONE, "--roster", roster, "--format", "pdf", "--out", out]
    assert run("worksheet", *arguments).exit_code == 0
    assert (out / "seeds.questions.pdf").read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE((out / "seeds.answers.pdf").stat().st_mode) == 0o600


def test_an_answer_sheet_tells_what_is_accepted_of_every_entry(exercise: Exercise, tmp_path: Path):
    arguments = ["seeds", "--exercise", ONE, "--format", "markdown", "--out", tmp_path]
    assert run("worksheet", *arguments).exit_code == 0
    text = (tmp_path / f"{exercise.id}.answers.md").read_text("utf-8").replace("\\", "")
    ranges = re.findall(r"^- (\w+)(?:\[[\d, ]+\])?: (\S+) to (\S+)$", text, re.MULTILINE)
    assert len(ranges) == sum(math.prod(part.shape) for part in exercise.ask)
    for at in (1, 2):
        answers = {part.name: [] for part in exercise.ask}
        for name, *ends in ranges:
            answers[name].append(float(ends[at - 1]))
        shaped = {part.name: build(answers[part.name], part.shape) for part in exercise.ask}
        assert grade(exercise, shaped).outcome == "correct"
