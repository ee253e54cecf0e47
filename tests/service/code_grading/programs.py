"""The corpus of submissions: files, what each is handed in to, and what is expected of each."""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.grade import Grader
from tests import ROOT

CORPUS = ROOT / "tests" / "submissions"
DEFAULT_EXERCISE = "column"

# Students have none of these three, whose plugins take longer to load than all the rest.
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q"),
    *("-p", "no:cacheprovider", "-p", "no:schemathesis"),
    *("-p", "no:anyio", "-p", "no:hypothesispytest"),
)
"""The command of a student's pytest."""

_HEADER = re.compile(r"^# (expect|exercise|shape): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """One program, with the header comments that it begins with."""

    path: Path
    expect: tuple[str, ...]
    exercise: str
    shape: str | None

    @classmethod
    def read(cls, path: Path) -> "Program":
        header = dict(_HEADER.findall(path.read_text("utf-8").split('"""')[0]))
        return cls(
            path=path,
            expect=tuple(header["expect"].split()),
            exercise=header.get("exercise", DEFAULT_EXERCISE),
            shape=header.get("shape"),
        )


def programs(kind: str) -> list[Program]:
    """The programs of one folder of the corpus."""
    return [Program.read(path) for path in sorted((CORPUS / kind).glob("*.py"))]


def label(program: Program) -> str:
    """A program's name in a test's."""
    return program.path.stem


@cache
def variants(name: str, count: int) -> tuple[Exercise, ...]:
    """Variants of one of the corpus's exercises."""
    problem_set = ProblemSet.from_toml((CORPUS / "exercises.toml").read_text("utf-8"))
    return tuple(
        generate(problem_set, name, student=str(each), secret=b"0") for each in range(count)
    )


@cache
def graders(name: str, count: int) -> tuple[Grader, ...]:
    """Who grades those variants: what does not depend on the program is worked out once."""
    return tuple(map(Grader, variants(name, count)))
