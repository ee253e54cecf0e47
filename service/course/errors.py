"""Why the core refuses; every message is one line that whoever asks may read."""

from collections.abc import Mapping
from typing import Any


class CourseError(ValueError):
    """What was asked for cannot be done.

    Args:
        message: one line that names the field and shows the value.
        members: what a program wants to know beside the line, ready for JSON.
    """

    def __init__(self, message: str, *, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.members = dict(members or {})


class Unauthenticated(CourseError):
    """Nobody is known by this token: unknown, expired or revoked."""


class NotFound(CourseError):
    """There is no such thing, or not for whoever asks: the two look the same."""


class Conflict(CourseError):
    """It contradicts what is there."""


class Closed(CourseError):
    """It is not open, or no longer: a deadline has passed, or all attempts are used."""


class InFlight(CourseError):
    """The same request, under the same key, is being worked on."""


class PreconditionFailed(CourseError):
    """What is there is not the version that was to be changed."""


class Unprocessable(CourseError):
    """It was understood, and is not acceptable."""


class InvalidSubmission(Unprocessable):
    """Answers that are malformed; they spend no attempt. `members` holds the `verdict`."""


class Busy(CourseError):
    """There is too much to do; later there may be room."""


class KeyReused(Unprocessable):
    """The key came with another request before."""
