"""How documents describe a network and what is done with it; shared by sets and exercises."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from oracle import Dense, Loss, Network, Optimizer
from oracle.functions.activations import ACTIVATIONS
from oracle.functions.losses import LOSSES, REDUCTIONS
from oracle.optimizers import OPTIMIZERS
from problems.documents.base import Count, Model, NotNegative, OneOf, Positive
from problems.number import ArithmeticName

MOST_UNITS = 100_000


class DenseLayer(Model):
    """A dense layer."""

    type: Literal["dense"]
    units: Annotated[Count, Field(le=MOST_UNITS)]
    activation: Annotated[str, OneOf(tuple(ACTIVATIONS))] = "identity"
    bias: Literal["per_unit", "shared", "none"] = "per_unit"

    def layer(self) -> Dense:
        """Return the oracle's description of this layer."""
        return Dense(units=self.units, activation=self.activation, bias=self.bias)


class LossModel(Model):
    """A loss and what it is averaged over."""

    name: Annotated[str, OneOf(tuple(LOSSES))]
    reduction: Annotated[str, OneOf(REDUCTIONS)] = "mean"


class RegularizationModel(Model):
    """Penalties on the weights: λ of each."""

    l1: NotNegative | None = None
    l2: NotNegative | None = None


class OptimizerModel(Model):
    """An optimizer and its numbers."""

    name: Annotated[str, OneOf(tuple(OPTIMIZERS))] = "sgd"
    learning_rate: Positive


class Structure(Model):
    """What a set's exercise and an issued exercise say alike about the network."""

    inputs: Annotated[Count, Field(le=MOST_UNITS)]
    layers: Annotated[list[DenseLayer], Field(min_length=1, max_length=64)]
    loss: LossModel
    regularization: RegularizationModel | None = None
    freeze: list[str] = Field(default_factory=list)
    optimizer: OptimizerModel
    iterations: Annotated[Count, Field(le=1000)] = 1
    convention: Literal["column", "row"] = "column"
    arithmetic: ArithmeticName = "binary64"

    @model_validator(mode="after")
    def _freeze_names_parameters(self) -> "Structure":
        parameters = {
            parameter.kind.format(index)
            for index, layer in enumerate(self.layers, start=1)
            for parameter in layer.layer().parameters((1,))
        }
        for name in self.freeze:
            if name not in parameters:
                known = ", ".join(sorted(parameters))
                raise ValueError(f"freeze: {name!r} is no parameter; there are {known}")
        return self

    def network(self) -> Network:
        """Return the oracle's description of the network."""
        layers = tuple(layer.layer() for layer in self.layers)
        return Network(inputs=self.inputs, layers=layers, convention=self.convention)

    def derive_arguments(self) -> dict[str, Any]:
        """Return what `oracle.derive` needs besides the network and the batch."""
        return {
            "loss": Loss(name=self.loss.name, reduction=self.loss.reduction),
            "optimizer": Optimizer(name=self.optimizer.name),
            "iterations": self.iterations,
            "penalties": tuple(self._penalties()),
            "freeze": frozenset(self.freeze),
        }

    def scalars(self) -> dict[str, Decimal | float]:
        """Return the exact numbers of the formulas: learning rate, λ."""
        numbers = {"learning_rate": self.optimizer.learning_rate, **self._penalties()}
        return {name: number.exact(self.arithmetic) for name, number in numbers.items()}

    def _penalties(self) -> dict[str, Any]:
        if self.regularization is None:
            return {}
        return self.regularization.model_dump(exclude_none=True)
