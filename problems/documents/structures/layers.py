"""How documents describe layers, one model a type."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.layers import (
    AveragePooling,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    LastStep,
    Layer,
    LayerNormalization,
    Lstm,
    MaxPooling,
    Recurrent,
    Windows,
)
from gradgrade.problems.documents.base import Fraction01, Model, OneOf, Positive, as_whole
from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import FieldError

MOST_UNITS = 100_000

Units = Annotated[int, Field(ge=1, le=MOST_UNITS), BeforeValidator(as_whole)]
Extent = Annotated[int, Field(ge=1, le=1000), BeforeValidator(as_whole)]
Margin = Annotated[int, Field(ge=0, le=1000), BeforeValidator(as_whole)]
Extents = Annotated[list[Extent], Field(min_length=2, max_length=2)]
Margins = Annotated[list[Margin], Field(min_length=2, max_length=2)]
ActivationName = Annotated[str, OneOf(tuple(ACTIVATIONS))]
Bias = Literal["per_unit", "shared", "none"]


def fill_numbers(model: Model, table: Mapping[str, str], names: Iterable[str], whose: str) -> None:
    """Give a model the defaults of the numbers that it needs; refuse those that it has not.

    Models are frozen once they are made: this is part of making one.
    """
    for name in names:
        if name in table:
            if getattr(model, name) is None:
                object.__setattr__(model, name, Number(table[name]))
        elif getattr(model, name) is not None:
            raise FieldError(name, f"{whose} has no such number; leave it out")


class _LayerModel(Model):
    type: str  # Declared here to stand first; each layer says which.

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        raise NotImplementedError

    def numbers(self) -> dict[str, Number]:
        """Return the layer's own numbers."""
        return {}


class _ActivatedModel(_LayerModel):
    activation: ActivationName = "identity"
    alpha: Number | None = None

    @model_validator(mode="after")
    def _numbers_of_the_activation(self) -> Self:
        numbers = ACTIVATIONS[self.activation].numbers
        fill_numbers(self, numbers, ("alpha",), f"activation {self.activation}")
        return self

    def numbers(self) -> dict[str, Number]:
        """Return the activation's own numbers."""
        return {} if self.alpha is None else {"alpha": self.alpha}


class DenseLayer(_ActivatedModel):
    """A dense layer."""

    type: Literal["dense"]
    units: Units
    bias: Literal["per_unit", "shared", "none", "ones"] = "per_unit"

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Dense(units=self.units, activation=self.activation, bias=self.bias)


class ConvolutionLayer(_ActivatedModel):
    """A 2-d convolution."""

    type: Literal["convolution"]
    filters: Units
    bias: Bias = "per_unit"
    kernel: Extents
    stride: Extents = Field(default_factory=lambda: [1, 1])
    padding: Margins = Field(default_factory=lambda: [0, 0])

    @model_validator(mode="after")
    def _has_no_softmax(self) -> Self:
        if self.activation == "softmax":
            raise FieldError(
                "activation",
                "softmax is over the units of a sample, not of an image; put it on a dense layer",
            )
        return self

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Convolution(
            filters=self.filters,
            kernel=(self.kernel[0], self.kernel[1]),
            stride=(self.stride[0], self.stride[1]),
            padding=(self.padding[0], self.padding[1]),
            activation=self.activation,
            bias=self.bias,
        )


class _PoolingModel(_LayerModel):
    size: Extents
    stride: Extents | None = None

    @property
    def _windows(self) -> Windows:
        stride = self.stride or self.size
        return Windows(size=(self.size[0], self.size[1]), stride=(stride[0], stride[1]))


class MaxPoolingLayer(_PoolingModel):
    """The largest entry of each window."""

    type: Literal["max_pooling"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return MaxPooling(windows=self._windows)


class AveragePoolingLayer(_PoolingModel):
    """The mean entry of each window."""

    type: Literal["average_pooling"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return AveragePooling(windows=self._windows)


class DropoutLayer(_LayerModel):
    """Inverted dropout; its mask is given with the exercise."""

    type: Literal["dropout"]
    rate: Fraction01 = Number("0.5")

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Dropout()

    def numbers(self) -> dict[str, Number]:
        """Return the rate."""
        return {"rate": self.rate}


class _NormalizationModel(_LayerModel):
    epsilon: Positive = Number("1e-5")

    def numbers(self) -> dict[str, Number]:
        """Return ε."""
        return {"epsilon": self.epsilon}


class BatchNormalizationLayer(_NormalizationModel):
    """Normalization over the samples."""

    type: Literal["batch_normalization"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return BatchNormalization()


class LayerNormalizationLayer(_NormalizationModel):
    """Normalization over the units."""

    type: Literal["layer_normalization"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return LayerNormalization()


class FlattenLayer(_LayerModel):
    """A sample of any shape as a vector."""

    type: Literal["flatten"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Flatten()


class LastStepLayer(_LayerModel):
    """The last time step of a sequence."""

    type: Literal["last_step"]

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return LastStep()


class RecurrentLayer(_LayerModel):
    """A simple recurrent layer with tanh."""

    type: Literal["recurrent"]
    units: Units
    bias: Literal["per_unit", "none"] = "per_unit"
    initial_state: Literal[True] | None = None

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Recurrent(
            units=self.units, has_bias=self.bias == "per_unit", has_state=bool(self.initial_state)
        )


class LstmLayer(_LayerModel):
    """An LSTM layer."""

    type: Literal["lstm"]
    units: Units
    initial_state: Literal[True] | None = None

    def layer(self) -> Layer:
        """Return the oracle's description of this layer."""
        return Lstm(units=self.units, has_state=bool(self.initial_state))


LayerModel = Annotated[
    DenseLayer
    | ConvolutionLayer
    | MaxPoolingLayer
    | AveragePoolingLayer
    | DropoutLayer
    | BatchNormalizationLayer
    | LayerNormalizationLayer
    | FlattenLayer
    | LastStepLayer
    | RecurrentLayer
    | LstmLayer,
    Field(discriminator="type"),
]
"""A layer of any type."""

InputShape = Annotated[
    Annotated[Units, Tag("a number of units")]
    | Annotated[Annotated[list[Units], Field(min_length=2, max_length=3)], Tag("a shape")],
    Discriminator(
        lambda value: "a shape" if isinstance(value, (list, tuple)) else "a number of units"
    ),
]
"""Units; or [time, features]; or [channels, height, width]."""
