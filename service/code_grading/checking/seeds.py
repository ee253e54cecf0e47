"""What the variants depend on that a program is checked on.

A seed that is known beforehand is worth nothing: the answers to its variants fit into a table that
a program looks up. So it is drawn for every run, or follows from a secret and what was handed in:
whoever changes a byte of the program is given other variants, and the same program the same ones.
"""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

from gradgrade.service.code_grading.hand_in.reading import read_files

DRAWN_BYTES = 8
DIGITS = 32
_DOMAIN = b"gradgrade/check-code\0"


def fresh_seed() -> str:
    """Return a seed that nobody could know before."""
    return secrets.token_hex(DRAWN_BYTES)


def seed_of(hand_in: Path, secret: bytes) -> str:
    """Return the seed of what was handed in.

    Args:
        hand_in: the student's file, folder, zip archive or notebook.
        secret: without which nobody can foretell it.

    Returns:
        32 hex digits of HMAC-SHA256(secret, domain ‖ digest). The digest is SHA-256: of a lone
        file, or else of what `sha256sum` prints of all files, in the order of their paths.

    Raises:
        OSError: a file cannot be read.
        CodeGradingError: they are too much, or unsafe.
    """
    files = read_files(hand_in)
    contents = list(files.values())
    if len(contents) != 1:
        lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
        contents = ["".join(lines).encode()]
    digest = sha256(contents[0]).digest()
    return hmac.new(secret, _DOMAIN + digest, "sha256").hexdigest()[:DIGITS]
