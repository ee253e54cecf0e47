"""Mutants: answers that are nearly right, or right in shape alone; none of them may pass.

A mutant whose every double is the expected one is the right answer by structure, and no mutant: the
transpose of a symmetric matrix, the mean of one sample, zeros where nothing is passed back. It is
counted apart.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

import numpy

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise
from gradgrade.problems.grade import Grader
from gradgrade.problems.walks.accepted import bands
from tests.evidence.issued import issued

Array = Any  # numpy types its operators as Any too
Mutants = dict[str, dict[str, Array]]

BANDS_OFF = 10

WITHOUT_WORK = frozenset({"zeros", "ones"})
"""What earns nothing at all, not even as an error carried forward."""

ALLOWED = frozenset({"incorrect", "carried_forward"})


@dataclass
class Judged:
    """What became of mutants.

    Args:
        mutants: of each kind, how many parts were answered by one.
        right: of each kind, how many were the right answer by structure.
        carried: of each kind, how many parts followed from the other mutants.
        passed: mutants that passed, in words.
        scales: the smallest and the largest power of ten of an expected entry.
    """

    mutants: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    carried: Counter[str] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)
    scales: tuple[float, float] = (inf, -inf)

    def add(self, other: "Judged") -> None:
        """Add another's counts."""
        self.mutants += other.mutants
        self.right += other.right
        self.carried += other.carried
        self.passed += other.passed
        low, high = zip(self.scales, other.scales, strict=True)
        self.scales = min(low), max(high)


def judged(kind: str, index: int, variants: int) -> Judged:
    """Grade the mutants of the answers to variants of one drawn exercise."""
    found = Judged()
    for each in issued(kind, index, variants):
        grader = Grader(each.exercise, each.solution)
        found.add(judged_of(grader, f"{kind} {index}"))
    return found


def judged_of(grader: Grader, where: str) -> Judged:
    """Grade the mutants of the answers to one exercise, all parts of a kind at once."""
    found, exercise = Judged(), grader.exercise
    right = {part.name: numpy.array(grader.solution[part.name].float64) for part in exercise.ask}
    found.scales = _scales(right)
    for kind, mutants in mutants_of(exercise, grader, right).items():
        verdict = grader.grade(mutants)
        for part in verdict.parts:
            if part.name not in mutants:
                continue
            if numpy.array_equal(mutants[part.name], right[part.name]):
                found.right[kind] += 1
                continue
            found.mutants[kind] += 1
            found.carried[kind] += part.outcome == "carried_forward"
            allowed = {"invalid"} if kind in NOT_FINITE else ALLOWED
            if kind in WITHOUT_WORK:
                allowed = allowed - {"carried_forward"}
            if part.outcome not in allowed:
                told = f"{where}, variant {exercise.id}: {kind} as {part.name}: {part.outcome}"
                found.passed.append(told)
    return found


def mutants_of(exercise: Exercise, grader: Grader, right: Mapping[str, Array]) -> Mutants:
    """Every kind of mutant of the answers, by kind and part."""
    off = {
        name: BANDS_OFF * numpy.array(list(map(float, each))).reshape(right[name].shape)
        for name, each in bands(grader.solution).items()
    }
    away = {name: numpy.where(right[name] < 0, -1.0, 1.0) * off[name] for name in right}
    mutants: Mutants = {
        "zeros": {name: numpy.zeros_like(each) for name, each in right.items()},
        "ones": {name: numpy.ones_like(each) for name, each in right.items()},
        "sign": {name: -each for name, each in right.items()},
        "transposed": dict(_transposed(right)),
        "twice": {name: 2 * each for name, each in right.items()},
        "over the batch": {name: each / exercise.samples for name, each in right.items()},
        "off by ten bands": {name: right[name] + away[name] for name in right},
        "first entry off": {name: _moved(right[name], away[name], 0) for name in right},
        "last entry off": {name: _moved(right[name], -away[name], -1) for name in right},
    }
    for given, value in exercise.given.items():
        echo = numpy.array([float(each.text) for each in flatten(value)])
        same = [part for part in exercise.ask if part.shape == list(_shape(value))]
        if same:
            echoes = {part.name: echo.reshape(part.shape) for part in same}
            mutants[f"echo of {given}"] = echoes
    for kind, value in NOT_FINITE.items():
        mutants[kind] = {name: numpy.full_like(each, value) for name, each in right.items()}
    return mutants


NOT_FINITE: Mapping[str, float] = {"NaN": nan, "infinity": inf}


def _shape(value: Any) -> tuple[int, ...]:
    return numpy.shape(numpy.array(value, dtype=object))


def _moved(answer: Array, by: Array, at: int) -> Array:
    moved = answer.copy()
    moved.flat[at] += by.flat[at]
    return moved


def _transposed(right: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for name, answer in right.items():
        if answer.ndim == 2 and answer.shape[0] == answer.shape[1]:
            yield name, answer.T


def _scales(right: Mapping[str, Array]) -> tuple[float, float]:
    entries = numpy.concatenate([numpy.abs(each).ravel() for each in right.values()])
    sizes = numpy.log10(entries[entries > 0])
    return float(sizes.min()), float(sizes.max())
