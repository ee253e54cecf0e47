"""`gradgrade solve`."""

import rich_click as click

from service.cli.options import exercise_argument, format_option
from service.cli.output import print_lines
from service.cli.reading import read_exercise


@click.command()
@exercise_argument()
@click.option(
    "--digits", type=int, help="Significant digits of every entry.  [default: json 50, text 10]"
)
@format_option()
def solve(exercise_path: str, digits: int | None, form: str) -> None:
    """Print the worked solution of an exercise (a file, or - for standard input)."""
    exercise = read_exercise(exercise_path)
    if form == "json":
        from problems import solve as solve_exercise

        text = solve_exercise(exercise, digits=50 if digits is None else digits).to_json()
        click.echo(text, nl=False)
    else:
        from problems.worksheet.text import worked_solution

        print_lines(worked_solution(exercise, digits=10 if digits is None else digits))
