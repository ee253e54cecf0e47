"""`/docs`: the OpenAPI document as a page to read, made once, without a script."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from flask import Flask
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Response

from gradgrade.service.http.headers import HEADERS

POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def register(app: Flask, document: dict[str, Any]) -> None:
    """Serve the page of an OpenAPI document at `/docs`, and its style at `/docs/style.css`."""
    page = render(document)
    style = files("gradgrade.service.api").joinpath("docs", "style.css").read_bytes()

    def docs() -> Response:
        headers = {"Content-Security-Policy": POLICY}
        return Response(page, headers=headers, content_type="text/html; charset=utf-8")

    def docs_style() -> Response:
        return Response(style, content_type="text/css; charset=utf-8")

    app.add_url_rule("/docs", view_func=docs)
    app.add_url_rule("/docs/style.css", view_func=docs_style)


def render(document: dict[str, Any]) -> str:
    """Return the page."""
    templates = Environment(
        loader=PackageLoader("gradgrade.service.api", "docs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("page.html").render(
        document=document,
        groups={tag["name"]: _operations(document, tag["name"]) for tag in document["tags"]},
        headers={name: description for name, (description, _) in HEADERS.items()},
        schemas=document["components"]["schemas"],
    )


def _operations(document: dict[str, Any], group: str) -> list[dict[str, Any]]:
    """Return the operations of a group, each with its method and path."""
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if group in operation["tags"]
    ]
