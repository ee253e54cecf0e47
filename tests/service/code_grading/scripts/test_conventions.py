"""Conventions that a course teaches are chosen by its set: code of each is right, the other's not.

Likewise numbers that are got by another honest way than a walk back are right.
"""

from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.code_grading.checking.check import Checked, check_program
from gradgrade.service.code_grading.checking.source import FromProblemSet
from tests.service.code_grading.conftest import needs_bubblewrap

pytestmark = needs_bubblewrap

HEAD = 'schema = "gradgrade/problem-set/1"\nname = "set"\n[[exercises]]\nname = "e"\n'

UPDATE = '''
type = "program"
arrays = {{ W = [2, 3], g = [2, 3], V = [2, 3] }}
draw = {{ V = {{ low = 0.1, high = 2, step = 0.1 }} }}
program = """
{program}
"""
ask = ["velocity", "stepped"]
[exercises.code]
script = "stepped, velocity = update(W, g, V)"
'''

MOMENTUM = "velocity = 0.9 * V + g\nstepped = W - 0.1 * velocity"
AVERAGED = "velocity = 0.9 * V + 0.1 * g\nstepped = W - 0.1 * velocity"
KERAS = "velocity = 0.9 * V - 0.1 * g\nstepped = W + velocity"
OUTSIDE = "velocity = 0.9 * V + 0.1 * g * g\nstepped = W - 0.1 * g / (sqrt(velocity) + 1e-3)"
INSIDE = "velocity = 0.9 * V + 0.1 * g * g\nstepped = W - 0.1 * g / sqrt(velocity + 1e-3)"
UPDATES = [MOMENTUM, AVERAGED, KERAS, OUTSIDE, INSIDE]

LOGARITHM = '''
type = "program"
sizes = {{ N = 4 }}
arrays = {{ z = ["N", 3], y = {{ shape = ["N", 3], mask = true }} }}
program = """
a = softmax(z)
L = -sum(y * log(a + {epsilon})) / N
"""
differentiate = "L"
ask = ["L", "dz"]
[exercises.code]
script = "L, dz = loss(z, y)"
'''

LOSS = """
import numpy as np

def loss(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    da = -y / (a + {epsilon}) / len(z)
    dz = a * (da - (a * da).sum(axis=1, keepdims=True))
    return -(y * np.log(a + {epsilon})).sum() / len(z), dz
"""

VARIANCE = '''
type = "program"
arrays = {{ x = [5], dout = [5] }}
program = """
out = (x - mean(x)) / sqrt(var(x, ddof={ddof}) + 1e-5)
L = sum(dout * out)
"""
differentiate = "L"
ask = ["out", "dx"]
[exercises.code]
script = """
out = forward(x)
dx = backward(dout, x)
"""
'''

NORMALIZED = """
import numpy as np

def forward(x):
    return (x - x.mean()) / np.sqrt(x.var(ddof={ddof}) + 1e-5)

def backward(dout, x):
    n, c, v = x.size, x - x.mean(), x.var(ddof={ddof}) + 1e-5
    d = dout - dout.mean()
    return d / np.sqrt(v) - c * (dout * c).sum() / ((n - {ddof}) * v ** 1.5)
"""

SHARED = '''
inputs = 3
layers = [{{ type = "dense", units = 2, activation = "tanh" }}]
loss = "half_squared_error"
batch = 4
convention = "row"
ask = ["loss", "delta1", "dW1", "db1"]
[exercises.code]
script = """
loss, dZ, dW1, db1 = step(x, y, W1, b1)
delta1 = {delta}
"""
'''
"""Some divide δ by the number of samples, others no sooner than the gradients."""

STEP = """
import numpy as np

def step(x, y, W, b):
    a, m = np.tanh(x @ W + b), len(x)
    dZ = (a - y) * (1 - a ** 2){early}
    return ((a - y) ** 2).sum() / (2 * m), dZ, x.T @ dZ{late}, dZ.sum(axis=0){late}
"""

