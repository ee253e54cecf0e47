"""Why the core refuses; every message is one line that whoever asks may read."""


class CourseError(ValueError):
    """What was asked for cannot be done; the message names the field and shows the value."""


class Unauthenticated(CourseError):
    """Nobody is known by this token: unknown, expired or revoked."""


class NotFound(CourseError):
    """There is no such thing, or not for whoever asks: the two look the same."""


class Withheld(CourseError):
    """It is there, and is not shown to whoever asks, or not yet; the message says when."""


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


class Busy(CourseError):
    """There is too much to do; later there may be room."""


class KeyReused(Unprocessable):
    """The key came with another request before."""
