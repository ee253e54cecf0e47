"""How what is proven costs as one thing grows: `python -m benchmarks.laws` writes a page.

That is docs/cost-laws.md: a certified solve against size, depth, batch, iterations and digits, and
generation with solutions against the cohort. Times are of the processor.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import process_time

from benchmarks.generation import EXERCISE, SET, files
from benchmarks.growth import Curve
from benchmarks.networks import Case, growing
from benchmarks.report import machine
from benchmarks.timing import measure
from gradgrade.oracle.proof.certify import certify
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk
from gradgrade.service.cli.writing import write

DIGITS = 50
BUDGET = 1.5
PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost-laws.md"

WIDTH = 8
NETWORK = Case((8, 16, 8, 4), batch=1)
SIZES = 8
DEPTHS = (2, 4, 8, 16, 32, 64)
BATCHES = (1, 4, 16, 64, 256, 1024)
ITERATIONS = (1, 2, 4, 8, 16, 32)
DIGITS_ASKED = (30, 50, 100, 200, 400, 800, 1000)
COHORTS = (1, 4, 16, 64, 256, 1024)

INTRODUCTION = f"""\
# Cost laws

What is proven costs more as an exercise grows in one way or another; measured, with this page
written, by `python -m benchmarks.laws`. A certified solve is that of the oracle, at {DIGITS} digits
but where digits are what grows: sigmoid layers, half squared error, SGD. Students are variants of a
2-3-1 network, gated and proven, with their exercise and solution documents, the rules found before.
Times are of the processor. Exponents are of the power law through the upper half of the points,
least squares: 1 where the cost grows as fast as the amount.
"""


@dataclass(frozen=True)
class Law:
    """What grows, and what it is of."""

    what: str
    of: str
    curve: Curve


def laws() -> Iterator[Law]:
    """Yield each law as it is measured."""
    sizes = {case.parameters: case for case in growing(SIZES)}
    depths = {depth: Case((WIDTH,) * (depth + 1), batch=1) for depth in DEPTHS}
    batches = {batch: Case(NETWORK.sizes, batch) for batch in BATCHES}
    iterations = {count: Case(NETWORK.sizes, 1, count) for count in ITERATIONS}
    yield _law("parameters", "three layers of one width", _solves(sizes))
    yield _law("layers", f"layers of {WIDTH} units", _solves(depths))
    yield _law("samples", f"{NETWORK}", _solves(batches))
    yield _law("iterations", f"{NETWORK}", _solves(iterations))
    yield _law("digits", f"{NETWORK}", {each: _solve(NETWORK, each) for each in DIGITS_ASKED})
    yield _law("students", "2-3-1, generated with solutions", _cohorts(COHORTS))


Runs = Mapping[int, Callable[[], object]]


def _solves(cases: Mapping[int, Case]) -> Runs:
    return {amount: _solve(case, DIGITS) for amount, case in cases.items()}


def _solve(case: Case, digits: int) -> Callable[[], object]:
    return lambda: certify(case.derivation, case.givens, digits=digits)


def _cohorts(sizes: Sequence[int]) -> Runs:
    rules = rules_of(compile_template(SET, EXERCISE))

    def run(count: int) -> Callable[[], object]:
        students = tuple(map(str, range(count)))
        chunk = Chunk(
            problem_set=SET, exercise=EXERCISE, students=students, rules=rules, secret=b"0"
        )
        return lambda: files(chunk)

    return {count: run(count) for count in sizes}


def _law(what: str, of: str, runs: Runs) -> Law:
    seconds = []
    for run in runs.values():
        timings, _ = measure({what: run}, budget=BUDGET, clock=process_time)
        seconds.append(timings.best(what))
    return Law(what, of, Curve(what, tuple(runs), tuple(seconds)))


def page(found: Sequence[Law]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield INTRODUCTION
    yield f"{machine()}\n"
    yield "| what grows | of | from | to | milliseconds | exponent |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for law in found:
        curve = law.curve
        first, last = (1000 * curve.seconds[end] for end in (0, -1))
        yield (
            f"| {law.what} | {law.of} | {curve.amounts[0]:,} | {curve.amounts[-1]:,} "
            f"| {first:.3g} to {last:.4g} | {curve.exponent:.2f} |"
        )
    for law in found:
        yield f"\n## {law.what.capitalize()}\n"
        yield f"| {law.what} | milliseconds | times the one before | times the amount |"
        yield "| ---: | ---: | ---: | ---: |"
        points = list(zip(law.curve.amounts, law.curve.seconds, strict=True))
        yield f"| {points[0][0]:,} | {1000 * points[0][1]:.3g} | – | – |"
        for (before, short), (amount, long) in pairwise(points):
            ratio, grown = long / short, amount / before
            yield f"| {amount:,} | {1000 * long:.4g} | {ratio:.2f} | {grown:.2f} |"


def main() -> None:
    """Measure, and write the page."""
    write(PAGE, "\n".join(page(list(laws()))) + "\n")


if __name__ == "__main__":
    main()
