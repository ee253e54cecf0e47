"""What is handed in, laid in a folder of its own for the time of a run."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradgrade.service.code_grading.hand_in.hand_in import HandIn

FOLDER_MODE, FILE_MODE = 0o755, 0o444
PREFIX = "gradgrade-submission-"
LOCK = "lock"


@contextmanager
def laid(hand_in: HandIn) -> Iterator[Path]:
    """Lay files in a new folder, which all may read; nobody else comes to it from outside.

    It is a folder, and not a file descriptor for each, of which a process has not so many. Those
    that were left by processes that were killed are removed.
    """
    _remove_left()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as private, _locked(Path(private)):
        top = Path(private, "submission")
        _make(top)
        for path, content in hand_in.laid.items():
            file = top / path
            for folder in reversed(file.relative_to(top).parents[:-1]):
                _make(top / folder)
            file.write_bytes(content)
            file.chmod(FILE_MODE)
        yield top


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir()
        folder.chmod(FOLDER_MODE)  # whatever the umask is


@contextmanager
def _locked(private: Path) -> Iterator[None]:
    """Hold a folder's lock, which its process lets go of however it ends."""
    new = private / "new-lock"
    with new.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        new.rename(private / LOCK)  # so that nobody finds it before it is held
        yield


def _remove_left() -> None:
    """Remove the folders of this user whose processes are gone."""
    for private in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if private.lstat().st_uid != os.geteuid():
                continue
            descriptor = os.open(private / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
            with open(descriptor) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(private)
