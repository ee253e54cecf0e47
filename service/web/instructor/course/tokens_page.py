"""The tokens of a course: listed, made and revoked; the text of one is shown once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from http import HTTPStatus

from flask import abort, redirect, request
from werkzeug.wrappers import Response

from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.course.people import tokens
from gradgrade.service.course.people.tokens import Token
from gradgrade.service.course.sets.problem_sets import list_problem_sets
from gradgrade.service.http.query import MOST_DIGITS
from gradgrade.service.store.identities import TokenRow
from gradgrade.service.store.roles import Role
from gradgrade.service.web import entrance
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

MOST_LISTED = 200

MADE_HERE: tuple[Role, ...] = ("assistant", "instructor", "ci")
"""Students get theirs when they are put on a roster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a form asks for.

    Args:
        role: what the token is to allow.
        problem_set: the set that a CI token is for; empty: none.
        expires: its last day, as it was typed; empty: none.
        fault: what is wrong with it; None: nothing.
        field: which box is wrong.
    """

    role: str = MADE_HERE[0]
    problem_set: str = ""
    expires: str = ""
    fault: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A token that was made: its text, which nobody can tell again."""

    row: TokenRow
    text: str
    link: str | None


def show_tokens(visit: Visit) -> Response:
    """Answer with what is known of the tokens, and a form to make one."""
    return _page(visit, Wanted())


def make_token(visit: Visit) -> Response:
    """Make a token, and show it this once."""
    form = request.form
    wanted = Wanted(
        role=form.get("role", ""),
        problem_set=form.get("problem_set", ""),
        expires=form.get("expires", "").strip(),
    )
    if wanted.role not in MADE_HERE:
        abort(HTTPStatus.BAD_REQUEST, f"role: {wanted.role[:20]!r} is none of {MADE_HERE}")
    if wanted.role == "ci" and not wanted.problem_set:
        return _refused(visit, wanted, "problem_set", gettext("choose the set that it is for"))
    try:
        expires = _end_of_day(wanted.expires) if wanted.expires else None
    except ValueError:
        return _refused(visit, wanted, "expires", gettext("write a day such as 2026-12-31"))
    try:
        with visit.backend.store.writing() as connection:
            row, text = tokens.create_token(
                connection,
                visit.actor,
                role=wanted.role,
                problem_set=wanted.problem_set if wanted.role == "ci" else None,
                expires=expires,
                now=visit.backend.clock(),
            )
    except Unprocessable:
        return _refused(visit, wanted, "expires", gettext("that day is past"))
    is_persons = wanted.role != "ci"
    link = entrance.sign_in_link(request.host_url, text) if is_persons else None
    return _page(visit, Wanted(), made=Made(row=row, text=text, link=link))


def ask_to_revoke(visit: Visit, token: str) -> Response:
    """Ask whether a token is to be revoked, and tell what that ends."""
    with visit.backend.store.reading() as connection:
        all_of_them = tokens.list_tokens(connection, visit.actor)
    found = next((each for each in all_of_them if each.row == _row(token)), None)
    if found is None:
        raise NotFound(f"there is no token {token}")
    now = visit.backend.clock()
    others = [
        each
        for each in all_of_them
        if each.role == "instructor" and each.row != found.row and is_good(each, now)
    ]
    return page(
        "token.html",
        at="tokens",
        token=found,
        is_own=found.row == visit.actor.token,
        is_last=found.role == "instructor" and not others,
    )


def revoke_token(visit: Visit, token: str) -> Response:
    """Revoke a token; sessions that were begun with it end."""
    with visit.backend.store.writing() as connection:
        tokens.revoke_token(connection, visit.actor, token=_row(token), now=visit.backend.clock())
    return redirect("/tokens", HTTPStatus.SEE_OTHER)


def is_good(token: Token, now: datetime) -> bool:
    """Tell whether a token opens anything."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


def _end_of_day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.max, UTC)


def _row(text: str) -> TokenRow:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise NotFound(f"there is no token {text}")
    return TokenRow(int(text))


def _after() -> int:
    text = request.args.get("after", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _refused(visit: Visit, wanted: Wanted, field: str, why: str) -> Response:
    wanted = replace(wanted, field=field, fault=why)
    return _page(visit, wanted, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    visit: Visit, wanted: Wanted, *, made: Made | None = None, status: int = HTTPStatus.OK
) -> Response:
    with visit.backend.store.reading() as connection:
        found = tokens.list_tokens(connection, visit.actor, after=_after(), limit=MOST_LISTED + 1)
        sets = list_problem_sets(connection, visit.actor, after=0, limit=entrance.MOST_SETS)
    now = visit.backend.clock()
    return page(
        "tokens.html",
        at="tokens",
        status=status,
        tokens=[(each, is_good(each, now)) for each in found[:MOST_LISTED]],
        own=visit.actor.token,
        more_after=found[MOST_LISTED - 1].row if len(found) > MOST_LISTED else None,
        sets=[each.problem_set for each in sets],
        roles=MADE_HERE,
        wanted=wanted,
        made=made,
    )
