"""The smallest failure: the least network, the same one every time, with a test to paste."""

from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet, generate
from gradgrade.service.code_grading.checking.check import Checked, check_program
from gradgrade.service.code_grading.checking.document import smallest_as_text
from gradgrade.service.code_grading.checking.source import FromProblemSet
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap
from gradgrade.service.code_grading.smallest.smaller import SIMPLE, cut_down, sizes
from tests.service.code_grading.conftest import needs_bubblewrap
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
    ("fault", "code", "batch"),
    [
        ({"square": ""}, "tanh_derivative_not_squared", 1),
        ({"bias": "mean(axis=1)"}, "bias_gradient_averaged", 2),
    ],
)
def test_the_smallest_failure_is_the_least_network_that_shows_the_mistake(
    tmp_path, fault, code, batch
):
    file = written(tmp_path, **fault)
    smallest = checked(file).smallest
    assert smallest is not None
    exercise = smallest.exercise
    assert [layer.activation for layer in exercise.layers] == ["sigmoid", "tanh", "identity"]
    assert [layer.units for layer in exercise.layers] == [1, 1, 1]
    assert (exercise.inputs, exercise.batch) == (1, batch)
    named = [each.code for part in smallest.verdict.parts for each in part.misconceptions]
    assert code in named
    assert checked(file).smallest.exercise == exercise
    assert "A test to paste:" in smallest_as_text(smallest, file="student.py")


@needs_bubblewrap
def test_right_code_has_no_smallest_failure(tmp_path):
    found = checked(written(tmp_path))
    assert found.is_right
    assert found.smallest is None


RAISING = """
    if len(exercise["layers"]) < 3:
        raise KeyError("another")
    if samples > 1:
        raise ValueError(samples)
"""


@needs_bubblewrap
def test_an_exception_stays_the_same_at_the_same_line(tmp_path):
    file = written(tmp_path)
    file.write_text(file.read_text().replace("\n    a = [given", f"{RAISING}    a = [given"))
    lines = file.read_text().splitlines()
    found = checked(file).smallest
    assert found is not None
    assert found.execution.failure.message == "ValueError: 2"
    assert "raise ValueError" in lines[found.execution.failure.line - 1]
    assert [each.units for each in found.exercise.layers] == [1, 1, 1]


UPSTREAM = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
inputs = 3
batch = 4
convention = "row"
layers = [ { type = "dense", units = 4, activation = "relu" }, { type = "dense", units = 3 } ]
upstream = true
ask = ["a2", "dW2", "dW1", "dx"]
"""

BACKWARD = """
import numpy as np

def solve(exercise):
    g = exercise["given"]
    z1 = g["x"] @ g["W1"] + g["b1"]
    a1 = np.maximum(z1, 0)
    d1 = (g["da2"] @ g["W2"].T) * (z1 > 0)
    found = {"a2": a1 @ g["W2"] + g["b2"], "dW2": a1.T @ g["da2"]}
    return found | {"dW1": g["x"].T @ d1, "dx": d1 @ g["W1"].T}
"""

PROGRAM = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
type = "program"
sizes = { N = 5, D = 4 }
arrays = { x = ["N", "D"], w = ["D"], ids = { shape = ["N"], integers = [0, 2] }, E = [3, "D"] }
program = '''
h = x * w + E[ids]
L = sum(h * h) / N
'''
differentiate = "L"
ask = ["L", "dw", "dE"]
"""

EMBEDDED = """
import numpy as np

def solve(exercise):
    x, w, ids, E = (exercise["given"][name] for name in ("x", "w", "ids", "E"))
    h = x * w + E[ids]
    dh = 2 * h / len(x)
    dE = np.zeros_like(E)
    np.add.at(dE, ids, dh)
    return {"L": (h * h).sum() / len(x), "dw": (dh * x).sum(axis=0), "dE": dE}
"""

