"""Regrades: tried out, applied, looked at and reversed."""

from __future__ import annotations

from flask import url_for
from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.verdict import Outcome, Score
from gradgrade.service.api.roles import STAFF
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.bounds import MOST_REGRADED
from gradgrade.service.course.regrades import record, running
from gradgrade.service.course.regrades.record import State
from gradgrade.service.course.regrades.report import Report, read_report
from gradgrade.service.course.regrades.trial import try_out
from gradgrade.service.http.body import read_body
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.respond import json_response
from gradgrade.service.jobs import workers
from gradgrade.service.store.identities import RegradeId

GROUP = "Regrades"


class RegradeRequest(Model):
    """How to regrade a set; a dry run changes nothing and tells what would change."""

    dry_run: bool
    never_lower: bool = False


class RegradeEntry(Model):
    """A regrade in a list; of a dry run, the id, the state and the times are null."""

    regrade: str | None
    problem_set: str
    state: State | None
    version: Whole
    grader: str
    never_lower: bool
    created_at: Moment | None
    settled_at: Moment | None


class Regrades(RootModel[list[RegradeEntry]]):
    """The regrades of a set."""


class Change(Model):
    """A submission whose points or outcome a regrade changes; `before` and `after` are points."""

    submission: str
    student: str
    exercise: str
    before: Score
    after: Score
    outcome_before: Outcome
    outcome_after: Outcome


class RegradeReport(RegradeEntry):
    """What a regrade changes; `kept` counts answered variants that kept their own definition.

    `unreadable` names submissions that could not be graded: their verdicts stay.
    """

    submissions: Whole
    changed: Whole
    higher: Whole
    lower: Whole
    kept: Whole
    changes: list[Change]
    unreadable: list[str]


def regrade_problem_set(call: CourseCall, name: str) -> Response:
    """Grade everything anew that was handed in to a set, or tell what that would change."""
    wanted = read_body(RegradeRequest)
    work = try_out if wanted.dry_run else running.apply
    with workers(1) as run:
        report = work(
            call.backend,
            call.actor,
            name,
            run,
            never_lower=wanted.never_lower,
            most=MOST_REGRADED,
        )
    if wanted.dry_run:
        return _reported(report)
    location = url_for("read_regrade", regrade=report.regrade.id)
    return _reported(report, status=201, headers={"Location": location})


def list_regrades(call: CourseCall, name: str) -> Response:
    """Answer with the regrades of a set."""
    with call.backend.store.reading() as connection:
        found = record.list_regrades(connection, call.actor, name)
    entries = [RegradeEntry.model_validate(each.to_data()) for each in found]
    return json_response(Regrades(entries).model_dump())


def read_regrade(call: CourseCall, regrade: str) -> Response:
    """Answer with a regrade and what it changed."""
    with call.backend.store.snapshot() as connection:
        return _reported(read_report(connection, call.actor, RegradeId(regrade)))


def reverse_regrade(call: CourseCall, regrade: str) -> Response:
    """Take a regrade back."""
    return _reported(running.reverse(call.backend, call.actor, RegradeId(regrade)))


def _reported(
    report: Report, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    document = RegradeReport.model_validate(report.to_data())
    return json_response(document.model_dump(), status=status, headers=headers)


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/problem-sets/{name}/regrades",
        view=regrade_problem_set,
        summary="Regrade all that was handed in to a set, or tell what that would change",
        group=GROUP,
        roles=STAFF,
        body=RegradeRequest,
        succeeds=(200, 201),
        returns=RegradeReport,
        headers=("Location",),
        refuses=(409,),
        is_heavy=True,
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/regrades",
        view=list_regrades,
        summary="List the regrades of a set",
        group=GROUP,
        roles=STAFF,
        returns=Regrades,
    ),
    Route(
        method="GET",
        path="/api/v1/regrades/{regrade}",
        view=read_regrade,
        summary="Read a regrade and what it changed",
        group=GROUP,
        roles=STAFF,
        returns=RegradeReport,
    ),
    Route(
        method="POST",
        path="/api/v1/regrades/{regrade}/reversal",
        view=reverse_regrade,
        summary="Reverse a regrade",
        group=GROUP,
        roles=STAFF,
        returns=RegradeReport,
        refuses=(409,),
    ),
)
