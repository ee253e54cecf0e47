"""What the entries of a network's givens are: an edge by its ends, anything else by its unit."""

from collections.abc import Iterator

from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.drawing.networks.axes import axes
from gradgrade.problems.drawing.networks.places import LOSS
from gradgrade.problems.drawing.scene import Place
from gradgrade.problems.drawing.text import in_characters


def entry_names(exercise: Exercise, given: Quantity) -> Iterator[str]:
    """Yield what the entries of a given are called, in the order of documents.

    Args:
        exercise: one sample, and dense layers.
        given: inputs, targets, weights or biases of it.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-house-price", student="1", secret=b"0")
    >>> given = exercise.derivation().given
    >>> list(entry_names(exercise, given["W1"]))
    ['x₁ → h₁', 'x₂ → h₁', 'x₁ → h₂', 'x₂ → h₂']
    >>> list(entry_names(exercise, given["x"])), list(entry_names(exercise, given["y"]))
    (['x₁', 'x₂'], ['y'])
    """
    units = [list(map(in_characters, axis.names)) for axis in axes(exercise, given) if axis.names]
    if given.kind is not Kind.WEIGHTS:
        yield from units[0]
        return
    is_turned = given.is_transposed(exercise.convention)
    for one in units[0]:
        for other in units[1]:
            yield f"{one} → {other}" if is_turned else f"{other} → {one}"


def place_of_given(given: Quantity) -> Place:
    """Return the part of a network that a given belongs to.

    Args:
        given: inputs, targets, weights or biases of a dense layer.
    """
    if given.kind is Kind.TARGETS:
        return LOSS
    return Place("weights" if given.kind is Kind.WEIGHTS else "layer", given.name.layer)
