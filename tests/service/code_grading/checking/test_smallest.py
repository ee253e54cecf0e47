"""The smallest failure: the least network, the same one every time, with a test to paste."""

import subprocess
from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.code_grading.checking.check import Checked, check_program
from gradgrade.service.code_grading.checking.document import pasted_test, smallest_as_text
from gradgrade.service.code_grading.checking.smaller import SIMPLE, cut_down, sizes
from gradgrade.service.code_grading.checking.source import FromProblemSet
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST
from tests.strategies import dense, variant

SET = ProblemSet.from_toml(
    """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "deep"
inputs = 3
batch = 4
layers = [
  { type = "dense", units = 4, activation = "sigmoid" },
  { type = "dense", units = 3, activation = "tanh" },
  { type = "dense", units = 2 },
]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.5 }
ask = ["loss", "delta3", "delta2", "delta1", "gradients"]
"""
)

CODE = """
import numpy

FORWARD = {
    "sigmoid": lambda z: 1 / (1 + numpy.exp(-z)),
    "tanh": numpy.tanh,
    "identity": lambda z: z,
}
BACKWARD = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a {square},
    "identity": lambda a: 1.0,
}


def solve(exercise):
    given, layers = exercise["given"], exercise["layers"]
    count, samples = len(layers), given["x"].shape[1]
    a = [given["x"]]
    for at, layer in enumerate(layers, start=1):
        z = given[f"W{at}"] @ a[-1] + given[f"b{at}"][:, None]
        a.append(FORWARD[layer["activation"]](z))
    found = {"loss": ((a[-1] - given["y"]) ** 2).sum() / (2 * samples)}
    da = (a[-1] - given["y"]) / samples
    for at in range(count, 0, -1):
        delta = da * BACKWARD[layers[at - 1]["activation"]](a[at])
        found[f"delta{at}"] = delta
        found[f"dW{at}"] = delta @ a[at - 1].T
        found[f"db{at}"] = delta.{bias}
        da = given[f"W{at}"].T @ delta
    return {part["name"]: found[part["name"]] for part in exercise["ask"]}
"""


def written(directory: Path, *, square: str = "** 2", bias: str = "sum(axis=1)") -> Path:
    file = directory / "student.py"
    file.write_text(CODE.replace("{square}", square).replace("{bias}", bias))
    return file


def checked(file: Path) -> Checked:
    source = FromProblemSet(problem_set=SET, names=("deep",), count=2, secret=b"0")
    return check_program(source, "deep", file, sandbox=Bubblewrap())


@needs_bubblewrap
@pytest.mark.parametrize(
    ("fault", "code", "layers", "batch"),
    [
        ({"square": ""}, "tanh_derivative_not_squared", ["tanh", "identity"], 1),
        ({"bias": "mean(axis=1)"}, "bias_gradient_averaged", ["identity"], 2),
    ],
)
def test_the_smallest_failure_is_the_least_network_that_shows_the_mistake(
    tmp_path, fault, code, layers, batch
):
    file = written(tmp_path, **fault)
    smallest = checked(file).smallest
    assert smallest is not None
    exercise = smallest.exercise
    assert [layer.activation for layer in exercise.layers] == layers
    assert [layer.units for layer in exercise.layers] == [1] * len(layers)
    assert (exercise.inputs, exercise.batch) == (1, batch)
    named = [each.code for part in smallest.verdict.parts for each in part.misconceptions]
    assert code in named
    assert checked(file).smallest.exercise == exercise
    assert "A test to paste:" in smallest_as_text(smallest)


@needs_bubblewrap
def test_the_pasted_test_fails_on_the_wrong_code_and_passes_on_the_right(tmp_path):
    smallest = checked(written(tmp_path, square="")).smallest
    (tmp_path / "test_smallest.py").write_text(pasted_test(smallest.exercise) + "\n")

    def exit_code() -> int:
        return subprocess.run(
            (*PYTEST, "."), cwd=tmp_path, capture_output=True, timeout=120
        ).returncode

    assert exit_code() == 1
    written(tmp_path)
    assert exit_code() == 0


@needs_bubblewrap
def test_right_code_has_no_smallest_failure(tmp_path):
    found = checked(written(tmp_path))
    assert found.is_right
    assert found.smallest is None


@needs_bubblewrap
def test_code_for_one_depth_alone_is_not_blamed_for_others(tmp_path):
    file = written(tmp_path, square="")
    file.write_text(
        file.read_text().replace("    a = [given", "    assert count == 3\n    a = [given")
    )
    smallest = checked(file).smallest
    assert smallest is not None
    assert len(smallest.exercise.layers) == 3


def test_sizes_grow_and_every_one_makes_an_exercise():
    like = variant(
        inputs=3, layers=[dense(4, "relu"), dense(3, "softmax")], loss={"name": "cross_entropy"},
        batch=3, freeze=["b1"], tolerance="auto",
    )  # fmt: skip
    found = sizes(like)
    assert [len(size.layers) for size in found] == sorted(len(size.layers) for size in found)
    for size in found:
        exercise = cut_down(like, size, lambda options: options[-1])
        assert exercise is not None
        assert exercise.batch <= 2
        assert exercise.layers[-1].units == 2
        assert set(exercise.freeze) <= {"b1"}


def test_simple_numbers_come_simplest_first():
    assert SIMPLE[:3] == ("0", "1", "0.5")
