"""Where in a program's graph a quantity belongs, and which pass makes it."""

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.drawing.scene import Phase, Place

PHASES: Mapping[Group, Phase] = MappingProxyType(
    {
        Group.LINE: "forward",
        Group.LINE_GRADIENT: "backward",
        Group.GRADIENT: "backward",
        Group.UPDATE: "update",
        Group.STATE: "update",
    }
)
"""The pass that makes the quantities of a group."""


def place_of(exercise: ProgramExercise, quantity: Quantity) -> Place:
    """Return the given or the line that a quantity is, or is derived from."""
    return places_in(exercise)[origin(quantity.name)]


def origin(name: Name) -> Name:
    """Return the given or the line that a quantity is, or is derived from, of any iteration."""
    return Name(name.text, name.layer, 0, name.time)


def places_in(exercise: ProgramExercise) -> Mapping[Name, Place]:
    """Return the places of what is given, then of the lines, in their order."""
    graph = exercise.graph
    names = [*map(Name, graph.givens), *(node.name for node in graph.lines)]
    return {name: Place("quantity", number) for number, name in enumerate(names, start=1)}
