"""Proving the oracle on this machine: named checks of every exercise that ships.

A check is a function of a generated exercise that returns what it found, or raises `CheckFailed`;
to add one, add it to `CHECKS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from oracle import evaluate
from oracle.arithmetic.binary64 import Binary64
from oracle.errors import OracleError
from oracle.nested import flatten, is_sequence
from oracle.tolerance import Within, accepts
from problems import catalogue
from problems.documents.exercise import Exercise
from problems.documents.problem_set import ProblemSet
from problems.errors import DocumentError, ExerciseError
from problems.generate import generate
from problems.grade import grade
from problems.solve import Solution, solve

STUDENT, SECRET = "1", b"0"

# Ordinary code loses some digits of an entry that is small beside those it came from; the
# catalogue's quantities are of the order of 1.
ORDINARY = Within(relative=Fraction(1, 10**9), absolute=Fraction(1, 10**15))

Examine = Callable[[Exercise], str]


class CheckFailed(Exception):
    """A check found something wrong; the message says what."""


@dataclass(frozen=True)
class Result:
    """What a check found."""

    name: str
    subject: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Check:
    """A named check of one subject, not run yet: `examine` returns what it found or raises."""

    name: str
    subject: str
    examine: Callable[[], str]

    def run(self) -> Result:
        """Run the check; what the oracle refuses is a failure too."""
        try:
            return Result(self.name, self.subject, True, self.examine())
        except (CheckFailed, OracleError, DocumentError, ExerciseError) as error:
            return Result(self.name, self.subject, False, str(error))


def checks() -> list[Check]:
    """Return every check of every exercise of the catalogue."""
    return [
        Check(
            name,
            f"{problem_set.name}/{exercise.name}",
            partial(_examine, examine, problem_set, exercise.name),
        )
        for problem_set in map(catalogue.load, catalogue.names())
        for exercise in problem_set.exercises
        for name, examine in CHECKS
    ]


def generates(exercise: Exercise) -> str:
    """A variant could be issued."""
    return f"variant {exercise.id}"


def solves(exercise: Exercise) -> str:
    """Every quantity is proven to 50 digits."""
    solution = solve(exercise, digits=50)
    return f"{len(solution)} quantities"


def agrees_with_binary64(exercise: Exercise) -> str:
    """Ordinary double precision comes within 1e-9 of the reference, entry by entry."""
    solution = solve(exercise)
    ordinary = evaluate(exercise.derivation(), exercise.givens(), Binary64())
    entries = 0
    for name, solved in solution.items():
        for expected, found in zip(solved.entries, flatten(ordinary[name]), strict=True):
            if not accepts(ORDINARY, expected=expected, submitted=found):
                raise CheckFailed(f"{name}: binary64 has {found!r}, the reference {solved.value}")
            entries += 1
    return f"{entries} entries"


def accepts_the_solution(exercise: Exercise) -> str:
    """The solution's doubles get full marks."""
    verdict = grade(exercise, _answers(exercise, solve(exercise)))
    if verdict.outcome != "correct":
        raise CheckFailed(f"the solution is graded {verdict.outcome} ({verdict.first_error})")
    return f"{verdict.score.text} points"


def refuses_flipped_signs(exercise: Exercise) -> str:
    """The solution with every sign flipped does not get full marks."""
    answers = _answers(exercise, solve(exercise))
    verdict = grade(exercise, {name: _negative(value) for name, value in answers.items()})
    if verdict.outcome == "correct":
        raise CheckFailed("the solution with every sign flipped is graded correct")
    return f"{verdict.score.text} points"


CHECKS: tuple[tuple[str, Examine], ...] = (
    ("generates", generates),
    ("solves", solves),
    ("agrees with binary64", agrees_with_binary64),
    ("accepts the solution", accepts_the_solution),
    ("refuses flipped signs", refuses_flipped_signs),
)


def _examine(examine: Examine, problem_set: ProblemSet, exercise: str) -> str:
    return examine(generate(problem_set, exercise, student=STUDENT, secret=SECRET))


def _answers(exercise: Exercise, solution: Solution) -> dict[str, Any]:
    return {part.name: solution[part.name].float64 for part in exercise.ask}


def _negative(value: Any) -> Any:
    return [_negative(entry) for entry in value] if is_sequence(value) else -value
