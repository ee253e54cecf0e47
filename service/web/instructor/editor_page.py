"""A set as TOML or JSON: written or pasted, checked, previewed, and published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError, ExerciseError, ProblemSet
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.sets.preview import ExercisePreview, preview_contained
from gradgrade.service.course.sets.problem_sets import find, publish, replace
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit

TEXT_FIELD, VERSION_FIELD, ACTION_FIELD = "text", "version", "action"
PREVIEWED = 3
"""Variants of each exercise, for the figures of a preview."""

STARTER = """\
schema = "gradgrade/problem-set/1"
name = "week-1"
title = "One step of gradient descent"
attempts = 5

[[exercises]]
name = "two-layers"
title = "Two layers by hand"
points = 10
inputs = 2
layers = [
  { type = "dense", units = 2, activation = "sigmoid" },
  { type = "dense", units = 1, activation = "sigmoid" },
]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.4 }
arithmetic = "decimal"
rounding = { decimals = 4 }
ask = ["a1", "a2", "loss", "delta2", "dW2", "delta1", "dW1", "W1_new"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A set that is being written.

    Args:
        text: as it is written.
        name: of the set that it is to replace; None: it is new.
        version: the one that it began from.
        faults: what is wrong with it, a line each.
        previews: what its exercises would give students.
    """

    text: str
    name: str | None = None
    version: str = ""
    faults: Sequence[str] = ()
    previews: Sequence[ExercisePreview] = ()


def show_new_set(visit: Visit) -> Response:
    """Answer with a starter to change."""
    return _page(Draft(text=STARTER))


def show_editor(visit: Visit, name: str) -> Response:
    """Answer with a set as it stands."""
    with visit.backend.store.reading() as connection:
        held = find(connection, visit.actor, name)
    text = json.dumps(json.loads(held.problem_set.to_json()), indent=2, ensure_ascii=False)
    return _page(Draft(text=text, name=name, version=held.tag))


def save_new_set(visit: Visit) -> Response:
    """Preview what was written, or publish it as a new set."""
    return _save(visit, _draft(None))


def save_set(visit: Visit, name: str) -> Response:
    """Preview what was written, or publish it as the next version."""
    return _save(visit, _draft(name))


def _draft(name: str | None) -> Draft:
    form = request.form
    text = form.get(TEXT_FIELD, "").replace("\r\n", "\n")
    return Draft(text=text, name=name, version=form.get(VERSION_FIELD, ""))


def _save(visit: Visit, draft: Draft) -> Response:
    is_preview = request.form.get(ACTION_FIELD) == "preview"
    try:
        written = ProblemSet.from_text(draft.text.encode())
        if is_preview:
            found = preview_contained(visit.backend.contained, written, students=PREVIEWED)
            return _page(_with(draft, previews=found))
        if draft.name is None:
            publish(visit.backend, visit.actor, written)
        else:
            replace(visit.backend, visit.actor, draft.name, written, only=draft.version or None)
    except DocumentError as error:
        faults = [str(each) for each in error.faults] or [error.one_line]
        return _page(_with(draft, faults=faults), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (ExerciseError, Conflict) as error:
        return _page(_with(draft, faults=[str(error)]), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(f"/sets/{written.name}", HTTPStatus.SEE_OTHER)


def _with(
    draft: Draft, *, faults: Sequence[str] = (), previews: Sequence[ExercisePreview] = ()
) -> Draft:
    return Draft(
        text=draft.text, name=draft.name, version=draft.version, faults=faults, previews=previews
    )


def _page(draft: Draft, *, status: int = HTTPStatus.OK) -> Response:
    return page(
        "editor.html",
        status=status,
        tab="document",
        draft=draft,
        text_field=TEXT_FIELD,
        version_field=VERSION_FIELD,
        action_field=ACTION_FIELD,
    )
