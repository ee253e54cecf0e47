"""Everybody's points, as a table and as files for other systems."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort
from werkzeug.wrappers import Response

from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.gradebook_formats import FORMATS
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit


def show_gradebook(visit: Visit, name: str) -> Response:
    """Answer with the gradebook of a set."""
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        book = gather_gradebook(connection, held.row)
    return page(
        "gradebook.html",
        tab="gradebook",
        problem_set=held.problem_set,
        book=book,
        formats=tuple(FORMATS),
    )


def download_gradebook(visit: Visit, name: str, form: str) -> Response:
    """Answer with the gradebook as a file."""
    if form not in FORMATS:
        abort(HTTPStatus.NOT_FOUND, f"{form[:20]!r} is none of {', '.join(FORMATS)}")
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        book = gather_gradebook(connection, held.row)
    chosen = FORMATS[form]
    return Response(
        chosen.write(book),
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{form}{chosen.suffix}"',
            "Cache-Control": "no-store",
        },
        content_type=chosen.media_type,
    )
