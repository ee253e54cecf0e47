"""What running student code in a sandbox costs: `python -m benchmarks.sandbox`."""

import json
import runpy
import time
from collections.abc import Callable
from pathlib import Path

from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import Bubblewrap, Sandbox, Unconfined, run
from gradgrade.service.code_grading.child.exercise import with_arrays

CORPUS = Path(__file__).parents[1] / "tests" / "submissions"
PROGRAM = CORPUS / "honest" / "column_arrays.py"
MANY, REPEATS = 100, 5


def main() -> None:
    """Print a table in Markdown."""
    problem_set = ProblemSet.from_toml((CORPUS / "exercises.toml").read_text("utf-8"))
    variants = [
        generate(problem_set, "column", student=str(each), secret=b"0") for each in range(MANY)
    ]
    print(f"| seconds, best of {REPEATS} | 1 variant | {MANY} variants |")
    print("|---|---|---|")
    for label, work in WORK:
        cells = (f"{_best(work, variants[:count]):.3f}" for count in (1, MANY))
        print(f"| {label} | {' | '.join(cells)} |")


def _in_process(exercises: list[Exercise]) -> None:
    solve = runpy.run_path(str(PROGRAM))["solve"]
    for exercise in exercises:
        solve(with_arrays(_document(exercise)))


def _document(exercise: Exercise) -> dict[str, object]:
    document: dict[str, object] = json.loads(exercise.to_json())
    return document


def _run(sandbox: Sandbox) -> Callable[[list[Exercise]], None]:
    def work(exercises: list[Exercise]) -> None:
        assert all(each.failure is None for each in run(PROGRAM, exercises, sandbox=sandbox))

    return work


def _run_and_grade(exercises: list[Exercise]) -> None:
    for execution in run(PROGRAM, exercises):
        assert Grader(execution.exercise).grade(execution.answers).outcome == "correct"


def _best(work: Callable[[list[Exercise]], None], exercises: list[Exercise]) -> float:
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work(exercises)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


WORK: tuple[tuple[str, Callable[[list[Exercise]], None]], ...] = (
    ("in this process", _in_process),
    ("a process of its own, not confined", _run(Unconfined())),
    ("in the sandbox", _run(Bubblewrap())),
    ("in the sandbox, and graded", _run_and_grade),
)

if __name__ == "__main__":
    main()
