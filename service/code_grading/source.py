"""Where variants come from, and who says whether answers to them are right.

Here it is a problem set or an exercise on this machine. A source that fetches variants from a
server, and sends back nothing but answers, has the same three methods and knows no right answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from problems import Exercise, ProblemSet
from problems.documents.verdict import Verdict
from problems.grade import Grader
from problems.rosters import Chunk, issued_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant, and who grades answers to it.

    Args:
        exercise: what the student's code is given.
        grade: returns the verdict on answers, by the names of parts.
    """

    exercise: Exercise
    grade: Callable[[Mapping[str, Any]], Verdict]


class Source(Protocol):
    """A source of variants."""

    @property
    def knows_answers(self) -> bool:
        """Whether right answers can be worked out here, as a search for a failure needs."""

    def names(self) -> Sequence[str]:
        """Return the names of the exercises, in order."""

    def one_by_one(self) -> "Iterator[Source]":
        """Yield a source for each exercise alone."""

    def variants(self, name: str) -> Iterator[Variant]:
        """Yield the variants of an exercise."""


@dataclass(frozen=True, kw_only=True)
class FromProblemSet:
    """Variants of a problem set: those of the students `1`, `2`, … under a secret.

    Args:
        problem_set: the set.
        chosen: the names of the exercises that are graded.
        count: how many variants of each.
        secret: what the variants depend on.
    """

    problem_set: ProblemSet
    chosen: Sequence[str]
    count: int
    secret: bytes
    knows_answers: bool = True

    def names(self) -> Sequence[str]:
        """Return the chosen exercises."""
        return self.chosen

    def one_by_one(self) -> Iterator[Source]:
        """Yield a source for each exercise alone."""
        for name in self.chosen:
            yield replace(self, chosen=(name,))

    def variants(self, name: str) -> Iterator[Variant]:
        """Yield the variants of an exercise."""
        students = tuple(map(str, range(1, self.count + 1)))
        chunk = Chunk(
            problem_set=self.problem_set, exercise=name, students=students, secret=self.secret
        )
        for each in issued_in(chunk):
            yield Variant(exercise=each.exercise, grade=Grader(each.exercise, each.solution).grade)


@dataclass(frozen=True, kw_only=True)
class OneExercise:
    """One variant that is there already.

    Args:
        exercise: the variant.
    """

    exercise: Exercise
    knows_answers: bool = True

    def names(self) -> Sequence[str]:
        """Return its name."""
        return (self.exercise.name,)

    def one_by_one(self) -> Iterator[Source]:
        """Yield this one."""
        yield self

    def variants(self, name: str) -> Iterator[Variant]:
        """Yield the one."""
        yield Variant(exercise=self.exercise, grade=Grader(self.exercise).grade)
