"""What is handed in, laid in a folder of its own for the time of a run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradgrade.service.code_grading.hand_in.hand_in import HandIn

FOLDER_MODE, FILE_MODE = 0o755, 0o444


@contextmanager
def laid(hand_in: HandIn) -> Iterator[Path]:
    """Lay files in a new folder, which all may read; nobody else comes to it from outside.

    It is a folder, and not a file descriptor for each, of which a process has not so many.
    """
    with tempfile.TemporaryDirectory(prefix="gradgrade-") as private:
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
