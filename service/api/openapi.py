"""The OpenAPI document, made from the table of routes and the models of the documents."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from gradgrade.service.api.route import Route
from gradgrade.service.http.headers import HEADERS
from gradgrade.service.http.problem import MEDIA_TYPE, Problem

_COMPONENTS = "#/components/schemas/"
_SECURITY = "token"

DESCRIPTION = """\
Bodies are JSON in UTF-8, where no other type is named, and must come with a Content-Length. NaN, \
infinities, duplicate keys and unknown fields are refused, and so are unknown query parameters.

Whoever has a token sends it as Authorization: Bearer TOKEN. Without a valid one, what needs one \
answers 401. What is not there and what is not for you look the same: 404.

Every refusal is a problem (RFC 9457): its detail is one line that says what is wrong. A 429 or \
a 503 says in Retry-After how many seconds to wait."""

# A header is not always there: a page that is the last has no Link.
_SOMETIMES = ("Link",)

_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "instructor": "instructors",
        "assistant": "assistants",
        "student": "students",
        "ci": "CI jobs",
    }
)

_RATE_LIMIT = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")

_OF_REQUEST_HEADERS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"Idempotency-Key": (409, 422), "If-Match": (412,), "If-None-Match": ()}
)


class _PlainDefaults(GenerateJsonSchema):
    """Tells a default that is an object in words: programs that make clients know plain ones."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if isinstance(described.get("default"), dict):
            described["description"] = f"Unless said: {json.dumps(described.pop('default'))}."
        return described


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application that answers these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    bodies = (model for route in routes for model in (route.body, route.returns) if model)
    components: dict[str, Any] = {"schemas": _schemas({*bodies, Problem})}
    if any(route.roles is not None for route in routes):
        components["securitySchemes"] = {_SECURITY: {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gradgrade",
            "version": version("gradgrade"),
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in dict.fromkeys(route.group for route in routes)],
        "paths": paths,
        "components": components,
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.group],
        "description": f"{_who(route)} may ask.",
        "security": [] if route.roles is None else [{_SECURITY: []}],
    }
    if parameters := [
        *_path_parameters(route),
        *_query_parameters(route),
        *_request_headers(route),
    ]:
        operation["parameters"] = parameters
    if route.body:
        content = {"application/json": {"schema": _reference(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
        if route.files:
            # In words: clients that are made of several kinds of body cannot tell a list from a
            # file, and can send neither.
            files = ", ".join(route.files)
            operation["requestBody"]["description"] = f"Or a file as it is, in one of: {files}."
    operation["responses"] = {
        **{str(status): _success(route, status) for status in route.succeeds},
        **{str(status): _refusal(route, status) for status in _refusals(route)},
    }
    return operation


def _who(route: Route) -> str:
    if route.roles is None:
        return "Anybody, without a token,"
    *others, last = (words for role, words in _ROLES.items() if role in route.roles)
    words = f"{', '.join(others)} and {last}" if others else last
    return words[0].upper() + words[1:]


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route) -> Iterator[dict[str, Any]]:
    if route.query is None:
        return
    schema = route.query.model_json_schema(ref_template=_COMPONENTS + "{model}")
    if "$defs" in schema:
        raise ValueError(f"route={route.path!r}: a query has parameters of plain types only")
    for name, each in schema["properties"].items():
        is_required = name in schema.get("required", ())
        yield {"name": name, "in": "query", "required": is_required, "schema": _unless_null(each)}


def _unless_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the null that says that a parameter may be left out."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    return {**kinds[0], **rest} if len(kinds) == 1 else schema


def _request_headers(route: Route) -> Iterator[dict[str, Any]]:
    for name in route.request_headers:
        description, schema = HEADERS[name]
        yield {"name": name, "in": "header", "description": description, "schema": schema}


def _success(route: Route, status: int) -> dict[str, Any]:
    content: dict[str, Any] = {each: {} for each in route.media_types}
    if route.returns is not None:
        content = {"application/json": {"schema": _reference(route.returns)}, **content}
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    # What was made has a place; what was only tried has none.
    names = (name for name in route.headers if name != "Location" or status == HTTPStatus.CREATED)
    if headers := _headers(*names, *_limit_headers(route)):
        response["headers"] = headers
    if content:
        response["content"] = content
    return response


def _refusal(route: Route, status: int) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    names = {401: ("WWW-Authenticate",), 429: ("Retry-After", *_RATE_LIMIT), 503: ("Retry-After",)}
    if status == HTTPStatus.NOT_MODIFIED:
        return response | {"headers": _headers("ETag", *_limit_headers(route))}
    if headers := _headers(*names.get(status, ())):
        response["headers"] = headers
    return response | {"content": {MEDIA_TYPE: {"schema": _reference(Problem)}}}


def _refusals(route: Route) -> list[int]:
    """Return the statuses, other than success, that what a route is made of can lead to."""
    statuses = set(route.refuses)
    statuses.update(*(_OF_REQUEST_HEADERS[name] for name in route.request_headers))
    if "If-None-Match" in route.request_headers:
        statuses.add(304)
    if route.roles is not None:
        statuses |= {401, 404, 429, 503}
    if route.body is not None:
        statuses |= {400, 411, 413, 415, 422}
    # Parameters that are unknown are refused too, where there are none.
    statuses.add(422)
    if "{" in route.path:
        statuses.add(404)
    if route.limit is not None:
        statuses.add(429)
    return sorted(statuses)


def _limit_headers(route: Route) -> tuple[str, ...]:
    return _RATE_LIMIT if route.limit is not None else ()


def _headers(*names: str) -> dict[str, Any]:
    return {
        name: {"description": HEADERS[name][0], "schema": HEADERS[name][1]}
        | ({} if name in _SOMETIMES else {"required": True})
        for name in names
    }


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"{_COMPONENTS}{model.__name__}"}


def _schemas(models: set[type[BaseModel]]) -> dict[str, Any]:
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered],
        ref_template=_COMPONENTS + "{model}",
        schema_generator=_PlainDefaults,
    )
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas
