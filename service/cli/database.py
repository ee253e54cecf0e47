"""`gradgrade database`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.course.here import check_database, named_file
from gradgrade.service.cli.options import config_option, database_option, format_option
from gradgrade.service.cli.output import print_json, print_lines

if TYPE_CHECKING:
    from gradgrade.service.store.engine import Store

NOT_SOUND = 3


@click.group()
def database() -> None:
    """Make, keep and check the database of a course."""


@database.command()
@database_option()
@config_option()
def migrate(database: str | None, config: str | None) -> None:
    """Make the tables, or bring them up to this version; rows are kept."""
    from gradgrade.service.store.migrate import migrate

    with _opened(database, config) as store:
        migrate(store)
    click.echo("the tables are current")


@database.command()
@click.argument("file", type=click.Path(path_type=Path))
@database_option()
@config_option()
def backup(file: Path, database: str | None, config: str | None) -> None:
    """Write a backup to FILE, while the server may go on writing."""
    from gradgrade.service.store.backup import backup

    with _opened(database, config, exists=True) as store:
        backup(store, file)
    click.echo(f"the backup is in {file}")


@database.command()
@click.argument("file", type=click.Path(path_type=Path))
@database_option()
@config_option()
def restore(file: Path, database: str | None, config: str | None) -> None:
    """Fill an empty database from the backup FILE, and migrate it."""
    from gradgrade.service.store.backup import restore

    with _opened(database, config) as store:
        restore(store, file)
    click.echo("the database is restored")


@database.command()
@database_option()
@config_option()
@format_option()
def check(database: str | None, config: str | None, form: str) -> int:
    """Tell what is wrong with a database; exits with 3 if something is."""
    from gradgrade.service.store.integrity import find_faults

    with _opened(database, config, exists=True) as store:
        faults = find_faults(store)
    if form == "json":
        print_json(faults)
    else:
        print_lines("".join(f"{each}\n" for each in faults or ["no problems"]))
    return NOT_SOUND if faults else 0


@contextmanager
def _opened(database: str | None, config: str | None, *, exists: bool = False) -> Iterator[Store]:
    """Provide the store of the settings; where it must exist, no file is made."""
    from gradgrade.service.settings import load
    from gradgrade.service.store.engine import open_store

    store = open_store(load(config, database=database).database)
    try:
        with named_file(store):
            if exists:
                check_database(store)
            yield store
    finally:
        store.close()
