"""Workload: how much there is to compute in an exercise, told from its structure alone.

A cost of 1 is about what one product of two numbers takes, all checks and derivatives included.
"""

from math import prod

from pydantic import ConfigDict

from oracle.layers import AveragePooling, MaxPooling
from oracle.nested import Shape
from problems import DocumentError
from problems.documents.base import Count
from problems.documents.network import Structure

STEP_COST = 100
"""What a layer costs in one iteration (a recurrent one for each time step), however small it is."""


class Workload(Structure):
    """What of an exercise tells how much there is to compute; the rest is not looked at."""

    model_config = ConfigDict(extra="ignore")

    batch: Count

    @property
    def cost(self) -> int:
        """(Uses of parameters and windows + units) × batch + 100 × layers, all × iterations.

        Raises:
            DocumentError: the layers do not fit together.
        """
        network = self.network()
        try:
            shapes = network.shapes
            parameters = [
                sum(prod(parameter.shape) for parameter in layer.parameters(shape))
                for layer, shape in zip(network.layers, shapes, strict=False)
            ]
        except ValueError as error:
            raise DocumentError(f"exercise: {error}") from None
        outputs = shapes[1:]
        units = sum(map(prod, shapes))
        uses = sum(count * _places(each) for count, each in zip(parameters, outputs, strict=True))
        uses += sum(
            prod(each) * prod(layer.windows.size)
            for layer, each in zip(network.layers, outputs, strict=True)
            if isinstance(layer, MaxPooling | AveragePooling)
        )
        steps = sum(each[0] if _is_sequence(each) else 1 for each in outputs)
        return ((uses + units) * self.batch + STEP_COST * steps) * self.iterations

    def check(self, *, most: int) -> None:
        """Raise DocumentError where the cost is above `most`."""
        if self.cost > most:
            raise DocumentError(
                "exercise: it is too large to be graded here: "
                f"its cost is {self.cost}, the most is {most}"
            )


def _is_sequence(shape: Shape) -> bool:
    return len(shape) == 2


def _places(shape: Shape) -> int:
    """Return how often a layer uses each parameter to make a sample of this shape."""
    return shape[0] if _is_sequence(shape) else prod(shape[1:])
