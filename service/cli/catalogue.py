"""`gradgrade catalogue`."""

import rich_click as click

from gradgrade.service.cli.options import format_option
from gradgrade.service.cli.output import print_json, print_table


@click.group(invoke_without_command=True)
@format_option()
@click.pass_context
def catalogue(context: click.Context, form: str) -> None:
    """List the problem sets that ship."""
    if context.invoked_subcommand is not None:
        return

    from gradgrade.problems.catalogue import load, names

    sets = [load(name) for name in names()]
    if form == "json":
        print_json(
            [
                {
                    "name": each.name,
                    "title": each.title,
                    "exercises": [exercise.name for exercise in each.exercises],
                }
                for each in sets
            ]
        )
    else:
        rows = ([each.name, each.title, str(len(each.exercises))] for each in sets)
        print_table(["name", "title", "exercises"], rows)


@catalogue.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a problem set as TOML."""
    from gradgrade.problems.catalogue import text

    click.echo(text(name), nl=False)
