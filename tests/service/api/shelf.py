"""A small table of routes with roles, on which what stands before every view is tested."""

from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BeforeValidator, Field, RootModel
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Count, Model
from gradgrade.service.api.dispatch import Course
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.route import Route
from gradgrade.service.app import build_app
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict, NotFound, PreconditionFailed, Unauthenticated
from gradgrade.service.http.body import read_body
from gradgrade.service.http.conditional import expected_tag, tagged
from gradgrade.service.http.query import as_whole
from gradgrade.service.http.respond import json_response, no_content
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store

STAFF = frozenset({"instructor", "assistant"})
ALL = STAFF | {"student", "ci"}
MANY = 250
VERSION = 3


class Book(Model):
    title: Annotated[str, Field(max_length=20)]
    pages: Count


class Shelf(RootModel[list[Book]]):
    """Books."""


class ShelfPage(Page):
    language: Literal["en", "de"] | None = None
    pages: Annotated[int | None, Field(ge=0), BeforeValidator(as_whole)] = None


def list_books(call):
    page: ShelfPage = call.query
    rows = range(page.after + 1, MANY + 1)[: page.limit + 1]
    return page_response(rows, page, id_of=int, show=lambda row: {"title": f"{row}", "pages": row})


def read_book(call, name):
    if name != "one":
        raise NotFound(f"there is no book {name!r}")
    if call.query.format == "csv":
        return Response("title,pages\r\n", content_type="text/csv; charset=utf-8")
    return tagged(json_response({"title": "one", "pages": 1}), str(VERSION))


class BookFormat(Model):
    format: Literal["json", "csv"] = "json"


def replace_book(call, name):
    book = read_body(Book)
    if name != "one":
        raise NotFound(f"there is no book {name!r}")
    if (expected := expected_tag()) not in (None, str(VERSION)):
        raise PreconditionFailed(f"version {VERSION} is not {expected[:60]}")
    return tagged(json_response(book.model_dump()), str(VERSION + 1))


def add_book(call):
    book = read_body(Book)
    if book.title == "one":
        raise Conflict("the book 'one' is there", members={"shelf": {"books": 1}})
    return json_response(
        book.model_dump(),
        status=201,
        headers={"Location": f"/api/v1/books/{quote(call.idempotency_key or 'x')}"},
    )


def remove_book(call, name):
    if name != "one":
        raise NotFound(f"there is no book {name!r}")
    return no_content()


def route(method, path, view, **options):
    return Route(
        method=method, path=path, view=view, summary=view.__name__, group="Books", **options
    )


ROUTES = [
    route(
        *("GET", "/api/v1/books", list_books),
        roles=ALL,
        query=ShelfPage,
        returns=Shelf,
        headers=("Link",),
    ),
    route(
        *("GET", "/api/v1/books/{name}", read_book),
        roles=ALL,
        query=BookFormat,
        request_headers=("If-None-Match",),
        returns=Book,
        media_types=("text/csv; charset=utf-8",),
    ),
    route(
        *("PUT", "/api/v1/books/{name}", replace_book),
        roles=frozenset({"instructor"}),
        request_headers=("If-Match",),
        body=Book,
        returns=Book,
        headers=("ETag",),
    ),
    route(
        *("POST", "/api/v1/books", add_book),
        roles=frozenset({"student", "instructor"}),
        limit="submissions",
        request_headers=("Idempotency-Key",),
        body=Book,
        succeeds=(201,),
        returns=Book,
        headers=("Location",),
    ),
    route(
        *("DELETE", "/api/v1/books/{name}", remove_book),
        roles=frozenset({"instructor"}),
        succeeds=(204,),
        returns=None,
    ),
]

TOKENS = {f"{role}-{number}": role for role in ALL for number in "12"}
NUMBERS = {token: number for number, token in enumerate(sorted(TOKENS), 1)}


def authenticate(text):
    if text not in TOKENS:
        raise Unauthenticated("the token is not valid")
    return Actor(token=NUMBERS[text], role=TOKENS[text], course="c", course_row=1)


def shelf_app(*, settings=None, limiter=None, routes=ROUTES, identify=authenticate):
    backend = Backend(store=open_store("never-opened.db"), secret=b"s")
    course = Course(backend=backend, authenticate=identify)
    return build_app(routes, settings=settings or Settings(), course=course, limiter=limiter)


def lying_app(*, settings):
    """An application that does not do what its document says."""

    def lie(call):
        return json_response({"title": 1} if call.query.pages else {}, status=202)

    described = route(
        "GET", "/lie", lie, roles=ALL, query=ShelfPage, returns=Book, succeeds=(200, 202)
    )
    undescribed = route("GET", "/lie-again", read_lie, roles=ALL, returns=Book)
    return shelf_app(settings=settings, routes=[described, undescribed])


def read_lie(call):
    return json_response({"title": "a", "pages": 1}, status=202)
