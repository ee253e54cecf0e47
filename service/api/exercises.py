"""Exercises: the variant that a student is given, and who was given which."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise, solve
from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.solution import SolutionDocument
from gradgrade.problems.templates.cost import cost_of
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import INSTRUCTOR, STAFF, STAFF_AND_STUDENT
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.bounds import MOST_WORK_PREGENERATED
from gradgrade.service.course.sets.problem_sets import Held, find, template_of
from gradgrade.service.course.work import variants
from gradgrade.service.course.work.pregeneration import pregenerate
from gradgrade.service.course.work.solutions import open_variant
from gradgrade.service.course.work.variants import Pinned
from gradgrade.service.http.conditional import tagged
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.query import NamedStudent
from gradgrade.service.http.respond import json_response
from gradgrade.service.jobs import workers

GROUP = "Exercises"


class WhoseExercise(Model):
    """The query of an exercise.

    Args:
        student: whose variant, where staff asks.
    """

    student: NamedStudent | None = None


class VariantEntry(Model):
    """A variant that a student has; it is current where the set was not replaced since."""

    student: str
    exercise: str
    id: str
    version: Whole
    is_current: bool
    pinned_at: Moment
    attempts: Whole


class Variants(RootModel[list[VariantEntry]]):
    """The variants that the students of a set have."""


class PregeneratedVariants(Model):
    """How many variants were made now, and how many there were."""

    made: Whole
    held: Whole


def read_exercise(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with a student's variant, which from then on is theirs."""
    query: WhoseExercise = call.query
    document = variants.fetch(call.backend, call.actor, name, exercise, query.student)
    return tagged(Response(document.encode(), content_type="application/json"))


def read_worked_solution(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with the solution of a student's variant, once the set shows it."""
    query: WhoseExercise = call.query
    document = open_variant(
        call.backend, call.actor, name, exercise, query.student, now=call.received_at
    )
    with call.backend.store.reading() as connection:
        held = find(connection, call.actor, name)
    call.charge(cost_of(template_of(held, exercise)))
    solution = solve(variants.read_exercise(document))
    return Response(solution.to_json().encode(), content_type="application/json")


def list_variants(call: CourseCall, name: str) -> Response:
    """Answer with who has which variant."""
    page: Page = call.query
    with call.backend.store.reading() as connection:
        held = find(connection, call.actor, name)
        found = variants.read_holdings(connection, held.row, after=page.after, limit=page.limit + 1)
    return page_response(
        found, page, id_of=lambda row: row[0], show=lambda row: _entry(held, row[1])
    )


def pregenerate_variants(call: CourseCall, name: str) -> Response:
    """Make the variants that the students on a roster have not fetched yet."""
    with workers(1) as run:
        done = pregenerate(call.backend, call.actor, name, run, most=MOST_WORK_PREGENERATED)
    return json_response(PregeneratedVariants(made=done.made, held=done.held).model_dump())


def _entry(held: Held, pinned: Pinned) -> dict[str, Any]:
    return VariantEntry(
        student=pinned.student,
        exercise=pinned.exercise,
        id=pinned.id,
        version=pinned.version,
        is_current=pinned.version == held.version,
        pinned_at=pinned.pinned_at,
        attempts=pinned.attempts,
    ).model_dump()


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/exercises/{exercise}",
        view=read_exercise,
        summary="Read one's own variant, or as staff a student's",
        group=GROUP,
        roles=STAFF_AND_STUDENT,
        query=WhoseExercise,
        request_headers=("If-None-Match",),
        returns=Exercise,
        headers=("ETag",),
        refuses=(409,),
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/exercises/{exercise}/solution",
        view=read_worked_solution,
        summary="Read the solution of one's own variant, or as staff of a student's",
        group=GROUP,
        roles=STAFF_AND_STUDENT,
        limit="grading",
        query=WhoseExercise,
        returns=SolutionDocument,
        refuses=(403, 409),
        is_heavy=True,
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/variants",
        view=list_variants,
        summary="List who has which variant",
        group=GROUP,
        roles=STAFF,
        query=Page,
        returns=Variants,
        headers=("Link",),
    ),
    Route(
        method="POST",
        path="/api/v1/problem-sets/{name}/variants",
        view=pregenerate_variants,
        summary="Make the variants of everybody on the roster",
        group=GROUP,
        roles=INSTRUCTOR,
        returns=PregeneratedVariants,
        refuses=(409,),
        is_heavy=True,
    ),
)
