"""An honest working of an exercise, and how a kind of mistake changes it in one place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy

from tests.evidence.students.forms import TEXTBOOK, Activation, Forms, Loss
from tests.evidence.students.learning_rate import learning_rate
from tests.evidence.students.numpy_layers import LAYERS, Dense, NumpyLayer
from tests.evidence.students.numpy_network import NumpyNetwork
from tests.evidence.students.task import Task

Array = Any  # numpy types its operators as Any too
Found = Mapping[str, Array]


@dataclass(frozen=True)
class Working(NumpyNetwork):
    """A student's working; honest unless a part of it is changed.

    Its layers know their network: `layer.stack` are all layers, `layer.task` the exercise and
    `layer.t` the iteration.
    """

    forms: Forms = TEXTBOOK

    def __call__(self, text: str) -> dict[str, Any]:
        task = Task.of(text)
        return task.answers(self.handed_in(task, self.found(task)))

    def made(self, task: Task, arrays: Mapping[str, Array], t: int) -> Sequence[NumpyLayer]:
        stack = super().made(task, arrays, t)
        for layer in stack:
            layer.stack, layer.task, layer.t = stack, task, t
        return stack

    def handed_in(self, task: Task, found: Found) -> Found:
        """What is written down of what was found."""
        return found


@dataclass(frozen=True)
class Kind:
    """A mistake.

    Args:
        code: a short name of its own.
        does: what the student does, in a sentence.
        work: from an exercise's document to the answers; raises ValueError, as numpy does, where
            the mistake does not fit, so that its maker notices.
        source: where people do it.
    """

    code: str
    does: str
    work: Callable[[str], dict[str, Any]]
    source: str


def changed(base: Any, **methods: Any) -> Any:
    """A class of which some methods are others."""
    return type(base.__name__, (base,), methods)


def working(**methods: Any) -> Working:
    """A working whose passes, updates or report are other ones."""
    return changed(Working, **methods)()


def layers(**written: Any) -> Working:
    """A working in which some types of layers are written in another way."""
    return Working(layers={**LAYERS, **written})


def dense(**methods: Any) -> Working:
    """A working whose dense layers have some other methods."""
    return layers(dense=changed(Dense, **methods))


def activations(**functions: Activation) -> Working:
    """A working with other activations, or derivatives of them, in all layers."""
    return Working(replace(TEXTBOOK, activations={**TEXTBOOK.activations, **functions}))


def losses(**functions: Loss) -> Working:
    """A working with other losses, or derivatives of them."""
    return Working(replace(TEXTBOOK, losses={**TEXTBOOK.losses, **functions}))


def slopes(**functions: Callable[..., Array]) -> Working:
    """A working with other derivatives of activations, `(z, a, alpha) → da/dz`."""
    values = TEXTBOOK.activations
    return activations(**{name: (values[name][0], slope) for name, slope in functions.items()})


def misread(change: Callable[[str, Array], Array]) -> Working:
    """A working in which an array is read from the sheet otherwise: `(name, array) → array`."""

    def found(self: Working, task: Task) -> Found:
        given = task["given"].items()
        read = {name: numpy.asarray(change(name, numpy.array(v))).tolist() for name, v in given}
        return Working.found(self, Task({**task.document, "given": read}))

    return working(found=found)


def report(function: Callable[[Task, Found], Mapping[str, Array]]) -> Working:
    """An honest working of which something else is handed in: `(task, found) → {name: value}`."""
    return working(handed_in=lambda _, task, found: {**found, **function(task, found)})


def parameters(found: Found) -> Iterator[tuple[str, int]]:
    """The parameters that have a gradient, by name and iteration."""
    for full in found:
        name, _, iteration = full.partition("@")
        if f"d{full}" in found and name[0] not in "axz":
            yield name, int(iteration)


def rate(task: Task, t: int) -> float:
    """η in an iteration."""
    return learning_rate(task["optimizer"], t)


def is_output(layer: Any) -> bool:
    """Whether a layer is the last."""
    return layer is layer.stack[-1]


def neighbour(layer: Any, away: int) -> Any:
    """The dense layer so many dense layers after this one."""
    stack = [each for each in layer.stack if isinstance(each, Dense)]
    at = stack.index(layer) + away
    if not 0 <= at < len(stack):
        raise NotMadeError
    return stack[at]


class NotMadeError(ValueError):
    """A mistake has no place in this exercise."""


def fitting(value: Array, like: Array) -> Array:
    """A value in the place of another: a student notices where it has another shape."""
    if numpy.shape(value) != numpy.shape(like):
        raise NotMadeError
    return value
