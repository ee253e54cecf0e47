"""What can go wrong with a student's program, told in words that a frame can hold."""

import traceback
from typing import Any

LONGEST_MESSAGE = 300

SUBMISSION = "/submission/"

SCRIPT = "<script>"
"""What the lines of a script say of the file that they stand in."""


class Failure(Exception):
    """A student's program cannot be asked for answers; of a kind that the reports know."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def report(error: BaseException) -> dict[str, Any]:
    """Return an exception as the message that tells of it.

    >>> report(Failure("missing", "there is no function solve"))
    {'failure': {'kind': 'missing', 'message': 'there is no function solve', 'line': None}}
    """
    if isinstance(error, Failure):
        return failed(error.kind, str(error), line_of(error))
    line = line_of(error)
    if isinstance(error, MemoryError):
        return failed("memory", "the program needs more memory than it may have", line)
    if isinstance(error, SystemExit):
        return failed("exited", "the program ends itself", line)
    return failed("exception", f"{type(error).__name__}: {_text(error)}", line)


def failed(kind: str, message: str, line: int | None = None) -> dict[str, Any]:
    r"""Return the reply that tells of a failure; surrogates, which are no text, are escaped.

    >>> print(failed("exception", "half " + chr(0xD800))["failure"]["message"])
    half \ud800
    """
    # Before it is escaped too: a message may be longer than anybody reads.
    told = message[:LONGEST_MESSAGE].encode("utf-8", "backslashreplace").decode()
    return {"failure": {"kind": kind, "message": told[:LONGEST_MESSAGE], "line": line}}


def line_of(error: BaseException) -> int | None:
    """Return the last line of the student's file that an exception passed through."""
    if isinstance(error, SyntaxError) and error.filename and _is_students(error.filename):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if _is_students(frame.filename)]
    return lines[-1] if lines else None


def _is_students(filename: str) -> bool:
    return SUBMISSION in filename


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # whatever a student's __str__ raises
        return "(an exception that cannot be printed)"
