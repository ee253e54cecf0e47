"""`GET /catalogue`: the problem sets that ship, and variants of their exercises."""

from functools import partial
from http import HTTPStatus

from flask import abort
from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise, ProblemSet, catalogue
from gradgrade.problems.documents.base import Model
from gradgrade.service.api import public_work
from gradgrade.service.api.public_work import worked
from gradgrade.service.api.route import Call, Route
from gradgrade.service.contained import Contained
from gradgrade.service.http.query import Seed
from gradgrade.service.http.respond import json_response


class CatalogueEntry(Model):
    """A problem set that ships, and the names of its exercises."""

    name: str
    title: str
    exercises: list[str]


class Catalogue(RootModel[list[CatalogueEntry]]):
    """The problem sets that ship."""


class SeedQuery(Model):
    """Another seed, other numbers: those of `gradgrade generate --seed` for its first student."""

    seed: Seed = "0"


def list_catalogue(_: Call) -> Response:
    """Answer with all sets."""
    entries = Catalogue([_entry(name) for name in catalogue.names()])
    return json_response(entries.model_dump())


def read_catalogue(_: Call, name: str) -> Response:
    """Answer with one set."""
    if name not in catalogue.names():
        abort(HTTPStatus.NOT_FOUND, f"{name!r} is not in the catalogue")
    return json_response(catalogue.load(name).to_data())


def _entry(name: str) -> CatalogueEntry:
    problem_set = catalogue.load(name)
    names = [exercise.name for exercise in problem_set.exercises]
    return CatalogueEntry(name=problem_set.name, title=problem_set.title, exercises=names)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/catalogue",
        view=list_catalogue,
        summary="List the problem sets that ship",
        group="Grading without a course",
        returns=Catalogue,
    ),
    Route(
        method="GET",
        path="/api/v1/catalogue/{name}",
        view=read_catalogue,
        summary="Read a problem set that ships",
        group="Grading without a course",
        returns=ProblemSet,
        refuses=(404,),
    ),
)


def routes(contained: Contained) -> tuple[Route, ...]:
    """Return the routes of the catalogue.

    Args:
        contained: whoever draws variants.
    """

    def read_catalogue_variant(call: Call, name: str, exercise: str) -> Response:
        """Answer with a variant of an exercise."""
        if name not in catalogue.names():
            abort(HTTPStatus.NOT_FOUND, f"{name!r} is not in the catalogue")
        if exercise not in (each.name for each in catalogue.load(name).exercises):
            abort(HTTPStatus.NOT_FOUND, f"{name!r} has no exercise {exercise!r}")
        work = partial(contained, public_work.draw, name, exercise, call.query.seed)
        return Response(worked(call, work).body, content_type="application/json")

    drawing = Route(
        method="GET",
        path="/api/v1/catalogue/{name}/exercises/{exercise}",
        view=read_catalogue_variant,
        summary="Draw a variant of an exercise that ships",
        group="Grading without a course",
        limit="grading",
        query=SeedQuery,
        returns=Exercise,
        refuses=(404, 503),
        is_heavy=True,
    )
    return (*ROUTES, drawing)
