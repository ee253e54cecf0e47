"""Gradebooks of a set and of the course, in the formats of other systems; progress, statistics."""

from __future__ import annotations

from typing import Literal

from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.api.roles import STAFF
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.grades.course_gradebook import gather_course_gradebook
from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.grades.progress import Progress, gather_progress
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.grades.statistics_document import Statistics
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.gradebook_formats import FORMATS, CourseGradebookDocument, GradebookDocument
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
    return _file(FORMATS[query.format].write(book), held.problem_set.name, query)


def read_course_gradebook(call: CourseCall) -> Response:
    """Answer with everybody's scores in all sets, as a file to keep."""
    query: GradebookQuery = call.query
    with call.backend.store.snapshot() as connection:
        book = gather_course_gradebook(connection, call.actor)
    return _file(FORMATS[query.format].write_course(book), book.course, query)


def _file(content: bytes, name: str, query: GradebookQuery) -> Response:
    chosen = FORMATS[query.format]
    # Names of sets and courses are made of a-z, 0-9 and -, and so is the file's.
    file_name = f"{name}-{query.format}{chosen.suffix}"
    return Response(
        content,
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
        content_type=chosen.media_type,
    )


def read_progress(call: CourseCall, name: str) -> Response:
    """Answer with how far everybody is."""
    with call.backend.store.snapshot() as connection:
        found = gather_progress(connection, find(connection, call.actor, name))
    return json_response(found.to_data())


def read_statistics(call: CourseCall, name: str) -> Response:
    """Answer with what everybody reached, and where they went wrong."""
    with call.backend.store.snapshot() as connection:
        held = find(connection, call.actor, name)
        found = gather_statistics(connection, held.row)
    return json_response(found.to_data())


_MEDIA_TYPES = tuple(sorted({each.media_type for each in FORMATS.values()} - {"application/json"}))

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
        media_types=_MEDIA_TYPES,
    ),
    Route(
        method="GET",
        path="/api/v1/gradebook",
        view=read_course_gradebook,
        summary="Read everybody's scores in all sets, in the format of one's choice",
        group=GROUP,
        roles=STAFF,
        query=GradebookQuery,
        returns=CourseGradebookDocument,
        media_types=_MEDIA_TYPES,
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/progress",
        view=read_progress,
        summary="Read how far everybody on the roster is in every exercise",
        group=GROUP,
        roles=STAFF,
        returns=Progress,
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
