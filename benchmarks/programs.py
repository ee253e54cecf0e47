"""What programs cost: `python -m benchmarks.programs BEFORE` writes a part of docs/benchmarks.md.

BEFORE is a checkout of the version before there were programs.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import click

from benchmarks.report import PROGRAMS, machine
from benchmarks.timing import Timings, measure
from benchmarks.versions import Version, cases
from gradgrade.oracle.errors import OracleError
from gradgrade.problems import Exercise, ExerciseError, ProblemSet, catalogue, generate, solve
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.problem_set import NetworkDefinition
from gradgrade.problems.grade import Grader
from gradgrade.service.cli.writing import write
from tests.oracle.programs.networks_as_programs import as_program

PAIRS = 41
EVERY = 1
BUDGET = 1.5
STUDENTS = 40
SAME, TWICE = 1.1, 1.3
NETWORK, PROGRAM = "network", "program"
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
given the same answers; up to {PAIRS} pairs of each.
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


def as_programs(every: int) -> Iterator[tuple[str, dict[str, Timings]]]:
    """Yield networks of the catalogue, with what their solving and grading took both ways."""
    names = [
        (name, each.name)
        for name in catalogue.names()
        for each in catalogue.load(name).exercises
        if isinstance(each, NetworkDefinition) and not each.stochastic
    ]
    for set_name, name in names[::every]:
        network, program = _both(set_name, name)
        yield f"{set_name}/{name}", dict(_timed(network, program))


def _timed(network: NetworkExercise, program: Exercise) -> Iterator[tuple[str, Timings]]:
    for what, runs in (
        ("certified solve", {NETWORK: partial(solve, network), PROGRAM: partial(solve, program)}),
        ("grade", _gradings(network, program)),
    ):
        yield what, measure(runs, budget=BUDGET, clock=process_time, most=PAIRS)[0]


def _gradings(network: NetworkExercise, program: Exercise) -> dict[str, Callable[[], Any]]:
    graders = {NETWORK: Grader(network), PROGRAM: Grader(program)}
    answers = {
        name: {part.name: each.solution[part.name].float64 for part in each.exercise.ask}
        for name, each in graders.items()
    }
    return {name: partial(each.grade, answers[name]) for name, each in graders.items()}


def _both(set_name: str, name: str) -> tuple[NetworkExercise, Exercise]:
    """Return a network that asks for what its program asks for, and the program."""
    for student in map(str, range(STUDENTS)):
        network = generate(catalogue.load(set_name), name, student=student, secret=b"0")
        assert isinstance(network, NetworkExercise)
        data = {"schema": "gradgrade/problem-set/1", "name": "as-program"}
        problem_set = ProblemSet.from_data(data | {"exercises": [as_program(network)]})
        try:
            program = generate(problem_set, name, student="1", secret=b"0")
        except (ExerciseError, OracleError):
            continue  # two units that are off are pooled: a maximum has no gradient
        shown = network.derivation().results
        asked = [part for part in program.ask if part.name in shown]
        parts = [
            part.model_copy(
                update={"shape": list(shown[part.name].document_shape(network.convention))}
            )
            for part in asked
        ]
        return _asking(network, parts), _asking(program, asked)
    raise ExerciseError(f"{set_name}/{name}: no variant can be written as a program")


def _asking(exercise: Any, parts: Iterable[Any]) -> Any:
    data = exercise.to_data()
    data["ask"] = [part.model_dump(exclude_none=True) for part in parts]
    data["points"] = round(sum(float(str(each["points"])) for each in data["ask"]), 2)
    return type(exercise).from_data(data)


def page(
    before: Iterable[tuple[str, str, float, float]],
    networks: Iterable[tuple[str, dict[str, Timings]]],
) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield INTRODUCTION
    yield f"{machine()}\n"
    yield BEFORE
    yield f"| what | network | milliseconds | now / before (target ≤ {SAME}) |"
    yield "| --- | --- | ---: | ---: |"
    for what, network, seconds, ratio in before:
        yield f"| {what} | {network} | {1000 * seconds:.3g} | {ratio:.2f} |"
    yield ""
    yield AS_PROGRAM
    over = f"program / network (target ≤ {TWICE})"
    yield f"| network | solve, ms | {over} | grade, ms | {over} |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    ratios: dict[str, list[float]] = {"certified solve": [], "grade": []}
    for name, timings in networks:
        cells = []
        for what, each in timings.items():
            ratios[what].append(each.ratio(PROGRAM, NETWORK))
            cells += [f"{1000 * each.best(PROGRAM):.3g}", f"{ratios[what][-1]:.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    for what, found in ratios.items():
        met = sum(each <= TWICE for each in found)
        yield (
            f"- {what}: median {median(found):.2f}, from {min(found):.2f} to {max(found):.2f}; "
            f"{met} of {len(found)} within {TWICE}."
        )


@click.command()
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--every", default=EVERY, help="Each so-manieth network; printed alone.")
def main(before: Path, every: int) -> None:
    """Measure, and write this part of the page."""
    lines = page(list(versions(before)), list(as_programs(every)))
    text = "\n".join(lines)
    if every == EVERY:
        others = PAGE.read_text("utf-8").partition(PROGRAMS)[0].rstrip("\n")
        write(PAGE, f"{others}\n\n{text}\n")
    click.echo(text)


if __name__ == "__main__":
    main()
