"""Boxes of dates and times: what browsers fill them with has no zone, and is UTC as pages say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")


def in_box(moment: datetime | None) -> str:
    """Return a moment as a box of date and time holds it, in UTC; None: the box is empty.

    >>> in_box(datetime(2026, 12, 1, 23, 59, tzinfo=UTC))
    '2026-12-01T23:59'
    """
    if moment is None:
        return ""
    return (
        moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat().removesuffix(":00")
    )


def from_box(text: str) -> str:
    """Return what a box holds with its zone; what a browser would not put there stays as it is.

    >>> from_box("2026-12-01T23:59"), from_box("soon")
    ('2026-12-01T23:59Z', 'soon')
    """
    return f"{text}Z" if _LOCAL.fullmatch(text) else text
