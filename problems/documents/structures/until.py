"""How documents say when training stops."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from gradgrade.oracle import Derivation
from gradgrade.oracle.training.stopping import Condition, stopping
from gradgrade.problems.documents.base import Model, Positive, as_whole
from gradgrade.problems.documents.number import ArithmeticName
from gradgrade.problems.errors import FieldError

MOST_UPDATES = 200


class UntilModel(Model):
    """A condition that ends training, and how many updates there are at the most."""

    loss_below: Positive | None = None
    gradient_norm_below: Positive | None = None
    at_most: Annotated[int, Field(ge=1, le=MOST_UPDATES), BeforeValidator(as_whole)]

    @model_validator(mode="after")
    def _has_one_condition(self) -> Self:
        if (self.loss_below is None) == (self.gradient_norm_below is None):
            raise FieldError(
                "loss_below",
                "one condition ends training: write loss_below = 0.05 or gradient_norm_below = 0.1",
            )
        return self

    @property
    def condition(self) -> Condition:
        """Which condition it is."""
        return "gradient_norm_below" if self.loss_below is None else "loss_below"

    @property
    def iterations(self) -> int:
        """How many losses are looked at: one before each update, and one after the last."""
        return self.at_most + 1

    def stopping(self, derivation: Derivation) -> Derivation:
        """Return a derivation of so many iterations, stopped by the condition."""
        return stopping(derivation, self.condition)

    def scalars(self, arithmetic: ArithmeticName) -> dict[str, Decimal | float]:
        """Return the bound, by the condition's name."""
        bound = self.loss_below or self.gradient_norm_below
        assert bound is not None
        return {self.condition: bound.exact(arithmetic)}
