"""The cost of an exercise, told from its structure before any number of it is looked at."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from gradgrade.oracle.derivation import costs
from gradgrade.problems.documents.base import checked
from gradgrade.problems.documents.faults import placed
from gradgrade.problems.documents.problem_set import Batch
from gradgrade.problems.documents.structures.network import NetworkStructure
from gradgrade.problems.documents.structures.program import ProgramStructure
from gradgrade.problems.documents.structures.structure import Structure
from gradgrade.problems.errors import DocumentError, FieldError
from gradgrade.problems.templates.template import Template

VARIANT_WORK = 2_000
"""What drawing a variant takes beside its exercise's cost, however small that is."""


class Workload(Structure):
    """What of an exercise tells how much there is to compute; the rest is not looked at."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def of(cls, data: Any) -> "Workload":
        """Return the workload of an exercise's document.

        Raises:
            DocumentError: what it says of that is refused.
        """
        is_program = isinstance(data, Mapping) and data.get("type") == "program"
        return checked(_ProgramWorkload if is_program else _NetworkWorkload, data, "exercise")

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return 1

    @property
    def cost(self) -> int:
        """What `gradgrade.oracle.derivation.costs` says of its steps.

        Raises:
            DocumentError: the layers do not fit together.
        """
        try:
            derivation = self.derive(self.samples)
        except FieldError as error:
            fault = placed(error.path, error.said, self.model_dump())
            raise DocumentError("exercise", [fault]) from None
        return costs.cost_of(derivation)

    def check(self, *, most: int) -> int:
        """Return the cost; raise DocumentError where it is above `most`."""
        cost = self.cost
        if cost > most:
            raise DocumentError(
                "exercise: it is too large to be graded here: "
                f"its cost is {cost}, the most is {most}"
            )
        return cost


class _NetworkWorkload(NetworkStructure, Workload):
    batch: Batch

    @property
    def samples(self) -> int:
        return self.batch


class _ProgramWorkload(ProgramStructure, Workload):
    pass


def cost_of(template: Template) -> int:
    """Return the cost of a variant of an exercise.

    >>> from gradgrade.problems.catalogue import load
    >>> from gradgrade.problems.templates.template import compile_template
    >>> cost_of(compile_template(load("seeds"), "004-two-two-two"))
    183
    """
    return costs.cost_of(template.derivation)


def drawing_work(template: Template) -> int:
    """Return what it takes to draw and prove one variant among others of the exercise.

    One of work was 10 to 40 microseconds on a virtual machine with little other work, for dense
    networks of one to twenty layers and of 110 to 105,800 in cost; up to 120 where many draws are
    rejected. The first variant takes about as long as five: the gates' rules are made for it.
    """
    return cost_of(template) + VARIANT_WORK
