"""An exercise in other sizes: which lengths its arrays have then, and its steps.

Which axis has which length is found by trying: one size after the other is made larger, and axes
that grow with it, by as many times, have it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import MEBIBYTE, BoundedCache
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise, ProgramExercise
from gradgrade.problems.documents.structures.structure import Structure

MOST_OF_SIZED = 64 * MEBIBYTE
BATCH = "N"

Axis = tuple[str, int]
"""The name of a size, or "", and how many times it the length is."""


class Unfitting(ValueError):
    """Shapes that the exercise cannot have; the message says why."""


@dataclass(frozen=True, eq=False)
class Sized:
    """An exercise's steps in some sizes.

    Args:
        structure: what it is of.
        batch: how many samples there are.
        sizes: the lengths by their names.
        derivation: the steps.
    """

    structure: Structure
    batch: int
    sizes: Mapping[str, int]
    derivation: Derivation

    def quantity(self, name: str) -> Quantity:
        """Return the quantity of a name, given or derived."""
        found = self.derivation.given.get(name) or self.derivation.find(name)
        if found is None:
            raise Unfitting(f"there is no {name} in these sizes")
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape that documents show of a quantity."""
        picks = self.structure.picks(name, self.batch)
        if picks is not None:
            return tuple(picks.shape)
        return tuple(self.quantity(name).document_shape(self.structure.convention))

    @cached_property
    def scalars(self) -> Mapping[str, float]:
        """The numbers of the formulas."""
        return {name: float(each) for name, each in self.structure.scalars().items()}

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return self.derivation.bytes_kept


class Shapes:
    """The shapes of an exercise's arrays, by the names of its sizes.

    Args:
        exercise: one variant of it.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.own = dict(_own_sizes(exercise))
        self._axes: dict[str, tuple[Axis | int, ...]] = {}
        self._kept = BoundedCache[tuple[tuple[str, int], ...], Sized](most=MOST_OF_SIZED)

    def sized(self, sizes: Mapping[str, int]) -> Sized:
        """Return the exercise in some sizes, its own where none is stated.

        Raises:
            Unfitting: it cannot have them.
        """
        stated = {**self.own, **sizes}
        key = tuple(sorted(stated.items()))
        return self._kept.get(key, lambda: _sized(self.exercise, stated))

    @cached_property
    def _larger(self) -> Mapping[str, Sized]:
        """The exercise with each size larger alone, of those that can be."""
        found = {}
        for name, length in self.own.items():
            try:
                found[name] = self.sized({name: length + 7})
            except ValueError:
                continue
        return found

    @property
    def free(self) -> tuple[str, ...]:
        """The sizes that can be others."""
        return tuple(self._larger)

    def axes(self, name: str) -> tuple[Axis | int, ...]:
        """Return which size each axis of a quantity has, or its length where it is fixed."""
        if name not in self._axes:
            self._axes[name] = self._found_axes(name)
        return self._axes[name]

    def _found_axes(self, name: str) -> tuple[Axis | int, ...]:
        own = self.sized({}).shape(name)
        found: list[Axis | int] = list(own)
        for size, larger in self._larger.items():
            for at, length in enumerate(larger.shape(name)):
                if length != own[at]:
                    times = (length - own[at]) // 7
                    found[at] = (size, times) if times * self.own[size] == own[at] else own[at]
        return tuple(found)

    def solve(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
        """Return the sizes in which quantities have some shapes.

        Raises:
            Unfitting: there are none.
        """
        found: dict[str, int] = {}
        for name, shape in shapes.items():
            axes = self.axes(name)
            if len(axes) != len(shape):
                raise Unfitting(f"{name} has {len(shape)} axes, and here {len(axes)}")
            for axis, length in zip(axes, shape, strict=True):
                if isinstance(axis, int):
                    if axis != length:
                        raise Unfitting(f"{name} has an axis of {length}, and here of {axis}")
                    continue
                size, times = axis
                if length % times or length == 0:
                    raise Unfitting(f"{name} has an axis of {length}, no multiple of {times}")
                if found.setdefault(size, length // times) != length // times:
                    raise Unfitting(f"{size} would be {found[size]} and {length // times}")
        return found


def _own_sizes(exercise: Exercise) -> Iterator[tuple[str, int]]:
    if isinstance(exercise, ProgramExercise):
        yield from exercise.sizes.items()
        return
    assert isinstance(exercise, NetworkExercise)  # there is no third type
    yield BATCH, exercise.batch
    inputs = [exercise.inputs] if isinstance(exercise.inputs, int) else exercise.inputs
    for at, length in enumerate(inputs):
        yield ("n0" if isinstance(exercise.inputs, int) else f"inputs {at}"), length
    for at, layer in enumerate(exercise.layers, start=1):
        units = getattr(layer, "units", None)
        if units is not None:
            yield f"n{at}", units


def _sized(exercise: Exercise, sizes: Mapping[str, int]) -> Sized:
    structure, batch = _with_sizes(exercise, sizes)
    try:
        derivation = structure.derive(batch)
    except ValueError as error:
        raise Unfitting(str(error)) from None
    return Sized(structure, batch, sizes, derivation)


def _with_sizes(exercise: Exercise, sizes: Mapping[str, int]) -> tuple[Structure, int]:
    if isinstance(exercise, ProgramExercise):
        own = {name: sizes[name] for name in exercise.sizes}
        return exercise.model_copy(update={"sizes": own}), 1
    assert isinstance(exercise, NetworkExercise)
    inputs: Any = sizes.get("n0")
    if inputs is None and not isinstance(exercise.inputs, int):
        inputs = [sizes[f"inputs {at}"] for at in range(len(exercise.inputs))]
    layers = [
        layer.model_copy(update={"units": sizes[f"n{at}"]}) if f"n{at}" in sizes else layer
        for at, layer in enumerate(exercise.layers, start=1)
    ]
    changed = {"inputs": inputs, "layers": layers, "batch": sizes[BATCH]}
    return exercise.model_copy(update=changed), sizes[BATCH]
