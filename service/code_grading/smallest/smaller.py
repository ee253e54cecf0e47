"""Exercises cut down: fewer units, inputs, samples or lengths, and simple numbers.

All layers stay, as all lines of a program do: what fails is to fail for the same reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice, product
from math import prod
from typing import Any

from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.nested import build, transpose
from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents.exercise import NetworkExercise, ProgramExercise, shape_given
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.strict_json import canonical

SIMPLE = ("0", "1", "0.5", "-1", "2", "-0.5", "3")
"""Numbers, the simplest first."""

MOST_UNITS, MOST_SAMPLES = 2, 2
MOST_SIZES = 400
DIGITS_OF_ID = 16

Size = Mapping[str, Any]
"""The fields of an exercise that say how large it is, with what they become."""

Choose = Callable[[Sequence[Any]], Any]
"""Chooses one of several, the first being the simplest."""


def sizes(like: Exercise, *, shrinks: bool = True) -> list[Size]:
    """Return the sizes that an exercise can be cut down to, the smallest first.

    Where a layer is not dense the network stays whole, and only samples become fewer. The last one
    is the exercise's own.

    Args:
        like: the exercise.
        shrinks: whether more than samples may become fewer.
    """
    if isinstance(like, ProgramExercise):
        found = _of_program(like) if shrinks else iter(())
    else:
        assert isinstance(like, NetworkExercise)  # there is no third type
        found = _of_network(like, shrinks)
    smaller = [size for _, size in sorted(found, key=lambda each: each[0])]
    return [*smaller[:MOST_SIZES], {}]


def cut_down(like: Exercise, size: Size, choose: Choose) -> Exercise | None:
    """Return an exercise of a size, its numbers chosen.

    Returns:
        None where it does not hold together.
    """
    try:
        resized = like.model_copy(update=dict(size))
        derivation = resized.derivation()
        scalars = resized.scalars()
        given = {
            name: _array(quantity, resized, choose)
            for name, quantity in derivation.given.items()
            if name not in scalars
        }
        shapes = (derivation.find(part.name) for part in like.ask)
        ask = [
            part.model_copy(update={"shape": list(found.document_shape(like.convention))})
            for part, found in zip(like.ask, shapes, strict=True)
            if found is not None
        ]
        made = resized.model_copy(update={"given": given, "ask": ask})
        name = sha256(canonical(made.to_data()).encode()).hexdigest()[:DIGITS_OF_ID]
        return type(like).from_data(made.to_data() | {"id": name})
    except (DocumentError, ValueError):
        return None


def _of_network(like: NetworkExercise, shrinks: bool) -> Iterator[tuple[Any, Size]]:
    """Yield sizes of a network, with their ranks."""
    batches = range(1, min(MOST_SAMPLES, like.batch) + 1)
    is_dense = all(layer.type == "dense" for layer in like.layers)
    if not (shrinks and is_dense and isinstance(like.inputs, int)):
        yield from (((0, batch, ()), {"batch": batch}) for batch in batches)
        return
    units = product(*(_units(like, at) for at in range(len(like.layers))))
    inputs = range(1, min(MOST_UNITS, like.inputs) + 1)
    for of_layers, of_sample, batch in islice(product(units, inputs, batches), 4 * MOST_SIZES):
        layers = [
            layer.model_copy(update={"units": count})
            for layer, count in zip(like.layers, of_layers, strict=True)
        ]
        rank = (sum(of_layers) + of_sample, batch, of_layers)
        yield rank, {"layers": layers, "inputs": of_sample, "batch": batch}


def _units(like: NetworkExercise, at: int) -> Sequence[int]:
    """Return how many units a layer may have; one of a softmax is always 1."""
    layer = like.layers[at].model_dump()
    is_last = at == len(like.layers) - 1
    is_distribution = is_last and like.targets == "distribution"
    least = 2 if is_distribution or layer["activation"] == "softmax" else 1
    return range(least, max(least, min(MOST_UNITS, layer["units"])) + 1)


def _of_program(like: ProgramExercise) -> Iterator[tuple[Any, Size]]:
    """Yield sizes of a program, with their ranks.

    Where a number in its shapes fixes a length, as D in x of [N, 2, 3] as [N, D], no size holds
    together in which all are small: then each may be as it is.
    """
    small = [range(1, min(MOST_UNITS, each) + 1) for each in like.sizes.values()]
    found = [*islice(product(*small), 4 * MOST_SIZES)]
    if not any(_holds_together(like, each) for each in found[:MOST_SIZES]):
        own = tuple(like.sizes.values())
        lengths = [
            sorted({*few, each}) for few, each in zip(small, like.sizes.values(), strict=True)
        ]
        others = sorted(islice(product(*lengths), 4 * MOST_SIZES), key=sum)[:MOST_SIZES]
        found = [each for each in others if each != own and _holds_together(like, each)]
    for chosen in found:
        yield (sum(chosen), chosen), _lengths(like, chosen)


def _lengths(like: ProgramExercise, chosen: Sequence[int]) -> Size:
    return {"sizes": dict(zip(like.sizes, chosen, strict=True))}


def _holds_together(like: ProgramExercise, chosen: Sequence[int]) -> bool:
    try:
        like.model_copy(update=dict(_lengths(like, chosen))).derivation()
    except (DocumentError, ValueError):
        return False
    return True


def _array(quantity: Quantity, of: Exercise, choose: Choose) -> Any:
    name, targets = str(quantity.name), of.targets
    shape = shape_given(of, quantity)
    picks = of.picks(name, of.samples)
    if picks is not None:
        numbers = [str(each) for each in range(picks.lowest, picks.highest + 1)]
        return build([Number(choose(numbers)) for _ in range(picks.count)], picks.shape)
    if name == "y" and targets == "distribution":
        return _one_hot(quantity, of, choose)
    is_binary = quantity.kind is Kind.MASK or (name == "y" and targets == "probability")
    simple = ("1", "0") if is_binary else SIMPLE
    return build([Number(choose(simple)) for _ in range(prod(shape))], shape)


def _one_hot(quantity: Quantity, of: Exercise, choose: Choose) -> Any:
    units, samples = quantity.matrix_shape
    classes = [choose(range(units)) for _ in range(samples)]
    rows = [[Number(str(int(unit == each))) for unit in range(units)] for each in classes]
    return rows if of.convention == "row" else transpose(rows)
