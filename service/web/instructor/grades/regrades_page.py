"""Regrades of a set: graded a step at a time, looked at before they stand, and taken back."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, redirect, request
from werkzeug.wrappers import Response

from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.regrades import running, steps
from gradgrade.service.course.regrades.record import Regrade, find_regrade, list_regrades
from gradgrade.service.course.regrades.report import report_on
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.http.query import MOST_DIGITS
from gradgrade.service.store.identities import RegradeId, VariantRow
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit

MOST_CHANGES = 1_000
"""How many of the submissions that change are listed."""


def show_regrades(visit: Visit, name: str) -> Response:
    """Answer with the regrades of a set, and a form to begin one."""
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        found = list_regrades(connection, visit.actor, name)
        reports = [report_on(connection, each) for each in reversed(found)]
    return page(
        "regrades.html",
        tab="regrades",
        problem_set=held.problem_set,
        version=held.version,
        reports=reports,
        begun=next((each for each in found if each.state == "running"), None),
    )


def begin_regrade(visit: Visit, name: str) -> Response:
    """Begin a regrade, or the one that is running anew where the set was replaced."""
    is_kept = request.form.get("never_lower") == "yes"
    begun = running.begin(visit.backend, visit.actor, name, never_lower=is_kept)
    assert begun.id is not None
    return _to(begun, steps.take_step(visit.backend, visit.actor, begun.id, tried=VariantRow(0)))


def show_regrade(visit: Visit, name: str, regrade: str) -> Response:
    """Answer with what a regrade changes, or how far it is."""
    tried = _tried(request.args.get("tried", "0"))
    with visit.backend.store.snapshot() as connection:
        found = _find(visit, name, regrade)
        report = report_on(connection, found)
        held = find(connection, visit.actor, name)
        standing = (
            steps.standing_of(connection, visit.actor, found, tried=tried)
            if found.state == "running"
            else None
        )
    return page(
        "regrade.html",
        tab="regrades",
        problem_set=held.problem_set,
        report=report,
        standing=standing,
        tried=tried,
        by_itself=request.args.get("by_itself") == "yes",
        most=MOST_CHANGES,
    )


def step_regrade(visit: Visit, name: str, regrade: str) -> Response:
    """Grade some more of it."""
    found, tried = _find(visit, name, regrade), _tried(request.form.get("tried", ""))
    assert found.id is not None
    return _to(found, steps.take_step(visit.backend, visit.actor, found.id, tried=tried))


def apply_regrade(visit: Visit, name: str, regrade: str) -> Response:
    """Make it stand, where all was graded."""
    found, tried = _find(visit, name, regrade), _tried(request.form.get("tried", ""))
    assert found.id is not None
    steps.carry_out(visit.backend, visit.actor, found.id, tried=tried)
    return _to(found, tried)


def leave_regrade(visit: Visit, name: str, regrade: str) -> Response:
    """Drop it; nothing has changed."""
    found = _find(visit, name, regrade)
    assert found.id is not None
    running.abandon(visit.backend, visit.actor, found.id)
    return redirect(f"/sets/{name}/-/regrades", HTTPStatus.SEE_OTHER)


def reverse_regrade(visit: Visit, name: str, regrade: str) -> Response:
    """Take it back."""
    found = _find(visit, name, regrade)
    assert found.id is not None
    running.reverse(visit.backend, visit.actor, found.id)
    return _to(found, VariantRow(0))


def _find(visit: Visit, name: str, regrade: str) -> Regrade:
    with visit.backend.store.reading() as connection:
        found = find_regrade(connection, visit.actor, RegradeId(regrade))
    if found.problem_set != name:
        raise NotFound(f"there is no regrade {regrade!r} of {name!r}")
    return found


def _tried(text: str) -> VariantRow:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        abort(HTTPStatus.BAD_REQUEST, f"tried: {text[:20]!r} is no number")
    return VariantRow(int(text))


def _to(found: Regrade, tried: VariantRow) -> Response:
    onwards = "&by_itself=yes" if request.form.get("by_itself") == "yes" else ""
    where = f"/sets/{found.problem_set}/-/regrades/{found.id}?tried={tried}{onwards}"
    return redirect(where, HTTPStatus.SEE_OTHER)
