"""What programs cost: `python -m benchmarks.programs BEFORE` writes a part of docs/benchmarks.md.

BEFORE is a checkout of the version before there were programs.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import click

from benchmarks.as_programs import PAIRS, VARIANTS, of_sizes, of_the_catalogue
from benchmarks.report import PROGRAMS, machine
from benchmarks.versions import Version, cases
from gradgrade.service.cli.writing import write

EVERY = 1
SAME, TWICE = 1.1, 1.3
OVER = f"program / network (target ≤ {TWICE})"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"

INTRODUCTION = f"""\
{PROGRAMS}

Measured, with this part of the page written, by `python -m benchmarks.programs`; with 50 digits.
All ratios are medians over pairs that run one after the other, in alternating order. Times are of
the processor, so that what else a machine does is not among them.
"""

BEFORE = f"""\
Chains of layers now, over the version before there were programs, in two processes that take turns
({PAIRS} pairs each). A wrong answer has one part doubled.
"""

AS_PROGRAM = f"""\
Networks of the catalogue written as programs, over the same networks as layers: the same digits,
from lines of text. Both are asked the gradients and updates of the parameters, and
given the same answers; the middle of {VARIANTS} variants, up to {PAIRS} pairs of each. In brackets
is the variant that takes the most: where what cancels has a name of its own in a program, that may
need more bits than the network.
"""

OF_SIZES = """\
Dense networks with sigmoid units and half the squared error, one proof of each.
"""


def versions(before: Path) -> Iterator[tuple[str, str, float, float]]:
    """Yield what was run, of what, how long it takes now, and over the version before."""
    now = Path(__file__).resolve().parents[1]
    with Version(now) as new, Version(before) as old:
        for case in cases():
            pairs = []
            for repetition in range(PAIRS + 1):
                order = (new, old) if repetition % 2 else (old, new)
                taken = {version: version.seconds(case) for version in order}
                pairs.append((taken[new], taken[old]))
            counted = pairs[1:]
            yield *case, min(each for each, _ in counted), median(a / b for a, b in counted)


def page(before: Path, every: int) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield INTRODUCTION
    yield f"{machine()}\n"
    yield BEFORE
    yield f"| what | network | milliseconds | now / before (target ≤ {SAME}) |"
    yield "| --- | --- | ---: | ---: |"
    for what, network, seconds, ratio in versions(before):
        yield f"| {what} | {network} | {1000 * seconds:.3g} | {ratio:.2f} |"
    yield ""
    yield AS_PROGRAM
    yield from _of_the_catalogue(every)
    yield ""
    yield OF_SIZES
    yield f"| network | milliseconds | {OVER} |"
    yield "| --- | ---: | ---: |"
    for case, seconds, ratio in of_sizes():
        yield f"| {case}, batch {case.batch} | {1000 * seconds:.3g} | {ratio:.2f} |"


def _of_the_catalogue(every: int) -> Iterator[str]:
    yield f"| network | solve, ms | {OVER} | grade, ms | {OVER} |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    middles: dict[str, list[float]] = {}
    for name, found in of_the_catalogue(every):
        cells = []
        for what, (seconds, ratios) in found.items():
            middles.setdefault(what, []).append(median(ratios))
            cells += [f"{1000 * seconds:.3g}", f"{median(ratios):.2f} ({max(ratios):.2f})"]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    for what, ratios in middles.items():
        met = sum(each <= TWICE for each in ratios)
        yield (
            f"- {what}: median {median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}; "
            f"{met} of {len(ratios)} within {TWICE}, by the middle of their variants."
        )


@click.command()
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--every", default=EVERY, help="Each so-manieth network; printed alone.")
def main(before: Path, every: int) -> None:
    """Measure, and write this part of the page."""
    text = "\n".join(page(before, every))
    if every == EVERY:
        others = PAGE.read_text("utf-8").partition(PROGRAMS)[0].rstrip("\n")
        write(PAGE, f"{others}\n\n{text}\n")
    click.echo(text)


if __name__ == "__main__":
    main()
