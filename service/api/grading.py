"""`POST /grade`: grades anybody's answers to any exercise, and remembers nothing.

Whoever asks states the exercise with its tolerances, so beside a course it would judge a student's
own exercise without end: there it is off unless the settings say so, and refuses what somebody
holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema
from werkzeug.wrappers import Response

from gradgrade.problems import Answers, Exercise, Verdict
from gradgrade.problems.documents.answers import SubmittedArray
from gradgrade.problems.documents.base import Model, checked
from gradgrade.problems.grade import Grader
from gradgrade.problems.templates.cost import Workload
from gradgrade.service.api.route import Call, Route
from gradgrade.service.bounds import MOST_COST_EXPLAINED
from gradgrade.service.http.body import read_body
from gradgrade.service.http.respond import json_response

if TYPE_CHECKING:
    from gradgrade.service.course.backend import Backend


class DescribedBy:
    """Marks data that is checked later as what it will have to be: any of these types."""

    def __init__(self, *types: Any) -> None:
        self.types = types

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return those types' schemas."""
        schemas = [handler(TypeAdapter(each).core_schema) for each in self.types]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


class GradeRequest(Model):
    """An exercise and answers to it: an answers document, or its map of names alone."""

    exercise: Annotated[dict[str, Any], DescribedBy(Exercise)]
    answers: Annotated[dict[str, Any], DescribedBy(Answers, dict[str, SubmittedArray])]


def grading_route(*, most_cost: int, backend: Backend | None = None) -> Route:
    """Return the route.

    Args:
        most_cost: the largest `Workload.cost` that is graded.
        backend: of the course that is served beside it, if one is.
    """

    def grade_answers(_: Call) -> Response:
        request = read_body(GradeRequest)
        # Before the exercise is checked as a whole, which derives all of its steps.
        workload = checked(Workload, request.exercise, "exercise")
        workload.check(most=most_cost)
        exercise = Exercise.from_data(request.exercise)
        if backend is not None:
            _refuse_held(backend, exercise)
        answers = Answers.from_data(request.answers).filled_in()
        verdict = Grader(exercise).grade(answers, explains=workload.cost <= MOST_COST_EXPLAINED)
        return json_response(verdict.to_data())

    return Route(
        method="POST",
        path="/api/v1/grade",
        view=grade_answers,
        summary="Grade answers to an exercise; nothing is stored",
        group="Grading without a course",
        limit="grading",
        body=GradeRequest,
        returns=Verdict,
        refuses=() if backend is None else (409,),
    )


def _refuse_held(backend: Backend, exercise: Exercise) -> None:
    # Where there is no course, nothing of it is loaded.
    from gradgrade.service.course.work.holding import refuse_held

    refuse_held(backend, exercise, now=backend.clock())
