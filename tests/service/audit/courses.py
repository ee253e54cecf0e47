"""Modules of courses, sets with their scripts, and tests of them, for the tests of this room."""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from gradgrade.problems import ProblemSet
from gradgrade.problems.audits.audited import Audited
from gradgrade.service.audit.auditing import audit
from gradgrade.service.audit.report import Audit, Survivor
from gradgrade.service.audit.running import Command
from tests import ROOT

PYTEST = (sys.executable, "-m", "pytest", "-q")
UNITTEST = (sys.executable, "-m", "unittest", "-q")

LAYERS = """
import numpy as np


def affine_forward(x, W, b):
    return x @ W + b, (x, W)


def affine_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def doubled(x):
    return 2 * x


class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""

FUNCTIONS = '''
schema = "gradgrade/problem-set/1"
name = "week-2"
[[exercises]]
name = "affine"
inputs = 3
layers = [{ type = "dense", units = 2 }]
upstream = true
batch = 4
convention = "row"
ask = ["a1", "dW1", "db1", "dx"]
[exercises.code]
script = """
a1, cache = affine_forward(x, W1, b1)
dx, dW1, db1 = affine_backward(da1, cache)
"""
'''

CLASS = (
    FUNCTIONS.partition('script = """')[0]
    + '''script = """
layer = Linear(n0, n1)
layer.W, layer.b = W1, b1
a1 = layer.forward(x)
dx = layer.backward(da1)
dW1, db1 = layer.dW, layer.db
"""
'''
)

NET = """
import numpy as np


class TwoLayerNet:
    def __init__(self, inputs, hidden, classes):
        self.params = {
            "W1": np.zeros((inputs, hidden)), "b1": np.zeros(hidden),
            "W2": np.zeros((hidden, classes)), "b2": np.zeros(classes),
        }

    def loss(self, X, y, reg=0.0):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        hidden = np.maximum(0, X @ W1 + b1)
        scores = hidden @ W2 + b2
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        loss = -np.log(p[rows, y]).mean() + reg / 2 * ((W1**2).sum() + (W2**2).sum())
        d = p.copy()
        d[rows, y] -= 1
        d /= len(y)
        dh = (d @ W2.T) * (hidden > 0)
        return loss, {
            "W1": X.T @ dh + reg * W1, "b1": dh.sum(axis=0),
            "W2": hidden.T @ d + reg * W2, "b2": d.sum(axis=0),
        }
"""

NETWORK = runpy.run_path(str(ROOT / "docs" / "make_audit.py"))["SET"]
"""The set whose tests the page on audits compares."""

HEAD = """
import numpy as np
from layers import *

rng = np.random.default_rng(0)
x, W, b, d = (rng.normal(size=s) for s in ((5, 3), (3, 4), 4, (5, 4)))

def close(got, right, within=1e-12):
    assert np.shape(got) == np.shape(right)
    assert np.abs(got - right).max() <= within * np.abs(right).max()
"""

SOUND = (
    HEAD
    + """
def test_values():
    for scale in (2.0, 1.0):
        given = scale * x, W.copy(), b.copy(), d.copy()
        out, cache = affine_forward(*given[:3])
        close(out, scale * x @ W + b)
        for got, right in zip(affine_backward(d, cache), (d @ W.T, scale * x.T @ d, d.sum(axis=0))):
            close(got, right)
        for now, before in zip(given, (scale * x, W, b, d)):
            close(now, before)

def test_gradient_of_weights():
    numerical = np.zeros_like(W)
    for at in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[at] = 1e-4
        up, down = (affine_forward(x, W + s, b)[0] for s in (step, -step))
        numerical[at] = ((up - down) * d).sum() / 2e-4
    close(affine_backward(d, affine_forward(x, W, b)[1])[1], numerical, 1e-8)
"""
)


def written(folder: Path, **files: str) -> Path:
    """A folder with files: a name is a path, `__` for `/`."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def audited(
    folder: Path,
    definition: str,
    *mistakes: str,
    module: str = "layers",
    command: Sequence[str] = PYTEST,
    standin: Path | None = None,
    runs: int | None = None,
    honest: bool | None = None,
    timeout: float = 60,
) -> Audit:
    """What an audit of the tests in a folder finds."""
    problem_set = ProblemSet.from_toml(definition)
    exercise = Audited(problem_set, problem_set.exercises[0].name, scripted=standin is None)
    words = Command(words=command, module=module, timeout=timeout, folder=folder)
    return audit(
        exercise, words, standin=standin, mistakes=mistakes, honest=honest, runs=runs, jobs=2
    )


def only(found: Audit) -> Survivor:
    """The one mistake that passes."""
    (survivor,) = found.survivors
    return survivor
