"""Files as they are read, held to what a submission may be, wherever they come from."""

import re
from collections.abc import Callable, Iterable
from itertools import accumulate

from gradgrade.problems.documents.text import LONGEST_QUOTED
from gradgrade.service.code_grading.errors import CodeGradingError

MOST_BYTES = 16 << 20
MOST_FILES = 1000
LONGEST_PATH = 300
"""Characters, as of the paths that a course names; what a program tells has room for one."""

LONGEST_NAME = 255
"""Bytes of one name in a path, which no common file system exceeds."""

LEFT_OUT = frozenset({"__pycache__", "__MACOSX"})
"""What systems leave in folders and archives, as whatever is hidden (`.git`, `.venv`)."""

_DRIVE = re.compile("[A-Za-z]:")


class Gathering:
    """The files of one submission, as they come.

    Args:
        place: what is read, as refusals call it.
    """

    def __init__(self, place: object) -> None:
        self.files: dict[str, bytes] = {}
        self._place = place
        self._left = MOST_BYTES

    def add(self, name: str, read: Callable[[int], bytes]) -> None:
        """Read a file, unless it is one of those that are left out.

        Args:
            name: its path below the top.
            read: returns its beginning: at most so many bytes.

        Raises:
            CodeGradingError: it is not where a file of a submission can be, or too much.
        """
        path = path_of(name, self._place)
        if path is None:
            return
        if path in self.files:
            raise self.refused(path, "there are two of this name")
        if len(self.files) == MOST_FILES:
            raise CodeGradingError(f"{self._place}: over {MOST_FILES} files")
        content = read(self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise CodeGradingError(f"{self._place}: over {MOST_BYTES} bytes")
        self.files[path] = content

    def refused(self, name: str, why: str) -> CodeGradingError:
        """Return the refusal of one file."""
        return CodeGradingError(f"{self._place}: {_quoted(name)}: {why}")


def path_of(name: str, place: object) -> str | None:
    r"""Return the path of a file below the top, or None for what is left out.

    Raises:
        CodeGradingError: it leads elsewhere, or is none that can be shown and laid.

    >>> path_of("hw1\\layers.py", "hw1.zip"), path_of("hw1/.git/config", "hw1.zip")
    ('hw1/layers.py', None)
    """
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        raise CodeGradingError(f"{place}: {_quoted(name)}: leads out of what is handed in")
    if any(part in LEFT_OUT or part.startswith(".") for part in parts) or not parts:
        return None
    if not path.isprintable():
        raise CodeGradingError(f"{place}: {_quoted(name)}: has characters that cannot be printed")
    if len(path) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        raise CodeGradingError(f"{place}: {_quoted(name)}…: a path that is too long")
    return "/".join(parts)


def check_tree(paths: Iterable[str], place: object) -> None:
    """Refuse paths that cannot all be files of one tree.

    Raises:
        CodeGradingError: one is a file, and a folder that others are in.

    >>> check_tree(["a", "a/b.py"], "hw1.zip")
    Traceback (most recent call last):
    gradgrade.service.code_grading.errors.CodeGradingError: hw1.zip: 'a': is a file and a folder
    """
    files = set(paths)
    for path in files:
        for folder in accumulate(path.split("/")[:-1], "{}/{}".format):
            if folder in files:
                raise CodeGradingError(f"{place}: {_quoted(folder)}: is a file and a folder")


def _quoted(name: str) -> str:
    return repr(name[:LONGEST_QUOTED])
