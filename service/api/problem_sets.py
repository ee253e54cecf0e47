"""Problem sets: published, replaced, read and removed."""

from __future__ import annotations

from typing import Any

from flask import url_for
from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.points import as_score, hundredths
from gradgrade.problems.documents.problem_set import Feedback, Solutions
from gradgrade.problems.documents.verdict import Score
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.report import few_variants
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import EVERY_ROLE, INSTRUCTOR
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.sets import problem_sets
from gradgrade.service.course.sets.policy import Policy, own_policies
from gradgrade.service.course.sets.problem_sets import Held, Published
from gradgrade.service.http.body import read_json
from gradgrade.service.http.conditional import expected_tag, tagged
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.respond import json_response, no_content

GROUP = "Problem sets"


class HolderEntry(Model):
    """A student who holds a variant of an earlier version, which they keep."""

    student: str
    exercise: str
    version: Whole


class PublishedSet(Model):
    """A set that was put.

    `public_grading` tells whether anybody may have answers judged without a token on this server;
    `warnings` what makes the set's grades worth less.
    """

    name: str
    version: Whole
    holders: list[HolderEntry]
    public_grading: bool
    warnings: list[str]


class ExerciseSummary(Model):
    """An exercise of a set."""

    name: str
    title: str
    points: Score


class ProblemSetSummary(Model):
    """A set without its exercises' definitions; what holds for a student is their own."""

    name: str
    title: str
    version: Whole
    due: Moment | None
    late_until: Moment | None
    late_penalty: Score
    attempts: Whole | None
    feedback: Feedback
    after_due: Feedback | None
    solutions: Solutions
    practice: bool
    exercises: list[ExerciseSummary]


class ProblemSetSummaries(RootModel[list[ProblemSetSummary]]):
    """The sets that one may see."""


class ProblemSetOrSummary(RootModel[ProblemSet | ProblemSetSummary]):
    """The document for staff, a summary for all others."""


def publish_problem_set(call: CourseCall) -> Response:
    """Put a new set."""
    problem_set = ProblemSet.from_data(read_json())
    published = problem_sets.publish(call.backend, call.actor, problem_set)
    response = json_response(
        _published(call, published, problem_set),
        status=201,
        headers={"Location": url_for("read_problem_set", name=published.name)},
    )
    return tagged(response, published.tag)


def list_problem_sets(call: CourseCall) -> Response:
    """Answer with summaries of the sets that whoever asks may see."""
    page: Page = call.query
    with call.backend.store.reading() as connection:
        found = problem_sets.list_problem_sets(
            connection, call.actor, after=page.after, limit=page.limit + 1
        )
        policies = own_policies(connection, call.actor, found)
    return page_response(
        list(zip(found, policies, strict=True)),
        page,
        id_of=lambda row: row[0].row,
        show=lambda row: _summary(*row),
    )


def read_problem_set(call: CourseCall, name: str) -> Response:
    """Answer with the document, or with what those may see who work it."""
    with call.backend.store.reading() as connection:
        held = problem_sets.find(connection, call.actor, name)
        (policy,) = own_policies(connection, call.actor, [held])
    if call.actor.is_staff:
        return tagged(json_response(held.problem_set.to_data()), held.tag)
    return tagged(json_response(_summary(held, policy)))


def replace_problem_set(call: CourseCall, name: str) -> Response:
    """Put another version of a set."""
    problem_set = ProblemSet.from_data(read_json())
    published = problem_sets.replace(
        call.backend, call.actor, name, problem_set, only=expected_tag()
    )
    return tagged(json_response(_published(call, published, problem_set)), published.tag)


def remove_problem_set(call: CourseCall, name: str) -> Response:
    """Remove a set that nobody has submitted to."""
    problem_sets.remove(call.backend, call.actor, name)
    return no_content()


PUBLIC_GRADING = (
    "this server grades for anybody (public_grading = true): what a student holds is refused while "
    "it is open, yet slightly changed numbers are judged"
)


def _published(call: CourseCall, published: Published, problem_set: ProblemSet) -> dict[str, Any]:
    warnings = [PUBLIC_GRADING] if call.public_grading else []
    for each in problem_set.exercises:
        variety = compile_template(problem_set, each.name).variety
        if few := few_variants(each.name, variety):
            warnings.append(few)
    return PublishedSet(
        name=published.name,
        version=published.version,
        holders=[
            HolderEntry(student=each.student, exercise=each.exercise, version=each.version)
            for each in published.holders
        ],
        public_grading=call.public_grading,
        warnings=warnings,
    ).model_dump()


def _summary(held: Held, policy: Policy) -> dict[str, Any]:
    return ProblemSetSummary(
        name=held.problem_set.name,
        title=held.problem_set.title,
        version=held.version,
        due=policy.due,
        late_until=policy.late_until,
        late_penalty=float(policy.late_penalty),
        attempts=policy.attempts,
        feedback=policy.feedback,
        after_due=policy.after_due,
        solutions=policy.solutions,
        practice=policy.practice,
        exercises=[
            ExerciseSummary(
                name=each.name, title=each.title, points=as_score(hundredths(each.points))
            )
            for each in held.problem_set.exercises
        ],
    ).model_dump()


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/problem-sets",
        view=publish_problem_set,
        summary="Publish a problem set",
        group=GROUP,
        roles=INSTRUCTOR,
        body=ProblemSet,
        succeeds=(201,),
        returns=PublishedSet,
        headers=("ETag", "Location"),
        refuses=(409,),
        is_heavy=True,
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets",
        view=list_problem_sets,
        summary="List the problem sets that one may see",
        group=GROUP,
        roles=EVERY_ROLE,
        query=Page,
        returns=ProblemSetSummaries,
        headers=("Link",),
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}",
        view=read_problem_set,
        summary="Read a problem set: its document, or what its students may know of it",
        group=GROUP,
        roles=EVERY_ROLE,
        request_headers=("If-None-Match",),
        returns=ProblemSetOrSummary,
        headers=("ETag",),
    ),
    Route(
        method="PUT",
        path="/api/v1/problem-sets/{name}",
        view=replace_problem_set,
        summary="Replace a problem set; whoever holds a variant keeps it",
        group=GROUP,
        roles=INSTRUCTOR,
        request_headers=("If-Match",),
        body=ProblemSet,
        returns=PublishedSet,
        headers=("ETag",),
        refuses=(409,),
        is_heavy=True,
    ),
    Route(
        method="DELETE",
        path="/api/v1/problem-sets/{name}",
        view=remove_problem_set,
        summary="Remove a problem set that nobody has submitted to",
        group=GROUP,
        roles=INSTRUCTOR,
        succeeds=(204,),
        returns=None,
        refuses=(409,),
    ),
)
