"""Students who work through programs and do everything right, each in a way of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from random import Random
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.problems import Exercise
from tests.evidence.programs.by_hand import ByHand
from tests.evidence.programs.working import Array, Solve, work
from tests.evidence.students.registry import HAS_TORCH, Student
from tests.independent import numpy_programs
from tests.oracle.students import Student as Coder
from tests.oracle.students import some_way

ROUTES = 4
"""How many draw each step's route, and each sum's order, by chance."""


def _in_doubles(_: Exercise) -> bool:
    return True


def _by_hand(exercise: Exercise) -> bool:
    """Whether the exercise is for paper."""
    return exercise.arithmetic == "decimal"


def _rounds(exercise: Exercise) -> bool:
    """Whether it may be rounded on the way."""
    return exercise.rounding is not None


def _by_complex_steps(
    text: str, givens: Mapping[str, Array], upstream: Mapping[str, Array]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    lines = numpy_programs.run(text, givens)
    moving = [name for name, each in givens.items() if numpy.asarray(each).dtype.kind == "f"]
    by = [*moving, *lines]
    gradients = {name: numpy_programs.gradient(text, givens, upstream, name) for name in by}
    return lines, gradients


def _runs(solve: Solve) -> Callable[[str], dict[str, Any]]:
    return lambda text: work(text, solve)


def _walks(seed: int | None) -> Callable[[str], dict[str, Any]]:
    """Return one who goes by the derivation in doubles: by its first rules, or as chance has it."""

    def answer(text: str) -> dict[str, Any]:
        exercise = Exercise.from_json(text)
        derivation = exercise.derivation()
        given = given_rows(derivation, exercise.givens())
        numbers: Binary64 = Binary64()
        way = derivation
        if seed is not None:
            numbers = Coder(seed=seed)
            way = some_way(derivation, Random(f"{seed} {exercise.id}"))
        values = walk(way, take(given, numbers), numbers)
        answers = {}
        for part in exercise.ask:
            quantity = derivation.find(part.name)
            assert quantity is not None
            rows = numpy.array(values[quantity.name], dtype=float).tolist()
            answers[part.name] = quantity.to_document(rows, exercise.convention)
        return answers

    return answer


def _students() -> tuple[Student, ...]:
    students = [
        Student("numpy runs the text; complex steps", _runs(_by_complex_steps), _in_doubles),
        Student("the derivation in doubles, first rules", _walks(None), _in_doubles),
        *(
            Student(
                f"the derivation in doubles, routes and orders of sums by chance, {seed}",
                _walks(seed),
                _in_doubles,
            )
            for seed in range(1, ROUTES + 1)
        ),
        Student("by hand, nothing rounded", ByHand(more=None), _by_hand),
        Student("by hand, rounding", ByHand(), _rounds),
        Student("by hand, truncating", ByHand(truncates=True), _rounds),
        Student("by hand, rounding, factor by factor", ByHand(local_first=False), _rounds),
        Student(
            "by hand, truncating, factor by factor",
            ByHand(truncates=True, local_first=False),
            _rounds,
        ),
        Student("by hand, a digit more", ByHand(more=1), _rounds),
        Student("by hand, two digits more, truncating", ByHand(more=2, truncates=True), _rounds),
        Student("by hand, now so, now so", ByHand(more=6, is_mixed=True), _rounds),
        Student(
            "by hand, now so, now so, factor by factor",
            ByHand(more=3, is_mixed=True, local_first=False),
            _rounds,
        ),
    ]
    if HAS_TORCH:
        torch = import_module("tests.independent.torch_programs")
        students.insert(1, Student("PyTorch float64 autograd", _runs(torch.run), _in_doubles))
    return tuple(students)


STUDENTS = _students()
