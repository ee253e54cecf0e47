"""`gradgrade statistics`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.options import format_option, set_argument
from gradgrade.service.cli.output import print_json, print_table


@click.command()
@set_argument()
@course_options
@format_option()
def statistics(name: str, place: Place, form: str) -> None:
    """Show what the students of the set NAME reached, and where they went wrong."""
    with asked_course(place) as course:
        found = course.statistics(name)
    if form == "json":
        print_json(found)
        return
    print_table(
        ["exercise", "handed in", "attempts each", "mean", "median", "of", "full marks"],
        [*map(_reached, found["exercises"]), _reached({"name": "all", **found})],
    )
    errors = [
        [each["name"], error["quantity"], str(error["students"])]
        for each in found["exercises"]
        for error in each["first_errors"]
    ]
    _print("went wrong first", ["exercise", "quantity", "students"], errors)
    mistakes = [
        [each["title"], str(each["named"]), str(each["first"])] for each in found["misconceptions"]
    ]
    _print("known mistakes", ["mistake", "named", "likeliest"], mistakes)


def _reached(part: Mapping[str, Any]) -> Sequence[str]:
    figures = part["figures"]
    return [
        part["name"],
        f"{figures['submitted']} of {figures['students']}",
        *(_number(figures[each]) for each in ("mean_attempts", "mean", "median", "max_score")),
        str(figures["full_marks"]),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        click.echo(f"\n{title}")
        print_table(columns, rows)
