"""Sessions: who is signed in, told by a signed cookie that holds no token.

The cookie names the row of a token, when that token was made and how often its owner had signed
out. All are looked up with every request, so that a session ends with its token and when its owner
signs out, in whatever browser, and a row that means another token opens nothing.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from flask import Flask, Request, abort, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import validate_csrf
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Unauthenticated
from gradgrade.service.course.people.authentication import (
    Session,
    actor_of,
    end_sessions,
    session_of,
)
from gradgrade.service.store.errors import StoreError
from gradgrade.service.web.texts import gettext

LIFETIME = timedelta(hours=12)

COOKIE = "gradgrade_session"

_EXTENSION = "gradgrade-sessions"

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class _Cookies(SecureCookieSessionInterface):
    digest_method = staticmethod(sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        # What checks signatures is not made for requests that have none, as the API's.
        if "Cookie" not in request.headers:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def configure(app: Flask, backend: Backend) -> None:
    """Have an application sign sessions with a key of their own, derived from its secret."""
    app.extensions[_EXTENSION] = backend
    app.secret_key = hmac.new(backend.secret, b"gradgrade/web-session/1", sha256).digest()
    app.session_interface = _Cookies()
    app.permanent_session_lifetime = LIFETIME
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        # Strict would sign nobody in who follows a link from the course's own site.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        # A form is good for as long as the session that it was made in.
        WTF_CSRF_TIME_LIMIT=None,
    )


def sign_in(backend: Backend, actor: Actor) -> None:
    """Begin a session; nothing of an earlier one is left."""
    assert actor.token is not None
    session.clear()
    session.permanent = True
    begun = session_of(backend, actor.token)
    session["token"] = begun.token
    session["token_made"] = begun.made.isoformat()
    session["sign_outs"] = begun.sign_outs
    session["since"] = backend.clock().isoformat()


def sign_out(backend: Backend) -> None:
    """End the session, and every other of its token: who signs out may have left one elsewhere."""
    actor = signed_in(backend)
    session.clear()
    if actor is not None and actor.token is not None:
        end_sessions(backend, actor.token)


def signed_in(backend: Backend) -> Actor | None:
    """Return who is signed in; None: nobody, or no longer."""
    if not session.keys() >= {"token", "token_made", "sign_outs", "since"}:
        return None
    age = backend.clock() - datetime.fromisoformat(session["since"])
    begun = Session(
        token=session["token"],
        made=datetime.fromisoformat(session["token_made"]),
        sign_outs=session["sign_outs"],
    )
    try:
        if age > LIFETIME:
            raise Unauthenticated("the session has ended")
        actor = actor_of(backend, begun)
    except Unauthenticated:
        session.clear()
        g.actor = None
        return None
    g.actor = actor
    return actor


def whoever() -> Actor | None:
    """Return who sees the current page, looked up once; None: nobody who is signed in.

    Where the database does not answer, nobody is known: a page that says so is still shown.
    """
    backend: Backend | None = current_app.extensions.get(_EXTENSION)
    if "actor" not in g:
        g.actor = None
        if backend is not None:
            with suppress(StoreError):
                signed_in(backend)
    actor: Actor | None = g.actor
    return actor


def check_form() -> MultiDict[str, str]:
    """Return the form of the current request.

    Raises:
        HTTPException: it is of another media type, or was not made by this server.
    """
    if request.mimetype not in FORM_TYPES:
        abort(415, gettext("a form must be %(types)s", types=", ".join(FORM_TYPES)))
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        abort(
            400,
            gettext("this form is not of your session; go back, load the page again and repeat"),
        )
    return request.form


def uploaded(field: str) -> bytes | None:
    """Return the file that came with the current form, which is no longer than a body may be."""
    file = request.files.get(field)
    return None if file is None else file.read()
