"""Submissions: handed in, and read back."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any, Literal

from flask import abort, g, request
from pydantic import Field, RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import Answers, Verdict
from gradgrade.problems.documents.answers import SubmittedArray
from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import Outcome, Score
from gradgrade.service.api.described import DescribedBy
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import STAFF_AND_STUDENT, STUDENT
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.bounds import SHORT_BODY
from gradgrade.service.course.work import submission_history, submissions
from gradgrade.service.course.work.intake import Received, most_body_bytes
from gradgrade.service.course.work.submission_history import Recorded, readable_answers
from gradgrade.service.http.body import read_body
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.problem import problem_response
from gradgrade.service.http.query import NamedStudent
from gradgrade.service.http.respond import json_response
from gradgrade.service.store.identities import SubmissionId

GROUP = "Submissions"
SUBMISSION_PATH = "/api/v1/submissions/{submission}"


class SubmissionRequest(Model):
    """An answers document; or one, or its map of names alone, as `answers`."""

    schema_: Literal["gradgrade/answers/1"] | None = Field(alias="schema", default=None)
    exercise: str | None = None
    answers: Annotated[dict[str, Any], DescribedBy(Answers, dict[str, SubmittedArray])]


class SubmissionReply(Model):
    """What became of a submission, and the receipt for it; `score` is after what lateness costs."""

    submission: str
    attempt: Whole
    attempts_left: Whole | None
    score: Score
    max_score: Score
    received_at: Moment
    late: bool
    receipt: str
    verdict: Verdict


class SubmissionEntry(Model):
    """A submission in a list; `attempt` is null where it was invalid and spent none."""

    submission: str
    student: str
    exercise: str
    attempt: Whole | None
    received_at: Moment
    late: bool
    outcome: Outcome
    score: Score
    max_score: Score


class Submissions(RootModel[list[SubmissionEntry]]):
    """Submissions to a set."""


class SubmissionDocument(Model):
    """A submission: the answers as they were sent, and the verdict that stands.

    `answers` is null where what was kept can no longer be read.
    """

    submission: str
    problem_set: str
    exercise: str
    student: str
    attempt: Whole | None
    received_at: Moment
    late: bool
    receipt: str
    answers: Annotated[dict[str, Any] | None, DescribedBy(dict[str, SubmittedArray], type(None))]
    score: Score
    max_score: Score
    verdict: Verdict


class SubmissionsPage(Page):
    """The query of a list of submissions.

    Args:
        student: of this one only.
        exercise: to this one only.
    """

    student: NamedStudent | None = None
    exercise: str | None = None


def check_length(call: CourseCall, name: str, exercise: str) -> None:
    """Refuse a body that is longer than any answers to the exercise, before it is read."""
    length = request.content_length or 0
    if length <= SHORT_BODY:
        return
    most = most_body_bytes(call.backend, call.actor, name, exercise)
    if length > most:
        detail = f"the body has {length} bytes; answers to this exercise have at most {most}"
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def submit_answers(call: CourseCall, name: str, exercise: str) -> Response:
    """Grade a student's answers and keep them."""
    check_length(call, name, exercise)
    stated = read_body(SubmissionRequest).model_dump(by_alias=True, exclude_none=True)
    received = Received(
        problem_set=name,
        exercise=exercise,
        body=request.get_data(),
        answers=Answers.from_submission(stated),
        key=call.idempotency_key,
        received_at=call.received_at,
    )
    reply = submissions.submit(call.backend, call.actor, received)
    g.outcome = reply.outcome
    if not reply.is_valid:
        return problem_response(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "answers: a part is malformed, as the verdict says; no attempt is spent",
            **json.loads(reply.text),
        )
    location = SUBMISSION_PATH.format(submission=reply.submission)
    # The very text that was kept, so that a repeated request has the same reply.
    return Response(
        reply.text.encode(),
        HTTPStatus.CREATED,
        {"Location": location},
        content_type="application/json",
    )


def list_submissions(call: CourseCall, name: str) -> Response:
    """Answer with submissions to a set: one's own, or all of them for staff."""
    page: SubmissionsPage = call.query
    with call.backend.store.reading() as connection:
        found = submission_history.list_submissions(
            connection,
            call.actor,
            name,
            student=page.student,
            exercise=page.exercise,
            after=page.after,
            limit=page.limit + 1,
        )
    return page_response(found, page, id_of=lambda each: each.row, show=_entry)


def read_submission(call: CourseCall, submission: str) -> Response:
    """Answer with a submission."""
    recorded = submission_history.read_submission(
        call.backend, call.actor, SubmissionId(submission)
    )
    document = SubmissionDocument(
        submission=recorded.id,
        problem_set=recorded.problem_set,
        exercise=recorded.exercise,
        student=recorded.student,
        attempt=recorded.attempt,
        received_at=recorded.received_at,
        late=recorded.is_late,
        receipt=recorded.receipt,
        answers=readable_answers(recorded),
        score=as_score(recorded.points),
        max_score=as_score(recorded.max_score),
        verdict=Verdict.model_validate(recorded.verdict),
    )
    return json_response(document.model_dump(by_alias=True))


def _entry(recorded: Recorded) -> dict[str, Any]:
    return SubmissionEntry.model_validate(
        {
            "submission": recorded.id,
            "student": recorded.student,
            "exercise": recorded.exercise,
            "attempt": recorded.attempt,
            "received_at": recorded.received_at,
            "late": recorded.is_late,
            "outcome": recorded.outcome,
            "score": as_score(recorded.points),
            "max_score": as_score(recorded.max_score),
        }
    ).model_dump()


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/problem-sets/{name}/exercises/{exercise}/submissions",
        view=submit_answers,
        summary="Hand in answers to one's own variant",
        group=GROUP,
        roles=STUDENT,
        limit="submissions",
        request_headers=("Idempotency-Key",),
        body=SubmissionRequest,
        succeeds=(201,),
        returns=SubmissionReply,
        headers=("Location",),
        refuses=(409,),
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/submissions",
        view=list_submissions,
        summary="List one's own submissions, or as staff everybody's",
        group=GROUP,
        roles=STAFF_AND_STUDENT,
        query=SubmissionsPage,
        returns=Submissions,
        headers=("Link",),
    ),
    Route(
        method="GET",
        path=SUBMISSION_PATH,
        view=read_submission,
        summary="Read a submission and the verdict that stands",
        group=GROUP,
        roles=STAFF_AND_STUDENT,
        returns=SubmissionDocument,
    ),
)
