"""What a script costs, beside bare calls of the same functions: `python -m benchmarks.scripts`."""

import json
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from benchmarks.sandbox import MANY, Work, measured
from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import run
from gradgrade.service.code_grading.child.exercise import with_arrays

STYLE = Path(__file__).parents[1] / "tests/submissions/scripts/styles/functions_with_caches"
PROGRAM, EXERCISE = STYLE / "right.py", "two-layers"
REPEATS = 3


def main() -> None:
    """Print a table in Markdown, and how much longer a graded run takes than bare calls."""
    problem_set = ProblemSet.from_toml((STYLE / "set.toml").read_text("utf-8"))
    best = measured(WORK, problem_set, EXERCISE, repeats=REPEATS)
    bare, *_, graded = ((each[MANY] - each[1]) / (MANY - 1) for each in best.values())
    print(f"\nA further variant: {1e3 * graded:.1f} ms, {graded / bare:.0f} times the bare calls.")


def _bare(exercises: Sequence[Exercise]) -> None:
    names = runpy.run_path(str(PROGRAM))
    for exercise in exercises:
        given = with_arrays(json.loads(exercise.to_json()))["given"]
        _called(names, given)


def _called(names: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Call what the script calls."""
    x, y, w1, b1, w2, b2 = (given[name] for name in ("x", "y", "W1", "b1", "W2", "b2"))
    z1, first = names["affine_forward"](x, w1, b1)
    a1, hidden = names["relu_forward"](z1)
    z2, second = names["affine_forward"](a1, w2, b2)
    _, delta2 = names["softmax_loss"](z2, numpy.argmax(y, axis=1))
    da1, *_ = names["affine_backward"](delta2, second)
    names["affine_backward"](names["relu_backward"](da1, hidden), first)


def _run(exercises: Sequence[Exercise]) -> None:
    for execution in run(PROGRAM, exercises, code=exercises[0].code):
        assert not execution.failures


def _run_and_grade(exercises: Sequence[Exercise]) -> None:
    for execution in run(PROGRAM, exercises, code=exercises[0].code):
        assert Grader(execution.exercise).grade(execution.answers).outcome == "correct"


WORK: Mapping[str, Work] = {
    "bare calls, in this process": _bare,
    "by the script, in the sandbox": _run,
    "by the script, in the sandbox, and graded": _run_and_grade,
}

if __name__ == "__main__":
    main()
