"""What is wrong costs itself alone, and is told once with its reason; nothing else is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.cli.run import run
from tests.service.code_grading.conftest import needs_bubblewrap

pytestmark = needs_bubblewrap

SET = """
schema = "gradgrade/problem-set/1"
name = "code"
[[exercises]]
name = "e"
points = 10
inputs = 2
layers = [ { type = "dense", units = 2, activation = "sigmoid" }, { type = "dense", units = 1 } ]
loss = { name = "half_squared_error", reduction = "mean" }
optimizer = { name = "sgd", learning_rate = 0.2 }
batch = 3
convention = "row"
ask = ["loss", "dW2", "db2", "dW1", "db1"]
"""

SOLVE = """
import numpy as np

def solve(ex):
    g = ex["given"]
    z1 = g["x"] @ g["W1"] + g["b1"]
    a1 = 1 / (1 + np.exp(-z1))
    z2 = a1 @ g["W2"] + g["b2"]
    n = len(z2)
    loss = 0.5 * np.sum((z2 - g["y"]) ** 2) / n
    d2 = (z2 - g["y"]) / n
    dW2, db2 = a1.T @ d2, d2.sum(0)
    d1 = (d2 @ g["W2"].T) * a1 * (1 - a1)
    dW1, db1 = g["x"].T @ d1, d1.sum(0)
    return {"loss": loss, "dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}
"""

SCRIPT = """
out, cache = affine_forward(x, W1, b1)
loss = mean_squares(out, y)
dx, dW1, db1 = affine_backward((out - y) / N, cache)
"""

SCRIPTED = f'''
schema = "gradgrade/problem-set/1"
name = "code"
[[exercises]]
name = "e"
points = 10
inputs = 3
layers = [ {{ type = "dense", units = 2 }} ]
loss = "half_squared_error"
batch = 3
convention = "row"
ask = ["loss", "dW1", "db1"]
[exercises.code]
script = """{SCRIPT}"""
'''

LAYERS = """
import numpy as np

def affine_forward(x, W, b):
    return x @ W + b, (x, W)

def affine_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)

def mean_squares(a, y):
    return 0.5 * ((a - y) ** 2).sum() / len(y)
