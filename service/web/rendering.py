"""Pages: templates filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import current_app
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.oracle.derivation.formulas.mathml import to_mathml_pieces
from gradgrade.problems.documents.moments import as_moment
from gradgrade.problems.documents.points import as_points
from gradgrade.service.http import problem
from gradgrade.service.web import assets, session, texts

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

SIGN_IN = "page_sign_in"
"""The endpoint of signing in, where a course is served."""

PLAYGROUND = "page_playground"
"""The endpoint of the playground, where there is one."""

_WRITTEN_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
"""A moment as `datetime.isoformat` writes it, in what the core says."""

NOT_OF_PAGES = frozenset({"content-type", "content-length", "www-authenticate"})


def page(
    template: str,
    *,
    at: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """Return a page.

    Args:
        template: its file in `templates/`.
        at: which of the site's own links leads here.
        status: the HTTP status.
        headers: such as `Retry-After`.
        values: what the template names.
    """
    values = {"actor": session.whoever(), **values}
    text = (
        _templates()
        .get_template(template)
        .render(
            at=at,
            language=texts.language(),
            csrf_token=generate_csrf,
            has_course=SIGN_IN in current_app.view_functions,
            has_playground=PLAYGROUND in current_app.view_functions,
            **values,
        )
    )
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


@lru_cache(maxsize=1)
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("gradgrade.service.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.policies["ext.i18n.trimmed"] = True
    install = templates.install_gettext_callables  # type: ignore[attr-defined]  # the extension's
    install(texts.gettext, texts.form_for, newstyle=True)
    # What is made MathML is our own formulas, never a text that somebody sent.
    templates.filters["mathml"] = lambda *given, **how: Markup(to_mathml_pieces(*given, **how))
    templates.filters["asset"] = assets.address
    templates.filters["points"] = lambda count: as_points(count).text
    templates.filters["two_decimals"] = lambda count: f"{count / 100:.2f}"
    templates.filters["moment"] = _moment
    templates.filters["time"] = time_element
    templates.filters["with_times"] = with_times
    return templates


def time_element(moment: datetime) -> Markup:
    """Return a moment as an element that a script may show in the reader's own zone."""
    written = Markup('<time datetime="{}">{}</time>')
    return written.format(moment.isoformat(), _moment(moment))


def with_times(text: str) -> Markup:
    """Return what the core says, with the moments in it as elements.

    >>> str(with_times("it closed at 2026-11-27T17:22:00+00:00"))
    'it closed at <time datetime="2026-11-27T17:22:00+00:00">2026-11-27 17:22 UTC</time>'
    """
    said, end = Markup(""), 0
    for found in _WRITTEN_MOMENT.finditer(text):
        with suppress(ValueError):  # somebody may have typed it
            said += text[end : found.start()] + time_element(as_moment(found[0]))
            end = found.end()
    return said + text[end:]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
