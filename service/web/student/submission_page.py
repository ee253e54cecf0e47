"""The page of a submission: what was handed in, and what grading says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.drawing.scene import Status
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.question_sheet import blank, formula
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.work import submission_history
from gradgrade.service.course.work.submission_history import Recorded, readable_answers
from gradgrade.service.store.identities import SubmissionId
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.drawings import drawn_with, marks_told
from gradgrade.service.web.student.shown import told_parts
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
    parts = list(_parts(recorded, data, shows_rules=visit.actor.is_staff))
    names = [part["name"] for part in parts]
    first = recorded.verdict["first_error"]
    return page(
        "submission.html",
        recorded=recorded,
        data=data,
        title=recorded.exercise if data is None else words.title(data.exercise),
        verdict=recorded.verdict,
        score=hundredths_of(recorded.verdict["score"]),
        parts=parts,
        first_number=names.index(first) if first in names else None,
        is_first_drawn=any(mark.status is Status.FIRST for mark in marks),
        explained=words.STOPS if data is not None and data.exercise.derivation().stops else "",
        drawing=drawn_with(data.exercise, marks) if data is not None and marks else "",
        statuses=[status for status in Status if any(mark.status is status for mark in marks)],
    )


def _parts(
    recorded: Recorded, data: WorkPageData | None, *, shows_rules: bool
) -> Iterator[Mapping[str, Any]]:
    """Yield what is told of each part, with its symbol and, where that may be shown, its rule.

    A mistake is explained where it is named first. A rule is shown to whoever is told which mistake
    was made in it, or may see all formulas.
    """
    assert recorded.verdict is not None
    exercise = None if data is None else data.exercise
    asked = {} if data is None else {part.name: part for part in data.exercise.ask}
    if data is not None:
        hints = data.held.problem_set.hints_of(recorded.exercise)
        shows_rules = shows_rules or data.shows_solution or hints == "formulas"
    explained = set[str]()
    for told in told_parts(recorded.verdict, readable_answers(recorded) or {}, exercise):
        part = asked.get(told["name"])
        mistakes = told["mistakes"]
        new_mistakes = [each for each in mistakes if each["title"] not in explained]
        explained |= {each["title"] for each in mistakes}
        is_own = not mistakes or any(each["is_in_own_rule"] for each in mistakes)
        told = {**told, "new_mistakes": new_mistakes, "is_in_own_rule": is_own}
        if data is None or part is None:
            yield {**told, "symbol": None, "rule": None, "share": None}
            continue
        yield {
            **told,
            "symbol": blank(data.exercise, part).symbol,
            "share": 100 * data.exercise.carried_forward.double,
            "rule": formula(data.exercise, part) if is_own and (shows_rules or mistakes) else None,
        }


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
