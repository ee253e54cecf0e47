"""The page of an exercise: what is given and asked, its form, and what becomes of the form."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus

from flask import abort, g, redirect, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from gradgrade.problems import Answers, DocumentError, Exercise
from gradgrade.problems.worksheet import words
from gradgrade.service.course.errors import Busy, CourseError, InFlight, NotFound
from gradgrade.service.course.people.roster import read_roster
from gradgrade.service.course.sets.problem_sets import find, template_of
from gradgrade.service.course.work import submission_history, submissions, variants
from gradgrade.service.course.work.intake import Received
from gradgrade.service.course.work.submission_history import readable_answers
from gradgrade.service.store.errors import StoreError
from gradgrade.service.web.rendering import as_problem, headers_of, page
from gradgrade.service.web.session import uploaded
from gradgrade.service.web.student.drawings import drawn
from gradgrade.service.web.student.forms import (
    CONFIRMED_FIELD,
    FILE_FIELD,
    JSON_FIELD,
    LOOK_FIELD,
    Sheet,
    field_name,
    json_fault,
    new_key,
    read_sheet,
    text_name,
)
from gradgrade.service.web.student.kept import sheet_of
from gradgrade.service.web.student.shown import shown
from gradgrade.service.web.student.work_page_data import (
    WorkPageData,
    read_work_page,
    student_asked_for,
)
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

MAY_BE_REPEATED = (TooManyRequests, StoreError, InFlight, Busy)
"""Refusals after which the same form, sent again, is the same submission."""


def show_exercise(visit: Visit, name: str, exercise: str) -> Response:
    """Answer with an exercise, and its form where something is still taken."""
    if visit.actor.is_staff and student_asked_for(visit) is None:
        return _ask_whose(visit, name, exercise)
    data = _read(visit, name, exercise)
    return _page(visit, data, _begun(visit, data), is_fresh=True)


def _ask_whose(visit: Visit, name: str, exercise: str) -> Response:
    """Ask staff whose exercise they mean, by the names of those who work it."""
    with visit.backend.store.reading() as connection:
        held = find(connection, visit.actor, name)
        roster = read_roster(connection, held.row)
    people = sorted((each.student for each in roster), key=lambda each: (each.name, each.id))
    defined = template_of(held, exercise).definition
    return page(
        "whose.html",
        set_name=name,
        set_title=held.problem_set.title.strip() or name,
        exercise=exercise,
        title=defined.title.strip() or exercise,
        people=people,
    )


def download_exercise(visit: Visit, name: str, exercise: str) -> Response:
    """Answer with the exercise's document as a file."""
    document = variants.fetch(visit.backend, visit.actor, name, exercise, student_asked_for(visit))
    file = f"{Exercise.from_json(document).id}.exercise.json"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(document.encode(), headers=headers, content_type="application/json")


def submit_form(visit: Visit, name: str, exercise: str) -> Response:
    """Hand in what a form says, and lead to the verdict; or answer with the form again.

    Whoever only wants to look at it first gets the form again with how it was understood.
    """
    if visit.actor.student is None:
        abort(HTTPStatus.NOT_FOUND)
    data = _read(visit, name, exercise, draws=False)
    sheet = read_sheet(request.form, data.exercise, uploaded=uploaded(FILE_FIELD))
    if sheet.is_look:
        return _page(visit, data, sheet)
    if sheet.faults or sheet.asks:
        return _page(visit, data, sheet, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    received = Received(
        problem_set=name,
        exercise=exercise,
        body=sheet.body,
        answers=Answers.from_data(sheet.document),
        key=sheet.key,
        received_at=visit.received_at,
    )
    try:
        visit.limiter.spend("submissions", token=visit.actor.token)
        reply = submissions.submit(visit.backend, visit.actor, received)
    except NotFound:
        raise
    except (TooManyRequests, CourseError, DocumentError, StoreError) as error:
        if not isinstance(error, MAY_BE_REPEATED):
            sheet = replace(sheet, key=new_key())
            data = _read(visit, name, exercise)
        return _refused(visit, data, sheet, error)
    g.outcome = reply.outcome
    if reply.is_valid:
        return redirect(f"/submissions/{reply.submission}", HTTPStatus.SEE_OTHER)
    told = json.loads(reply.text)
    malformed = {
        part["name"]: part["feedback"]
        for part in told["verdict"]["parts"]
        if part["outcome"] == "invalid"
    }
    faults = [f"{part}: {feedback}" for part, feedback in malformed.items()]
    message = "; ".join(faults) or gettext("a part does not have the shape that is asked for")
    sheet = replace(sheet, key=new_key(), faults={JSON_FIELD: json_fault(message)})
    data = _read(visit, name, exercise)
    return _page(visit, data, sheet, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _begun(visit: Visit, data: WorkPageData) -> Sheet:
    """Return the form as it begins: with what was right in the latest attempt, as far as told."""
    latest = next((each for each in data.earlier if each.attempt is not None), None)
    if latest is None or data.closed is not None or visit.actor.is_staff:
        return Sheet()
    recorded = submission_history.read_submission(visit.backend, visit.actor, latest.id)
    assert recorded.verdict is not None
    return sheet_of(data.exercise, recorded.verdict, readable_answers(recorded) or {})


def _read(visit: Visit, name: str, exercise: str, *, draws: bool = True) -> WorkPageData:
    return read_work_page(
        visit.backend,
        visit.actor,
        name,
        exercise,
        student=student_asked_for(visit),
        now=visit.received_at,
        draws=draws,
    )


def _refused(visit: Visit, data: WorkPageData, sheet: Sheet, error: Exception) -> Response:
    problem = as_problem(error)
    detail = json.loads(problem.get_data())["detail"]
    return _page(
        visit,
        data,
        sheet,
        status=problem.status_code,
        headers=headers_of(problem),
        refused=detail,
    )


def _page(
    visit: Visit,
    data: WorkPageData,
    sheet: Sheet,
    *,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    refused: str | None = None,
    is_fresh: bool = False,
) -> Response:
    exercise = data.exercise
    hints = data.held.problem_set.hints_of(exercise.name)
    return page(
        "exercise.html",
        status=status,
        headers=headers,
        data=data,
        title=words.title(exercise),
        now=visit.received_at,
        **shown(exercise, hints=hints),
        drawing=drawn(data.document),
        sheet=sheet,
        refused=refused,
        is_fresh=is_fresh,
        json_field=JSON_FIELD,
        file_field=FILE_FIELD,
        confirmed_field=CONFIRMED_FIELD,
        look_field=LOOK_FIELD,
        field_name=field_name,
        text_name=text_name,
    )
