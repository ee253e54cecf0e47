"""The evidence over programs at one size, worked out by a pool of processes."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.problem_set import ProgramDefinition
from gradgrade.problems.grade import Grader
from tests.evidence.confusion import cases, exercises
from tests.evidence.evidence import Job
from tests.evidence.honest import Honest, honest_of
from tests.evidence.mutants import Judged, judged_of
from tests.evidence.programs.students import STUDENTS
from tests.evidence.slips import slips

LEAST_FIRST = 0.95
"""In how many of the cases that can be told apart the right misconception must come first."""

MOST_WRONG = 0.01
"""In how many of them others alone may be named."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of the evidence is worked out.

    Args:
        honest: how many variants of each program honest students answer.
        mutants: of how many mutants are made.
        mistakes: in how many every known mistake is made.
        least_parts: how many right parts, and how many wrong ones, there must be.
    """

    honest: int
    mutants: int
    mistakes: int
    least_parts: int

    def jobs(self) -> Iterator[Job]:
        """What can be worked out on its own."""
        for each in exercises(ProgramDefinition):
            for student in map(str, range(1, self.mistakes + 1)):
                yield from ((function, (*each, student)) for function in (cases, slips))
            yield honest, (*each, self.honest)
            yield judged, (*each, self.mutants)


FULL = Size(honest=3, mutants=2, mistakes=2, least_parts=10_000)


def honest(problem_set: str, name: str, variants: int) -> Honest:
    """Grade what honest students answer to variants of a program of the catalogue."""
    found = Honest()
    for at, grader in enumerate(_graders(problem_set, name, variants)):
        where = f"{problem_set}/{name}"
        found.add(honest_of(grader, STUDENTS, problem_set, where, is_measured=not at))
    return found


def judged(problem_set: str, name: str, variants: int) -> Judged:
    """Grade mutants of the answers to variants of a program of the catalogue."""
    found = Judged()
    for grader in _graders(problem_set, name, variants):
        found.add(judged_of(grader, f"{problem_set}/{name}"))
    return found


def _graders(problem_set: str, name: str, variants: int) -> Iterator[Grader]:
    for student in map(str, range(1, variants + 1)):
        exercise = generate(load(problem_set), name, student=student, secret=b"evidence")
        yield Grader(exercise)
