"""A drawing in words: for those who cannot see it, and above it where it stands alone."""

from collections.abc import Iterable, Iterator

from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.structures.layers import DenseLayer
from gradgrade.problems.drawing.networks.boxes import layer_name, sizes
from gradgrade.problems.drawing.scene import Mark, told

MOST_IN_TITLE = 4
"""How many layers a title names one by one."""


def title(exercise: NetworkExercise) -> str:
    """Return a network in few words."""
    inputs = exercise.inputs
    first = _count(inputs, "input") if isinstance(inputs, int) else f"{sizes(inputs)} inputs"
    if len(exercise.layers) > MOST_IN_TITLE:
        return f"{first}, {len(exercise.layers)} layers"
    return ", ".join([first, *_layers(exercise)])


def _layers(exercise: NetworkExercise) -> Iterator[str]:
    last = len(exercise.layers)
    for number, layer in enumerate(exercise.layers, start=1):
        if isinstance(layer, DenseLayer):
            activation = "linear" if layer.activation == "identity" else layer.activation
            what = "output" if number == last else "unit"
            yield _count(layer.units, what, f"{activation.replace('_', ' ')} ")
        else:
            yield layer_name(layer)


def describe(exercise: NetworkExercise, marks: Iterable[Mark]) -> str:
    """Return what else a drawing shows, for those who cannot see it."""
    layers = "; ".join(f"layer {n}: {each}" for n, each in enumerate(_layers(exercise), start=1))
    network = f"The network, from its inputs to its outputs: {layers}."
    givens = "All numbers in it stand among what is given."
    return " ".join([network, *told(tuple(marks)), givens])


def _count(number: int, what: str, kind: str = "") -> str:
    return f"{number} {kind}{what}{'' if number == 1 else 's'}"
