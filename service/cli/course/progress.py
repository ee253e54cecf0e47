"""`gradgrade progress`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.options import format_option, set_argument
from gradgrade.service.cli.output import print_json, print_lines, print_table

SIGNS = MappingProxyType({"not_opened": "-", "opened": "opened"})
WORDS = MappingProxyType(
    {
        "not_opened": "not opened",
        "opened": "opened",
        "handed_in": "handed in",
        "full_marks": "full marks",
    }
)


@click.command()
@set_argument()
@course_options
@format_option()
def progress(name: str, place: Place, form: str) -> None:
    """Show how far every student of the set NAME is in every exercise.

    In a cell are the points of the best attempt and, in brackets, how many attempts were spent.
    """
    with asked_course(place) as course:
        found = course.progress(name)
    if form == "json":
        print_json(found)
        return
    exercises = [each["name"] for each in found["exercises"]]
    rows = (
        [each["id"], each["name"], *(_cell(each["exercises"][exercise]) for exercise in exercises)]
        for each in found["students"]
    )
    print_table(["id", "name", *exercises], rows)
    print_lines("".join(f"{_line(found, exercise)}\n" for exercise in exercises))


def _cell(where: Mapping[str, Any]) -> str:
    if where["score"] is None:
        return SIGNS[where["state"]]
    sign = "full marks" if where["state"] == "full_marks" else f"{where['score']:g}"
    return f"{sign} ({where['attempts']}{', late' if where['late'] else ''})"


def _line(found: Mapping[str, Any], exercise: str) -> str:
    """Return how many students are how far in an exercise."""
    counts = Counter(each["exercises"][exercise]["state"] for each in found["students"])
    told = ", ".join(f"{counts[state]} {word}" for state, word in WORDS.items())
    return f"{exercise}: {told}"
