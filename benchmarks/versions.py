"""Two versions of gradgrade side by side: a process of each, which run in turn.

`python benchmarks/versions.py` is such a process: it imports the version on its path, reads the
name of a case a line, and answers with the seconds that a run of it took.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import ceil
from pathlib import Path
from time import process_time
from timeit import Timer
from typing import Any, Self

DIGITS = 50
LEAST_SECONDS = 0.03
CHAINS = {
    "2-2-2, batch 1": ((2, 2, 2), 1),
    "8-16-8-4, batch 1": ((8, 16, 8, 4), 1),
    "32-64-32-10, batch 1": ((32, 64, 32, 10), 1),
    "8-16-8-4, batch 32": ((8, 16, 8, 4), 32),
}
GRADED = (("seeds", "000-two-layer-batch"), ("depth", "8-16-8-4"))
WALKED, SOLVED = "ball walk", "certified solve"
GRADED_RIGHT, GRADED_WRONG = "grade of right answers", "grade of wrong answers"


def cases() -> Iterator[tuple[str, str]]:
    """Yield what is run, and of which network."""
    for chain in CHAINS:
        yield from ((WALKED, chain), (SOLVED, chain))
    for _, name in GRADED:
        yield from ((GRADED_RIGHT, name), (GRADED_WRONG, name))


class Version:
    """A process that runs one version.

    Args:
        root: of its checkout.
    """

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(root / "src"), str(root)))},
        )

    def __enter__(self) -> Self:
        """Return the version."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.communicate()

    def seconds(self, case: tuple[str, str]) -> float:
        """Run a case, and return what a run of it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("\t".join(case), file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


def _serve() -> None:
    runs = _runs()
    loops: dict[str, int] = {}
    for line in sys.stdin:
        case = line.rstrip("\n")
        run = runs[case]
        if case not in loops:
            run()
            start = process_time()
            run()
            loops[case] = ceil(LEAST_SECONDS / max(process_time() - start, 1e-7))
        print(Timer(run, timer=process_time).timeit(loops[case]) / loops[case], flush=True)


def _runs() -> Mapping[str, Callable[[], Any]]:
    # Imported here: which version it is of, the path says.
    from benchmarks.engines import ball_walk, certified_solve
    from benchmarks.networks import Case
    from gradgrade.problems import catalogue, generate
    from gradgrade.problems.grade import Grader

    runs: dict[str, Callable[[], Any]] = {}
    for chain, (sizes, batch) in CHAINS.items():
        case = Case(sizes, batch)
        runs[f"{WALKED}\t{chain}"] = ball_walk(case, DIGITS).run
        runs[f"{SOLVED}\t{chain}"] = certified_solve(case, DIGITS).run
    for set_name, name in GRADED:
        exercise = generate(catalogue.load(set_name), name, student="1", secret=b"benchmark")
        grader = Grader(exercise)
        right = {part.name: grader.solution[part.name].float64 for part in exercise.ask}
        wrong = right | {exercise.ask[-1].name: _doubled(right[exercise.ask[-1].name])}
        runs[f"{GRADED_RIGHT}\t{name}"] = partial(grader.grade, right)
        runs[f"{GRADED_WRONG}\t{name}"] = partial(grader.grade, wrong)
    return runs


def _doubled(array: Any) -> Any:
    return [_doubled(each) for each in array] if isinstance(array, list) else 2 * array


if __name__ == "__main__":
    # A script's own directory is no place to import from.
    sys.path.pop(0)
    _serve()
