"""Where in a network's drawing a quantity belongs, and which pass makes it."""

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.structures.layers import DenseLayer
from gradgrade.problems.drawing.scene import Phase, Place

LOSS = Place("loss")

PHASES: Mapping[Group, Phase] = MappingProxyType(
    {
        Group.PRE_ACTIVATION: "forward",
        Group.ACTIVATION: "forward",
        Group.LOSS: "forward",
        Group.ACTIVATION_GRADIENT: "backward",
        Group.DELTA: "backward",
        Group.INPUT_GRADIENT: "backward",
        Group.GRADIENT: "backward",
        Group.PARAMETER: "update",
        Group.UPDATE: "update",
        Group.STATE: "update",
    }
)
"""The pass that makes the quantities of a group."""

_OF_PARAMETERS = frozenset({Group.GRADIENT, Group.PARAMETER, Group.UPDATE, Group.STATE})


def place_of(exercise: NetworkExercise, quantity: Quantity) -> Place:
    """Return the part of the network that a quantity belongs to.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> derivation = exercise.derivation()
    >>> [place_of(exercise, derivation.find(name)).css for name in ("dW2", "delta1", "loss")]
    ['W2', 'L1', 'loss']
    """
    if quantity.group is Group.LOSS:
        return LOSS
    number = quantity.name.layer
    is_matrix = quantity.group in _OF_PARAMETERS and len(quantity.shape) > 1
    if is_matrix and isinstance(exercise.layers[number - 1], DenseLayer):
        return Place("weights", number)
    return Place("layer", number)
