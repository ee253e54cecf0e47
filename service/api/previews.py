"""`POST /previews`: what a problem set would give students; nothing is stored."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import Score
from gradgrade.problems.gates.rules import Kind
from gradgrade.service.api.roles import INSTRUCTOR
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.sets.preview import MOST_STUDENTS, ExercisePreview, preview_contained
from gradgrade.service.http.body import read_json
from gradgrade.service.http.query import as_whole
from gradgrade.service.http.respond import json_response

STUDENTS = 10


class PreviewQuery(Model):
    """How many students get variants, for the look of it; large exercises get fewer."""

    students: Annotated[int, Field(ge=1, le=MOST_STUDENTS), BeforeValidator(as_whole)] = STUDENTS


class FindingEntry(Model):
    """What no gate holds against an exercise."""

    gate: str
    subject: str
    kind: Kind
    share: float
    text: str
    advice: str


class ExercisePreviewDocument(Model):
    """What an exercise comes to; where it is refused, `refusal` says why and no variant is told.

    `variety` is how many variants there are at most, where they are fewer than a million.
    `widest_bands` tells of each part the largest share of an entry's value by which an answer may
    be off: null where all are 0, or where nothing bounds it. `forward_share` is the share of the
    points that no derivative is needed for. `is_tried` is false where a request had no time to draw
    a variant, so that `refusal` says nothing of the exercise.
    """

    exercise: str
    points: Score
    parts: list[AskedQuantity]
    variants: Whole
    attempts: Whole
    acceptance: float | None
    reasons: dict[str, Whole]
    findings: list[FindingEntry]
    lost_largest: float | None
    lost_median: float | None
    variety: Whole | None
    widest_bands: dict[str, float | None]
    forward_share: float
    warnings: list[str]
    refusal: str | None
    is_tried: bool


class Preview(RootModel[list[ExercisePreviewDocument]]):
    """What the exercises of a set come to."""


def preview_problem_set(call: CourseCall) -> Response:
    """Generate variants of a set that is not published, and tell what that came to."""
    problem_set = ProblemSet.from_data(read_json())
    found = preview_contained(call.backend.contained, problem_set, students=call.query.students)
    return json_response([preview_data(each) for each in found])


def preview_data(each: ExercisePreview) -> dict[str, Any]:
    """Return what an exercise comes to as data of JSON."""
    made = each.report
    told: dict[str, Any] = {
        "variants": 0 if made is None else made.variants,
        "attempts": 0 if made is None else made.attempts,
        "acceptance": None if made is None else made.acceptance,
        "reasons": {} if made is None else dict(made.reasons),
        "findings": [] if made is None else [asdict(finding) for finding in made.findings],
        "lost_largest": None if made is None else made.lost_largest,
        "lost_median": None if made is None else made.lost_median,
        "widest_bands": {} if made is None else dict(made.widest_bands),
        "warnings": [] if made is None else list(made.warnings),
    }
    return ExercisePreviewDocument(
        exercise=each.exercise,
        points=as_score(each.points),
        parts=list(each.parts),
        variety=each.variety,
        forward_share=each.forward_share,
        refusal=each.refusal,
        is_tried=each.is_tried,
        **told,
    ).model_dump()


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/previews",
        view=preview_problem_set,
        summary="Tell what a problem set would give students; nothing is stored",
        group="Problem sets",
        roles=INSTRUCTOR,
        query=PreviewQuery,
        body=ProblemSet,
        returns=Preview,
        is_heavy=True,
    ),
)
