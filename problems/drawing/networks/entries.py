"""What the entries of a network's givens are called: an edge by its ends, all else by its unit."""

from collections.abc import Iterator

from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.drawing.networks.network import unit_name
from gradgrade.problems.drawing.networks.places import LOSS
from gradgrade.problems.drawing.scene import Place
from gradgrade.problems.drawing.text import Text

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def entry_names(exercise: NetworkExercise, given: Quantity) -> Iterator[str]:
    """Yield the names of a given's entries, in the order of documents.

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
    layer = given.name.layer
    if given.kind is Kind.WEIGHTS:
        targets, sources = given.matrix_shape
        names = [
            [_edge(exercise, layer, source, target) for source in range(sources)]
            for target in range(targets)
        ]
        rows = zip(*names, strict=True) if exercise.convention == "row" else names
        yield from (name for row in rows for name in row)
    elif given.kind is Kind.TARGETS:
        several = range(1, given.shape[0] + 1) if given.shape[0] > 1 else [""]
        yield from (f"y{str(index).translate(_LOWERED)}" for index in several)
    else:
        yield from (_unit(exercise, layer, unit) for unit in range(given.shape[0]))


def place_of_given(given: Quantity) -> Place:
    """Return the part of a network that a given belongs to.

    Args:
        given: inputs, targets, weights or biases of a dense layer.
    """
    if given.kind is Kind.TARGETS:
        return LOSS
    return Place("weights" if given.kind is Kind.WEIGHTS else "layer", given.name.layer)


def _edge(exercise: NetworkExercise, layer: int, source: int, target: int) -> str:
    return f"{_unit(exercise, layer - 1, source)} → {_unit(exercise, layer, target)}"


def _unit(exercise: NetworkExercise, layer: int, unit: int) -> str:
    return _in_line(unit_name(exercise, layer, unit))


def _in_line(text: Text) -> str:
    return "".join(
        run.text.translate(_LOWERED) if run.style == "index" else run.text for run in text
    )
