"""What the rows and columns of an array are called: by the units that the drawing shows."""

from dataclasses import dataclass
from typing import Literal

from gradgrade.oracle.derivation.quantities import Kind, Layout, Quantity
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise
from gradgrade.problems.documents.structures.layers import DenseLayer
from gradgrade.problems.drawing.networks.network import target_names, unit_name
from gradgrade.problems.drawing.text import Text, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis of an array.

    Args:
        kind: whether its entries are units, samples, or something without names.
        names: of the units.
    """

    kind: Literal["units", "samples", "entries"] = "entries"
    names: tuple[Text, ...] = ()


def axes(exercise: Exercise, quantity: Quantity) -> tuple[Axis, ...]:
    """Return the axes of a quantity as documents of the exercise's convention show it.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> from gradgrade.problems.drawing.text import in_characters
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> found = axes(exercise, exercise.derivation().find("dW2"))
    >>> [[in_characters(name) for name in axis.names] for axis in found]
    [['o₁', 'o₂'], ['h₁', 'h₂']]
    """
    if not isinstance(exercise, NetworkExercise):
        return (Axis(),) * len(quantity.shape)
    found = _axes(exercise, quantity)
    return found[::-1] if quantity.is_transposed(exercise.convention) else found


def _axes(exercise: NetworkExercise, quantity: Quantity) -> tuple[Axis, ...]:
    """Return the axes in column convention."""
    layer = quantity.name.layer
    unnamed = (Axis(),) * len(quantity.shape)
    if quantity.kind is Kind.TARGETS and len(quantity.shape) == 2:
        return Axis(kind="units", names=target_names(quantity.shape[0])), Axis(kind="samples")
    if quantity.layout is Layout.SAMPLES:
        of_one = (_units(exercise, layer),) if len(quantity.shape) == 2 else unnamed[1:]
        return (*of_one, Axis(kind="samples"))
    if layer == 0 or not isinstance(exercise.layers[layer - 1], DenseLayer):
        return unnamed
    if quantity.layout is Layout.WEIGHTS:
        return _units(exercise, layer), _sources(exercise, layer)
    return (_units(exercise, layer),) if len(quantity.shape) == 1 else unnamed


def _units(exercise: NetworkExercise, layer: int) -> Axis:
    """Return the units of a layer, where the drawing has some."""
    shape = exercise.network().shapes[layer]
    is_drawn = isinstance(exercise.layers[layer - 1], DenseLayer) if layer else len(shape) == 1
    if not is_drawn:
        return Axis()
    names = tuple(unit_name(exercise, layer, unit) for unit in range(shape[0]))
    return Axis(kind="units", names=names)


def _sources(exercise: NetworkExercise, layer: int) -> Axis:
    """Return the units before a layer, and the 1 that extends them where it has one."""
    before, model = _units(exercise, layer - 1), exercise.layers[layer - 1]
    has_ones = isinstance(model, DenseLayer) and model.bias == "ones"
    if not before.names or not has_ones:
        return before
    return Axis(kind="units", names=(*before.names, words("1")))
