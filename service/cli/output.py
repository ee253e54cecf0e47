"""Printing results: tables that never cut a value short, JSON, and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from gradgrade.service.jobs import Run

T = TypeVar("T")

LINE_SECONDS = 30
"""How often a log is told how far something is."""


def print_json(value: Any) -> None:
    """Print a value as documents are written."""
    from gradgrade.problems.documents import strict_json

    click.echo(strict_json.dumps(value), nl=False)


def print_note(text: str) -> None:
    """Print a line on standard error, beside what is asked for."""
    from gradgrade.problems.documents.text import printable

    click.echo(printable(text), err=True)


def print_lines(text: str) -> None:
    """Print a text of several lines."""
    from gradgrade.problems.documents.text import printable

    click.echo("\n".join(map(printable, text.split("\n"))), nl=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: with rules on a terminal, as aligned columns elsewhere."""
    from gradgrade.problems.documents.text import printable

    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout is not None and sys.stdout.isatty():
        _print_rich_table(columns, cells)
        return
    click.echo(aligned(columns, cells), nl=False)


def aligned(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    r"""Return a table as aligned columns of text.

    >>> aligned(["a", "b"], [["one", "two"]])
    'a    b\none  two\n'
    """
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [columns, *cells]
    )
    return "".join(f"{row.rstrip()}\n" for row in padded)


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


def progress(items: Iterable[T], description: str, total: int | None = None) -> Iterable[T]:
    """Return the items, and tell on standard error how far they have passed.

    A terminal is shown a bar: how many have passed of the total, how many pass in a second, and the
    time left. Elsewhere, as in a log, there is a line whenever `LINE_SECONDS` are over. The total
    need not be given where the items can be counted.
    """
    if sys.stderr is None:
        return items
    if total is None and isinstance(items, Sized):
        total = len(items)
    told = _with_bar if sys.stderr.isatty() else with_lines
    return told(items, description, total)


def showing(run: Run, description: str) -> Run:
    """Return whoever works as `run` does, and tells how far they are as `progress` does."""

    def shown(function: Callable[[Any], Any], tasks: Iterable[Any], /) -> Iterator[Any]:
        return iter(progress(run(function, tasks), description))

    return shown


def with_lines(
    items: Iterable[T],
    description: str,
    total: int | None,
    *,
    clock: Callable[[], float] = monotonic,
) -> Iterator[T]:
    """Return the items, with a line on standard error every now and then while they pass.

    Args:
        items: what passes.
        description: what is done.
        total: how many there are; None: nobody knows.
        clock: tells the seconds that pass.
    """
    began = last = clock()
    for passed, item in enumerate(items, start=1):
        yield item
        now = clock()
        if now - last < LINE_SECONDS:
            continue
        last = now
        of_total, left = "", ""
        if total is not None:
            of_total = f" of {total}"
            left = f", {(total - passed) * (now - began) / passed:.0f} s left"
        line = f"{description}: {passed}{of_total} in {now - began:.0f} s{left}"
        click.echo(line, err=True)


def _with_bar(items: Iterable[T], description: str, total: int | None) -> Iterator[T]:
    from rich import progress as bars
    from rich.console import Console
    from rich.text import Text

    class Rate(bars.ProgressColumn):
        """How many pass in a second."""

        def render(self, task: bars.Task) -> Text:
            return Text("" if task.speed is None else f"{task.speed:.3g}/s")

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        Rate(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, total, description=description)
