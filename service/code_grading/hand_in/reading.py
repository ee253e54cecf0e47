"""The one way in which what is handed in is read: from a path to a `HandIn`."""

from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from gradgrade.problems.reading.zip_archives import BEGINNINGS
from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.archive import read_zip
from gradgrade.service.code_grading.hand_in.folder import opened, read_folder
from gradgrade.service.code_grading.hand_in.gathering import (
    MOST_BYTES,
    check_tree,
    path_of,
)
from gradgrade.service.code_grading.hand_in.hand_in import HandIn

PYTHON, NOTEBOOK = ".py", ".ipynb"
OTHER_ARCHIVES = frozenset({".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz"})
MOST_NAMED = 5
"""Files that a refusal names."""

NONE: Mapping[str, bytes] = MappingProxyType({})


def read_hand_in(
    path: Path | str, *, main: str | None = None, course_files: Mapping[str, bytes] = NONE
) -> HandIn:
    """Return what is handed in, with its main file found.

    Args:
        path: a Python file, a notebook, a folder or a zip archive.
        main: the path of the main file; None: the one .py or .ipynb at the top.
        course_files: the course's own, by path; they lie beside what is handed in, and win.

    Raises:
        OSError: it cannot be read.
        CodeGradingError: it is none of these, too much, unsafe, or has not one main file.
    """
    kind, files = _read(Path(path))
    if kind == "file":
        ((found, content),) = files.items()
        if main is not None:
            # Whatever it is called, it takes the place that others import it from.
            found = str(PurePosixPath(main).with_suffix(PurePosixPath(found).suffix))
        files = {found: content}
    else:
        if kind == "zip":
            files = _without_top(files, main)
        found = _main_of(files, main, course_files, path)
    if found in course_files:
        raise CodeGradingError(f"{path}: {found} is the course's own file: hand in your own")
    hand_in = HandIn(files=files, main=found, course_files=course_files)
    check_tree(hand_in.laid, path)
    return hand_in


def read_files(path: Path | str) -> Mapping[str, bytes]:
    """Return the files that are handed in, byte for byte, without looking for a main one.

    Raises:
        OSError: they cannot be read.
        CodeGradingError: they are too much, or unsafe.
    """
    return _read(Path(path))[1]


def _read(path: Path) -> tuple[Literal["file", "folder", "zip"], dict[str, bytes]]:
    if path.is_dir() and not path.is_symlink():
        return "folder", read_folder(path)
    with opened(path) as file:
        content = file.read(MOST_BYTES + 1)
    suffix = path.suffix.lower()
    if len(content) > MOST_BYTES:
        remedy = ": clear its outputs" if suffix == NOTEBOOK else ""
        raise CodeGradingError(f"{path}: over {MOST_BYTES} bytes{remedy}")
    if content.startswith(BEGINNINGS) or suffix == ".zip":
        return "zip", read_zip(content, path)
    if suffix in OTHER_ARCHIVES:
        raise CodeGradingError(
            f"{path}: an archive of another kind: hand in a .py, a .ipynb, a folder or a .zip"
        )
    name = path.with_suffix(NOTEBOOK if suffix == NOTEBOOK else PYTHON).name
    return "file", {path_of(name, path) or f"student{PYTHON}": content}


def _without_top(files: dict[str, bytes], main: str | None) -> dict[str, bytes]:
    """Return files without the one folder that all are in, unless the main one is named with it.

    >>> _without_top({"hw1/a.py": b"", "hw1/b/c.py": b""}, None)
    {'a.py': b'', 'b/c.py': b''}
    """
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or tops & files.keys() or main in files:
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def _main_of(
    files: Collection[str], main: str | None, course_files: Collection[str], place: object
) -> str:
    if main is not None:
        if main not in files:
            raise CodeGradingError(f"{place}: has no {main}{_instead(files)}")
        return main
    own = [path for path in files if _is_code(path) and path not in course_files]
    at_top = [path for path in own if "/" not in path]
    if len(at_top) == 1:
        return at_top[0]
    if not at_top:
        raise CodeGradingError(f"{place}: has no .py and no .ipynb at its top{_instead(own)}")
    raise CodeGradingError(
        f"{place}: has {_listed(at_top)} at its top: hand in one of them, "
        "or have the course name the main file"
    )


def _instead(files: Collection[str]) -> str:
    """Say what there is in place of what is missing."""
    code = [path for path in files if _is_code(path)]
    return f"; there is {_listed(code)}" if code else ", nor another Python file"


def _listed(paths: Collection[str]) -> str:
    named = sorted(paths)[:MOST_NAMED]
    more = len(paths) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _is_code(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in (PYTHON, NOTEBOOK)
