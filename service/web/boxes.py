"""Boxes of dates and times: what browsers fill them with has no zone.

It is UTC, as stands at the box. A script shows it in the reader's own zone, and says so in a hidden
field beside it: how far that is from UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

OFFSET = "_offset"
"""What the name of a box's hidden field ends with."""

_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
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


def typed_in(form: Mapping[str, str], name: str) -> str:
    """Return what was typed into a box, in UTC; what is no date and time stays as it is.

    >>> typed_in({"due": "2026-12-01T00:30", "due_offset": "+01:00"}, "due")
    '2026-11-30T23:30'
    >>> typed_in({"due": "2026-12-01T00:30"}, "due"), typed_in({"due": "soon"}, "due")
    ('2026-12-01T00:30', 'soon')
    """
    text, offset = form.get(name, "").strip(), form.get(f"{name}{OFFSET}", "")
    if not (_LOCAL.fullmatch(text) and _OFFSET.fullmatch(offset)):
        return text
    try:
        return in_box(datetime.fromisoformat(text + offset))
    except (ValueError, OverflowError):
        return text


def from_box(text: str) -> str:
    """Return what a box holds with its zone; what a browser would not put there stays as it is.

    >>> from_box("2026-12-01T23:59"), from_box("soon")
    ('2026-12-01T23:59Z', 'soon')
    """
    return f"{text}Z" if _LOCAL.fullmatch(text) else text
