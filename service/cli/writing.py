"""Writing files: whole or not at all, and private from the start where that is wanted."""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradgrade.service.cli.errors import BadInput

PUBLIC = 0o666
"""Whatever the user's umask leaves of it."""

PRIVATE = 0o600


def write(
    path: Path, content: str | bytes, *, mode: int = PUBLIC, directory: int | None = None
) -> None:
    """Write a file beside its target, then put it in the target's place.

    Args:
        path: the target; what stood there is replaced.
        content: what to write; text as UTF-8.
        mode: the permissions with which the file is made.
        directory: the open directory that the path starts from, instead of the current one.

    Raises:
        OSError: it cannot be written; the target is as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(temporary, flags, mode, dir_fd=directory), "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(temporary, path, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException as error:
        with suppress(OSError):  # what went wrong first is told
            os.unlink(temporary, dir_fd=directory)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def write_result(path: Path, content: str) -> None:
    """Write a result in one step, where no link can lead it elsewhere.

    The directory is opened once, not through a link, and made if there is none. What stands at the
    path must be a plain file, which is replaced, or nothing.

    Args:
        path: the target.
        content: the whole of it.

    Raises:
        BadInput: the target or its directory is a symbolic link, or the target no plain file.
        OSError: it cannot be written; the target is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _refuse_link(path.parent)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _refuse_all_but_a_plain_file(path, directory)
        write(Path(path.name), content, directory=directory)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(directory)


def check_result_file(path: Path) -> None:
    """Refuse a file to which no result could be written, before there is one; nothing is made.

    Raises:
        BadInput: `write_result` would refuse it.
        OSError: its directory cannot be made, or written in.
    """
    _refuse_link(path.parent)
    _refuse_all_but_a_plain_file(path)
    there = next(each for each in path.absolute().parents if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _refuse_link(directory: Path) -> None:
    if directory.is_symlink():
        raise BadInput(f"{directory}: is a symbolic link, and no result is written through one")


def _refuse_all_but_a_plain_file(path: Path, directory: int | None = None) -> None:
    try:
        place = path if directory is None else path.name
        found = os.stat(place, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(f"{path}: is no plain file, and no result is written over it")


@contextmanager
def new_private(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Make a file that its owner alone can read, and provide what adds to it.

    What is added is on the disk when that returns, so that whoever is interrupted loses nothing of
    it. Where nothing was added there is no file.

    Args:
        path: where there must be nothing yet: what cannot be had again is never written over.

    Raises:
        BadInput: something is there.
        OSError: it cannot be made, or written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        raise BadInput(f"{path}: is there already, and is not written over") from None
    is_empty = True
    with os.fdopen(descriptor, "wb") as file:

        def add(content: bytes) -> None:
            nonlocal is_empty
            is_empty = False
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

        try:
            yield add
        finally:
            if is_empty:
                path.unlink()


def append(path: Path, text: str) -> None:
    """Add text to the end of a file, which is not reached through a link.

    Raises:
        OSError: it is a link, or cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, PUBLIC), "wb") as file:
        file.write(text.encode())
