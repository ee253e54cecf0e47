"""What lies beside a set on this machine: the course's own files, and code that is right."""

from collections.abc import Mapping
from pathlib import Path

from gradgrade.problems.documents.structures.code import CodeDefinition, CodeInterface
from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.hand_in.folder import opened
from gradgrade.service.code_grading.hand_in.gathering import MOST_BYTES


def course_files(code: CodeInterface | None, folder: Path) -> Mapping[str, bytes]:
    """Return the files that a course lays beside what is handed in, by their paths.

    Args:
        code: how code is used; None: nothing lies beside it.
        folder: the set's own.

    Raises:
        CodeGradingError: one cannot be read, or they are too much.
    """
    files: dict[str, bytes] = {}
    for name in () if code is None else code.files:
        left = MOST_BYTES - sum(map(len, files.values()))
        try:
            with opened(folder / name) as file:
                files[name] = file.read(left + 1)
        except OSError as error:
            raise CodeGradingError(
                f"code.files: {folder / name} cannot be read: {error.strerror}"
            ) from None
        if len(files[name]) > left:
            raise CodeGradingError(f"code.files: over {MOST_BYTES} bytes")
    return files


def solution_of(code: CodeDefinition | None, folder: Path) -> Path | None:
    """Return where the code stands that a course says is right; None where it names none.

    Raises:
        CodeGradingError: there is nothing.
    """
    if code is None or code.solution is None:
        return None
    path = folder / code.solution
    if not path.exists():
        raise CodeGradingError(f"code.solution: {path}: there is no such file or folder")
    return path
