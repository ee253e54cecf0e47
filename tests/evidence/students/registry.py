"""Who the students are, and what each of them can work through."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy

from gradgrade.problems import Exercise
from tests.evidence.students.by_hand import ByHand
from tests.evidence.students.columns import by_columns
from tests.evidence.students.forms import STABLE, TEXTBOOK
from tests.evidence.students.loops import Loops
from tests.evidence.students.numpy_layers import COMPACT
from tests.evidence.students.numpy_network import NumpyNetwork

BY_HAND_ACTIVATIONS = {"identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax"}
BY_HAND_LOSSES = {"half_squared_error", "squared_error", "cross_entropy", "binary_cross_entropy"}

HAS_TORCH = find_spec("torch") is not None
"""Whether PyTorch, which is no dependency, is installed."""


@dataclass(frozen=True)
class Student:
    """One who does everything right.

    Args:
        name: in tables.
        answer: from the text of an exercise's document to its answers.
        takes: whether an exercise is one that this student can work through.
    """

    name: str
    answer: Callable[[str], dict[str, Any]]
    takes: Callable[[Exercise], bool]


def in_binary64(exercise: Exercise) -> bool:
    """Any exercise is one for a program in doubles."""
    return True


def in_binary32(exercise: Exercise) -> bool:
    """Whether the exercise is for programs in single precision."""
    return exercise.precision == "binary32"


def is_dense(exercise: Exercise) -> bool:
    """Whether all layers are dense."""
    return all(layer.type == "dense" for layer in exercise.layers)


def is_in_columns(exercise: Exercise) -> bool:
    """Whether the exercise is of dense layers, and in the column convention."""
    return is_dense(exercise) and exercise.convention == "column"


def by_hand(exercise: Exercise) -> bool:
    """Whether the exercise may be rounded on the way, and has what paper has room for."""
    if exercise.rounding is None or not is_dense(exercise) or exercise.stochastic:
        return False
    activations = {layer.activation for layer in exercise.layers}
    has_ones = any(layer.bias == "ones" for layer in exercise.layers)
    penalties = exercise.regularization
    # Whoever takes a − y for δ is asked for no ∂L/∂a of a cross-entropy.
    is_paired = exercise.loss.name.endswith("cross_entropy")
    asks_output = f"da{len(exercise.layers)}" in {part.name for part in exercise.ask}
    return (
        activations <= BY_HAND_ACTIVATIONS
        and exercise.loss.name in BY_HAND_LOSSES
        and exercise.optimizer.name in ("sgd", "momentum")
        and exercise.optimizer.schedule is None
        and not has_ones
        and (penalties is None or penalties.l1 is None)
        and not (is_paired and asks_output)
    )


def _students() -> tuple[Student, ...]:
    single = numpy.float32
    students = [
        Student("numpy, textbook forms", NumpyNetwork(TEXTBOOK), in_binary64),
        Student(
            "numpy, textbook forms, mean last",
            NumpyNetwork(TEXTBOOK, averages_last=True),
            in_binary64,
        ),
        Student(
            "numpy, textbook forms, δ = a − y",
            NumpyNetwork(replace(TEXTBOOK, paired=True)),
            in_binary64,
        ),
        Student("numpy, stable forms", NumpyNetwork(STABLE, layers=COMPACT), in_binary64),
        Student(
            "numpy, stable forms, δ from ∂L/∂a",
            NumpyNetwork(replace(STABLE, paired=False)),
            in_binary64,
        ),
        Student(
            "numpy, stable forms, mean last", NumpyNetwork(STABLE, averages_last=True), in_binary64
        ),
        Student("numpy, columns", by_columns, is_in_columns),
        Student("loops over lists", Loops(), is_dense),
        Student(
            "numpy float32, textbook forms",
            NumpyNetwork(TEXTBOOK, dtype=single, averages_last=True),
            in_binary32,
        ),
        Student(
            "numpy float32, stable forms",
            NumpyNetwork(STABLE, dtype=single, layers=COMPACT),
            in_binary32,
        ),
        Student("by hand, rounding", ByHand(), by_hand),
        Student("by hand, truncating", ByHand(truncates=True), by_hand),
        Student("by hand, rounding results only", ByHand(only_results=True), by_hand),
        Student(
            "by hand, truncating, mean last", ByHand(truncates=True, averages_last=True), by_hand
        ),
        Student("by hand, a digit more", ByHand(more=1), by_hand),
        Student("by hand, two digits more, truncating", ByHand(more=2, truncates=True), by_hand),
        Student("by hand, eight digits", ByHand(more=4), by_hand),
        Student("by hand, ten digits, results only", ByHand(more=6, only_results=True), by_hand),
        Student("by hand, all of the display", ByHand(more=8, truncates=True), by_hand),
        Student("by hand, now so, now so", ByHand(is_mixed=True, more=6), by_hand),
        Student(
            "by hand, now so, now so, mean last",
            ByHand(is_mixed=True, more=3, averages_last=True),
            by_hand,
        ),
        Student("by hand, only what is handed in", ByHand(only_answers=True), by_hand),
        Student(
            "by hand, only what is handed in, truncating",
            ByHand(only_answers=True, truncates=True),
            by_hand,
        ),
        Student(
            "by hand, exact work shown to a digit more", ByHand(only_answers=True, more=1), by_hand
        ),
        Student(
            "by hand, exact work shown to two more", ByHand(only_answers=True, more=2), by_hand
        ),
    ]
    if HAS_TORCH:
        torch = import_module("tests.evidence.students.torch_autograd")
        students.append(Student("PyTorch float64 autograd", torch.by_autograd, in_binary64))
    return tuple(students)


STUDENTS = _students()
