"""Smaller exercises of the same kind: what a search for the smallest failure chooses from.

Layers, units and samples become fewer, and numbers simple. Activations, loss, optimizer and
convention stay: they are what the student's code is for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import prod
from typing import Any

from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.nested import build, transpose
from gradgrade.problems import DocumentError, Exercise, ProblemSet
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.problem_set import NetworkDefinition
from gradgrade.problems.documents.structures.network import SAMPLES, NetworkStructure
from gradgrade.problems.templates.template import compile_template

SIMPLE = ("0", "1", "0.5", "-1", "2", "-0.5", "3")
"""Numbers, the simplest first."""

MOST_UNITS, MOST_SAMPLES, MOST_HIDDEN = 2, 2, 3
MOST_SIZES = 400
KEY = bytes(32)

Choose = Callable[[Sequence[Any]], Any]
"""Chooses one of several, the first being the simplest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large an exercise is.

    Args:
        layers: which of the layers are kept, counted from 0; the last one always.
        units: of each.
        inputs: of a sample.
        batch: N.
    """

    layers: tuple[int, ...]
    units: tuple[int, ...]
    inputs: int
    batch: int


def sizes(like: NetworkExercise) -> list[Size]:
    """Return the sizes that an exercise can be cut down to, the smallest first.

    Where a layer is not dense the network stays whole, and only samples become fewer.
    """
    batches = range(1, min(MOST_SAMPLES, like.batch) + 1)
    if not isinstance(like.inputs, int) or any(layer.type != "dense" for layer in like.layers):
        return [Size(layers=(), units=(), inputs=0, batch=batch) for batch in batches]
    found = [
        Size(layers=kept, units=units, inputs=inputs, batch=batch)
        for kept in _kept(len(like.layers))
        for units in product(*(_units(like, at) for at in kept))
        for inputs in range(1, min(MOST_UNITS, like.inputs) + 1)
        for batch in batches
    ]
    return sorted(found, key=_rank)[:MOST_SIZES]


def cut_down(like: NetworkExercise, size: Size, choose: Choose) -> Exercise | None:
    """Return an exercise of a size, its numbers chosen.

    Returns:
        None where it does not hold together.
    """
    structure = like.model_dump(include=set(NetworkStructure.model_fields))
    if size.layers:
        kept = zip(size.layers, size.units, strict=True)
        layers = [structure["layers"][at] | {"units": units} for at, units in kept]
        structure |= {"inputs": size.inputs, "layers": layers}
    stated = like.model_dump(include={"name", "rounding", "precision"})
    fields = structure | stated | {"batch": size.batch, "ask": ["loss"], "freeze": []}
    try:
        derivation = NetworkDefinition.model_validate(fields).derive(size.batch)
        given = derivation.given
        asked = [part.name for part in like.ask if derivation.find(part.name) is not None]
        fields |= {
            "ask": asked or ["loss"],
            "freeze": [name for name in like.freeze if name in given],
            "tolerance": like.ask[0].tolerance,
        }
        scalars = NetworkDefinition.model_validate(fields).scalars()
        arrays = {
            name: _array(quantity, like, size.batch, choose)
            for name, quantity in given.items()
            if name not in scalars
        }
        return _only_variant(NetworkDefinition.model_validate(fields | {"given": arrays}), like)
    except (DocumentError, ValueError):
        return None


def _kept(layers: int) -> Iterator[tuple[int, ...]]:
    hidden, last = range(layers - 1), layers - 1
    most = min(MOST_HIDDEN, layers - 1)
    counts = chain.from_iterable(combinations(hidden, count) for count in range(most + 1))
    return ((*chosen, last) for chosen in counts)


def _units(like: NetworkExercise, at: int) -> Sequence[int]:
    """Return how many units a layer may have; one of a softmax is always 1."""
    layer = like.layers[at].model_dump()
    is_last = at == len(like.layers) - 1
    is_distribution = is_last and like.targets == "distribution"
    least = 2 if is_distribution or layer["activation"] == "softmax" else 1
    return range(least, max(least, min(MOST_UNITS, layer["units"])) + 1)


def _rank(size: Size) -> tuple[int, ...]:
    return len(size.layers), sum(size.units) + size.inputs, size.batch, *size.units


def _array(quantity: Quantity, like: NetworkExercise, batch: int, choose: Choose) -> Any:
    name, targets = str(quantity.name), like.targets
    if name == SAMPLES:
        return [Number(str(choose(range(1, batch + 1)))) for _ in range(quantity.shape[0])]
    if name == "y" and targets == "distribution":
        return _one_hot(quantity, like, choose)
    is_binary = quantity.kind is Kind.MASK or (name == "y" and targets == "probability")
    numbers = ("1", "0") if is_binary else SIMPLE
    shape = quantity.document_shape(like.convention)
    return build([Number(choose(numbers)) for _ in range(prod(shape))], shape)


def _one_hot(quantity: Quantity, like: NetworkExercise, choose: Choose) -> Any:
    units, samples = quantity.matrix_shape
    classes = [choose(range(units)) for _ in range(samples)]
    rows = [[Number(str(int(unit == each))) for unit in range(units)] for each in classes]
    return rows if like.convention == "row" else transpose(rows)


def _only_variant(definition: NetworkDefinition, like: Exercise) -> Exercise:
    """Return the one variant of a definition whose numbers are all given."""
    problem_set = ProblemSet(
        schema_="gradgrade/problem-set/1", name=like.problem_set, exercises=[definition]
    )
    return compile_template(problem_set, definition.name).exercise(KEY, definition.given)
