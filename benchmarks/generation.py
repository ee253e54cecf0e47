"""Generating against plain code: `python -m benchmarks.generation` writes docs/scale.md."""

import gc
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Any

from mpmath.ctx_mp import MPContext

from benchmarks.report import machine
from benchmarks.timing import Timings, measure
from gradgrade.problems import ProblemSet
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.generate import Search, accept
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, chunks, make
from gradgrade.service.cli.generation import CHUNK
from gradgrade.service.cli.program import GARBAGE
from gradgrade.service.cli.writing import write
from gradgrade.service.jobs import Run, workers

COUNT = 1_000
DIGITS = 50
PROCESSES = 2
BUDGET = 60.0
MILLION = 1_000_000
PAGE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"

PLAIN = "plain `mp.matrix`"
GATED, GATED_SHARED = "gated exercises", f"gated exercises, {PROCESSES} processes"
FAST = "exercises and solutions, checked fast"
FILES, FILES_SHARED = "exercises and solutions", f"exercises and solutions, {PROCESSES} processes"

SET = ProblemSet.from_toml(
    """
    schema = "gradgrade/problem-set/1"
    name = "benchmark"
    [[exercises]]
    name = "two-three-one"
    inputs = 2
    layers = [
      { type = "dense", units = 3, activation = "sigmoid" },
      { type = "dense", units = 1, activation = "sigmoid" },
    ]
    loss = { name = "half_squared_error" }
    optimizer = { name = "sgd", learning_rate = 0.5 }
    ask = ["gradients", "updates"]
    tolerance = "auto"
    """
)

EXERCISE = "two-three-one"

INTRODUCTION = f"""\
# Generation at scale

Measured, with this page written, by `python -m benchmarks.generation`: {COUNT:,} variants of a
2-3-1 network of sigmoid units (half squared error, SGD, binary64, derived tolerance, all gradients
and updates asked), side by side in one run.

- {PLAIN}: what a user would write. It draws the numbers, computes with mpmath's matrices at
  {DIGITS} digits, and writes numbers and answers as JSON; nothing is checked.
- {GATED}: draws, rejects what cannot tell right from wrong, and writes the exercise documents.
  They are not certified yet, which they must be before they are issued.
- {FILES}: the same, then proves every quantity and writes the solution documents.
  This is what `gradgrade generate` does, but for writing files.
- {FAST}: the same with `--check fast`
  ([what that leaves unseen](proof.md#many-variants-checked-fast)).

With {PROCESSES} processes the work is shared as with `--workers {PROCESSES}`; they are started, and
each exercise's rules are found, before the clock runs, which is the wall's for them and the
processor's for the others. Nothing is written to disk. All of them look for garbage as seldom as
the command does, plain code too.
"""


def plain(count: int) -> list[str]:
    """Return what plain code generates: no gates, no proof."""
    mp = MPContext()
    mp.dps = DIGITS
    numbers = random.Random(0)
    return [json.dumps(_plain_variant(mp, numbers)) for _ in range(count)]


