"""What the variants depend on that a program is checked on.

A seed that is known beforehand is worth nothing: the answers to its variants fit into a table that
a program looks up. So it is drawn for every run, or follows from a secret and what was handed in:
whoever changes a byte of the program is given other variants, and the same program the same ones.
"""

import hmac
import secrets
from hashlib import file_digest
from pathlib import Path

DRAWN_BYTES = 8
DIGITS = 32
_DOMAIN = b"gradgrade/check-code\0"


def fresh_seed() -> str:
    """Return a seed that nobody could know before."""
    return secrets.token_hex(DRAWN_BYTES)


def seed_of(hand_in: Path, secret: bytes) -> str:
    """Return the seed of what was handed in.

    Args:
        hand_in: the student's file.
        secret: without which nobody can foretell it.

    Returns:
        32 hex digits of HMAC-SHA256(secret, domain ‖ SHA-256(file)).

    Raises:
        OSError: the file cannot be read.
    """
    with hand_in.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    return hmac.new(secret, _DOMAIN + digest, "sha256").hexdigest()[:DIGITS]