OVERWRITES = EMBEDDED.replace("np.add.at(dE, ids, dh)", "dE[ids] = dh")


def smallest_of(folder: Path, text: str, program: str, **options: bool):
    (folder / "student.py").write_text(program)
    problem_set = ProblemSet.from_toml(text)
    source = FromProblemSet(problem_set=problem_set, names=("e",), count=2, secret=b"0")
    return check_program(
        source, "e", folder / "student.py", sandbox=Bubblewrap(), **options
    ).smallest


@needs_bubblewrap
def test_a_network_with_an_upstream_gradient_shrinks_too(tmp_path):
    assert smallest_of(tmp_path, UPSTREAM, BACKWARD) is None
    found = smallest_of(tmp_path, UPSTREAM, BACKWARD.replace(" * (z1 > 0)", ""))
    assert found is not None
    assert [each.units for each in found.exercise.layers] == [1, 1]
    assert (found.exercise.inputs, found.exercise.batch) == (1, 1)
    assert found.verdict.first_error == "dW1"


@needs_bubblewrap
def test_a_programs_sizes_shrink_and_the_mistake_stays(tmp_path):
    assert smallest_of(tmp_path, PROGRAM, EMBEDDED) is None
    found = smallest_of(tmp_path, PROGRAM, OVERWRITES)
    assert found is not None
    # One row alone is never picked twice.
    assert found.exercise.sizes == {"N": 2, "D": 1}
    assert found.verdict.first_error == "dE"
    assert "    D = 1\n    N = 2\n" in smallest_as_text(found, file="student.py")


@needs_bubblewrap
@pytest.mark.parametrize(
    "program",
    [
        "def solve(exercise):\n    raise ValueError('always')\n",
        "def solve(exercise):\n    return {}[0]\n",
    ],
)
def test_where_every_exercise_fails_the_smallest_has_a_solution(tmp_path, program):
    """At numbers that are all 0 a rectifier lies on its kink, and nothing is right."""
    found = smallest_of(tmp_path, UPSTREAM, program)
    assert found is not None
    assert "A test to paste" in smallest_as_text(found, file="student.py")


def test_sizes_grow_and_every_one_makes_an_exercise():
    like = variant(
        inputs=3, layers=[dense(4, "relu"), dense(3, "softmax")], loss={"name": "cross_entropy"},
        batch=3, freeze=["b1"], tolerance="auto",
    )  # fmt: skip
    *found, own = sizes(like)
    assert cut_down(like, own, lambda options: options[-1]).batch == like.batch
    made = [cut_down(like, size, lambda options: options[-1]) for size in found]
    total = [each.inputs + sum(layer.units for layer in each.layers) for each in made]
    assert total == sorted(total)
    for exercise in made:
        assert [each.type for each in exercise.layers] == [each.type for each in like.layers]
        assert exercise.batch <= 2
        assert exercise.layers[-1].units == 2
        assert set(exercise.freeze) <= {"b1"}


WITH_A_LITERAL = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "flattened"
type = "program"
sizes = { N = 4, D = 6, M = 3 }
arrays = { x = ["N", 2, 3], w = ["D", "M"], b = ["M"] }
program = "out = x.reshape(N, -1).dot(w) + b"
upstream = ["out"]
ask = ["out", "db"]
"""


def test_a_length_that_a_number_fixes_stays_and_the_others_become_small():
    problem_set = ProblemSet.from_toml(WITH_A_LITERAL)
    like = generate(problem_set, "flattened", student="1", secret=b"smallest")
    *found, own = sizes(like)
    lengths = [each["sizes"] for each in found]
    assert lengths[0] == {"N": 1, "D": 6, "M": 1}
    assert {each["D"] for each in lengths} == {6}
    assert like.sizes not in lengths
    assert all(cut_down(like, each, lambda options: options[0]) for each in (*found, own))


def test_simple_numbers_come_simplest_first():
    assert SIMPLE[:3] == ("0", "1", "0.5")