def _plain_variant(mp: Any, numbers: random.Random) -> dict[str, Any]:
    def drawn(rows: int, columns: int) -> Any:
        return mp.matrix(
            [[numbers.randrange(-20, 21) / 20 for _ in range(columns)] for _ in range(rows)]
        )

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + mp.exp(-z))

    rate = mp.mpf("0.5")
    x, y = drawn(2, 1), drawn(1, 1)
    W1, b1, W2, b2 = drawn(3, 2), drawn(3, 1), drawn(1, 3), drawn(1, 1)
    a1 = (W1 * x + b1).apply(sigmoid)
    a2 = (W2 * a1 + b2).apply(sigmoid)
    delta2, delta1 = mp.matrix(1, 1), mp.matrix(3, 1)
    delta2[0] = (a2[0] - y[0]) * a2[0] * (1 - a2[0])
    passed = W2.T * delta2
    for i in range(3):
        delta1[i] = passed[i] * a1[i] * (1 - a1[i])
    gradients = {"dW1": delta1 * x.T, "db1": delta1, "dW2": delta2 * a1.T, "db2": delta2}
    updates = {
        "W1_new": W1 - rate * gradients["dW1"],
        "b1_new": b1 - rate * delta1,
        "W2_new": W2 - rate * gradients["dW2"],
        "b2_new": b2 - rate * delta2,
    }
    given = {"x": x, "y": y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return {
        "given": {
            name: [[float(e) for e in row] for row in m.tolist()] for name, m in given.items()
        },
        "answers": {
            name: [[mp.nstr(entry, DIGITS) for entry in row] for row in matrix.tolist()]
            for name, matrix in (gradients | updates).items()
        },
    }


def gated(chunk: Chunk) -> list[str]:
    """Return the exercise documents of a chunk, gated and not certified."""
    template = compile_template(chunk.problem_set, chunk.exercise)
    accepted = accept(template, [Search(key) for key in chunk.stream_keys()], chunk.rules)
    return [template.written(each.exercise) for each in accepted]


def files(chunk: Chunk) -> list[str]:
    """Return the exercise and solution documents of a chunk."""
    return list(chain.from_iterable((each.exercise, each.solution) for each in make(chunk)))


def files_checked_fast(chunk: Chunk) -> list[str]:
    """Return the exercise and solution documents of a chunk, checked fast."""
    return files(replace(chunk, check="fast"))


def pieces(count: int, size: int) -> Iterator[Chunk]:
    """Yield the work on so many students."""
    rules = rules_of(compile_template(SET, EXERCISE))
    for students in chunks(list(map(str, range(count))), size):
        yield Chunk(problem_set=SET, exercise=EXERCISE, students=students, rules=rules, secret=b"0")


def generated(run: Run, work: Callable[[Chunk], list[str]], size: int) -> list[str]:
    """Return the documents that are made of all students' pieces, in order."""
    return [text for texts in run(work, pieces(COUNT, size)) for text in texts]


Made = dict[str, list[str]]


@dataclass(frozen=True)
class Compared:
    """How long every way to generate took, and what each made.

    Args:
        alone: of one process, in its processor's seconds, which other work does not lengthen.
        shared: of several, by the clock.
        made: the documents.
    """

    alone: Timings
    shared: Timings
    made: Made


def compare() -> Compared:
    """Time every way to generate, and return what each made.

    Raises:
        ArithmeticError: sharing the work changed the documents.
    """
    with workers(1) as alone, workers(PROCESSES) as shared:
        by_one, made = measure(
            {
                PLAIN: lambda: plain(COUNT),
                GATED: lambda: generated(alone, gated, COUNT),
                FILES: lambda: generated(alone, files, CHUNK),
                FAST: lambda: generated(alone, files_checked_fast, CHUNK),
            },
            budget=BUDGET,
            clock=process_time,
        )
        by_all, made_by_all = measure(
            {
                PLAIN: lambda: plain(COUNT),
                GATED_SHARED: lambda: generated(shared, gated, COUNT // PROCESSES),
                FILES_SHARED: lambda: generated(shared, files, COUNT // PROCESSES),
            },
            budget=BUDGET,
        )
    for one, other in ((GATED, GATED_SHARED), (FILES, FILES_SHARED)):
        if made[one] != made_by_all[other]:
            raise ArithmeticError(f"{other}: other documents than {one}")
    return Compared(by_one, by_all, made)


def page(compared: Compared) -> Iterator[str]:
    """Yield the lines of the page."""
    yield INTRODUCTION
    yield machine()
    yield ""
    yield f"| what | milliseconds a variant | variants a second | {PLAIN} / this |"
    yield "| --- | ---: | ---: | ---: |"
    for name in (PLAIN, GATED, GATED_SHARED, FILES, FILES_SHARED, FAST):
        timings = compared.alone if name in compared.alone else compared.shared
        each = timings.best(name) / COUNT
        ratio = timings.ratio(PLAIN, name)
        yield f"| {name} | {1000 * each:.2f} | {1 / each:,.0f} | {ratio:.2f} |"
    yield ""
    yield from million(compared.alone, compared.made)


def million(timings: Timings, made: Made) -> Iterator[str]:
    """Yield the plan for a million variants, from what was measured."""
    core = timings.best(FILES) / COUNT
    sizes = [len(text.encode()) for text in made[FILES]]
    exercise, solution = (sum(sizes[start::2]) / COUNT for start in (0, 1))
    hours = MILLION * core / 3600
    minutes = MILLION * timings.best(GATED) / COUNT / 60
    shared = 3600 * hours / 64
    gibibytes = MILLION * (exercise + solution) / 2**30
    yield "## A million variants, on paper\n"
    yield "Nobody has generated a million here; this follows from the rates above.\n"
    yield f"- Time: {hours:.1f} hours of one core with proven solutions, {shared:.0f} seconds"
    yield "  of 64 such cores while the one that writes keeps up; drawing and gating alone takes"
    yield f"  {minutes:.0f} minutes of one core."
    yield f"- Disk: {exercise / 1024:.1f} KiB an exercise and {solution / 1024:.1f} KiB a solution,"
    yield f"  {gibibytes:.0f} GiB in {2 * MILLION:,} files: split the roster over directories, and"
    yield "  mind the file system's count of inodes."
    yield "- Writing is the coordinating process's alone. It also keeps 16 bytes a variant to find"
    yield "  duplicates, and the list of files that it prints, in memory."
    yield "- Interruption: what is written is whole; run the same command again and it goes on. It"
    yield "  reads what is there of each variant, and does not solve it again."
    yield "- Under `--cluster` the set, the students' ids and the seed go to the workers, and the"
    yield "  documents come back: use a scheduler that you trust, over TLS."


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(GARBAGE)
    write(PAGE, "\n".join(page(compare())) + "\n")
