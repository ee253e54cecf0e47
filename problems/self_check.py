"""Proving the oracle on this machine: named checks of the catalogue and of a drawn battery.

A check is a function of a generated exercise that returns what it found, or raises `CheckFailed`;
to add one, add it to `CHECKS`.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from importlib.resources import files
from typing import Any

from gradgrade.oracle import evaluate
from gradgrade.oracle.accuracy.tolerance import Within, accepts
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten, is_sequence
from gradgrade.oracle.proof.certify import certify
from gradgrade.problems import catalogue
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.errors import DocumentError, ExerciseError
from gradgrade.problems.generate import generate, ungated
from gradgrade.problems.grade import grade
from gradgrade.problems.solve import DIGITS, Solution, solve

STUDENT, SECRET = "1", b"0"

# Ordinary code loses some digits of an entry that is small beside those it came from; the
# quantities here are of the order of 1.
ORDINARY = Within(relative=Fraction(1, 10**9), absolute=Fraction(1, 10**12))


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


class Subject:
    """A generated exercise with its solution, each worked out once."""

    def __init__(
        self, problem_set: ProblemSet, exercise: str, draw: Callable[..., Exercise], *, full: bool
    ) -> None:
        self.name = f"{problem_set.name}/{exercise}"
        self.full = full
        self.exercise = cache(partial(draw, problem_set, exercise, student=STUDENT, secret=SECRET))
        self.solution = cache(lambda: solve(self.exercise()))


Examine = Callable[[Subject], str]


def checks(*, full: bool = False) -> list[Check]:
    """Return every check of every exercise of the catalogue and the battery.

    Args:
        full: prove large networks entry by entry.
    """
    # The catalogue's are such as are issued: a draw that no gate has seen may be 0 throughout.
    sets = [(each, generate) for each in map(catalogue.load, catalogue.names())]
    subjects = [
        Subject(problem_set, exercise.name, draw, full=full)
        for problem_set, draw in (*sets, (battery(), ungated))
        for exercise in problem_set.exercises
    ]
    return [
        Check(name, subject.name, partial(examine, subject))
        for subject in subjects
        for name, examine in (*CHECKS, *_figure_checks(subject))
    ]


def battery() -> ProblemSet:
    """Return the drawn exercises that use everything the oracle can derive."""
    return ProblemSet.from_toml((files(__package__) / "battery.toml").read_text("utf-8"))


def is_certified(subject: Subject) -> str:
    """Balls, the reference in them, the witness, correct rounding: see `gradgrade.oracle.proof`."""
    exercise = subject.exercise()
    values = certify(exercise.derivation(), exercise.givens(), digits=DIGITS, full=subject.full)
    return f"{len(values)} quantities, {values.enclosure.ball.bits} bits"


def is_self_consistent(subject: Subject) -> str:
    """Twice the digits change none of those that were printed."""
    exercise, solution = subject.exercise(), subject.solution()
    finer = certify(exercise.derivation(), exercise.givens(), digits=2 * DIGITS)
    digits = 0
    for name, solved in solution.items():
        # From the balls: a value beside a tie may have another ratio within its bound.
        rounded = flatten(finer[name].digits(DIGITS))
        if rounded != flatten(solved.value):
            raise CheckFailed(f"{name} changes with the precision")
        digits += DIGITS * len(rounded)
    return f"{digits} digits"


def agrees_with_binary64(subject: Subject) -> str:
    """Ordinary double precision comes within 1e-9 of the proven values, entry by entry."""
    exercise, solution = subject.exercise(), subject.solution()
    ordinary = evaluate(exercise.derivation(), exercise.givens(), Binary64())
    entries = 0
    for name, solved in solution.items():
        for expected, found in zip(solved.entries, flatten(ordinary[name]), strict=True):
            if not accepts(ORDINARY, expected=expected, submitted=found):
                raise CheckFailed(f"{name}: binary64 has {found!r}, proven is {solved.value}")
            entries += 1
    return f"{entries} entries"


def accepts_the_solution(subject: Subject) -> str:
    """The solution's doubles get full marks."""
    exercise = subject.exercise()
    verdict = grade(exercise, _answers(exercise, subject.solution()))
    if verdict.outcome != "correct":
        raise CheckFailed(f"the solution is graded {verdict.outcome} ({verdict.first_error})")
    return f"{verdict.score} points"


def refuses_flipped_signs(subject: Subject) -> str:
    """The solution with every sign flipped does not get full marks."""
    exercise = subject.exercise()
    answers = _answers(exercise, subject.solution())
    verdict = grade(exercise, {name: _negative(value) for name, value in answers.items()})
    if verdict.outcome == "correct":
        raise CheckFailed("the solution with every sign flipped is graded correct")
    return f"{verdict.score} points"


CHECKS: tuple[tuple[str, Examine], ...] = (
    ("certificate", is_certified),
    ("self-consistency", is_self_consistent),
    ("binary64 agrees", agrees_with_binary64),
    ("solution accepted", accepts_the_solution),
    ("flipped signs refused", refuses_flipped_signs),
)


def _figure_checks(subject: Subject) -> tuple[tuple[str, Examine], ...]:
    """Return the check of a worked example against its text's figures, where they are known."""
    figures = tomllib.loads((files(__package__) / "figures.toml").read_text("utf-8"))
    known = figures.get(subject.name.removeprefix("seeds/"))
    return () if known is None else (("worked example", partial(_shows, known)),)


def _shows(figures: dict[str, Any], subject: Subject) -> str:
    solution, count = subject.solution(), 0
    for name, array in figures.items():
        for figure, entry in zip(flatten(array), solution[name].entries, strict=True):
            unit = Fraction(1, 10 ** len(figure.partition(".")[2]))
            if abs(Fraction(figure) - Fraction(*entry)) > unit:
                raise CheckFailed(f"{name}: the worked example has {figure}")
            count += 1
    return f"{count} figures"


def _answers(exercise: Exercise, solution: Solution) -> dict[str, Any]:
    return {part.name: solution[part.name].float64 for part in exercise.ask}


def _negative(value: Any) -> Any:
    return [_negative(entry) for entry in value] if is_sequence(value) else -value