EARLY = STEP.format(early=" / m", late="")
LATE = STEP.format(early="", late=" / m")


def checked(folder: Path, definition: str, program: str) -> Checked:
    (folder / "student.py").write_text(program)
    problem_set = ProblemSet.from_toml(HEAD + definition)
    source = FromProblemSet(problem_set=problem_set, names=("e",), count=2, secret=b"0")
    return check_program(source, "e", folder / "student.py", search=False)


def written(program: str) -> str:
    body = "".join(f"    {line}\n" for line in program.replace("sqrt", "np.sqrt").split("\n"))
    return f"import numpy as np\n\ndef update(W, g, V):\n{body}    return stepped, velocity\n"


@pytest.mark.parametrize("program", UPDATES)
def test_a_form_of_an_update_is_the_one_that_the_program_states(tmp_path, program):
    definition = UPDATE.format(program=program)
    for each in UPDATES:
        assert checked(tmp_path, definition, written(each)).is_right == (each == program)


PAIRS = {
    "epsilon in a logarithm": (LOGARITHM, LOSS, "epsilon", ("1e-3", "0")),
    "n or n - 1": (VARIANCE, NORMALIZED, "ddof", ("0", "1")),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_convention_is_the_one_that_the_program_states(tmp_path, case):
    definition, program, field, values = PAIRS[case]
    for stated in values:
        for taken in values:
            found = checked(
                tmp_path, definition.format(**{field: stated}), program.format(**{field: taken})
            )
            assert found.is_right == (stated == taken)


def test_a_script_says_whether_a_delta_is_divided_by_the_samples(tmp_path):
    for delta, right, wrong in (("dZ", EARLY, LATE), ("dZ / N", LATE, EARLY)):
        assert checked(tmp_path, SHARED.format(delta=delta), right).is_right
        found = checked(tmp_path, SHARED.format(delta=delta), wrong)
        outcomes = {part.name: part.outcome for part in found.verdict.parts}
        assert outcomes.pop("delta1") == "incorrect"
        assert set(outcomes.values()) == {"correct"}


COMPLEX_STEP = """
import numpy as np

def step(x, y, W, b):
    def mean(z):
        return ((np.tanh(z) - y) ** 2).sum() / (2 * len(x))

    def by(array, loss):
        found = np.empty(array.shape)
        for at in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[at] += 1e-30j
            found[at] = loss(moved).imag / 1e-30
        return found

    z = x @ W + b
    return mean(z), by(z, mean), by(W, lambda W: mean(x @ W + b)), by(b, lambda b: mean(x @ W + b))
"""

DUAL = """
import numpy as np

class Dual:
    # Forward mode: a value, and its derivatives by all entries of what is varied.
    def __init__(self, value, by):
        self.value, self.by = value, by

    def tanh(self):
        a = np.tanh(self.value)
        return Dual(a, self.by * (1 - a ** 2))

def varied(array):
    return Dual(array, np.eye(array.size).reshape(array.size, *array.shape))

def gradient(z, y):
    a = z.tanh()
    return ((a.value - y) * a.by).sum(axis=(-1, -2)) / len(y)

def step(x, y, W, b):
    z, seeds = x @ W + b, varied(W)
    loss = ((np.tanh(z) - y) ** 2).sum() / (2 * len(x))
    dZ = gradient(varied(z), y).reshape(z.shape)
    dW = gradient(Dual(z, x @ seeds.by), y).reshape(W.shape)
    return loss, dZ, dW, gradient(Dual(z, varied(b).by[:, None, :] + 0 * z), y)
"""


@pytest.mark.parametrize("program", [COMPLEX_STEP, DUAL], ids=["complex step", "forward mode"])
def test_numbers_got_by_another_honest_way_are_right(tmp_path, program):
    assert checked(tmp_path, SHARED.format(delta="dZ"), program).is_right
