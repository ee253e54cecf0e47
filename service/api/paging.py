"""Paging: a list comes in pages, each with a link to the next.

A cursor is the last id of a page, so a list that grows or shrinks meanwhile shows nothing twice.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from flask import request
from pydantic import AfterValidator, BeforeValidator, Field
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.http.query import as_whole
from gradgrade.service.http.respond import json_response

MOST = 1000
PAGE = 100

Row = TypeVar("Row")


def cursor_after(last: int) -> str:
    """Return the cursor of what follows an id.

    >>> cursor_after(12), last_of(cursor_after(12))
    ('MTI', 12)
    """
    return urlsafe_b64encode(str(last).encode()).rstrip(b"=").decode()


def last_of(cursor: str) -> int:
    """Return the id that a cursor follows.

    Raises:
        ValueError: it is no cursor of ours.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{1,24}", cursor):
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")
        if re.fullmatch(r"[0-9]{1,18}", text) and cursor_after(int(text)) == cursor:
            return int(text)
    raise ValueError(f"{cursor[:60]!r} is not a cursor that was given here")


def _check_cursor(cursor: str) -> str:
    last_of(cursor)
    return cursor


class Page(Model):
    """The query of a list; routes with more parameters extend it.

    Args:
        cursor: where the page begins; None: at the beginning.
        limit: how many entries it has at most.
    """

    cursor: Annotated[str, AfterValidator(_check_cursor)] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST), BeforeValidator(as_whole)] = PAGE

    @property
    def after(self) -> int:
        """The id that the page's first entry follows; 0 at the beginning."""
        return 0 if self.cursor is None else last_of(self.cursor)


def page_response(
    rows: Sequence[Row], page: Page, *, id_of: Callable[[Row], int], show: Callable[[Row], Any]
) -> Response:
    """Return a page, with a `Link` to the next where there is one.

    Args:
        rows: those after `page.after`, in the order of their ids: at most `page.limit + 1`, so that
            the last tells that there are more.
        page: the query.
        id_of: the id of a row.
        show: the row as JSON's data.
    """
    shown = rows[: page.limit]
    headers = {}
    if len(rows) > page.limit:
        parameters = request.args.to_dict() | {
            "cursor": cursor_after(id_of(shown[-1])),
            "limit": str(page.limit),
        }
        address = f"{quote(request.script_root + request.path)}?{urlencode(parameters)}"
        headers["Link"] = f'<{address}>; rel="next"'
    return json_response([show(row) for row in shown], headers=headers)
