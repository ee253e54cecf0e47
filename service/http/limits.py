"""Rate limits: how often somebody may ask, counted here or, for several processes, in Redis.

Windows are fixed and begin at whole multiples of their length, so a count tells everything and one
call to the storage is enough.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any, Literal

from flask import Flask, g, request
from limits import parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from gradgrade.service.settings import Settings

REDIS_SECONDS = 0.5
"""How long Redis may take before it counts as lost."""

RETRY_SECONDS = 10
"""How long a Redis that was lost is left alone."""

FORGET_SECONDS = 60
"""How often counts whose windows are over are forgotten."""

Limit = Literal["general", "submissions", "grading"]
"""Which rate of the settings a request counts towards."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still ask for.

    Args:
        limit: how many requests a window allows.
        remaining: how many are left.
        reset: the seconds until the next window.
    """

    limit: int
    remaining: int
    reset: int


class Limiter:
    """Counts requests, and refuses those that are too many.

    Args:
        settings: the rates, and the Redis that counts for several processes, if any.
        prefix: what the keys in Redis begin with.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        prefix: str = "gradgrade",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._items = {
            "general": parse(settings.general_rate),
            "submissions": parse(settings.submission_rate),
            "grading": parse(settings.grading_rate),
            "failed_tokens": parse(settings.failed_token_rate),
        }
        self._own = _Counts()
        self._shared = None if settings.redis is None else _redis(settings.redis, prefix)
        self._lost_until: float | None = None
        self._clock = clock

    def spend(self, limit: Limit, *, token: int | None = None) -> None:
        """Count the current request.

        Args:
            limit: which limit it counts towards.
            token: the id of the token that asks; None: its address does.

        Raises:
            HTTPException: 429, the window's requests are used up.
        """
        who = _address(request.remote_addr) if token is None else f"token {token}"
        g.allowance = self._count(limit, who)

    def charge(self, limit: Limit, units: int, *, token: int | None = None) -> None:
        """Count work that the current request did besides; what is too much shows at the next.

        Args:
            limit: which limit it counts towards.
            units: of cost.
            token: as in `spend`.
        """
        who = _address(request.remote_addr) if token is None else f"token {token}"
        with suppress(TooManyRequests):
            self._count(limit, who, units)

    def spend_failure(self) -> None:
        """Count a token that is nobody's.

        Raises:
            HTTPException: 429, there were too many from this address.
        """
        self._count("failed_tokens", _address(request.remote_addr))

    def register(self, app: Flask) -> None:
        """Tell in every response to a counted request how much is left to the asker."""
        app.after_request(_tell)

    def _count(self, limit: str, who: str, units: int = 1) -> Allowance:
        item = self._items[limit]
        seconds = item.get_expiry()
        now = self._clock()
        window = int(now // seconds)
        count = self._increment(f"{limit}/{who}/{window}", seconds, now, units)
        allowance = Allowance(
            limit=item.amount,
            remaining=max(0, item.amount - count),
            reset=ceil((window + 1) * seconds - now),
        )
        if count > item.amount:
            g.allowance = allowance
            detail = f"too many requests: at most {item.amount} in {seconds} seconds"
            raise TooManyRequests(detail, retry_after=allowance.reset)
        return allowance

    def _increment(self, key: str, seconds: int, now: float, units: int) -> int:
        if self._shared is not None and (self._lost_until is None or now >= self._lost_until):
            try:
                count = self._shared.incr(key, seconds, units)
            except StorageError as error:
                if self._lost_until is None:
                    _log.warning(
                        "rate limits: Redis is lost (%s); each process counts for itself",
                        type(error.storage_error).__name__,
                    )
                self._lost_until = now + RETRY_SECONDS
            else:
                if self._lost_until is not None:
                    _log.warning("rate limits: Redis is back")
                    self._lost_until = None
                return count
        return self._own.increment(key, seconds, now, units)


class _Counts:
    """Counts of this process, forgotten after their windows.

    The storage that `limits` has for this starts a thread for nearly every request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._forget_at = 0.0

    def increment(self, key: str, seconds: int, now: float, units: int) -> int:
        with self._lock:
            if now >= self._forget_at:
                self._counts = {each: held for each, held in self._counts.items() if held[1] > now}
                self._forget_at = now + FORGET_SECONDS
            count = self._counts.get(key, (0, 0.0))[0] + units
            self._counts[key] = (count, now + seconds)
            return count


def _redis(address: str, prefix: str) -> RedisStorage:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options: dict[str, Any] = {
        "socket_timeout": REDIS_SECONDS,
        "socket_connect_timeout": REDIS_SECONDS,
        # A request does not wait for several attempts.
        "retry": Retry(NoBackoff(), 0),
    }
    return RedisStorage(address, key_prefix=prefix, wrap_exceptions=True, **options)


def _address(text: str | None) -> str:
    """Return whose address it is: of IPv6 the network of 64 bits, which one household has.

    >>> _address("2001:db8::1"), _address("::ffff:192.0.2.1"), _address("192.0.2.1")
    ('2001:db8::/64', '192.0.2.1', '192.0.2.1')
    """
    try:
        address = ip_address(text or "")
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))


def _tell(response: Response) -> Response:
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None:
        response.headers.add("RateLimit-Limit", str(allowance.limit))
        response.headers.add("RateLimit-Remaining", str(allowance.remaining))
        response.headers.add("RateLimit-Reset", str(allowance.reset))
    return response
