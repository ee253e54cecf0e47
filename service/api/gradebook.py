"""The gradebook of a set, in the formats of other systems, and its statistics."""

from __future__ import annotations

from typing import Literal

from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.api.roles import STAFF
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.grades.statistics_document import Statistics
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.gradebook_formats import FORMATS, GradebookDocument
from gradgrade.service.http.respond import json_response

GROUP = "Gradebook"


class GradebookQuery(Model):
    """In which format a gradebook comes."""

    format: Literal["json", "csv", "canvas", "moodle", "xlsx"] = "json"


def read_gradebook(call: CourseCall, name: str) -> Response:
    """Answer with everybody's scores, as a file to keep."""
    query: GradebookQuery = call.query
    with call.backend.store.snapshot() as connection:
        held = find(connection, call.actor, name)
        book = gather_gradebook(connection, held.row)
    chosen = FORMATS[query.format]
    # A set's name is made of a-z, 0-9 and -, and so is the file's.
    file_name = f"{held.problem_set.name}-{query.format}{chosen.suffix}"
    return Response(
        chosen.write(book),
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
        content_type=chosen.media_type,
    )


def read_statistics(call: CourseCall, name: str) -> Response:
    """Answer with what everybody reached, and where they went wrong."""
    with call.backend.store.snapshot() as connection:
        held = find(connection, call.actor, name)
        found = gather_statistics(connection, held.row)
    return json_response(found.to_data())


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/gradebook",
        view=read_gradebook,
        summary="Read everybody's scores, in the format of one's choice",
        group=GROUP,
        roles=STAFF,
        query=GradebookQuery,
        returns=GradebookDocument,
        media_types=tuple(
            sorted({each.media_type for each in FORMATS.values()} - {"application/json"})
        ),
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/statistics",
        view=read_statistics,
        summary="Read what everybody reached, and where they went wrong",
        group=GROUP,
        roles=STAFF,
        returns=Statistics,
    ),
)
