"""Scripts run over files in a real sandbox, for the tests of this room."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import Execution, Limits, run

LAYER = """
inputs = 3
layers = [{ type = "dense", units = 2, activation = "tanh" }]
upstream = true
batch = 4
convention = "row"
ask = ["a1", "dW1", "db1", "dx"]
"""

SCRIPT = """
a1, cache = forward(x, W1, b1)
dx, dW1, db1 = backward(da1, cache)
"""

RIGHT = """
import numpy as np

def forward(x, W, b):
    a = np.tanh(x @ W + b)
    return a, (x, W, a)

def backward(dout, cache):
    x, W, a = cache
    d = dout * (1 - a**2)
    return d @ W.T, x.T @ d, d.sum(axis=0)
"""


def exercise_with(script: str = SCRIPT, *, definition: str = LAYER, code: str = "") -> Exercise:
    """A variant of an exercise with a script."""
    text = (
        'schema = "gradgrade/problem-set/1"\nname = "code"\n[[exercises]]\nname = "exercise"\n'
        f"{definition}\n[exercises.code]\nscript = '''{script}'''\n{code}"
    )
    return generate(ProblemSet.from_toml(text), "exercise", student="1", secret=b"0")


def executed(
    source: str, exercise: Exercise, *, count: int = 1, **limits: Any
) -> Sequence[Execution]:
    """What a file gives on a variant, asked so many times."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "student.py")
        file.write_text(source)
        held = Limits(**limits) if limits else None
        return list(run(file, [exercise] * count, code=exercise.code, limits=held))


def outcomes(execution: Execution) -> dict[str, str]:
    """The outcome of every part."""
    verdict = Grader(execution.exercise).grade(execution.answers)
    return {part.name: part.outcome for part in verdict.parts}
