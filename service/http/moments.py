"""Moments as requests and answers write them: a document's, always told in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, WithJsonSchema

from gradgrade.problems.documents import moments


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[
    moments.Moment,
    AfterValidator(_in_utc),
    PlainSerializer(datetime.isoformat),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A date and time with its zone; written in UTC."""
