"""The OpenAPI document, made from the table of routes and the models of the documents."""

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.api.problem import MEDIA_TYPE, Problem
from service.api.route import Route

_COMPONENTS = "#/components/schemas/"


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application that answers these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    bodies = (model for route in routes for model in (route.body, route.returns) if model)
    return {
        "openapi": "3.1.0",
        "info": {"title": "gradgrade", "version": version("gradgrade")},
        "paths": paths,
        "components": {"schemas": _schemas({*bodies, Problem})},
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    if variables := list(_path_parameters(route.path)):
        operation["parameters"] = variables
    if route.body:
        content = {"application/json": {"schema": _reference(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    success = {"application/json": {"schema": _reference(route.returns)}}
    refusal = {MEDIA_TYPE: {"schema": _reference(Problem)}}
    operation["responses"] = {
        "200": {"description": "OK", "content": success},
        **{
            str(status): {"description": HTTPStatus(status).phrase, "content": refusal}
            for status in route.refuses
        },
        "default": {"description": "Any other problem", "content": refusal},
    }
    return operation


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"{_COMPONENTS}{model.__name__}"}


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _schemas(models: set[type[BaseModel]]) -> dict[str, Any]:
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered],
        ref_template=_COMPONENTS + "{model}",
    )
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas
