"""`gradgrade grade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from service.cli.options import exercise_argument, format_option
from service.cli.output import print_table
from service.cli.reading import only_one_from_standard_input, read, read_exercise

if TYPE_CHECKING:
    from problems import Verdict

FULL_MARKS, NOT_FULL_MARKS = 0, 1


@click.command()
@exercise_argument()
@click.argument("answers_path", metavar="ANSWERS")
@format_option()
def grade(exercise_path: str, answers_path: str, form: str) -> int:
    """Grade answers to an exercise; either can be - for standard input.

    Exits with 0 on full marks, with 1 on less.
    """
    only_one_from_standard_input(EXERCISE=exercise_path, ANSWERS=answers_path)
    exercise = read_exercise(exercise_path)

    from problems import Answers
    from problems import grade as grade_answers

    verdict = grade_answers(exercise, read(answers_path, Answers.from_json))
    if form == "json":
        click.echo(verdict.to_json(), nl=False)
    else:
        _print_text(verdict)
    return FULL_MARKS if verdict.score == verdict.max_score else NOT_FULL_MARKS


def _print_text(verdict: Verdict) -> None:
    rows = (
        [part.name, part.outcome, f"{part.score}/{part.max_score}", part.feedback]
        for part in verdict.parts
    )
    print_table(["part", "outcome", "points", "feedback"], rows)
    click.echo(f"{verdict.outcome}: {verdict.score} of {verdict.max_score} points")
