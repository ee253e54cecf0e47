"""A user's own type checker reads our types, from the wheel."""

import subprocess
import sys
from pathlib import Path

from .conftest import Environment

RIGHT = """
from gradgrade import (
    Answers, DocumentError, Exercise, ExerciseError, ProblemSet, Solution, SolutionDocument,
    Verdict, generate, grade, solve,
)
from gradgrade.client import Client
from gradgrade.oracle import Network, certify, derive, evaluate
from gradgrade.problems.catalogue import load

def graded(text: str, answers: dict[str, list[list[float]]]) -> Verdict:
    problem_set: ProblemSet = ProblemSet.from_toml(text)
    exercise: Exercise = generate(problem_set, "xor", student="s001", secret=b"0" * 16)
    solution: Solution = solve(exercise, digits=50)
    print(solution["dW1"].float64, load("seeds").name)
    return grade(exercise, answers)

def score(verdict: Verdict) -> str:
    return f"{verdict.score} of {verdict.max_score}: {verdict.parts[0].outcome}"
"""
WRONG = f"""
from gradgrade import grade
from gradgrade import {"grdae"}

grade("no exercise", dict())
"""


def test_names_pass_a_strict_checker_and_wrong_ones_do_not(
    installed: Environment, tmp_path: Path
) -> None:
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary"),
            *("--python-executable", str(installed.python), "--cache-dir", str(tmp_path / "cache")),
            *("right.py", "wrong.py"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = [line.partition(": error: ") for line in done.stdout.splitlines()]
    assert [(place, fault.partition(";")[0]) for place, _, fault in found] == [
        ("wrong.py:3", 'Module "gradgrade" has no attribute "grdae"'),
        ("wrong.py:5", 'Argument 1 to "grade" has incompatible type "str"'),
    ]
