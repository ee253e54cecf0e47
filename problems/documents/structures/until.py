"""How documents say when training stops."""

from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.training.stopping import Condition, stopping, stopping_early
from gradgrade.problems.documents.base import Model, Positive, as_whole
from gradgrade.problems.documents.number import ArithmeticName
from gradgrade.problems.errors import FieldError

MOST_UPDATES = 200

OF_NETWORKS = MappingProxyType({"x": "x_validation", "y": "y_validation"})
"""What a network is validated with: as many samples as its batch has."""


class UntilModel(Model):
    """A condition that ends training, and how many updates there are at the most."""

    loss_below: Positive | None = None
    gradient_norm_below: Positive | None = None
    patience: Annotated[int | None, Field(ge=1, le=MOST_UPDATES), BeforeValidator(as_whole)] = None
    validation: dict[str, str] | None = None
    at_most: Annotated[int, Field(ge=1, le=MOST_UPDATES), BeforeValidator(as_whole)]

    @model_validator(mode="after")
    def _has_one_condition(self) -> Self:
        stated = (self.loss_below, self.gradient_norm_below, self.patience)
        if sum(each is not None for each in stated) != 1:
            raise FieldError(
                "loss_below",
                "one condition ends training: write loss_below = 0.05, gradient_norm_below = 0.1 "
                "or patience = 2",
            )
        if self.validation is not None and self.patience is None:
            raise FieldError("validation", "it is watched with patience; write patience = 2 too")
        return self

    @property
    def condition(self) -> Condition:
        """Which condition it is."""
        return "gradient_norm_below" if self.loss_below is None else "loss_below"

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one way of stopping from another: all but the bound."""
        watched = tuple(self.validation.items()) if self.validation else ()
        return self.condition, self.patience, watched, self.at_most

    @property
    def iterations(self) -> int:
        """How many losses are looked at: one before each update, and one after the last."""
        return self.at_most + 1

    def stopping(self, derivation: Derivation, *, of_network: bool) -> Derivation:
        """Return a derivation of so many iterations, stopped by the condition.

        Raises:
            FieldError: there is nothing to validate with.
        """
        if self.patience is None:
            return stopping(derivation, self.condition)
        validation = OF_NETWORKS if of_network else self.validation
        if validation is None:
            raise FieldError(
                ("until", "validation"),
                "this field is missing; write what stands in for what, such as validation = { x = "
                '"xv", y = "yv" }',
            )
        pairs = tuple((Name(of), Name(stand_in)) for of, stand_in in validation.items())
        try:
            return stopping_early(derivation, self.patience, pairs)
        except ValueError as error:
            field, _, said = str(error).partition(": ")
            raise FieldError(("until", field) if field == "validation" else field, said) from None

    def scalars(self, arithmetic: ArithmeticName) -> dict[str, Decimal | float]:
        """Return the bound, by the condition's name; patience has none."""
        bound = self.loss_below or self.gradient_norm_below
        return {} if bound is None else {self.condition: bound.exact(arithmetic)}