"""


def check(
    folder: Path, text: str, program: str, *options: str, form: str = "json"
) -> tuple[int, Any]:
    (folder / "set.toml").write_text(text)
    (folder / "student.py").write_text(program)
    arguments = ("check-code", "set.toml", "student.py", "--variants", "2", "--seed", "1")
    done = run(*arguments, "--format", form, *options, cwd=folder)
    assert done.exit_code in (0, 1), done.output
    return done.exit_code, json.loads(done.stdout) if form == "json" else done.stdout


@pytest.mark.parametrize(
    ("wrong", "part", "note"),
    [
        ('"loss": float("nan")', "loss", "not_finite"),
        ('"db1": db1[:, None]', "db1", "wrong_shape"),
        ('"db1": db1 + np.inf', "db1", "not_finite"),
        ('"loss": [loss]', "loss", "wrong_shape"),
    ],
)
def test_a_malformed_part_costs_itself_alone(tmp_path, wrong, part, note):
    right = f'"{part}": {part}'
    code, found = check(tmp_path, SET, SOLVE.replace(right, wrong))
    (exercise,) = found["exercises"]
    assert (code, found["score"], exercise["verdict"]["outcome"]) == (1, 8, "partial")
    notes = {each["name"]: each["note"] for each in exercise["verdict"]["parts"]}
    assert notes.pop(part) == note
    assert set(notes.values()) == {"correct"}


def test_a_malformed_part_of_a_script_costs_itself_alone(tmp_path):
    code, found = check(tmp_path, SCRIPTED, LAYERS)
    assert (code, found["score"]) == (0, 10)
    wrong = LAYERS.replace("dout.sum(axis=0)", "dout.sum(axis=0)[:, None]")
    code, found = check(tmp_path, SCRIPTED, wrong)
    notes = {each["name"]: each["note"] for each in found["exercises"][0]["verdict"]["parts"]}
    assert (code, notes) == (1, {"loss": "correct", "dW1": "correct", "db1": "wrong_shape"})
    assert found["score"] == pytest.approx(6.67)


def test_beside_withheld_points_stands_why(tmp_path):
    """Each of two parts is wrong on one variant: the worst has one of them right."""
    program = SOLVE.replace(
        "    return", '    which = "W" + str(1 + (g["x"][0, 0] > 0))\n    return'
    )
    program = program.replace('"dW2": dW2', '"dW2": dW2 if which == "W1" else -dW2')
    program = program.replace('"dW1": dW1', '"dW1": dW1 if which == "W2" else -dW1')
    code, text = check(tmp_path, SET, program, "--variants", "8", "--no-smallest", form="text")
    assert code == 1
    assert "Less than full marks on 8 of 8 variants." in text
    assert "Right on this variant; not right on " in text
    assert text.count("Right.") == 3


def test_a_file_that_cannot_be_loaded_is_told_once_in_every_format(tmp_path):
    two = SET + SET.split("\n", 3)[3].replace('"e"', '"f"')
    cause = "the file cannot be loaded: exception: SyntaxError"
    for form in ("text", "junit", "gradescope", "coursera", "prairielearn", "github"):
        code, text = check(tmp_path, two, "def solve(:\n", form=form)
        assert code == 1
        assert text.count(cause) == text.count("SyntaxError") == 1, text
    _, text = check(tmp_path, two, "def solve(:\n", form="text")
    assert text.splitlines()[0].startswith(cause)
    assert text.count("Not answered: see above.") == 1


def test_what_is_printed_last_stands_beside_a_failure(tmp_path):
    program = SOLVE.replace("    n = len", '    print("z2 is", z2.shape)\n    n = x').replace(
        "(z2)\n    loss", "\n    loss"
    )
    for form in ("text", "junit", "coursera"):
        _, text = check(tmp_path, SET, program, form=form)
        assert text.count("printed: z2 is (3, 1)") == 1
        assert text.count("NameError") == 1 + text.count("    exception: NameError")


def test_what_raised_is_an_error_and_what_is_wrong_a_failure_in_junit(tmp_path):
    wrong = LAYERS.replace("x.T @ dout", "x @ dout @ dout")
    _, text = check(tmp_path, SCRIPTED, wrong.replace("0.5 *", "2 *"), form="junit")
    assert 'failures="1" errors="2"' in text
    assert text.count("<failure") == 1
    assert text.count("<error") == 2
    assert text.count("matmul") == 1


def test_a_tuple_in_place_of_a_dict_is_told_once(tmp_path):
    code, text = check(tmp_path, SET, "def solve(exercise):\n    return 1.0, 2.0\n", form="text")
    assert code == 1
    assert text.splitlines()[0] == "wrong type: a dict of answers is needed, not tuple"
    code, text = check(tmp_path, SET, "def solve(exercise):\n    return 1.0, 2.0\n", form="github")
    assert text.count("::error ") == 1


@pytest.mark.parametrize("convention", ["row", "column"])
def test_an_exception_before_a_rectifier_is_told_and_exits_with_1(tmp_path, convention):
    text = SET.replace("sigmoid", "relu").replace('"row"', f'"{convention}"')
    code, found = check(
        tmp_path, text, "def solve(exercise):\n    raise ValueError('no')\n", form="text"
    )
    assert code == 1
    assert found.splitlines()[0] == "exception: ValueError: no (line 2)"
    assert found.count("ValueError: no") == 2  # and in the smallest network


def findings(folder: Path, program: str) -> list[str]:
    _, found = check(folder, SET, program, "--no-smallest")
    return [each["code"] for each in found["exercises"][0]["findings"]]


def test_what_a_batch_shows_is_not_found_again_with_one_sample(tmp_path):
    squeezed = SOLVE.replace("d2.sum(0)", "d2.sum(0) if n > 1 else d2.sum()")
    assert findings(tmp_path, squeezed) == ["fails_on_batch_of_one"]
    for wrong in ('"db1": db1[:, None]', '"db1": db1 * np.nan', '"db1": np.diag(db1)'):
        assert findings(tmp_path, squeezed.replace('"db1": db1', wrong)) == []


def test_an_argument_that_is_changed_is_found_and_a_copy_is_not(tmp_path):
    assert findings(tmp_path, SOLVE.replace("    z1 =", '    g["x"] += 0.5\n    z1 =')) == [
        "input_changed"
    ]
    copied = SOLVE.replace("    z1 =", '    g = dict(g, x=g["x"] + 0.5)\n    z1 =')
    assert findings(tmp_path, copied) == []


FLOAT32 = SOLVE.replace(
    "    z1 =", "    g = {name: each.astype(np.float32) for name, each in g.items()}\n    z1 ="
)


def test_what_differs_by_the_rounding_of_float32_alone_is_told_as_such(tmp_path):
    code, text = check(tmp_path, SET, FLOAT32, "--no-smallest", form="text")
    assert code == 1
    assert "entries are wrong" not in text
    assert text.count("compute in float64, such as with x.astype(np.float64)") == 5
    assert text.count('precision = "binary32"') == 1
    accepted = SET.replace("batch = 3", 'batch = 3\nprecision = "binary32"')
    assert check(tmp_path, accepted, FLOAT32)[0] == 0


def test_a_mistake_in_float32_is_still_a_mistake(tmp_path):
    mistaken = FLOAT32.replace("d2.sum(0)", "d2.mean(0)")
    _, found = check(tmp_path, SET, mistaken, "--no-smallest")
    parts = {each["name"]: each for each in found["exercises"][0]["verdict"]["parts"]}
    assert parts["db2"]["note"] == "wrong_entries"
    assert parts["dW2"]["note"] == "single_precision"
    assert {code for row in parts["dW2"]["entries"] for code in row} <= {"rounding", "ok"}
