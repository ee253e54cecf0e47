"""An exercise to try: drawn for a visit, graded with a diagnosis, and worked out after a try.

Pure: a seed and what was typed in, what a page shows out. It may run in another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from gradgrade.problems import Exercise, catalogue, generate, grade
from gradgrade.problems.generate import numbers_digest
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import fragment
from gradgrade.problems.worksheet.page import Drawing
from gradgrade.service.web.student.forms import Sheet, new_key, read_sheet

SET, EXERCISE = "first-steps", "one-neuron"
"""The first exercise of the catalogue: small enough for a head and a calculator."""

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


def tried(seed: str, typed: Mapping[str, str]) -> Tried:
    """Draw the exercise, and grade what was typed, if anything was.

    Args:
        seed: what its numbers are drawn from.
        typed: by the names of fields; see `gradgrade.service.web.student.forms`.

    >>> tried("1", {}).verdict is None
    True
    >>> made = tried("1", {"entry-2-0": "0.5"})
    >>> made.verdict["outcome"], len(made.solution) > 5
    ('incorrect', True)
    """
    definitions = catalogue.load(SET)
    exercise = generate(definitions, EXERCISE, student="1", secret=seed.encode())
    sheet = Sheet()
    if any(text.strip() for text in typed.values()):
        # Nothing is kept of a try, so nothing has to be known by a key.
        sheet = read_sheet(MultiDict({**typed, "key": new_key()}), exercise)
    is_graded = bool(sheet.answers) and not sheet.faults
    return Tried(
        exercise=exercise.to_json(),
        sheet=sheet,
        verdict=_graded(exercise, sheet) if is_graded else None,
        solution=_worked_out(exercise) if is_graded else "",
        numbers=numbers_digest(exercise),
        cost=cost_of(compile_template(definitions, EXERCISE)),
    )


def _worked_out(exercise: Exercise) -> str:
    blocks = make_answer_sheet(exercise, digits=DIGITS).blocks
    # The network is drawn on the page already.
    return fragment(tuple(each for each in blocks if not isinstance(each, Drawing)))


def _graded(exercise: Exercise, sheet: Sheet) -> Mapping[str, Any]:
    return grade(exercise, sheet.document).to_data()
