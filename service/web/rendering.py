"""Pages: templates filled in, and problems made pages where a browser asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import current_app, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.problems.documents.points import as_points
from gradgrade.service.http import problem
from gradgrade.service.web import assets

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
            "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        # What is on a page is one person's, and a computer may be many people's.
        "Cache-Control": "no-store",
    }
)

ADDRESSES = ("/sets", "/submissions", "/sign-in", "/sign-out")
"""What the addresses of pages begin with; `/` is one too."""

NOT_OF_PAGES = frozenset({"content-type", "content-length", "www-authenticate"})


def page(
    template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> Response:
    """Return a page.

    Args:
        template: its file in `templates/`.
        status: the HTTP status.
        headers: such as `Retry-After`.
        values: what the template names.
    """
    text = _templates().get_template(template).render(csrf_token=generate_csrf, **values)
    return Response(
        text.encode("utf-8", "replace"),
        status,
        {**HEADERS, **(headers or {})},
        content_type="text/html; charset=utf-8",
    )


def as_problem(error: Exception) -> Response:
    """Return the problem that the API would make of an error."""
    return current_app.make_response(current_app.handle_user_exception(error))


def is_problem(response: Response) -> bool:
    """Tell whether a response is a problem."""
    return response.mimetype == problem.MEDIA_TYPE


def headers_of(response: Response) -> dict[str, str]:
    """Return a problem's headers that a page in its place has too."""
    return {name: value for name, value in response.headers if name.lower() not in NOT_OF_PAGES}


def pages_for_browsers(response: Response) -> Response:
    """Return a page in the place of a problem, where the current address is a page's."""
    is_page = request.path == "/" or request.path.startswith(ADDRESSES)
    if not is_page or not is_problem(response):
        return response
    told = json.loads(response.get_data())
    return page(
        "error.html",
        status=response.status_code,
        headers=headers_of(response),
        actor=None,
        title=told["title"],
        detail=told["detail"],
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("gradgrade.service.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What is made MathML is our own formulas, never a text that somebody sent.
    templates.filters["mathml"] = lambda *given, **how: Markup(to_mathml(*given, **how))
    templates.filters["asset"] = assets.address
    templates.filters["points"] = lambda count: as_points(count).text
    templates.filters["moment"] = _moment
    return templates


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
