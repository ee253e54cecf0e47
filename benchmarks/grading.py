"""What a grade costs: `python -m benchmarks.grading` writes docs/grading-cost.md."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.report import machine
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.oracle.nested import build
from gradgrade.problems import Exercise, catalogue, generate
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.grade import Grader

EXERCISE = ("depth", "8-16-8-4")
REPEATS = 7
PAGE = Path(__file__).resolve().parents[1] / "docs" / "grading-cost.md"

HEAD = """# What a grade costs

Made by `python -m benchmarks.grading`, part of `make bench`.

A variant of the exercise `{name}` of the catalogue's set `{set}`, in this process, once it is
known: its solution, bands and what every mistake would answer are worked out. The wrong answers are
what each of its {count} mistakes leads to, each graded {repeats} times, the best of which counts.
The peer is one walk of the derivation in binary64, by numpy: a forward pass, backward pass and
update.

{machine}

| what | median, ms | slowest, ms | in walks |
|---|---|---|---|
"""


def main() -> None:
    """Measure, and write the page."""
    name, exercise_name = EXERCISE
    exercise = generate(catalogue.load(name), exercise_name, student="1", secret=b"benchmark")
    grader = Grader(exercise)
    right = {part.name: grader.solution[part.name].float64 for part in exercise.ask}
    wrong = _wrong(exercise)
    grader.grade(right)
    for answers in wrong:
        grader.grade(answers)

    peer = _walk(exercise)
    walks = [_best(peer) for _ in range(20)]
    rows = {
        "one binary64 walk": walks,
        "a right answer graded": [_best(partial(grader.grade, right)) for _ in range(20)],
        "a wrong answer graded and diagnosed": [
            _best(partial(grader.grade, answers)) for answers in wrong
        ],
    }
    text = HEAD.format(
        name=exercise_name, set=name, count=len(wrong), repeats=REPEATS, machine=machine()
    )
    for what, seconds in rows.items():
        ratio = median(seconds) / median(walks)
        text += f"| {what} | {_ms(median(seconds))} | {_ms(max(seconds))} | {ratio:.1f} |\n"
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def _wrong(exercise: Exercise) -> list[Mapping[str, Any]]:
    return [
        {
            part.name: build(each.values[part.name][0].tolist(), tuple(part.shape))
            for part in exercise.ask
        }
        for each in Explainer(exercise).assessment.predictions
    ]


def _walk(exercise: Exercise) -> Callable[[], object]:
    derivation, arithmetic = exercise.derivation(), Binary64()
    known = take(given_rows(derivation, exercise.givens()), arithmetic)
    return lambda: walk(derivation, known, arithmetic)


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.2f}"


if __name__ == "__main__":
    main()
