"""When a request was received: as the server's socket had it, not when a thread took it up.

Under load a request waits for a thread. Whoever handed in before a deadline did so, however long
that takes. waitress stamps every request as its last byte comes; behind a proxy that buffers
requests, as before gunicorn, the proxy states the moment in a header that the settings name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import request

STAMP = "gradgrade.received_at"
"""Where the environment of a request has the moment."""


def received_at(clock: Callable[[], datetime], *, header: str | None) -> datetime:
    """Return when the current request was received.

    Args:
        clock: tells the time, where nobody stamped the request.
        header: in which the trusted proxy states the seconds since 1970, as `t=1893456000.123`.
    """
    stamped: datetime = request.environ.get(STAMP) or clock()
    if header is None:
        return stamped
    try:
        seconds = float(request.headers.get(header, "").removeprefix("t="))
        # A proxy whose clock is ahead makes nobody late.
        return min(stamped, datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return stamped
