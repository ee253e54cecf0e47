"""Everybody's points in a set, and in the whole course, as a table and as files for others."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort
from werkzeug.wrappers import Response

from gradgrade.service.course.grades.course_gradebook import (
    CourseGradebook,
    gather_course_gradebook,
)
from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.gradebook_formats import FORMATS, Format
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
    """Answer with the gradebook of a set as a file."""
    chosen = _format(form)
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        book = gather_gradebook(connection, held.row)
    return _file(chosen, chosen.write(book), f"{name}-{form}")


def show_course_gradebook(visit: Visit) -> Response:
    """Answer with the gradebook of the whole course."""
    book = _course_book(visit)
    return page(
        "course_gradebook.html",
        at="gradebook",
        book=book,
        # The first set that a student works; their page there leads to the others.
        homes={row.student: each.problem_set for each in reversed(book.books) for row in each.rows},
        enrolled=[{row.student for row in each.rows} for each in book.books],
        formats=tuple(FORMATS),
    )


def download_course_gradebook(visit: Visit, form: str) -> Response:
    """Answer with the gradebook of the whole course as a file."""
    chosen, book = _format(form), _course_book(visit)
    return _file(chosen, chosen.write_course(book), f"{book.course}-{form}")


def _course_book(visit: Visit) -> CourseGradebook:
    with visit.backend.store.snapshot() as connection:
        return gather_course_gradebook(connection, visit.actor)


def _format(form: str) -> Format:
    if form not in FORMATS:
        abort(HTTPStatus.NOT_FOUND, f"{form[:20]!r} is none of {', '.join(FORMATS)}")
    return FORMATS[form]


def _file(chosen: Format, content: bytes, name: str) -> Response:
    # Names of sets and courses are made of a-z, 0-9 and -, and so is the file's.
    return Response(
        content,
        headers={
            "Content-Disposition": f'attachment; filename="{name}{chosen.suffix}"',
            "Cache-Control": "no-store",
        },
        content_type=chosen.media_type,
    )
