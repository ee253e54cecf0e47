"""`gradgrade draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import exercise_argument
from gradgrade.service.cli.reading import only_one_from_standard_input, read, read_exercise
from gradgrade.service.cli.writing import write

if TYPE_CHECKING:
    from gradgrade.problems import Exercise
    from gradgrade.problems.drawing.scene import Mark


@click.command()
@exercise_argument()
@click.option("--out", metavar="FILE", help="Where to write it.  [default: standard output]")
@click.option("--turned", is_flag=True, help="Layers from top to bottom, for narrow pages.")
@click.option("--verdict", metavar="FILE", help="A verdict on this exercise, to be marked on it.")
@click.option(
    "--statistics",
    metavar="FILE",
    help="A set's statistics: how many students first went wrong at each quantity.",
)
def draw(
    exercise_path: str,
    out: str | None,
    turned: bool,
    verdict: str | None,
    statistics: str | None,
) -> None:
    """Draw the network or the computation graph of an exercise (a file, or -) as SVG.

    Weights stand on their edges, biases, inputs and targets at their units, as far as there is
    room; large layers are drawn in part, and other layers as boxes. In a graph values stand above
    the edges and gradients below; large programs are drawn by lines. It shows what is given and
    what is marked, and no expected value. The same exercise always gives the same bytes.
    """
    if verdict is not None and statistics is not None:
        raise click.UsageError("--verdict and --statistics mark different things: give one of them")
    only_one_from_standard_input(EXERCISE=exercise_path, verdict=verdict, statistics=statistics)
    exercise = read_exercise(exercise_path)
    marks: tuple[Mark, ...] = ()
    if verdict is not None:
        marks = _of_verdict(exercise, verdict)
    elif statistics is not None:
        marks = _of_statistics(exercise, statistics)

    from gradgrade.problems.drawing.draw import draw_alone

    drawing = draw_alone(exercise, is_turned=turned, marks=marks)
    if not drawing:
        raise BadInput(f"{exercise_path}: the program has too many lines to be drawn")
    if out is None:
        click.echo(drawing, nl=False)
    else:
        write(Path(out), drawing)


def _of_verdict(exercise: Exercise, path: str) -> tuple[Mark, ...]:
    from gradgrade.problems.documents.verdict import Verdict
    from gradgrade.problems.drawing.marks import marks_of_verdict

    found = read(path, Verdict.from_json)
    if found.exercise != exercise.id:
        raise BadInput(
            f"{path}: it is on exercise {found.exercise}, and this is {exercise.id}; "
            "give the verdict on this one"
        )
    outcomes = {part.name: part.outcome for part in found.parts}
    return marks_of_verdict(exercise, outcomes=outcomes, first_error=found.first_error)


def _of_statistics(exercise: Exercise, path: str) -> tuple[Mark, ...]:
    from gradgrade.problems.drawing.marks import marks_of_first_errors
    from gradgrade.service.course.grades.statistics_document import Statistics

    found = read(path, Statistics.from_json)
    of_it = [each for each in found.exercises if each.name == exercise.name]
    if found.problem_set != exercise.problem_set or not of_it:
        raise BadInput(
            f"{path}: it is on problem set {found.problem_set}, which has no exercise "
            f"{exercise.name}; give the statistics of {exercise.problem_set}"
        )
    counts = {part.name: 0 for part in exercise.ask}
    counts |= {each.quantity: each.students for each in of_it[0].first_errors}
    return marks_of_first_errors(exercise, counts)
