"""Correct answers: every student's, to every exercise that the student can work through."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy

from gradgrade.oracle.nested import flatten
from gradgrade.problems.grade import Grader
from gradgrade.problems.walks.accepted import accepted_ends
from tests.evidence.issued import issued
from tests.evidence.students import STUDENTS, Student


@dataclass
class Honest:
    """What became of correct answers.

    Args:
        exercises: by kind, how many variants were answered.
        answers: by student, how many were graded.
        parts: how many parts they had.
        entries: how many numbers they held.
        refused: those that were not graded correct, in words.
        reach: by kind, how far from the true value an honest entry came at most, in bands.
    """

    exercises: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    parts: int = 0
    entries: int = 0
    refused: list[str] = field(default_factory=list)
    reach: dict[str, float] = field(default_factory=dict)

    def add(self, other: "Honest") -> None:
        """Add another's counts."""
        self.exercises += other.exercises
        self.answers += other.answers
        self.parts += other.parts
        self.entries += other.entries
        self.refused += other.refused
        for kind, reach in other.reach.items():
            self.reach[kind] = max(reach, self.reach.get(kind, 0.0))


def honest(kind: str, index: int, variants: int) -> Honest:
    """Grade what the students answer to variants of one drawn exercise."""
    found = Honest()
    for variant, each in enumerate(issued(kind, index, variants)):
        grader = Grader(each.exercise, each.solution)
        # How near they come is measured on one variant: bands cost as much as the solution.
        found.add(honest_of(grader, STUDENTS, kind, f"{kind} {index}", is_measured=not variant))
    return found


def honest_of(
    grader: Grader, students: Iterable[Student], kind: str, where: str, *, is_measured: bool
) -> Honest:
    """Grade what students answer to one variant.

    Args:
        grader: of the variant.
        students: who answer, where they can.
        kind: of the exercise.
        where: what the exercise is called.
        is_measured: whether it is told how near to the ends of their bands they come.
    """
    found, exercise = Honest(), grader.exercise
    found.exercises[kind] += 1
    text = exercise.to_json()
    sides = _sides(grader) if is_measured else {}
    for student in students:
        if not student.takes(exercise):
            continue
        answers = student.answer(text)
        found.answers[student.name] += 1
        found.parts += len(answers)
        found.entries += sum(len(flatten(answer)) for answer in answers.values())
        verdict = grader.grade(answers)
        wrong = [part.name for part in verdict.parts if part.outcome != "correct"]
        if wrong:
            found.refused.append(f"{where}, variant {exercise.id}, {student.name}: {wrong}")
        reached = max(_reach(sides, answers), default=0.0)
        found.reach[kind] = max(reached, found.reach.get(kind, 0.0))
    return found


def _sides(grader: Grader) -> dict[str, Any]:
    """Expected values, and how far below and above them an answer may lie."""
    solution = grader.solution
    sides = {}
    for name, ends in accepted_ends(solution).items():
        values = [Fraction(*entry) for entry in solution[name].entries]
        below = [float(v - Fraction(*low)) for v, (low, _) in zip(values, ends, strict=True)]
        above = [float(Fraction(*high) - v) for v, (_, high) in zip(values, ends, strict=True)]
        sides[name] = numpy.array([list(map(float, values)), below, above])
    return sides


def _reach(sides: dict[str, Any], answers: dict[str, Any]) -> Iterator[float]:
    for name, (value, below, above) in sides.items():
        off = numpy.array(flatten(answers[name])) - value
        if off.shape == value.shape:
            with numpy.errstate(all="ignore"):
                share = numpy.where(off < 0, -off / below, off / above)
            yield float(numpy.where(off == 0, 0.0, share).max())
