"""The site: its addresses, and what stands before every page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from flask import Flask, abort, g, redirect, request
from werkzeug.wrappers import Response

from gradgrade.service.contained import Contained
from gradgrade.service.course.backend import Backend, system_clock
from gradgrade.service.course.work.holding import refuse_held
from gradgrade.service.http.limits import Limiter
from gradgrade.service.http.path import check_path
from gradgrade.service.http.receiving import received_at
from gradgrade.service.settings import Settings
from gradgrade.service.store.roles import Role
from gradgrade.service.turns import Turns
from gradgrade.service.web import assets, entrance, error_pages, session, texts
from gradgrade.service.web.computing import Computing
from gradgrade.service.web.instructor.course.audit_log_page import show_audit_log
from gradgrade.service.web.instructor.course.server_settings_page import show_server_settings
from gradgrade.service.web.instructor.course.tokens_page import (
    ask_to_revoke,
    make_token,
    revoke_token,
    show_tokens,
)
from gradgrade.service.web.instructor.grades.gradebook_page import (
    download_course_gradebook,
    download_gradebook,
    show_course_gradebook,
    show_gradebook,
)
from gradgrade.service.web.instructor.grades.progress_page import show_progress
from gradgrade.service.web.instructor.grades.regrades_page import (
    apply_regrade,
    begin_regrade,
    leave_regrade,
    reverse_regrade,
    show_regrade,
    show_regrades,
    step_regrade,
)
from gradgrade.service.web.instructor.grades.statistics_page import show_statistics
from gradgrade.service.web.instructor.people.roster_page import enrol, renew_token, show_roster
from gradgrade.service.web.instructor.people.student_page import (
    extend_student,
    override_score,
    show_student,
)
from gradgrade.service.web.instructor.sets.editor_page import (
    save_new_set,
    save_set,
    show_editor,
    show_new_set,
)
from gradgrade.service.web.instructor.sets.overview_page import show_overview
from gradgrade.service.web.instructor.sets.set_settings_page import change_settings, show_settings
from gradgrade.service.web.rendering import PLAYGROUND
from gradgrade.service.web.student.exercise_page import (
    download_exercise,
    show_exercise,
    submit_form,
)
from gradgrade.service.web.student.practice_page import show_practice, try_practice
from gradgrade.service.web.student.sets.problem_set_page import show_problem_set
from gradgrade.service.web.student.solution_page import show_solution
from gradgrade.service.web.student.submission_page import show_submission
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit
from gradgrade.service.web.visitor import guide_pages
from gradgrade.service.web.visitor.front_page import FrontPage
from gradgrade.service.web.visitor.playground_page import Playground

MOST_FIELDS = 10_000
"""Of a form that may bring a file: a field for each box of the largest exercise's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A page, or what a form is sent to, for whoever is signed in.

    Args:
        rule: the path as Flask writes it.
        view: answers; is given a `Visit` and the path's variables by name.
        method: the HTTP method.
        roles: whose it is.
    """

    rule: str
    view: Callable[..., Response]
    method: Literal["GET", "POST"] = "GET"
    roles: Collection[Role] = ("instructor", "assistant", "student")


STAFF = frozenset[Role]({"instructor", "assistant"})
STUDENT = frozenset[Role]({"student"})
INSTRUCTOR = frozenset[Role]({"instructor"})

REGRADE = "/sets/<name>/-/regrades/<regrade>"


def show_set(visit: Visit, name: str) -> Response:
    """Answer with a set: how far everybody is, or where a student stands in each exercise."""
    return (show_progress if visit.actor.is_staff else show_problem_set)(visit, name)


ADDRESSES = (
    Address(rule="/sets/<name>", view=show_set),
    Address(rule="/sets/<name>/<exercise>", view=show_exercise),
    Address(rule="/sets/<name>/<exercise>", view=submit_form, method="POST"),
    Address(rule="/sets/<name>/<exercise>/exercise.json", view=download_exercise),
    Address(rule="/sets/<name>/<exercise>/solution", view=show_solution),
    Address(rule="/sets/<name>/<exercise>/practice", view=show_practice, roles=STUDENT),
    Address(
        rule="/sets/<name>/<exercise>/practice", view=try_practice, method="POST", roles=STUDENT
    ),
    Address(rule="/submissions/<submission>", view=show_submission),
    Address(rule="/sets/<name>/-/roster", view=show_roster, roles=STAFF),
    Address(rule="/sets/<name>/-/roster", view=enrol, method="POST", roles=INSTRUCTOR),
    Address(
        rule="/sets/<name>/-/roster/<student>/token",
        view=renew_token,
        method="POST",
        roles=INSTRUCTOR,
    ),
    Address(rule="/sets/<name>/-/students/<student>", view=show_student, roles=STAFF),
    Address(
        rule="/sets/<name>/-/students/<student>/extension",
        view=extend_student,
        method="POST",
        roles=INSTRUCTOR,
    ),
    Address(
        rule="/sets/<name>/-/students/<student>/override",
        view=override_score,
        method="POST",
        roles=INSTRUCTOR,
    ),
    Address(rule="/sets/<name>/-/gradebook", view=show_gradebook, roles=STAFF),
    Address(rule="/sets/<name>/-/gradebook/<form>", view=download_gradebook, roles=STAFF),
    Address(rule="/sets/<name>/-/statistics", view=show_statistics, roles=STAFF),
    Address(rule="/sets/<name>/-/overview", view=show_overview, roles=STAFF),
    Address(rule="/sets/<name>/-/regrades", view=show_regrades, roles=STAFF),
    Address(rule="/sets/<name>/-/regrades", view=begin_regrade, method="POST", roles=STAFF),
    Address(rule=REGRADE, view=show_regrade, roles=STAFF),
    Address(rule=f"{REGRADE}/step", view=step_regrade, method="POST", roles=STAFF),
    Address(rule=f"{REGRADE}/application", view=apply_regrade, method="POST", roles=STAFF),
    Address(rule=f"{REGRADE}/leave", view=leave_regrade, method="POST", roles=STAFF),
    Address(rule=f"{REGRADE}/reversal", view=reverse_regrade, method="POST", roles=STAFF),
    Address(rule="/sets/<name>/-/settings", view=show_settings, roles=INSTRUCTOR),
    Address(rule="/sets/<name>/-/settings", view=change_settings, method="POST", roles=INSTRUCTOR),
    Address(rule="/sets/<name>/-/document", view=show_editor, roles=INSTRUCTOR),
    Address(rule="/sets/<name>/-/document", view=save_set, method="POST", roles=INSTRUCTOR),
    Address(rule="/gradebook", view=show_course_gradebook, roles=STAFF),
    Address(rule="/gradebook/<form>", view=download_course_gradebook, roles=STAFF),
    Address(rule="/audit-log", view=show_audit_log, roles=INSTRUCTOR),
    Address(rule="/new-set", view=show_new_set, roles=INSTRUCTOR),
    Address(rule="/new-set", view=save_new_set, method="POST", roles=INSTRUCTOR),
    Address(rule="/tokens", view=show_tokens, roles=INSTRUCTOR),
    Address(rule="/tokens", view=make_token, method="POST", roles=INSTRUCTOR),
    Address(rule="/tokens/<token>/revocation", view=ask_to_revoke, roles=INSTRUCTOR),
    Address(rule="/tokens/<token>/revocation", view=revoke_token, method="POST", roles=INSTRUCTOR),
    Address(rule="/settings", view=show_server_settings, roles=INSTRUCTOR),
)


def register(
    app: Flask,
    backend: Backend | None,
    *,
    settings: Settings,
    limiter: Limiter,
    contained: Contained,
) -> None:
    """Serve pages: anybody's, and those of a course if there is one.

    Args:
        app: serves the API already; its errors become pages at the pages' addresses.
        backend: what the pages of a course tell of; None: there is no course.
        settings: the longest form, the language.
        limiter: counts who asks, together with the API.
        contained: whoever computes what pages show, for anybody or for students.
    """
    refuses = _refusing(backend)
    front_page = FrontPage(
        contained=contained,
        limiter=limiter,
        clock=system_clock if backend is None else backend.clock,
        refuses=refuses,
    )
    playground = Playground(limiter=limiter, refuses=refuses)
    texts.register(app, settings.language)
    assets.register(app)
    guide_pages.register(app)
    if backend is None or settings.playground:
        app.add_url_rule("/playground", PLAYGROUND, playground.show)
    error_pages.register(app)
    if backend is None:
        app.add_url_rule("/", "page_home", front_page.show)
    else:
        _register_course(
            app, backend, front_page, settings=settings, limiter=limiter, contained=contained
        )


def _refusing(backend: Backend | None) -> Callable[[bytes], None]:
    if backend is None:
        return lambda numbers: None
    return lambda numbers: refuse_held(backend, numbers, now=backend.clock())


def _register_course(
    app: Flask,
    backend: Backend,
    front_page: FrontPage,
    *,
    settings: Settings,
    limiter: Limiter,
    contained: Contained,
) -> None:
    session.configure(app, backend)
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.most_bytes
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    entrance.register(app, backend, limiter, welcome=front_page.show)
    computing = Computing(
        contained=contained, turns=Turns(threads=settings.threads), limiter=limiter
    )
    previews = Turns(threads=settings.threads)
    for address in ADDRESSES:
        view = _for_members(address, backend, computing, previews, settings=settings)
        name = f"page_{address.view.__name__}"
        app.add_url_rule(address.rule, name, view, methods=[address.method])


def _for_members(
    address: Address,
    backend: Backend,
    computing: Computing,
    previews: Turns,
    *,
    settings: Settings,
) -> Callable[..., Response]:
    limiter = computing.limiter

    def answer(**path: str) -> Response:
        received = received_at(backend.clock, header=settings.received_header)
        actor = session.signed_in(backend)
        if actor is None:
            limiter.spend("general")
            return redirect(entrance.address(back_to=request.path), 303)
        limiter.spend("general", token=actor.token)
        g.role = actor.role
        if actor.role not in address.roles:
            abort(HTTPStatus.FORBIDDEN, _whose(address.roles))
        check_path(path)
        if request.method == "POST":
            session.check_form()
        visit = Visit(
            backend=backend,
            limiter=limiter,
            actor=actor,
            received_at=received,
            settings=settings,
            computing=computing,
            previews=previews,
        )
        return address.view(visit, **path)

    return answer


def _whose(roles: Collection[Role]) -> str:
    """Return whose a page is that is not everybody's."""
    if roles == STUDENT:
        return gettext("this is for students, who have numbers of their own")
    if roles == INSTRUCTOR:
        return gettext("this is for instructors alone")
    return gettext("this is for instructors and assistants")
