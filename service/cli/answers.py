"""`gradgrade answers`."""

import rich_click as click

from gradgrade.service.cli.options import exercise_argument
from gradgrade.service.cli.output import print_json
from gradgrade.service.cli.reading import read_exercise


@click.command()
@exercise_argument()
def answers(exercise_path: str) -> None:
    """Print an answers file to fill in: the right shapes, null in every place."""
    exercise = read_exercise(exercise_path)

    from gradgrade.problems.documents.answers import blank_answers

    print_json(blank_answers(exercise))
