"""What documents say of an exercise whatever it is about: a network, or a program."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.problems.documents.base import Model
from gradgrade.problems.documents.number import ArithmeticName
from gradgrade.problems.documents.structures.picks import Picks


class Structure(Model):
    """The structure of an exercise: what is computed, apart from its numbers."""

    convention: Literal["column", "row"] = "column"
    arithmetic: ArithmeticName = "binary64"

    @property
    def vectors(self) -> Convention:
        """How vectors are written: down in column convention, across in row convention."""
        return self.convention

    @property
    def targets(self) -> str:
        """What the loss takes for targets: any, a probability or a distribution over the units."""
        return "any"

    def derive(self, batch: int) -> Derivation:
        """Return the steps of the exercise with so many samples.

        Raises:
            FieldError: what it says does not hold together.
        """
        raise NotImplementedError

    def picks(self, name: str, batch: int) -> Picks | None:
        """Return what the numbers of a given array pick, if they do."""
        raise NotImplementedError

    def scalars(self) -> Mapping[str, Decimal | float]:
        """Return the exact numbers of the formulas, by the names of the derivation's givens."""
        return {}
