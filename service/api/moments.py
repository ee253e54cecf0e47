"""Moments: dates and times as requests and answers write them, with their zone."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

FIRST_YEAR, LAST_YEAR = 1970, 9000
"""What every database and every zone has room for."""


def as_moment(value: Any) -> datetime:
    """Return ISO 8601 text as a date and time in UTC.

    Raises:
        ValueError: it is none, has no zone, or lies in no year that is kept.

    >>> as_moment("2026-12-01T23:59:00+01:00").isoformat()
    '2026-12-01T22:59:00+00:00'
    """
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            f"{str(value)[:60]!r} is no date and time with its zone, such as 2026-12-01T23:59:00Z"
        )
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError(f"the year must be from {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    return moment.astimezone(UTC)


def _parsed(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


Moment = Annotated[
    datetime,
    BeforeValidator(as_moment),
    PlainSerializer(datetime.isoformat),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A date and time with its zone; written in UTC."""
