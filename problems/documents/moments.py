"""Moments: dates and times with their zone, as documents, requests and commands write them."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from gradgrade.problems.documents.faults import as_written

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""What every database and every zone has room for."""

END_OF_DAY = time(23, 59)


def as_moment(value: Any) -> datetime:
    """Return ISO 8601 text, or what TOML calls a date and time, with the zone that it has.

    Raises:
        ValueError: it is none, has no zone, or lies in no year that is kept.

    >>> as_moment("2026-12-01T23:59:00+01:00").isoformat()
    '2026-12-01T23:59:00+01:00'
    """
    moment = value if isinstance(value, datetime) else _parsed(value)
    shown = as_written(value)
    if moment is not None and moment.tzinfo is None:
        is_day = isinstance(value, str) and len(value) == len("2026-12-01")
        whole = datetime.combine(moment, END_OF_DAY) if is_day else moment
        zoned = f"{whole.isoformat()}Z"
        raise ValueError(
            f"{shown} is no date and time with its zone: write {zoned} for UTC, "
            f"or {zoned[:-1]}+01:00 where clocks are an hour ahead of it"
        )
    if moment is None:
        raise ValueError(
            f"{shown} is no date and time with its zone: write it such as 2026-12-01T23:59:00Z"
        )
    if not _is_kept(moment):
        raise ValueError(f"{shown}: the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _parsed(value: Any) -> datetime | None:
    if isinstance(value, date):
        return datetime.combine(value, END_OF_DAY)
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_kept(moment: datetime) -> bool:
    try:
        return FIRST_YEAR <= moment.astimezone(UTC).year <= LAST_YEAR
    except OverflowError:
        return False


Moment = Annotated[
    datetime,
    BeforeValidator(as_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A date and time with its zone: 2026-12-01T23:59:00Z."""
