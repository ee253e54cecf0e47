"""The styles in which courses ask for code, each a set with right code and ways to get it wrong."""

import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.structures.code import CodeDefinition
from gradgrade.service.code_grading.checking.check import Checked, check_program
from gradgrade.service.code_grading.checking.source import FromProblemSet

STYLES = Path(__file__).parents[3] / "submissions" / "scripts" / "styles"
NAMED = ("misconception", "finding", "failure")
VARIANTS = 2


@dataclass(frozen=True)
class Bug:
    """Right code with an edit, and what is told of it: its kind, and which."""

    style: "Style"
    edit: tuple[str, str]
    kind: str
    which: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.style}-{self.edit[1].strip()}"

    def written_in(self, folder: Path) -> Path:
        """Hand it in from a folder: the right code, edited in its main file."""
        right = self.style.right
        handed_in = folder / right.name
        if right.is_dir():
            shutil.copytree(right, handed_in)
        else:
            shutil.copyfile(right, handed_in)
        main = handed_in / (self.style.code.main or "") if right.is_dir() else handed_in
        text = main.read_text("utf-8")
        assert self.edit[0] in text
        main.write_text(text.replace(*self.edit), "utf-8")
        return handed_in


@dataclass(frozen=True)
class Style:
    """A folder with a set of one exercise, its right code, and a table of bugs."""

    folder: Path

    def __str__(self) -> str:
        return self.folder.name

    @property
    def problem_set(self) -> ProblemSet:
        return _problem_set(self.folder)

    @property
    def exercise(self) -> str:
        (only,) = self.problem_set.exercises
        return only.name

    @property
    def code(self) -> CodeDefinition:
        code = self.problem_set.exercise(self.exercise).code
        assert code is not None
        return code

    @property
    def right(self) -> Path:
        return self.folder / str(self.code.solution)

    @property
    def bugs(self) -> Sequence[Bug]:
        rows = tomllib.loads(Path(self.folder, "bugs.toml").read_text("utf-8"))["bugs"]
        return [
            Bug(self, tuple(each["edit"]), each["told"][0], tuple(each["told"][1:]))
            for each in rows
        ]

    def checked(self, handed_in: Path) -> Checked:
        """What is found of what is handed in."""
        source = FromProblemSet(
            problem_set=self.problem_set,
            names=[self.exercise],
            count=VARIANTS,
            secret=b"0",
            folder=self.folder,
        )
        return check_program(source, self.exercise, handed_in, search=False)


@cache
def _problem_set(folder: Path) -> ProblemSet:
    return ProblemSet.from_toml(Path(folder, "set.toml").read_text("utf-8"))


def styles() -> list[Style]:
    """All of them, by name."""
    return [Style(folder) for folder in sorted(STYLES.iterdir()) if folder.is_dir()]
