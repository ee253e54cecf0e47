"""The command behind `make bench`: every engine side by side, in one run."""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from re import ASCII, fullmatch
from time import process_time

import click

from benchmarks import growth, report
from benchmarks.engines import AGREEMENT, MATRIX, Engine, disagreement, engines
from benchmarks.many import checked_fast
from benchmarks.memory import peak_memory
from benchmarks.networks import BATCHES, SIZES, Case
from benchmarks.plot import plot
from benchmarks.report import MEMORY_CASE, MEMORY_DIGITS, Measured
from benchmarks.timing import measure
from gradgrade.service.cli.writing import write

DIGITS = (30, 50, 100)
COUNT = click.IntRange(min=1)
Sizes = tuple[int, ...]
BUDGET, QUICK_BUDGET = 1.5, 0.5
"""Seconds for the two of a ratio."""

DOCS = Path(__file__).resolve().parents[1] / "docs"


def compare(case: Case, digits: int, *, budget: float) -> Measured:
    """Time the two engines of each ratio on one case, in turn, with nothing between.

    Raises:
        ArithmeticError: two engines' results are further apart than they may be.
    """
    built = {engine.name: engine for engine in _built(case, digits)}
    times = {name: engine.times for name, engine in built.items()}
    timings, results = {}, {}
    for pair in report.RATIOS:
        if not set(pair) <= built.keys():
            continue
        runs = {name: built[name].run for name in pair}
        measured, returned = measure(runs, budget=budget, clock=process_time)
        timings[pair] = measured.divided(times)
        results.update({name: built[name].read(each) for name, each in returned.items()})
    expected = results[MATRIX]
    apart = {name: disagreement(found, expected) for name, found in results.items()}
    for name, error in apart.items():
        if not error <= AGREEMENT:
            raise ArithmeticError(f"{case}, batch {case.batch}: {name} is {error:.1e} off")
    return Measured(case, digits, timings, max(apart.values()))


def _built(case: Case, digits: int) -> Iterator[Engine]:
    return (build(case, digits) for build in (*engines(), checked_fast))


def _networks(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> list[Sizes]:
    return [_sizes(text) for text in texts]


def _sizes(text: str) -> Sizes:
    if not fullmatch(r"[1-9][0-9]*(-[1-9][0-9]*)+", text, ASCII):
        raise click.BadParameter(f"{text!r} is no list of units, as 8-16-8-4")
    return tuple(map(int, text.split("-")))


@click.command()
@click.option("--quick", is_flag=True, help="50 digits and batch 1 only, briefly; writes nothing.")
@click.option("--digits", type=COUNT, multiple=True, help="Only these; writes nothing.")
@click.option("--batch", type=COUNT, multiple=True, help="Only these; writes nothing.")
@click.option(
    "--network",
    multiple=True,
    callback=_networks,
    help="Only these, as 8-16-8-4; writes nothing.",
)
def main(
    quick: bool,
    digits: tuple[int, ...],
    batch: tuple[int, ...],
    network: tuple[tuple[int, ...], ...],
) -> None:
    """Measure our engines and their peers, and write docs/benchmarks.md and .svg."""
    whole = not (quick or digits or batch or network)
    all_digits, batches = ((50,), (1,)) if quick else (digits or DIGITS, batch or BATCHES)
    measured = []
    for count, samples, sizes in product(all_digits, batches, network or SIZES):
        case = Case(sizes, samples)
        click.echo(f"{count} digits, {case}, batch {samples}", err=True)
        measured.append(compare(case, count, budget=QUICK_BUDGET if quick else BUDGET))
    if not whole:
        click.echo("\n".join(report.tables(measured)))
        return
    click.echo("memory, growth", err=True)
    memory = peak_memory(MEMORY_CASE, MEMORY_DIGITS)
    sizes_, digits_ = growth.by_size(), growth.by_digits()
    lines: Iterable[str] = (
        *(report.INTRODUCTION, f"{report.machine()}\n"),
        *report.targets(measured, memory),
        *report.tables(measured),
        *report.growth(sizes_, digits_),
    )
    write(DOCS / "benchmarks.svg", plot(sizes_, digits_))
    page = DOCS / "benchmarks.md"
    of_programs = page.read_text("utf-8").partition(f"\n{report.PROGRAMS}")[1:]
    write(page, "\n".join(lines).rstrip() + "\n" + "".join(of_programs))


if __name__ == "__main__":
    main()
