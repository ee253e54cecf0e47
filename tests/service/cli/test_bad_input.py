"""Bad input of every kind: one line on standard error, exit 2, nothing written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradgrade.problems import Exercise, catalogue
from tests.service.cli.run import assert_refused, run

STARTER = """
schema = "gradgrade/problem-set/1"
name = "bad"
[[exercises]]
name = "good"
inputs = 1
layers = [{ type = "dense", units = 1 }]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = ["loss"]
tolerance = { decimals = 4 }
[[exercises]]
name = "bad"
inputs = 2
layers = [{ type = "dense", units = 1, activation = "sigmoid" }]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = ["loss", "dW1"]
tolerance = { decimals = 4 }
"""


@pytest.mark.parametrize(
    "command",
    [
        ("generate", "SET", "--out"),
        ("generate", "SET", "--out", "OUT", "--seed"),
        ("generate", "SET", "--out", "OUT", "--roster"),
        ("worksheet", "SET", "--out"),
        ("check", "SET", "--server"),
        ("check", "SET", "--config"),
        ("check-code", "SET", "x.py", "--seed"),
        ("check-code", "SET", "x.py", "--out"),
        ("grade", "a.json", "b.json", "--out"),
        ("gradebook", "week-3", "--out"),
        ("enrol", "week-3", "r.csv", "--tokens"),
        ("try", "--seed"),
    ],
)
def test_an_option_that_is_left_empty_is_refused(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    assert_refused(run(*command, ""), f"'{command[-1]}': it is empty: write one, or leave it out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [("generate", "SET", "--out", "OUT", "--count"), ("check-code", "SET", "x.py", "--variants")],
)
def test_what_is_no_whole_number_is_told_with_one_that_is(command):
    said = f"'{command[-1]}': 'abc' is no whole number: write one, such as 1"
    assert_refused(run(*command, "abc"), said)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sigmoid", "sigmoidal", ["activation", '"sigmoidal"', "sigmoid", "tanh", "relu"]),
        (
            '"half_squared_error" }\noptimizer',
            '"mse" }\noptimizer',
            ["loss.name", '"mse"', "half_squared_error"],
        ),
        ("learning_rate = 0.1", "learning_rate = -0.1", ["learning_rate", "-0.1"]),
        ("learning_rate = 0.1", "learning_rate = nan", ["learning_rate", "nan is not a number"]),
        ('layers = [{ type = "dense", units = 1, act', 'layers = []\n# "', ["layers"]),
        ("units = 1", "units = 0", ["units", "0 is refused", "at least 1"]),
        ("units = 1", "units = true", ["units", "true"]),
        ('"dW1"]', '"dW7"]', ["ask", '"dW7"', "layer 1"]),
        ("{ decimals = 4 }", '"wide"', ["tolerance"]),
        ("{ decimals = 4 }", "{ decimals = 4 }\ncolour = 1", ["colour", "no such field"]),
        ("{ decimals = 4 }", "{ decimals = 4 }\ngiven = { W1 = [[1]] }", ["given.W1", "[1, 2]"]),
        ("{ decimals = 4 }", "{ decimals = 4 }\ngiven = { x = [[1], [2, 3]] }", ["ragged"]),
        ("{ decimals = 4 }", "{ decimals = 4 }\ngiven = { x = [] }", ["empty"]),
        ("{ decimals = 4 }", '{ decimals = 4 }\ngiven = { x = [["1"]] }', ['"1"', "number"]),
        ('name = "good"', 'name = "bad"', ["exercise 1 too", '"bad"']),
        ("problem-set/1", "exercise/1", ["schema", "gradgrade/problem-set/1"]),
        ('name = "bad"\n[[', "name = \n[[", ["not TOML", "line 3"]),
        ("inputs = 2", "inputs = " + "[" * 5000, ["nested"]),
    ],
)
def test_a_bad_set_is_refused_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, words: list[str]
):
    assert old in STARTER
    path, out = tmp_path / "set.toml", tmp_path / "out"
    path.write_text(STARTER.replace(old, new), encoding="utf-8")
    assert_refused(run("generate", path, "--out", out), *words)
    assert not out.exists()


def test_the_set_they_are_made_from_is_good(tmp_path: Path):
    path = tmp_path / "set.toml"
    path.write_text(STARTER, encoding="utf-8")
    assert run("generate", path, "--out", tmp_path / "out").exit_code == 0


BYTES = [
    (b"", ["not JSON", "line 1"]),
    (b"\xff\xfe{\x00\xe9", ["UTF-16", "line 1"]),
    (b"[" * 100_000, ["nested"]),
    (b"[]", ["object"]),
    (b'{"schema": "gradgrade/verdict/1"}', ["gradgrade/verdict/1"]),
    (b'{"points": NaN}', ["NaN"]),
    (b'{"points": 1e400}', ["1e400"]),
    (b'{"points": 1, "points": 2}', ["'points'", "twice"]),
    (b'{"points": 0,5}', ["decimal comma"]),
    ('{"points": −1}'.encode(), ["typographic minus"]),
]


@pytest.mark.parametrize(("raw", "words"), BYTES)
@pytest.mark.parametrize("command", [["solve"], ["answers"]])
def test_what_is_no_exercise_is_refused(command: list[str], raw: bytes, words: list[str]):
    assert_refused(run(*command, "-", stdin=raw), "standard input: exercise: ", *words)


@pytest.mark.parametrize("command", [["draw"], ["solve"], ["answers"], ["grade"]])
def test_a_set_where_an_exercise_is_wanted_is_told_what_makes_one(tmp_path: Path, command):
    path = tmp_path / "mine.toml"
    path.write_text(STARTER, encoding="utf-8")
    rest = ["answers.json"] if command == ["grade"] else []
    for source, named in ((path, path), ("first-steps", "first-steps"), ("-", "FILE")):
        result = run(*command, source, *rest, stdin=STARTER)
        assert_refused(result, "is a problem set", f"gradgrade generate {named} --out FOLDER")
        assert result.stderr.count("\n") == 1


def test_an_exercise_where_a_set_is_wanted_is_told_as_one(exercise_file: Path, tmp_path: Path):
    assert_refused(run("generate", exercise_file, "--out", tmp_path / "out"), "is one exercise")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", ["not JSON"]),
        (b"\xff", ["UTF-8"]),
        (b'{"loss": NaN}', ["answers: loss: 'NaN' is not a number", "finite"]),
        (b'{"loss": true}', ["true is not a number"]),
        (b"loss = 1,234", ["answers: loss: '1,234' can be 1234 or 1.234: write one of them"]),
        (b'{"dW1": [[1, 2], [3]]}', ["ragged"]),
        (b'{"dW1": []}', ["empty"]),
        (b'{"dW1": [[1, null], [3, 4]]}', ["dW1"]),
        (b'{"dx": [[1], [2]]}', ["'dx' is not asked", "dW1"]),
        (b'{"\\u001b[2J\\n": 1}', ["not asked"]),
        (b'{"exercise": "0000000000000000", "answers": {"loss": 1}}', ["0000000000000000"]),
    ],
)
def test_answers_that_are_refused_whole(exercise_file: Path, raw: bytes, words: list[str]):
    result = run("grade", exercise_file, "-", stdin=raw)
    assert_refused(result, "standard input: ", *words)


@pytest.mark.parametrize("text", ['{"dx": [[1], [2]]}', "dx = [1; 2]"])
def test_a_part_that_is_not_asked_is_refused_with_the_name_of_the_file(
    exercise_file: Path, tmp_path: Path, text: str
):
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="utf-8")
    assert_refused(run("grade", exercise_file, path), f"{path}: answers: 'dx' is not asked")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data["given"].update(W1=[[1, 2]]), ["given.W1", "[1, 2]", "[2, 2]"]),
        (lambda data: data["given"].pop("x"), ["given.x"]),
        (lambda data: data.update(layers=[]), ["layers"]),
        (lambda data: data["optimizer"].update(learning_rate=0), ["learning_rate", "0"]),
        (lambda data: data["layers"][0].update(activation="swish"), ['"swish"', "sigmoid"]),
        (lambda data: data["ask"][0].update(shape=[3]), ["a1", "[3]"]),
        (lambda data: data.update({"\x1b[2J\n": 1}), ["\\x1b[2J", "no such field"]),
    ],
)
def test_an_exercise_that_was_tampered_with_is_refused(
    exercise: Exercise, tmp_path: Path, change: Callable[[Any], Any], words: list[str]
):
    data = json.loads(exercise.to_json())
    change(data)
    path = tmp_path / "tampered.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert_refused(run("solve", path), "tampered.json", *words)


def test_a_kink_is_bad_input(tmp_path: Path):
    path = tmp_path / "kink.toml"
    text = STARTER.replace("sigmoid", "relu")
    path.write_text(text + "given = { W1 = [[0, 0]], b1 = [0] }\n", encoding="utf-8")
    assert_refused(run("generate", path, "--out", tmp_path / "out"), "'bad'", "kink")


@pytest.mark.parametrize("command", [["solve"], ["answers"], ["grade", "-"]])
def test_a_missing_file_is_named(exercise: Exercise, tmp_path: Path, command: list[str]):
    result = run(*command, tmp_path / "none.json", stdin=exercise.to_json())
    assert_refused(result, "none.json: No such file or directory")


@pytest.mark.parametrize("command", [["solve"], ["answers"], ["grade", "-"]])
def test_a_directory_is_no_document(exercise: Exercise, tmp_path: Path, command: list[str]):
    assert_refused(run(*command, tmp_path, stdin=exercise.to_json()), "Is a directory")


def test_a_set_that_is_nowhere_is_told_with_those_of_the_catalogue(tmp_path: Path):
    result = run("generate", tmp_path / "none", "--out", tmp_path / "out")
    assert_refused(result, "no such file", ", ".join(catalogue.names()))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["first row", "id"]),
        ("name\nAda\n", ["row 1", "'name'", "id"]),
        ("id,name\ns1,Ada\n,Alan\n", ["row 3", "column id", "empty"]),
        ("id\ns1\ns2\ns1\n", ["row 4", "'s1'", "row 2"]),
    ],
)
def test_a_bad_roster_is_refused_with_its_row(tmp_path: Path, text: str, words: list[str]):
    result = run("generate", "seeds", "--out", tmp_path / "out", "--roster", "-", stdin=text)
    assert_refused(result, "roster", *words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bogus"], ["bogus"]),
        (["solve"], ["EXERCISE"]),
        (["solve", "-", "extra"], ["extra"]),
        (["solve", "-", "--digits", "0"], ["digits", "0"]),
        (["solve", "-", "--digits", "1001"], ["digits", "1001"]),
        (["solve", "-", "--digits", "-5", "--format", "json"], ["digits", "-5"]),
        (["solve", "-", "--digits", "many"], ["digits", "many"]),
        (["solve", "-", "--format", "yaml"], ["yaml", "json", "text"]),
        (["solve", "-", "--colour"], ["--colour"]),
        (["grade", "-", "-"], ["standard input"]),
        (["generate", "seeds"], ["--out"]),
        (["generate", "seeds", "--out", "o", "--count", "0"], ["count", "0"]),
        (["generate", "seeds", "--out", "o", "--count", "1", "--roster", "r"], ["exclude"]),
        (["generate", "-", "--out", "o", "--roster", "-"], ["standard input"]),
        (["catalogue", "show", "none"], ["'none'", ", ".join(catalogue.names())]),
        (["schema", "essay"], ["essay", "problem-set", "solution"]),
        (["new"], ["FILE"]),
        (["serve", "--port", "65536"], ["port", "65536"]),
        (["serve", "--host", ""], ["host: it is empty: write one, such as 127.0.0.1"]),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    exercise: Exercise, arguments: list[str], words: list[str]
):
    assert_refused(run(*arguments, stdin=exercise.to_json()), *words)


@pytest.mark.parametrize("arguments", [["generate", "seeds", "--out"], ["new"]])
def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path, arguments: list[str]):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert_refused(run(*arguments, tmp_path / "file" / "below"), "file", "Not a directory")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_target_that_cannot_be_replaced_leaves_no_half_written_file(tmp_path: Path):
    run("generate", "seeds", "--out", tmp_path)
    (solution, *others) = sorted(tmp_path.glob("*.solution.json"))
    for path in (*others, solution, *tmp_path.glob("*.exercise.json")):
        path.unlink()
    solution.mkdir()
    assert_refused(run("generate", "seeds", "--out", tmp_path), solution.name, "directory")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


# Commands that work on a course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, in which a course would be made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADGRADE_DATABASE", raising=False)
    monkeypatch.delenv("GRADGRADE_CONFIG", raising=False)
    return tmp_path


NOT_UTF_8 = "\udcff"


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "create", "--role", "student", "--student", NOT_UTF_8],
        ["token", "create", "--role", "ci", "--problem-set", NOT_UTF_8],
        ["regrade", NOT_UTF_8],
        ["regrade", "--dry-run", NOT_UTF_8],
        ["pregenerate", NOT_UTF_8],
    ],
)
def test_what_is_not_utf_8_names_nothing_in_a_course(course: Path, arguments: list[str]):
    assert_refused(run(*arguments), "'\\udcff' is not UTF-8")
    assert list(course.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9999-12-31", ["--expires: ", "9999-12-31", "the year must be from 1970 to 2999"]),
        ("9999-12-31T23:59:59-14:00", ["the year must be"]),
        ("0001-01-01T00:00:00+14:00", ["the year must be"]),
        ("3000-01-01", ["the year must be"]),
        ("2020-01-01", ["is past"]),
        ("2031-01-01T12:00", ["has no zone"]),
        ("soon", ["'soon' is no date"]),
        ("1733011200", ["'1733011200' is no date"]),
    ],
)
def test_a_token_ends_on_a_day_that_is_to_come(course: Path, text: str, words: list[str]):
    assert_refused(run("token", "create", "--role", "assistant", "--expires", text), *words)


def test_the_last_day_of_a_token_may_be_the_last_that_is_kept(course: Path):
    for day in ("2999-12-31", "2999-12-31T00:00:00Z"):
        made = run("token", "create", "--role", "assistant", "--expires", day)
        assert made.exit_code == 0, made.stderr
    (first, second) = json.loads(run("token", "list", "--format", "json").stdout)
    assert first["expires_at"] == "2999-12-31T23:59:59.999999+00:00"
    assert second["expires_at"] == "2999-12-31T00:00:00+00:00"


def test_a_role_that_there_is_not_is_refused(course: Path):
    assert_refused(run("token", "create", "--role", "root"), "'root'", "assistant")


def test_several_faults_are_told_a_line_each(tmp_path: Path):
    path, text = tmp_path / "set.toml", STARTER.replace("units = 1", "units = 0")
    path.write_text(text, encoding="utf-8")
    result = run("generate", path, "--out", tmp_path / "out")
    assert result.exit_code == 2
    heading, *faults = result.stderr.splitlines()
    assert heading == f"gradgrade: error: {path}: problem-set: 2 faults:"
    rows = [row for row, line in enumerate(text.splitlines(), start=1) if "units = 0" in line]
    said = "layer 1: units: 0 is refused: it must be at least 1"
    assert faults == [
        f"  line {row}: exercise '{name}': {said}"
        for row, name in zip(rows, ("good", "bad"), strict=True)
    ]
