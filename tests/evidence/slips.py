"""Single slips: one quantity wrong, and everything after it rightly worked out from there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Array, Binary64
from gradgrade.oracle.derivation.walking import given_rows, rewalk, take, walk
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.grade import Grader
from gradgrade.problems.misconceptions.rewriting import after

MORE_DIGITS = 4
"""How many digits beyond those asked are handed in where work by hand may be rounded."""


def slipped(_: Any, matrix: Array) -> Array:
    """Return a matrix with every entry off by its own share, as no rule has it; 0 becomes 0.37."""
    values = numpy.array(matrix, dtype=float)
    shares = 1 + 0.3 * numpy.sin(numpy.arange(1, values.size + 1)).reshape(values.shape)
    return values * shares if values.any() else values + 0.37


def work_with_a_slip(exercise: Exercise) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield, for each part, what a student answers whose only slip is there."""
    derivation, arithmetic = exercise.derivation(), Binary64()
    right = walk(
        derivation, take(given_rows(derivation, exercise.givens()), arithmetic), arithmetic
    )
    for part in exercise.ask:
        quantity = derivation.find(part.name)
        assert quantity is not None
        wrong = derivation.replacing(after(derivation.by_name[quantity.name], slipped))
        values = rewalk(derivation, right, wrong, arithmetic)
        answers = {}
        for each in exercise.ask:
            asked = derivation.find(each.name)
            assert asked is not None
            rows = numpy.array(values[asked.name], dtype=float).tolist()
            answers[each.name] = _written(exercise, asked.to_document(rows, exercise.convention))
        yield part.name, answers


def _written(exercise: Exercise, array: Any) -> Any:
    """Return an array as it is handed in: by hand with a few digits, else whole."""
    if isinstance(array, list):
        return [_written(exercise, each) for each in array]
    rounding = exercise.rounding
    if rounding is None or rounding.decimals is None:
        return array
    return round(array, rounding.decimals + MORE_DIGITS)


@dataclass
class Slips:
    """What became of work with one slip.

    Args:
        made: how many slips were made.
        followed: how many wrong parts followed rightly from one.
        not_carried: those of them that were not carried forward, in words.
    """

    made: int = 0
    followed: int = 0
    not_carried: list[str] = field(default_factory=list)

    def add(self, other: "Slips") -> None:
        """Add another's counts."""
        self.made += other.made
        self.followed += other.followed
        self.not_carried += other.not_carried


def slips(problem_set: str, name: str, student: str) -> Slips:
    """Grade work with each slip that can be made in an exercise of the catalogue."""
    return graded_slips(generate(load(problem_set), name, student=student, secret=b"0"))


def graded_slips(exercise: Exercise) -> Slips:
    """Grade work with each slip that can be made in an exercise."""
    found, grader = Slips(), Grader(exercise)
    for slip, answers in work_with_a_slip(exercise):
        found.made += 1
        for name, outcome in _outcomes_after(slip, grader.grade(answers)):
            found.followed += 1
            if outcome != "carried_forward":
                where = f"{exercise.problem_set}/{exercise.name}, a slip in {slip}: {name}"
                found.not_carried.append(f"{where} is {outcome}")
    return found


def _outcomes_after(slip: str, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield the parts beside the slip that are not right, with their outcomes."""
    for part in verdict.parts:
        if part.name != slip and part.outcome != "correct":
            yield part.name, part.outcome
