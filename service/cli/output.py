"""Printing results: tables that never cut a value short, JSON, and progress."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import rich_click as click

T = TypeVar("T")


def printable(text: str) -> str:
    r"""Return text with what a terminal would obey, or break a line at, escaped.

    >>> printable("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def print_json(value: Any) -> None:
    """Print a value as documents are written."""
    from problems import strict_json

    click.echo(strict_json.dumps(value), nl=False)


def print_lines(text: str) -> None:
    """Print a text of several lines."""
    click.echo("\n".join(map(printable, text.split("\n"))), nl=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: with rules on a terminal, as aligned columns elsewhere."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout is not None and sys.stdout.isatty():
        _print_rich_table(columns, cells)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in [columns, *cells]:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _print_rich_table(columns: Sequence[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console().print(table)


def progress(items: Sequence[T], description: str) -> Iterable[T]:
    """Return the items, with a bar on standard error while they pass where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return items

    from rich.console import Console
    from rich.progress import track

    return track(items, description, console=Console(stderr=True), transient=True)
