"""What running student code in a sandbox costs: `python -m benchmarks.sandbox`."""

import json
import runpy
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import Bubblewrap, Sandbox, Unconfined, run
from gradgrade.service.code_grading.child.exercise import with_arrays

CORPUS = Path(__file__).parents[1] / "tests" / "submissions"
PROGRAM = CORPUS / "honest" / "column_arrays.py"
MANY, REPEATS = 100, 5

Work = Callable[[Sequence[Exercise]], None]
"""What is done with variants."""


def main() -> None:
    """Print a table in Markdown."""
    problem_set = ProblemSet.from_toml((CORPUS / "exercises.toml").read_text("utf-8"))
    measured(WORK, problem_set, "column", repeats=REPEATS)


def measured(
    works: Mapping[str, Work], problem_set: ProblemSet, exercise: str, *, repeats: int
) -> dict[str, dict[int, float]]:
    """Return the seconds that each work takes by the number of variants, and print them."""
    variants = [
        generate(problem_set, exercise, student=str(each), secret=b"0") for each in range(MANY)
    ]
    print(f"| seconds, best of {repeats} | 1 variant | {MANY} variants |")
    print("|---|---|---|")
    best = dict[str, dict[int, float]]()
    for label, work in works.items():
        best[label] = {
            count: min(_seconds(work, variants[:count]) for _ in range(repeats))
            for count in (1, MANY)
        }
        print(f"| {label} | {' | '.join(f'{each:.3f}' for each in best[label].values())} |")
    return best


def _seconds(work: Work, exercises: Sequence[Exercise]) -> float:
    start = time.perf_counter()
    work(exercises)
    return time.perf_counter() - start


def _in_process(exercises: Sequence[Exercise]) -> None:
    solve = runpy.run_path(str(PROGRAM))["solve"]
    for exercise in exercises:
        solve(with_arrays(_document(exercise)))


def _document(exercise: Exercise) -> dict[str, object]:
    document: dict[str, object] = json.loads(exercise.to_json())
    return document


def _run(sandbox: Sandbox) -> Work:
    def work(exercises: Sequence[Exercise]) -> None:
        assert all(each.failure is None for each in run(PROGRAM, exercises, sandbox=sandbox))

    return work


def _run_and_grade(exercises: Sequence[Exercise]) -> None:
    for execution in run(PROGRAM, exercises):
        assert Grader(execution.exercise).grade(execution.answers).outcome == "correct"


WORK: Mapping[str, Work] = {
    "in this process": _in_process,
    "a process of its own, not confined": _run(Unconfined()),
    "in the sandbox": _run(Bubblewrap()),
    "in the sandbox, and graded": _run_and_grade,
}

if __name__ == "__main__":
    main()
