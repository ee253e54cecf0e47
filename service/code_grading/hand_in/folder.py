"""Files and folders, read without following a link out of them."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.gathering import Gathering, path_of


@contextmanager
def opened(path: Path | str, *, within: int | None = None, told: object = "") -> Iterator[BinaryIO]:
    """Open a file; not another that it leads to, nor what never ends.

    Args:
        path: the file.
        within: the descriptor of the folder that it is in, where that is open.
        told: what refusals call it, unless by its path.

    Raises:
        OSError: it cannot be read.
        CodeGradingError: it is a symbolic link, or no file.
    """
    told = told or path
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=within)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise CodeGradingError(f"{told}: a symbolic link is not followed") from None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CodeGradingError(f"{told}: not a file")
        yield file


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, by their paths in it.

    Raises:
        OSError: something in it cannot be read.
        CodeGradingError: there is a link or a pipe in it, or it is too much.
    """
    gathering = Gathering(folder)
    for top, folders, names, descriptor in os.fwalk(folder, onerror=_raise):
        below = Path(top).relative_to(folder)
        folders[:] = [each for each in sorted(folders) if path_of(str(below / each), folder)]
        for link in (each for each in folders if _is_link(each, descriptor)):
            raise CodeGradingError(f"{top}/{link}: a symbolic link is not followed")
        if "pyvenv.cfg" in names:  # a virtual environment, whatever it is called
            folders.clear()
            continue
        for name in sorted(names):
            path = str(below / name)
            if path_of(path, folder) is None:
                continue
            with opened(name, within=descriptor, told=f"{top}/{name}") as file:
                gathering.add(path, file.read)
    return gathering.files


def _is_link(name: str, within: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode)


def _raise(error: OSError) -> None:
    raise error
