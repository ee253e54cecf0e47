"""Receipts: what proves to whoever has the server's secret that it took a body, and when."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256


def digest_of(problem_set: str, exercise: str, body: bytes) -> bytes:
    """Return what stands for a body that was sent to an exercise of a set."""
    return sha256(f"{problem_set}/{exercise}\n".encode() + body).digest()


def receipt_of(
    secret: bytes,
    *,
    submission: str,
    received_at: datetime,
    problem_set: str,
    exercise: str,
    body: bytes,
) -> str:
    """Return the receipt for a submission: an HMAC-SHA256 under the server's secret, in hex.

    Args:
        secret: the server's, as it was then.
        submission: what it is called.
        received_at: when it came.
        problem_set: the set's name.
        exercise: the exercise's name.
        body: what was sent, byte for byte.

    >>> came = datetime(2026, 11, 1, 12, tzinfo=UTC)
    >>> to = {"problem_set": "week-3", "exercise": "line"}
    >>> receipt_of(b"secret", submission="2f", received_at=came, body=b"{}", **to)[:8]
    '9cc8ff66'
    """
    digest = digest_of(problem_set, exercise, body)
    said = f"receipt\n{submission}\n{received_at.astimezone(UTC).isoformat()}\n".encode()
    return hmac.new(secret, said + digest, sha256).hexdigest()
