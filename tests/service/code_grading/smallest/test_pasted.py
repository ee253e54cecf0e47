"""The test to paste: with the wrong file it fails under a student's pytest, and else it passes."""

import subprocess
from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.code_grading.checking.check import check_program
from gradgrade.service.code_grading.checking.source import FromProblemSet
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap
from gradgrade.service.code_grading.smallest.pasted import pasted_test
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST

pytestmark = needs_bubblewrap

TWO_LAYERS = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
inputs = 2
batch = 4
convention = "row"
layers = [ { type = "dense", units = 3, activation = "relu" }, { type = "dense", units = 1 } ]
loss = "half_squared_error"
ask = ["loss", "gradients"]
[exercises.code]
script = '''
hidden, first = affine_forward(x, W1, b1)
out, second = affine_forward(relu(hidden), W2, b2)
loss = ((out - y) ** 2).sum() / (2 * N)
da, dW2, db2 = affine_backward((out - y) / N, second)
_, dW1, db1 = affine_backward(da * (hidden > 0), first)
'''
"""

FUNCTIONS = """
import numpy as np

def affine_forward(x, W, b):
    return x @ W + b, (x, W)

def relu(z):
    return np.maximum(z, 0)

def affine_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)
"""

LITERAL = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
inputs = 3
batch = 4
layers = [ { type = "dense", units = 2 } ]
loss = "half_squared_error"
ask = ["loss", "dW1", "db1"]
[exercises.code]
column_biases = true
script = '''
layer = Linear(3, 2)
layer.W, layer.b = W1, b1
out = layer.forward(x)
loss = ((out - y) ** 2).sum() / (2 * N)
layer.backward((out - y) / N)
dW1, db1 = layer.dW, layer.db
'''
"""

CLASS = """
import numpy as np

class Linear:
    def __init__(self, inputs, units):
        self.shape = units, inputs

    def forward(self, x):
        assert self.W.shape == self.shape
        self.x = x
        return self.W @ x + self.b

    def backward(self, dout):
        self.dW, self.db = dout @ self.x.T, dout.sum(axis=1, keepdims=True)
"""

SOLVED = """
schema = "gradgrade/problem-set/1"
name = "set"
[[exercises]]
name = "e"
inputs = 2
batch = 3
convention = "row"
layers = [ { type = "dense", units = 2, activation = "tanh" } ]
loss = "half_squared_error"
ask = ["loss", "dW1"]
"""

SOLVE = """
import numpy as np

def solve(exercise):
    g = exercise["given"]
    a = np.tanh(g["x"] @ g["W1"] + g["b1"])
    e = (a - g["y"]) / len(a)
    return {"loss": len(a) * (e * e).sum() / 2, "dW1": g["x"].T @ (e * (1 - a ** 2))}
"""

CASES = {
    "a script of functions": (TWO_LAYERS, FUNCTIONS, "dout.sum(axis=0)", "dout.mean(axis=0)"),
    "an exception": (TWO_LAYERS, FUNCTIONS, "x.T @ dout", "x @ dout.T @ dout"),
    "a script with literal sizes": (LITERAL, CLASS, "self.dW, self.db = ", "self.dW, self.db = -"),
    "solve": (SOLVED, SOLVE, "(1 - a ** 2)", "(1 - a)"),
    "a number in a list": (SOLVED, SOLVE, "len(a) * (e * e).sum() / 2", "[(e * e).sum() / 2]"),
}


def exit_code(folder: Path) -> int:
    return subprocess.run((*PYTEST, "."), cwd=folder, capture_output=True, timeout=120).returncode


@pytest.mark.parametrize("case", CASES)
def test_it_fails_with_the_wrong_file_and_passes_with_the_right(tmp_path, case):
    text, right, good, bad = CASES[case]
    assert good in right
    file = tmp_path / "layers.py"
    file.write_text(right.replace(good, bad))
    problem_set = ProblemSet.from_toml(text)
    source = FromProblemSet(problem_set=problem_set, names=("e",), count=2, secret=b"0")
    smallest = check_program(source, "e", file, sandbox=Bubblewrap()).smallest
    assert smallest is not None
    (tmp_path / "test_pasted.py").write_text(pasted_test(smallest.exercise, file=str(file)) + "\n")
    assert exit_code(tmp_path) == 1
    file.write_text(right)
    assert exit_code(tmp_path) == 0


def test_of_a_folder_it_imports_the_file_that_the_set_names(tmp_path):
    text, right, good, bad = CASES["a script of functions"]
    file = tmp_path / "handed-in" / "hw1" / "layers.py"
    file.parent.mkdir(parents=True)
    file.write_text(right.replace(good, bad))
    problem_set = ProblemSet.from_toml(f'{text}main = "hw1/layers.py"\n')
    source = FromProblemSet(problem_set=problem_set, names=("e",), count=2, secret=b"0")
    folder = tmp_path / "handed-in"
    smallest = check_program(source, "e", folder, sandbox=Bubblewrap()).smallest
    assert smallest is not None
    (folder / "test_pasted.py").write_text(pasted_test(smallest.exercise, file=str(folder)) + "\n")
    assert exit_code(folder) == 1
    file.write_text(right)
    assert exit_code(folder) == 0


@pytest.mark.parametrize(
    ("solution", "units"),
    [("right.py", [1, 1, 1]), ("literal.py", [2, 3, 1]), ("elsewhere.py", [2, 3, 1])],
)
def test_a_script_keeps_its_sizes_unless_its_solution_is_right_at_smaller_ones(
    tmp_path, solution, units
):
    text, right, good, bad = CASES["a script of functions"]
    (tmp_path / "student.py").write_text(right.replace(good, bad))
    (tmp_path / "right.py").write_text(right)
    fixed = "    assert W.shape in ((2, 3), (3, 1))\n    return x @ W + b"
    (tmp_path / "literal.py").write_text(right.replace("    return x @ W + b", fixed))
    problem_set = ProblemSet.from_toml(f'{text}solution = "{solution}"\n')
    source = FromProblemSet(
        problem_set=problem_set, names=("e",), count=2, secret=b"0", folder=tmp_path
    )
    found = check_program(source, "e", tmp_path / "student.py", sandbox=Bubblewrap()).smallest
    assert found is not None
    assert found.exercise.code is not None
    assert found.exercise.batch == 2
    assert [found.exercise.inputs, *(each.units for each in found.exercise.layers)] == units
