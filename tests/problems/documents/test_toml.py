"""Problem sets in TOML and other files: what is read, and what is refused in one line."""

import json

import pytest

from gradgrade.problems import (
    DocumentError,
    ProblemSet,
)
from gradgrade.problems.documents.number import Number
from tests.problems.documents.spoiled import SET

SMALL_TOML = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
inputs = 1
layers = [{{ type = "dense", units = 1 }}]
loss = {{ name = "squared_error" }}
optimizer = {{ name = "sgd", learning_rate = 1 }}
ask = ["loss"]
[exercises.draw.weights]
low = +1_000.5
high = 0x7d0
step = {step}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = ", "not TOML"),
        ("a = 1\na = 2", "not TOML"),
        ("schema = 1", "schema"),
    ],
)
def test_toml_is_refused_in_one_line(text, message):
    with pytest.raises(DocumentError, match=message) as refusal:
        ProblemSet.from_toml(text)
    assert str(refusal.value).startswith("problem-set: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("schema = " + "1" * 5000, id="a numeral of 5000 digits"),
        pytest.param("schema = " + "[" * 5000, id="5000 open brackets"),
        pytest.param("schema = " + "[" * 300 + "]" * 300, id="300 levels"),
    ],
)
def test_hostile_toml_is_refused(text):
    with pytest.raises(DocumentError):
        ProblemSet.from_toml(text)


def test_an_integer_of_toml_beyond_binary64_is_refused_by_the_name_of_its_field():
    text = SMALL_TOML.format(step="1" + "0" * 400)
    with pytest.raises(DocumentError, match=r"draw\.weights\.step: .*64 characters"):
        ProblemSet.from_toml(text)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("nan", "nan is not a number"),
        ("-inf", "-inf is not a number"),
        ("1e400", "beyond the range of binary64"),
        ("0." + "1" * 64, "more than 64 characters"),
    ],
)
def test_what_no_document_can_hold_is_refused_by_the_name_of_its_field(step, message):
    with pytest.raises(DocumentError, match=rf"draw\.weights\.step: .*{message}"):
        ProblemSet.from_toml(SMALL_TOML.format(step=step))


def test_every_form_of_toml_number_is_read():
    grid = ProblemSet.from_toml(SMALL_TOML.format(step="5e-1")).exercise("e").draw.weights
    assert (grid.low, grid.high, grid.step) == (Number("1000.5"), Number("2000"), Number("5e-1"))


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path):
    with pytest.raises(DocumentError, match=r"absent\.toml: No such file"):
        ProblemSet.load(tmp_path / "absent.toml")


@pytest.mark.parametrize("name", ["set.toml", "set.json"])
def test_a_file_that_is_not_utf8_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="not UTF-8"):
        ProblemSet.load(tmp_path / name)


def test_a_set_is_loaded_from_json_by_the_suffix(tmp_path):
    (tmp_path / "set.json").write_text(json.dumps(SET), "utf-8")
    assert ProblemSet.load(tmp_path / "set.json") == ProblemSet.from_json(json.dumps(SET))
