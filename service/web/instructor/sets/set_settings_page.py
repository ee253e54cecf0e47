"""A set's policies, changed without its document: deadlines, attempts, feedback."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError, ExerciseError, ProblemSet
from gradgrade.problems.documents.number import Number
from gradgrade.service.course.errors import PreconditionFailed
from gradgrade.service.course.sets.problem_sets import Held, find, replace
from gradgrade.service.course.sets.sources import as_changed, read_source
from gradgrade.service.web.boxes import from_box, in_box, typed_in
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

MOMENTS = ("due", "late_until")
WRITTEN = ("title", "late_penalty", "attempts", "feedback", "after_due", "solutions")
"""What has a box or a list of its own; `practice` is ticked."""


def show_settings(visit: Visit, name: str) -> Response:
    """Answer with what holds for everybody in a set, and a form to change it."""
    with visit.backend.store.reading() as connection:
        held = find(connection, visit.actor, name)
    return _page(held, _typed(held.problem_set), is_kept=request.args.get("kept") == "yes")


def change_settings(visit: Visit, name: str) -> Response:
    """Put another version of the set, in which its policies alone are changed."""
    with visit.backend.store.reading() as connection:
        held = find(connection, visit.actor, name)
        source = read_source(connection, held.row, held.version)
    typed = {field: request.form.get(field, "").strip() for field in WRITTEN}
    typed |= {field: typed_in(request.form, field) for field in MOMENTS}
    typed["practice"] = request.form.get("practice", "")
    refused, faults = None, dict[str, str]()
    try:
        changed = ProblemSet.from_data(_changed(held.problem_set, typed))
        replace(
            *(visit.backend, visit.actor, name, changed),
            only=request.form.get("version"),
            source=as_changed(source, held.problem_set, changed),
        )
    except PreconditionFailed:
        refused = gettext("The set was changed meanwhile. Below is how it stands now.")
        typed = _typed(held.problem_set)
    except DocumentError as error:
        faults = {str(each.path[0]): each.said for each in error.faults if each.path}
        refused = None if faults else error.one_line
    except ExerciseError as error:
        refused = str(error)
    if refused is None and not faults:
        return redirect(f"/sets/{name}/-/settings?kept=yes", HTTPStatus.SEE_OTHER)
    return _page(held, typed, refused=refused, faults=faults)


def _typed(problem_set: ProblemSet) -> dict[str, str]:
    """Return what the boxes hold for a set as it stands."""
    data = problem_set.to_data()
    typed = {field: _text(data.get(field)) for field in WRITTEN}
    moments = {field: in_box(getattr(problem_set, field)) for field in MOMENTS}
    return {**typed, **moments, "practice": "yes" if problem_set.practice else ""}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, Number) else str(value)


def _changed(problem_set: ProblemSet, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of a set with what was typed; what is empty is left out."""
    stands = _typed(problem_set)
    fields = (*MOMENTS, *WRITTEN)
    data = {name: value for name, value in problem_set.to_data().items() if name not in fields}
    data |= {field: _value(field, typed[field]) for field in fields if typed[field]}
    # What nobody touched keeps the zone that it was written in.
    untouched = {
        field: moment
        for field in MOMENTS
        if typed[field] == stands[field] and (moment := getattr(problem_set, field)) is not None
    }
    return {**data, **untouched, "practice": typed["practice"] == "yes"}


def _value(field: str, text: str) -> Any:
    """Return what was typed as documents have it; what is none stays text, and is refused there."""
    if field in MOMENTS:
        return from_box(text)
    if field == "attempts":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text
    if field == "late_penalty":
        try:
            return Number(text.replace(",", "."))
        except DocumentError:
            return text
    return text


def _page(
    held: Held,
    typed: Mapping[str, str],
    *,
    refused: str | None = None,
    faults: Mapping[str, str] | None = None,
    is_kept: bool = False,
) -> Response:
    is_fine = refused is None and not faults
    return page(
        "set_settings.html",
        status=HTTPStatus.OK if is_fine else HTTPStatus.UNPROCESSABLE_ENTITY,
        tab="settings",
        problem_set=held.problem_set,
        held=held,
        typed=typed,
        refused=refused,
        faults=faults or {},
        is_kept=is_kept,
    )
