"""A try: what was typed, graded with its diagnosis, and the worked solution after it.

Pure: an exercise and what was typed in, what a page shows out. It may run in another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import dropwhile
from typing import Any

from werkzeug.datastructures import MultiDict

from gradgrade.problems import Exercise, grade
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.drawing.picture import Picture
from gradgrade.problems.drawing.style import readable_from
from gradgrade.problems.drawing.svg import write_svg
from gradgrade.problems.generate import numbers_digest
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import fragment
from gradgrade.problems.worksheet.page import Drawing, Heading
from gradgrade.service.web.student.forms import Sheet, new_key, read_sheet

LONGEST_SEED = 32

DIGITS = 6
"""Of the worked solution: more than anybody types, few enough to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a try.

    Args:
        exercise: the exercise's document.
        sheet: what was typed.
        verdict: the document; None where nothing was graded.
        solution: the worked solution as HTML; empty before a try.
        numbers: of the exercise; see `numbers_digest`.
        cost: what it took, as `Workload.cost` counts.
    """

    exercise: str
    sheet: Sheet
    verdict: Mapping[str, Any] | None
    solution: str
    numbers: bytes
    cost: int


def judged(
    exercise: Exercise, typed: Mapping[str, str], *, cost: int, uploaded: bytes | None = None
) -> Tried:
    """Grade what was typed, if anything was.

    Args:
        exercise: what was asked.
        typed: by the names of fields; see `gradgrade.service.web.student.forms`.
        cost: of the exercise, as `Workload.cost` counts.
        uploaded: a file that came with it.
    """
    sheet = Sheet()
    if uploaded or any(text.strip() for text in typed.values()):
        # Nothing is kept of a try, so nothing has to be known by a key.
        sheet = read_sheet(MultiDict({**typed, "key": new_key()}), exercise, uploaded=uploaded)
    is_graded = bool(sheet.answers) and not sheet.faults
    return Tried(
        exercise=exercise.to_json(),
        sheet=sheet,
        verdict=grade(exercise, sheet.document).to_data() if is_graded else None,
        solution=worked_out(exercise) if is_graded else "",
        numbers=numbers_digest(exercise),
        cost=cost,
    )


def worked_out(exercise: Exercise) -> str:
    """Return the worked solution of an exercise as HTML, from the givens to the last step."""
    blocks = make_answer_sheet(exercise, digits=DIGITS).blocks
    # What stands before is for whoever marks by hand; the network is drawn on the page already.
    worked = fragment(tuple(dropwhile(lambda block: block != Heading("Given"), blocks)))
    if not isinstance(exercise, ProgramExercise):
        return worked
    graphs = (each.picture for each in blocks if isinstance(each, Drawing))
    return "".join(map(_figure, graphs)) + worked


def _figure(graph: Picture) -> str:
    """Return a graph with its values and gradients, no smaller than it can be read."""
    css = f"drawing {readable_from(graph.width)}"
    region = f'tabindex="0" role="region" aria-label="{escape(graph.title)}"'
    return f'<div class="figure wide" {region}>{write_svg(graph, key="worked", css=css)}</div>'
