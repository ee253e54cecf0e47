"""`GET /catalogue`: the problem sets that ship, and variants of their exercises."""

from http import HTTPStatus

from flask import abort
from pydantic import RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise, ProblemSet, catalogue, generate
from gradgrade.problems.documents.base import Model
from gradgrade.service.api.route import Call, Route
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


def read_catalogue_variant(call: Call, name: str, exercise: str) -> Response:
    """Answer with a variant of an exercise."""
    if name not in catalogue.names():
        abort(HTTPStatus.NOT_FOUND, f"{name!r} is not in the catalogue")
    problem_set = catalogue.load(name)
    if exercise not in (each.name for each in problem_set.exercises):
        abort(HTTPStatus.NOT_FOUND, f"{name!r} has no exercise {exercise!r}")
    secret = call.query.seed.encode()
    return json_response(generate(problem_set, exercise, student="1", secret=secret).to_data())


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
    Route(
        method="GET",
        path="/api/v1/catalogue/{name}/exercises/{exercise}",
        view=read_catalogue_variant,
        summary="Draw a variant of an exercise that ships",
        group="Grading without a course",
        limit="grading",
        query=SeedQuery,
        returns=Exercise,
        refuses=(404,),
    ),
)
