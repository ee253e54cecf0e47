"""`gradgrade new`."""

from importlib.resources import files
from pathlib import Path

import rich_click as click

from service.cli.errors import BadInput
from service.cli.writing import write


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def new(path: Path, force: bool) -> None:
    """Write a commented problem set to start from."""
    if path.exists() and not force:
        raise BadInput(f"{path}: there is such a file already (--force overwrites it)")
    write(path, (files(__package__) / "starter.toml").read_text("utf-8"))
    click.echo(f"wrote {path}")
