"""Where variants come from, and who says whether answers to them are right.

Here it is a problem set or an exercise on this machine; `server_source.py` has one that fetches
variants from a server, sends back answers, and knows no right one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.documents.problem_set import ProgramDefinition
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.engines.drawing import drawn_exercises
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.grade import Grader
from gradgrade.problems.templates.streams import keyed_digest
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, issued_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """The variants of an exercise, and who grades answers to them, all at once.

    Args:
        exercises: what the student's code is given.
        grade: returns the verdicts on answers, by the names of parts, to each of them in order.
    """

    exercises: Sequence[Exercise]
    grade: Callable[[Sequence[Mapping[str, Any]]], Sequence[Verdict]]

    @classmethod
    def of(cls, graders: Sequence[Grader]) -> "Variants":
        """Return variants that are graded here."""
        return cls(
            exercises=[each.exercise for each in graders],
            grade=lambda answers: [
                grader.grade(each, part_by_part=True)
                for grader, each in zip(graders, answers, strict=True)
            ],
        )


class Source(Protocol):
    """A source of variants."""

    @property
    def knows_answers(self) -> bool:
        """Whether right answers can be worked out here, as a search for a failure needs."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the exercises that are graded, in order."""

    @property
    def folder(self) -> Path:
        """Where the course's own files lie."""

    def solution(self, name: str) -> Path | None:
        """Return where code stands that is right with an exercise's script; None where none is."""

    def variants(self, name: str) -> Variants:
        """Return the variants of an exercise."""


@dataclass(frozen=True, kw_only=True)
class FromProblemSet:
    """Variants of a problem set: those of the students `1`, `2`, … under a secret.

    Where an engine is asked for, the programs that are drawn for it come behind them.

    Args:
        problem_set: the set.
        names: the names of the exercises that are graded.
        count: how many variants of each.
        secret: what the variants depend on.
        folder: where the course's own files lie.
    """

    problem_set: ProblemSet
    names: Sequence[str]
    count: int
    secret: bytes = field(repr=False)
    folder: Path = Path()
    knows_answers: bool = True

    def solution(self, name: str) -> Path | None:
        """Return the one that the set names; None where it stays elsewhere."""
        code = self.problem_set.exercise(name).code
        if code is None or code.solution is None:
            return None
        path = self.folder / code.solution
        return path if path.exists() else None

    def variants(self, name: str) -> Variants:
        """Return the variants of an exercise."""
        students = tuple(map(str, range(1, self.count + 1)))
        chunk = Chunk(
            problem_set=self.problem_set,
            exercise=name,
            students=students,
            rules=rules_of(compile_template(self.problem_set, name)),
            secret=self.secret,
        )
        issued = [Grader(each.exercise, each.solution) for each in issued_in(chunk)]
        definition = self.problem_set.exercise(name)
        if not isinstance(definition, ProgramDefinition):
            return Variants.of(issued)
        key = keyed_digest(self.secret, b"engine", name.encode())
        return Variants.of([*issued, *drawn_exercises(definition, key)])


@dataclass(frozen=True, kw_only=True)
class OneExercise:
    """One variant that is there already.

    Args:
        exercise: the variant.
        folder: where the course's own files lie.
    """

    exercise: Exercise
    folder: Path = Path()
    knows_answers: bool = True

    @property
    def names(self) -> Sequence[str]:
        """Its name."""
        return (self.exercise.name,)

    def solution(self, name: str) -> None:
        """Return None: an exercise names none."""

    def variants(self, name: str) -> Variants:
        """Return the one."""
        return Variants.of([Grader(self.exercise)])
