"""What a student is given: the exercise's document, its arrays with samples first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

Array = Any  # numpy types its operators as Any too

OF_SAMPLES = ("x", "y", "z", "a", "delta", "da", "dx", "mask_")


def is_of_samples(name: str) -> bool:
    """Whether a quantity has an axis of samples."""
    return name.rstrip("0123456789") in OF_SAMPLES


def is_matrix_of_weights(name: str) -> bool:
    """Whether a quantity has a weight matrix's axes, where it has two."""
    core = name.removesuffix("_new").lstrip("dvsm")
    return core.startswith("W")


@dataclass(frozen=True)
class Task:
    """An exercise as a program reads it.

    Args:
        document: the exercise's JSON, its numbers in binary64.
    """

    document: dict[str, Any]

    @classmethod
    def of(cls, text: str) -> "Task":
        """Read the document."""
        return cls(json.loads(text))

    @property
    def iterations(self) -> int:
        """How many updates there are."""
        return int(self.document["iterations"])

    def __getitem__(self, name: str) -> Any:
        """A field of the document."""
        return self.document[name]

    def get(self, name: str) -> Any:
        """A field of the document, or nothing."""
        return self.document.get(name)

    def turned(self, name: str, array: Array) -> Array:
        """An array of the document with samples first and weights as (from, to), or back again."""
        if self.document["convention"] == "row":
            return array
        if is_matrix_of_weights(name) and array.ndim == 2:
            return array.T
        return numpy.moveaxis(array, -1, 0) if is_of_samples(name) else array

    def turned_back(self, name: str, array: Array) -> Array:
        """An array with samples first as the document's convention shows it."""
        if self.document["convention"] == "row":
            return array
        if is_matrix_of_weights(name) and array.ndim == 2:
            return array.T
        return numpy.moveaxis(array, 0, -1) if is_of_samples(name) else array

    def given(self, dtype: Any = numpy.float64) -> dict[str, Array]:
        """The arrays, samples first, by name."""
        arrays = self.document["given"].items()
        return {name: self.turned(name, numpy.array(array, dtype)) for name, array in arrays}

    def samples(self, iteration: int) -> slice:
        """Which samples an iteration, counted from 1, learns from."""
        if not self.document.get("stochastic"):
            return slice(None)
        pick = int(self.document["given"]["samples"][iteration - 1])
        return slice(pick - 1, pick)

    def layers(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The layers with their numbers."""
        return enumerate(self.document["layers"], start=1)

    def answers(self, found: Mapping[str, Array]) -> dict[str, Any]:
        """What is asked, of what was found under its full name, as the document shows it."""
        iterations = self.iterations
        answers = {}
        for part in self.document["ask"]:
            name, _, iteration = part["name"].partition("@")
            value = found[f"{name}@{iteration or iterations}"]
            answers[part["name"]] = self.turned_back(name, numpy.asarray(value)).tolist()
        return answers
