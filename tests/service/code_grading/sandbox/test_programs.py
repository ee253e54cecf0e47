"""Programs' exercises, answered by code: what it is given, and what becomes of right and wrong."""

from pathlib import Path

import pytest

from gradgrade.problems import grade
from gradgrade.service.code_grading import run
from tests.problems.programs import program
from tests.service.code_grading.conftest import needs_bubblewrap

RIGHT = """
import numpy as np

def solve(exercise):
    given = exercise["given"]
    E, ids, W = given["E"], given["ids"], given["W"]
    h = E[ids]
    s = np.tanh(h @ W)
    L = np.sum(s**2) / 2
    ds = s
    dz = ds * (1 - s**2)
    dE = np.zeros_like(E)
    np.add.at(dE, ids, dz @ W.T)
    return {"h": h, "s": s, "L": L, "ds": ds, "dh": dz @ W.T, "dE": dE, "dW": h.T @ dz}
"""

# Of a row that is picked twice only the last use counts.
OVERWRITES = RIGHT.replace("np.add.at(dE, ids, dz @ W.T)", "dE[ids] = dz @ W.T")


@pytest.fixture
def written(tmp_path: Path):
    """A function that writes a student's file."""

    def write(text: str) -> Path:
        path = tmp_path / "handed_in.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@needs_bubblewrap
def test_a_right_program_is_right(written):
    exercise = program("embedding")
    (execution,) = run(written(RIGHT), [exercise])
    assert execution.failure is None
    assert execution.findings == ()
    assert grade(exercise, execution.answers).outcome == "correct"


@needs_bubblewrap
def test_a_program_that_forgets_a_use_is_wrong_where_it_does(written):
    exercise = program("embedding")
    (execution,) = run(written(OVERWRITES), [exercise])
    verdict = grade(exercise, execution.answers)
    assert {part.name: part.outcome for part in verdict.parts if part.outcome != "correct"} == {
        "dE": "incorrect"
    }


@needs_bubblewrap
def test_arrays_are_as_the_program_takes_them(written):
    looks = """
def solve(exercise):
    kinds = {name: array.dtype.kind for name, array in exercise["given"].items()}
    assert kinds == {"E": "f", "ids": "i", "W": "f"}, kinds
    assert "h = E[ids]" in exercise["program"]
    return {}
"""
    (execution,) = run(written(looks), [program("embedding")])
    assert execution.failure is None


@needs_bubblewrap
def test_code_of_another_shape_is_told_what_is_needed(written):
    text = "def forward(x, parameters):\n    return x\n\n\ndef backward(*_):\n    return {}\n"
    (execution,) = run(written(text), [program("embedding")])
    assert execution.failure is not None
    assert execution.failure.kind == "missing"
    assert "the file must define a function solve" in execution.failure.message
