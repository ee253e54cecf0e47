"""Overrides: a student's points in an exercise as an instructor states them."""

from __future__ import annotations

from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model, NotNegative
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.text import as_id
from gradgrade.problems.documents.verdict import Score
from gradgrade.service.api.roles import INSTRUCTOR
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.grades import overrides
from gradgrade.service.http.body import read_body
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.respond import json_response, no_content
from gradgrade.service.store.identities import StudentId

GROUP = "Gradebook"
PATH = "/api/v1/problem-sets/{name}/students/{student}/exercises/{exercise}/override"


class OverrideRequest(Model):
    """Points in place of those graded, exact to a hundredth, and why, for the student to read."""

    points: NotNegative
    comment: str


class OverrideDocument(Model):
    """What was stated, and when."""

    points: Score
    comment: str
    stated_at: Moment


def state_override(call: CourseCall, name: str, student: str, exercise: str) -> Response:
    """State a student's points in an exercise."""
    asked = read_body(OverrideRequest)
    stated = overrides.state_override(
        *(call.backend, call.actor, name, StudentId(as_id(student)), exercise),
        points=asked.points,
        comment=asked.comment,
    )
    return json_response(
        OverrideDocument(
            points=as_score(stated.points), comment=stated.comment, stated_at=stated.stated_at
        ).model_dump()
    )


def withdraw_override(call: CourseCall, name: str, student: str, exercise: str) -> Response:
    """Let what is graded count again."""
    identity = StudentId(as_id(student))
    overrides.withdraw_override(call.backend, call.actor, name, identity, exercise)
    return no_content()


ROUTES = (
    Route(
        method="PUT",
        path=PATH,
        view=state_override,
        summary="State a student's points in an exercise, in place of those graded",
        group=GROUP,
        roles=INSTRUCTOR,
        body=OverrideRequest,
        returns=OverrideDocument,
        refuses=(409,),
    ),
    Route(
        method="DELETE",
        path=PATH,
        view=withdraw_override,
        summary="Withdraw the points that were stated: what is graded counts again",
        group=GROUP,
        roles=INSTRUCTOR,
        succeeds=(204,),
        returns=None,
        refuses=(409,),
    ),
)
