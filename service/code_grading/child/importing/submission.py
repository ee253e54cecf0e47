"""What is handed in, while it is imported: where it lies, and what of it was left out."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .clock import Clock


class Place(NamedTuple):
    """A place in what is handed in.

    Args:
        line: of the file, or of the cell; None: all of it.
        file: its path below the top, where several are handed in or it is the course's.
        cell: of a notebook.
    """

    line: int | None
    file: str | None = None
    cell: int | None = None

    def told(self) -> str:
        """Return it in words.

        >>> Place(3).told(), Place(2, None, 4).told(), Place(None, "hw1.ipynb", 4).told()
        ('line 3', 'line 2 of cell 4', 'cell 4 of hw1.ipynb')
        """
        line = None if self.line is None else f"line {self.line}"
        cell = None if self.cell is None else f"cell {self.cell}"
        return " of ".join(filter(None, (line, cell, self.file))) or "the file"


class LeftOut(NamedTuple):
    """A statement that failed, or a cell that does not parse.

    Args:
        path: of its file.
        place: where it stands.
        names: that it would have bound; `*` where nobody knows.
        why: in one line.
    """

    path: str
    place: Place
    names: frozenset[str]
    why: str


class DoesNotParse(Exception):
    """The main file, or a package that it is in, is no Python."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Submission:
    """What is handed in.

    Args:
        top: the folder that it lies in.
        main: the path of the main file, below that.
        files: how many the student handed in.
        course_files: the paths of the course's.
        clock: how long its statements may take.
        left_out: grows while it is imported.
    """

    top: str
    main: str
    files: int
    course_files: frozenset[str]
    clock: Clock
    left_out: list[LeftOut] = field(default_factory=list)

    @classmethod
    def of(cls, document: dict[str, Any], seconds: float) -> "Submission":
        """Return the submission that the other side tells of."""
        course_files = frozenset(document["course_files"])
        return cls(
            top=document["top"],
            main=document["main"],
            files=document["files"],
            course_files=course_files,
            clock=Clock(seconds),
        )

    def below_top(self, path: str) -> str:
        """Return the path of one of its files below the top."""
        return path.removeprefix(f"{self.top}/")

    def file_of(self, path: str) -> str | None:
        """Return what a place calls one of its files; None for the only one."""
        file = self.below_top(path)
        return None if self.files == 1 and file not in self.course_files else file

    def why_left_out(self, name: str, path: str, called: str = "it") -> str | None:
        """Return why a name is missed in a file, if a statement was left out that binds it."""
        there = [each for each in self.left_out if each.path == path]
        others = [each for each in self.left_out if each.path != path]
        for wanted in (name, "*"):
            for each in (*reversed(there), *reversed(others)):
                if wanted in each.names:
                    does = "defines" if wanted == name else "may define"
                    return f"{each.place.told()}, which {does} {called}, was left out: {each.why}"
        return None
