"""Workload: how much there is to compute in an exercise, told from its structure alone.

A cost of 1 is about what one product of two numbers takes, all checks and derivatives included.
"""

from math import prod

from pydantic import ConfigDict

from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import AveragePooling, MaxPooling
from gradgrade.problems.documents.base import Count, checked
from gradgrade.problems.documents.network import Structure
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.templates.template import Template

STEP_COST = 100
"""What a layer costs in one iteration (a recurrent one for each time step), however small it is."""

MOST_COST = 100_000
"""The largest exercise that a server draws, previews, or grades for anybody."""

VARIANT_WORK = 2_000
"""What drawing a variant takes beside its exercise's cost, however small that is."""


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


def cost_of(template: Template) -> int:
    """Return the cost of a variant of an exercise.

    >>> from gradgrade.problems.catalogue import load
    >>> from gradgrade.problems.templates.template import compile_template
    >>> cost_of(compile_template(load("seeds"), "004-two-two-two"))
    216
    """
    definition = template.definition
    data = definition.model_dump() | {"batch": template.batch}
    return checked(Workload, data, f"exercise {definition.name!r}").cost


def drawing_work(template: Template) -> int:
    """Return what it takes to draw and prove one variant among others of the exercise.

    One of work was 10 to 40 microseconds on a virtual machine with little other work, for dense
    networks of one to twenty layers and of 110 to 105,800 in cost; up to 120 where many draws are
    rejected. The first variant takes about as long as five: the gates' rules are made for it.
    """
    return cost_of(template) + VARIANT_WORK


def _is_sequence(shape: Shape) -> bool:
    return len(shape) == 2


def _places(shape: Shape) -> int:
    """Return how often a layer uses each parameter to make a sample of this shape."""
    return shape[0] if _is_sequence(shape) else prod(shape[1:])
