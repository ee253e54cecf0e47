"""The entrance: signing in with a token, signing out, and what is at home in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, g, redirect, request
from werkzeug.wrappers import Response

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Unauthenticated
from gradgrade.service.course.grades.turnout import Turnout, read_turnouts
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.sets.policy import own_policies
from gradgrade.service.course.sets.problem_sets import list_problem_sets
from gradgrade.service.http.limits import Limiter
from gradgrade.service.web import session
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.sets.home_page import show_home
from gradgrade.service.web.texts import gettext

MOST_SETS = 1000

_OWN_ADDRESS = re.compile(r"/(sets|submissions)/[a-z0-9/-]{1,300}|/(new-set|settings|tokens)")


def address(*, back_to: str = "/") -> str:
    """Return where one signs in.

    Args:
        back_to: the page that is shown afterwards.
    """
    asked = f"?{urlencode({'back_to': back_to})}" if _OWN_ADDRESS.fullmatch(back_to) else ""
    return f"/sign-in{asked}"


def sign_in_link(address: str, token: str) -> str:
    """Return a link that puts a token into the form of signing in.

    The token stands behind `#`, which browsers send nowhere: no log of a server or a proxy has it.
    The page takes it out of the address at once, and whoever opened the link still presses the
    button, so that no link signs anybody in unasked.

    Args:
        address: where students open the course.
        token: whoever's it is.

    >>> sign_in_link("https://course.example.org/", "gg_token")
    'https://course.example.org/sign-in#gg_token'
    """
    return f"{address.rstrip('/')}/sign-in#{token}"


def register(
    app: Flask, backend: Backend, limiter: Limiter, *, welcome: Callable[[], Response]
) -> None:
    """Serve `/` and where links to sign in lead; take the forms of signing in and out.

    Args:
        app: the application.
        backend: knows who has which token.
        limiter: counts who asks.
        welcome: answers whoever is not signed in.
    """

    def page_home() -> Response:
        actor = session.signed_in(backend)
        if actor is None:
            return welcome()
        limiter.spend("general", token=actor.token)
        g.role = actor.role
        if actor.student is not None:
            student, now = actor.student.row, backend.clock()
            return show_home(backend, actor, student, most=MOST_SETS, now=now)
        return _sets_page(backend, actor)

    def page_of_signing_in() -> Response:
        limiter.spend("general")
        return _sign_in_page(back_to=request.args.get("back_to", ""))

    def page_sign_in() -> Response:
        limiter.spend("general")
        form = session.check_form()
        back_to = form.get("back_to", "")
        try:
            actor = _person(backend, form.get("token", "").strip())
        except Unauthenticated as error:
            limiter.spend_failure()
            return _sign_in_page(
                back_to=back_to,
                status=HTTPStatus.UNAUTHORIZED,
                headers={"WWW-Authenticate": "Bearer"},
                fault=gettext(
                    "%(why)s; copy all of it, as your instructor sent it", why=str(error)
                ),
            )
        session.sign_in(backend, actor)
        return redirect(back_to if _OWN_ADDRESS.fullmatch(back_to) else "/", 303)

    def page_sign_out() -> Response:
        session.check_form()
        session.sign_out(backend)
        return redirect("/", 303)

    app.add_url_rule("/", view_func=page_home)
    app.add_url_rule("/sign-in", view_func=page_of_signing_in)
    app.add_url_rule("/sign-in", view_func=page_sign_in, methods=["POST"])
    app.add_url_rule("/sign-out", view_func=page_sign_out, methods=["POST"])


def _person(backend: Backend, token: str) -> Actor:
    actor = authenticate(backend, token)
    if actor.role == "ci":
        raise Unauthenticated(gettext("the token is a program's, not a person's"))
    return actor


def _sign_in_page(
    *,
    back_to: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    fault: str | None = None,
) -> Response:
    return page("sign_in.html", status=status, headers=headers, back_to=back_to, fault=fault)


def _sets_page(backend: Backend, actor: Actor) -> Response:
    with backend.store.reading() as connection:
        found = list_problem_sets(connection, actor, after=0, limit=MOST_SETS)
        policies = own_policies(connection, actor, found)
        turnouts = read_turnouts(connection, actor)
    return page(
        "sets.html",
        at="home",
        sets=[
            (held, policy, turnouts.get(held.row, Turnout()))
            for held, policy in zip(found, policies, strict=True)
        ],
        now=backend.clock(),
    )
