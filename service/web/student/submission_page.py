"""The page of a submission: what was handed in, and what grading says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.drawing.scene import Status
from gradgrade.problems.worksheet import words
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.work import submission_history
from gradgrade.service.course.work.submission_history import Recorded, readable_answers
from gradgrade.service.store.identities import SubmissionId
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.drawings import drawn_with, marks_told
from gradgrade.service.web.student.layout import MOST_SHOWN, layouts
from gradgrade.service.web.student.work_page_data import WorkPageData, read_work_page
from gradgrade.service.web.visit import Visit


def show_submission(visit: Visit, submission: str) -> Response:
    """Answer with a submission and its verdict, as far as it is told."""
    recorded = submission_history.read_submission(
        visit.backend, visit.actor, SubmissionId(submission)
    )
    assert recorded.verdict is not None
    data = _read(visit, recorded)
    marks = () if data is None else marks_told(data.exercise, recorded.verdict)
    convention: Convention = "column" if data is None else data.exercise.convention
    return page(
        "submission.html",
        actor=visit.actor,
        recorded=recorded,
        data=data,
        title=recorded.exercise if data is None else words.title(data.exercise),
        verdict=recorded.verdict,
        score=hundredths_of(recorded.verdict["score"]),
        parts=list(_parts(recorded, convention)),
        drawing=drawn_with(data.exercise, marks) if data is not None and marks else "",
        statuses=[status for status in Status if any(mark.status is status for mark in marks)],
    )


def _read(visit: Visit, recorded: Recorded) -> WorkPageData | None:
    """Return the exercise that it is of; None: who handed it in is no longer on the roster."""
    student = recorded.student if visit.actor.is_staff else None
    try:
        return read_work_page(
            visit.backend,
            visit.actor,
            recorded.problem_set,
            recorded.exercise,
            student=student,
            now=visit.received_at,
        )
    except NotFound:
        return None


def _parts(recorded: Recorded, convention: Convention) -> Iterator[Mapping[str, Any]]:
    """Yield what was answered, part by part, with what is told of it."""
    assert recorded.verdict is not None
    answers = readable_answers(recorded) or {}
    told = {part["name"]: part for part in recorded.verdict["parts"]}
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
            "score": None if part is None else hundredths_of(part["score"]),
            "most": None if part is None else hundredths_of(part["max_score"]),
            "numerals": [each.text if isinstance(each, Number) else "" for each in numerals],
            "codes": [] if codes is None else flatten(codes),
            "layouts": list(layouts(shape_of(array), convention)) if is_shown else None,
            "size": 0 if array is None else len(flatten(array)),
        }
