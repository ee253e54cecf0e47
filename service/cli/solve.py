"""`gradgrade solve`."""

import rich_click as click

from gradgrade.service.cli.options import exercise_argument
from gradgrade.service.cli.output import print_lines
from gradgrade.service.cli.reading import read_exercise

FORMATS = ("text", "json", "markdown", "latex", "html")


@click.command()
@exercise_argument()
@click.option(
    "--digits",
    type=int,
    help="Significant digits of every entry.  [default: json 50, text 10, others 6]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the solution is printed.",
)
def solve(exercise_path: str, digits: int | None, form: str) -> None:
    """Print the worked solution of an exercise (a file, or - for standard input)."""
    exercise = read_exercise(exercise_path)
    if digits is None:
        digits = {"json": 50, "text": 10}.get(form, 6)
    if form == "json":
        from gradgrade.problems import solve as solve_exercise

        click.echo(solve_exercise(exercise, digits=digits).to_json(), nl=False)
    elif form == "text":
        from gradgrade.problems.worksheet.formats.text import worked_solution

        print_lines(worked_solution(exercise, digits=digits))
    else:
        from gradgrade.problems.exports.sheets import RENDERERS
        from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet

        click.echo(RENDERERS[form](make_answer_sheet(exercise, digits=digits)), nl=False)
