"""The page of a submission: what was handed in, and what grading says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from oracle.nested import flatten, shape_of
from oracle.quantities import Convention
from problems.number import Number
from problems.points import hundredths
from problems.worksheet import words
from service.course import handed_in
from service.course.errors import NotFound
from service.course.handed_in import Kept, readable_answers
from service.web.desk import Desk, approach
from service.web.layout import MOST_SHOWN, layouts
from service.web.rendering import page
from service.web.visit import Visit


def show_submission(visit: Visit, submission: str) -> Response:
    """Answer with a submission and its verdict, as far as it is told."""
    kept = handed_in.read(visit.backend, visit.actor, submission)
    assert kept.verdict is not None
    desk = _desk(visit, kept)
    convention: Convention = "column" if desk is None else desk.exercise.convention
    return page(
        "submission.html",
        actor=visit.actor,
        kept=kept,
        desk=desk,
        title=kept.exercise if desk is None else words.title(desk.exercise),
        verdict=kept.verdict,
        score=_hundredths(kept.verdict["score"]),
        parts=list(_parts(kept, convention)),
    )


def _desk(visit: Visit, kept: Kept) -> Desk | None:
    """Return the exercise that it is of; None: who handed it in is no longer on the roster."""
    student = kept.student if visit.actor.is_staff else None
    try:
        return approach(
            visit.backend,
            visit.actor,
            kept.problem_set,
            kept.exercise,
            student=student,
            now=visit.received_at,
        )
    except NotFound:
        return None


def _parts(kept: Kept, convention: Convention) -> Iterator[Mapping[str, Any]]:
    """Yield what was answered, part by part, with what is told of it."""
    assert kept.verdict is not None
    answers = readable_answers(kept) or {}
    told = {part["name"]: part for part in kept.verdict["parts"]}
    for name in told or answers:
        part = told.get(name)
        answer = answers.get(name)
        codes = None if part is None or part["entries"] is None else part["entries"]
        array = codes if answer is None else answer
        numerals = [] if answer is None else flatten(answer)
        is_shown = array is not None and len(flatten(array)) <= MOST_SHOWN
        yield {
            "name": name,
            "told": part,
            "score": None if part is None else _hundredths(part["score"]),
            "most": None if part is None else _hundredths(part["max_score"]),
            "numerals": [each.text if isinstance(each, Number) else "" for each in numerals],
            "codes": [] if codes is None else flatten(codes),
            "layouts": list(layouts(shape_of(array), convention)) if is_shown else None,
            "size": 0 if array is None else len(flatten(array)),
        }


def _hundredths(score: float) -> int:
    """Return points of a verdict as hundredths."""
    return hundredths(Number.of(score))
