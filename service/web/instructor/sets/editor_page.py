"""A set as TOML or JSON: written, pasted or read from a file, checked, previewed, and published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError, ExerciseError, ProblemSet
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.variants.report import WIDE_BAND
from gradgrade.service.course.errors import Conflict, PreconditionFailed, Unprocessable
from gradgrade.service.course.people.roster import read_roster
from gradgrade.service.course.sets import problem_sets
from gradgrade.service.course.sets.preview import (
    DraftPreview,
    Variant,
    WantedVariant,
    preview_draft,
)
from gradgrade.service.course.sets.sources import as_changed, read_source
from gradgrade.service.course.work.variants import read_exercise
from gradgrade.service.turns import RETRY_SECONDS, Occupied
from gradgrade.service.web.instructor.sets.draft_faults import ToldFault, quoted_lines, told_faults
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.drawings import drawn
from gradgrade.service.web.student.shown import shown
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

TEXT_FIELD, FILE_FIELD, VERSION_FIELD, ACTION_FIELD = "text", "file", "version", "action"
STUDENT_FIELD, EXERCISE_FIELD = "student", "exercise"
PREVIEWED = 3
"""Variants of each exercise, for the figures of a preview."""

MOST_SUGGESTED = 1_000
LONGEST_STUDENT = 100
LONGEST_BEGINNING = 90
"""Of a set's name, which that of its copy begins with."""

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
        student: whose variant is previewed.
        exercise: of which exercise; empty: of the first.
        faults: what is wrong with it.
        preview: what it would give students; None where it was not previewed.
        previewed_at: when that was.
    """

    text: str
    name: str | None = None
    version: str = ""
    student: str = ""
    exercise: str = ""
    faults: Sequence[ToldFault] = ()
    preview: DraftPreview | None = None
    previewed_at: datetime | None = None


def show_new_set(visit: Visit) -> Response:
    """Answer with a starter to change, or with another set, which is to have a name of its own."""
    like = request.args.get("like")
    if like is None:
        return _page(visit, Draft(text=STARTER))
    with visit.backend.store.reading() as connection:
        held = problem_sets.find(connection, visit.actor, like)
        source = read_source(connection, held.row, held.version)
    copied = held.problem_set.model_copy(update={"name": f"{like[:LONGEST_BEGINNING]}-copy"})
    text = as_changed(source, held.problem_set, copied) or copied.to_text()
    return _page(visit, Draft(text=text))


def show_editor(visit: Visit, name: str) -> Response:
    """Answer with a set as it was written."""
    with visit.backend.store.reading() as connection:
        held = problem_sets.find(connection, visit.actor, name)
        source = read_source(connection, held.row, held.version)
    text = source or held.problem_set.to_text()
    return _page(visit, Draft(text=text, name=name, version=held.tag))


def save_new_set(visit: Visit) -> Response:
    """Preview what was written, or publish it as a new set."""
    return _save(visit, _draft(None))


def save_set(visit: Visit, name: str) -> Response:
    """Preview what was written, or publish it as the next version."""
    return _save(visit, _draft(name))


def _draft(name: str | None) -> Draft:
    form = request.form
    return Draft(
        text=form.get(TEXT_FIELD, "").replace("\r\n", "\n"),
        name=name,
        version=form.get(VERSION_FIELD, ""),
        student=form.get(STUDENT_FIELD, "").strip()[:LONGEST_STUDENT],
        exercise=form.get(EXERCISE_FIELD, ""),
    )


def _save(visit: Visit, draft: Draft) -> Response:
    file = request.files.get(FILE_FIELD)
    is_uploaded = file is not None and bool(file.filename)
    try:
        if file is not None and is_uploaded:
            draft = replace(draft, text=decoded(file.read()))
        written = ProblemSet.from_text(draft.text.encode("utf-8", "surrogatepass"))
        # What comes from a file is seen before it is published.
        if is_uploaded or request.form.get(ACTION_FIELD) != "publish":
            return _page(visit, _previewed(visit, draft, written))
        if draft.name is None:
            problem_sets.publish(visit.backend, visit.actor, written, source=draft.text)
        else:
            problem_sets.replace(
                *(visit.backend, visit.actor, draft.name, written),
                only=draft.version or None,
                source=draft.text,
            )
    except DocumentError as error:
        return _refused(visit, draft, *told_faults(error, draft.text))
    except PreconditionFailed as error:
        fault = ToldFault(said=str(error))
        return _refused(visit, draft, fault, status=HTTPStatus.PRECONDITION_FAILED)
    except Occupied:
        said = gettext("others are having sets previewed: press the button again in a few seconds")
        return _refused(
            *(visit, draft, ToldFault(said=said)),
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    except (ExerciseError, Conflict, Unprocessable) as error:
        return _refused(visit, draft, ToldFault(said=str(error)))
    return redirect(f"/sets/{written.name}", HTTPStatus.SEE_OTHER)


def _previewed(visit: Visit, draft: Draft, written: ProblemSet) -> Draft:
    names = [each.name for each in written.exercises]
    exercise = draft.exercise if draft.exercise in names else names[0]
    student = draft.student or _anybody(visit, draft.name)
    wanted = WantedVariant(
        exercise=exercise,
        student=student,
        secret=visit.backend.secret,
        course=visit.actor.course,
    )
    with visit.previews.taken():
        found = preview_draft(visit.backend.contained, written, students=PREVIEWED, wanted=wanted)
    return replace(
        draft,
        student=student,
        exercise=exercise,
        preview=found,
        previewed_at=visit.received_at,
    )


def _anybody(visit: Visit, name: str | None) -> str:
    return next(iter(_students(visit, name)), "s001")


def _students(visit: Visit, name: str | None) -> list[str]:
    if name is None:
        return []
    with visit.backend.store.reading() as connection:
        held = problem_sets.find(connection, visit.actor, name)
        return [each.student.id for each in read_roster(connection, held.row, limit=MOST_SUGGESTED)]


def _refused(
    visit: Visit,
    draft: Draft,
    *faults: ToldFault,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
    headers: dict[str, str] | None = None,
) -> Response:
    return _page(visit, replace(draft, faults=faults), status=status, headers=headers)


def _page(
    visit: Visit,
    draft: Draft,
    *,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    preview = draft.preview
    return page(
        "editor.html",
        status=status,
        headers=headers,
        tab="document",
        draft=draft,
        quoted=list(quoted_lines(draft.text, draft.faults)),
        students=_students(visit, draft.name),
        wide_band=WIDE_BAND,
        variant=None if preview is None else _shown(preview.variant),
        text_field=TEXT_FIELD,
        file_field=FILE_FIELD,
        version_field=VERSION_FIELD,
        action_field=ACTION_FIELD,
        student_field=STUDENT_FIELD,
        exercise_field=EXERCISE_FIELD,
    )


def _shown(variant: Variant) -> dict[str, Any]:
    """Return what is shown of a variant: its drawing, its givens and what is asked of it."""
    if variant.document is None:
        return {"refusal": variant.refusal, "drawing": Markup(""), "givens": [], "rules": []}
    told = shown(read_exercise(variant.document))
    return {
        "refusal": None,
        "drawing": drawn(variant.document),
        "givens": told["givens"],
        "rules": told["rules"],
    }
