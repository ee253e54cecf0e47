"""What a walk made, written into a network: a unit's activation and δ, a weight's gradient."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.drawing.scene import Bundle, Column, Node, Scene
from gradgrade.problems.drawing.text import Run, Text, indexed, numeral

Numerals = Mapping[str, object]
"""Nested numerals of quantities, by the names that documents give them."""


def with_values(scene: Scene, exercise: Exercise, numerals: Numerals) -> Scene:
    """Return the scene of a dense network with what a walk made.

    Args:
        scene: of the network, without marks.
        exercise: what was walked: one sample, once, through dense layers.
        numerals: of `a1`, `delta1`, `dW1` and so on, in the exercise's convention.
    """
    columns = tuple(
        _column(column, layer, numerals) if layer else column
        for layer, column in enumerate(scene.columns)
    )
    bundles = tuple(
        _bundle(bundle, exercise, layer, sizes, numerals)
        for layer, (bundle, sizes) in enumerate(
            zip(scene.bundles, pairwise(len(each.nodes) for each in columns), strict=True), start=1
        )
    )
    return replace(scene, columns=columns, bundles=bundles)


def signed(text: str) -> Text:
    """Return a numeral with its sign, so that it is as wide when that changes.

    >>> signed("0.25"), signed("0.00")
    ((Run(text='+0.25', style='plain'),), (Run(text='0.00', style='plain'),))
    """
    is_positive = not text.startswith("-") and any(digit in text for digit in "123456789")
    return numeral(f"+{text}" if is_positive else text)


def _column(column: Column, layer: int, numerals: Numerals) -> Column:
    activations = flatten(numerals[str(Name("a", layer))])
    deltas = flatten(numerals[str(Name("z", layer).gradient)])
    nodes = tuple(
        _unit(node, numeral(activation), signed(delta))
        for node, activation, delta in zip(column.nodes, activations, deltas, strict=True)
    )
    return replace(column, nodes=nodes)


def _unit(node: Node, activation: Text, delta: Text) -> Node:
    lines = (*node.lines, activation, (*indexed("δ"), Run(" "), *delta))
    return replace(node, lines=lines)


def _bundle(
    bundle: Bundle, exercise: Exercise, layer: int, sizes: tuple[int, int], numerals: Numerals
) -> Bundle:
    gradients = flatten(numerals[str(Name("W", layer).gradient)])
    under = map(signed, _by_source(gradients, exercise, sizes))
    edges = (replace(edge, under=each) for edge, each in zip(bundle.edges, under, strict=True))
    return replace(bundle, edges=tuple(edges))


def _by_source(gradients: list[str], exercise: Exercise, sizes: tuple[int, int]) -> Iterator[str]:
    """Yield the entries of a gradient as edges come: source by source, to each target."""
    sources, targets = sizes
    is_row = exercise.convention == "row"
    for source in range(sources):
        for target in range(targets):
            yield gradients[source * targets + target if is_row else target * sources + source]
