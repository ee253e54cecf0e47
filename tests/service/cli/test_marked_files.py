"""Files as an editor on Windows writes them, with a byte order mark, are read by the commands."""

import codecs
import json

import pytest

from gradgrade.problems import ProblemSet, generate
from tests.service.cli.run import run

SET = """schema = "gradgrade/problem-set/1"
name = "case"
[[exercises]]
name = "e"
convention = "row"
loss = { name = "half_squared_error", reduction = "mean" }
optimizer = { name = "sgd", learning_rate = 0.1 }
inputs = 2
batch = 2
layers = [ { type = "dense", units = 2, activation = "sigmoid" } ]
ask = ["loss"]
"""
ANSWERS = '{"loss": 0.5}\n'
WAYS = {
    "UTF-8": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "lines": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_set_and_answers_are_read_with_their_mark(tmp_path, way):
    problem_set, answers = tmp_path / "set.toml", tmp_path / "answers.json"
    problem_set.write_bytes(WAYS[way](SET))
    answers.write_bytes(WAYS[way](ANSWERS))
    exercise = tmp_path / "e.exercise.json"
    variant = generate(ProblemSet.load(problem_set), "e", student="1", secret=b"0")
    exercise.write_bytes(WAYS[way](variant.to_json()))
    done = run("grade", str(exercise), str(answers), "--format", "json")
    assert done.exit_code == 1, done.stderr
    assert json.loads(done.stdout)["outcome"] == "incorrect"
