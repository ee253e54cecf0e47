"""What can go wrong with a student's program, told in words that a frame can hold."""

from typing import Any

from .importing.loader import Loader
from .importing.reasons import ENDS, MEMORY, reason_of
from .importing.submission import DoesNotParse, Place

LONGEST_MESSAGE = 300

SCRIPT = "<script>"
"""What the lines of a script say of the file that they stand in."""


class Failure(Exception):
    """A student's program cannot be asked for answers; of a kind that the reports know."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def report(error: BaseException) -> dict[str, Any]:
    """Return an exception as the message that tells of it.

    >>> report(Failure("missing", "there is no function solve"))["failure"]["message"]
    'there is no function solve'
    """
    if isinstance(error, DoesNotParse):
        return failed("exception", str(error), error.place)
    loader, line = _last_of(error)
    place = None if loader is None or line is None else loader.place(line)
    if isinstance(error, Failure):
        return failed(error.kind, str(error), place)
    if isinstance(error, MemoryError):
        return failed("memory", MEMORY, place)
    if isinstance(error, SystemExit):
        return failed("exited", ENDS, place)
    why = reason_of(error) if loader is None else loader.explained(error)
    return failed("exception", why, place)


def failed(kind: str, message: str, place: Place | None = None) -> dict[str, Any]:
    r"""Return the reply that tells of a failure; surrogates, which are no text, are escaped.

    >>> print(failed("exception", "half " + chr(0xD800))["failure"]["message"])
    half \ud800
    """
    # Before it is escaped too: a message may be longer than anybody reads.
    told = message[:LONGEST_MESSAGE].encode("utf-8", "backslashreplace").decode()
    where = Place(None) if place is None else place
    return {"failure": {"kind": kind, "message": told[:LONGEST_MESSAGE], **where._asdict()}}


def _last_of(error: BaseException) -> tuple[Loader | None, int | None]:
    """Return the last of the student's own files that an exception passed through, and the line."""
    found: tuple[Loader | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        loader = trace.tb_frame.f_globals.get("__loader__")
        if isinstance(loader, Loader) and loader.is_students(trace.tb_frame.f_code):
            found = loader, trace.tb_lineno
        trace = trace.tb_next
    return found
