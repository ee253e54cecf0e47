"""Tokens of a course: made, listed and revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort
from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.documents.problem_set import Slug
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import INSTRUCTOR
from gradgrade.service.api.roster import StudentIdField
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.people import tokens
from gradgrade.service.course.people.tokens import Token
from gradgrade.service.http.body import read_body
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.query import MOST_DIGITS
from gradgrade.service.http.respond import json_response, no_content
from gradgrade.service.store.identities import TokenRow
from gradgrade.service.store.roles import Role

GROUP = "Tokens"


class TokenRequest(Model):
    """A token to be made: a student's is for a student, a CI token for a problem set."""

    role: Role
    student: StudentIdField | None = None
    problem_set: Slug | None = None
    expires: Moment | None = None


class CreatedToken(Model):
    """A token; its text is shown this once."""

    id: Whole
    token: str
    role: Role
    student: str | None
    problem_set: str | None
    expires: Moment | None


class TokenEntry(Model):
    """What is known of a token."""

    id: Whole
    role: Role
    student: str | None
    problem_set: str | None
    created_at: Moment
    expires: Moment | None
    revoked_at: Moment | None


class Tokens(RootModel[list[TokenEntry]]):
    """The tokens of a course."""


def create_token(call: CourseCall) -> Response:
    """Make a token."""
    wanted = read_body(TokenRequest)
    with call.backend.store.writing() as connection:
        row, text = tokens.create_token(
            connection,
            call.actor,
            role=wanted.role,
            student=wanted.student,
            problem_set=wanted.problem_set,
            expires=wanted.expires,
            now=call.backend.clock(),
        )
    created = CreatedToken(
        id=row,
        token=text,
        role=wanted.role,
        student=wanted.student,
        problem_set=wanted.problem_set,
        expires=wanted.expires,
    )
    return json_response(created.model_dump(), status=201)


def list_tokens(call: CourseCall) -> Response:
    """Answer with what is known of all tokens of the course."""
    page: Page = call.query
    with call.backend.store.reading() as connection:
        found = tokens.list_tokens(connection, call.actor, after=page.after, limit=page.limit + 1)
    return page_response(found, page, id_of=lambda token: token.row, show=_entry)


def revoke_token(call: CourseCall, token: str) -> Response:
    """Revoke a token."""
    if not (token.isascii() and token.isdigit() and len(token) <= MOST_DIGITS):
        abort(HTTPStatus.NOT_FOUND, f"there is no token {token}")
    with call.backend.store.writing() as connection:
        tokens.revoke_token(
            connection, call.actor, token=TokenRow(int(token)), now=call.backend.clock()
        )
    return no_content()


def _entry(token: Token) -> dict[str, Any]:
    return TokenEntry(
        id=token.row,
        role=token.role,
        student=token.student,
        problem_set=token.problem_set,
        created_at=token.created_at,
        expires=token.expires_at,
        revoked_at=token.revoked_at,
    ).model_dump()


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/tokens",
        view=create_token,
        summary="Make a token, shown this once",
        group=GROUP,
        roles=INSTRUCTOR,
        body=TokenRequest,
        succeeds=(201,),
        returns=CreatedToken,
        refuses=(409,),
    ),
    Route(
        method="GET",
        path="/api/v1/tokens",
        view=list_tokens,
        summary="List what is known of the tokens",
        group=GROUP,
        roles=INSTRUCTOR,
        query=Page,
        returns=Tokens,
        headers=("Link",),
    ),
    Route(
        method="DELETE",
        path="/api/v1/tokens/{token}",
        view=revoke_token,
        summary="Revoke a token",
        group=GROUP,
        roles=INSTRUCTOR,
        succeeds=(204,),
        returns=None,
        refuses=(409,),
    ),
)
