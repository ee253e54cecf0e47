"""The student's files as modules, wherever they are imported from."""

import ast
import importlib
import linecache
import sys
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType
from typing import Any

from . import statements
from .clock import alarms
from .pieces import Piece, pieces_of
from .reasons import LONGEST_REASON, reason_of
from .submission import DoesNotParse, LeftOut, Place, Submission

OTHER_NAME = "student"
"""What the main module is called where its file's name is no module's, or another's already."""


class Loader(SourceFileLoader):
    """Runs a student's module, and knows afterwards what was left out of it."""

    def __init__(self, fullname: str, path: str, submission: Submission) -> None:
        super().__init__(fullname, path)
        self.submission = submission
        self._pieces: list[Piece] = []

    def is_students(self, code: CodeType) -> bool:
        """Whether code stands in this file, and the file is the student's own."""
        is_courses = self.submission.below_top(self.path) in self.submission.course_files
        return code.co_filename == self.path and not is_courses

    def exec_module(self, module: ModuleType) -> None:
        """Run the file's statements.

        Raises:
            SyntaxError: it does not parse.
        """
        self._pieces = pieces_of(self.get_data(self.path), self.path)
        text = "\n".join(each.text for each in self._pieces)
        # As tracebacks and `inspect` show it: cells one below the other, UTF-16 as text.
        linecache.cache[self.path] = (len(text), None, text.splitlines(keepends=True), self.path)
        for piece in self._pieces:
            try:
                tree = piece.parsed(self.path)
            except SyntaxError as error:
                if piece.cell is None:
                    raise
                place = Place(None, self._file(), piece.cell)
                line = f" (line {error.lineno})" if error.lineno else ""
                self._note(place, piece.names(), f"{reason_of(error)[:LONGEST_REASON]}{line}")
            else:
                clock = self.submission.clock
                statements.run(tree, vars(module), self.path, clock, self._leave_out)

    def place(self, line: int) -> Place:
        """Return where a line is, of all that tracebacks count."""
        at = bisect_right(self._pieces, line, key=lambda each: each.first_line) - 1
        piece = self._pieces[at] if self._pieces else Piece("")
        return Place(line - piece.first_line + 1, self._file(), piece.cell)

    def explained(self, error: BaseException) -> str:
        """Return why something failed in this file, with what was left out that it misses."""
        why = reason_of(error)
        if isinstance(error, NameError) and error.name:
            cause = self.submission.why_left_out(error.name, self.path)
            return why if cause is None else f"{why}; {cause}"
        if isinstance(error, SyntaxError) and error.filename not in (None, self.path):
            place = Place(error.lineno, self.submission.file_of(str(error.filename)))
            return f"{why} ({place.told()})"
        return why

    def _leave_out(self, statement: ast.stmt, error: BaseException) -> None:
        names = frozenset(statements.bound_names(statement))
        self._note(self.place(statement.lineno), names, self.explained(error))

    def _note(self, place: Place, names: frozenset[str], why: str) -> None:
        told = " ".join(why[: 2 * LONGEST_REASON].split())
        self.submission.left_out.append(LeftOut(self.path, place, names, told))

    def _file(self) -> str | None:
        return self.submission.file_of(self.path)


def load_main(submission: Submission) -> ModuleType:
    """Return the main module, imported as others import it.

    Raises:
        DoesNotParse: its file does not.
    """
    path = f"{submission.top}/{submission.main}"
    name = _name_of(submission)
    # A file that is called as a module of Python's does not stand in that one's place.
    hidden = frozenset({submission.main.removesuffix(".py")} if name == OTHER_NAME else ())
    sys.path_hooks.insert(0, _hook(submission, hidden))
    sys.path[:0] = dict.fromkeys((submission.top, str(PurePosixPath(path).parent)))
    try:
        with alarms():
            return _imported(name, Loader(name, path, submission))
    except SyntaxError as error:
        place = Place(error.lineno, submission.file_of(error.filename or path))
        raise DoesNotParse(reason_of(error), place) from None


def _imported(name: str, loader: Loader) -> ModuleType:
    if "." in name:
        importlib.import_module(name.rpartition(".")[0])
    if name not in sys.modules:  # its package may have imported it
        spec = spec_from_file_location(name, loader.path, loader=loader)
        assert spec is not None  # the loader is there
        sys.modules[name] = module_from_spec(spec)
        loader.exec_module(sys.modules[name])
    return sys.modules[name]


def loader_of(name: str | None) -> Loader | None:
    """Return what loaded a module, where that is one of the student's or the course's."""
    loader = getattr(sys.modules.get(str(name)), "__loader__", None)
    return loader if isinstance(loader, Loader) else None


def _name_of(submission: Submission) -> str:
    """Return the main module's dotted name, unless that is none, or another module's."""
    parts = PurePosixPath(submission.main).with_suffix("").parts
    parts = parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts
    is_package = Path(submission.top, parts[0], "__init__.py").exists()
    is_pythons = parts[0] in sys.stdlib_module_names and not is_package
    is_free = parts[0] not in sys.modules and not is_pythons
    return ".".join(parts) if is_free and all(map(str.isidentifier, parts)) else OTHER_NAME


class _Finder(FileFinder):
    """Finds modules in one folder, but for a file whose name is another module's."""

    def __init__(self, path: str, details: Any, hidden: frozenset[str]) -> None:
        super().__init__(path, details)
        self._hidden = hidden

    def find_spec(self, fullname: str, target: Any = None) -> ModuleSpec | None:
        return None if fullname in self._hidden else super().find_spec(fullname, target)


def _hook(submission: Submission, hidden: frozenset[str]) -> Callable[[str], _Finder]:
    """Return what makes finders for the folders of a submission, and for no other."""

    def hook(path: str) -> _Finder:
        if path != submission.top and not path.startswith(f"{submission.top}/"):
            raise ImportError("not handed in", path=path)
        return _Finder(path, (partial(Loader, submission=submission), [".py"]), hidden)

    return hook
