"""What of the latest attempt a new form begins with: as far as it was told to be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.number import Number
from gradgrade.service.web.student.forms import Sheet, field_name, has_cells, text_name

RIGHT = "ok"


def sheet_of(exercise: Exercise, verdict: Mapping[str, Any], answers: Mapping[str, Any]) -> Sheet:
    """Return a form filled in with what was handed in and is not told to be wrong.

    Where parts are told of, that is what is right in them, entry by entry where entries are told
    of; where nothing is told of parts, it is all that was typed. So the form tells nothing that the
    verdict does not.

    Args:
        exercise: the variant.
        verdict: the document of the latest attempt, as far as it is told.
        answers: what was handed in, by the names of parts.
    """
    if verdict["exercise"] != exercise.id:
        return Sheet()
    told = {part["name"]: part for part in verdict["parts"]}
    typed: dict[str, str] = {}
    for number, part in enumerate(exercise.ask):
        answer = answers.get(part.name)
        if answer is None or list(shape_of(answer)) != list(part.shape):
            continue
        typed |= _typed(number, part, answer, told.get(part.name))
    return Sheet(typed=typed)


def _typed(
    number: int, part: AskedQuantity, answer: Any, told: Mapping[str, Any] | None
) -> dict[str, str]:
    """Return what stands in the fields of a part."""
    is_right = list(_right(answer, told))
    if has_cells(part):
        return {
            field_name(number, index): entry.text if is_right[index] else ""
            for index, entry in enumerate(flatten(answer))
            if isinstance(entry, Number)
        }
    return {text_name(number): strict_json.dumps(answer).strip()} if all(is_right) else {}


def _right(answer: Any, told: Mapping[str, Any] | None) -> Iterator[bool]:
    """Yield of each entry whether it is filled in again."""
    for index, _ in enumerate(flatten(answer)):
        if told is None:
            yield True
        elif told["outcome"] == "correct" or told["entries"] is None:
            yield told["outcome"] == "correct"
        else:
            yield flatten(told["entries"])[index] == RIGHT
