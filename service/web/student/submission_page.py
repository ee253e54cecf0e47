"""The page of a submission: what was handed in, and what grading says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.worksheet import words
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.work import submission_history as handed_in
from gradgrade.service.course.work.submission_history import Kept, readable_answers
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.layout import MOST_SHOWN, layouts
from gradgrade.service.web.student.work_page_data import Desk, approach
from gradgrade.service.web.visit import Visit


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
