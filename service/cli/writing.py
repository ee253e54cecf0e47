"""Writing files: whole or not at all, and private from the start where that is wanted."""

import os
import secrets
from pathlib import Path

PUBLIC = 0o666
"""Whatever the user's umask leaves of it."""

PRIVATE = 0o600


def write(path: Path, text: str, *, mode: int = PUBLIC) -> None:
    """Write a file beside its target, then put it in the target's place.

    Args:
        path: the target; what stood there is replaced.
        text: what to write, as UTF-8.
        mode: the permissions with which the file is made.

    Raises:
        OSError: it cannot be written; the target is as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb"
        ) as file:
            file.write(text.encode("utf-8"))
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
