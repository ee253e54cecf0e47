"""How documents describe a network and what is done with it; shared by sets and exercises."""

from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gradgrade.oracle import Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.functions.losses import LOSSES, REDUCTIONS
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems.documents.base import (
    Count,
    Fraction01,
    Model,
    NotNegative,
    OneOf,
    Positive,
    as_whole,
)
from gradgrade.problems.documents.faults import example, unlisted
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.structures.layers import (
    InputShape,
    LayerModel,
    LstmLayer,
    RecurrentLayer,
    fill_numbers,
)
from gradgrade.problems.documents.structures.picks import Picks
from gradgrade.problems.documents.structures.structure import Structure
from gradgrade.problems.documents.structures.until import UntilModel
from gradgrade.problems.errors import FieldError

SAMPLES = "samples"

MOST_LAYERS = 64
MOST_UNROLLED_LAYERS = 2_000
OPTIMIZER_NUMBERS = ("momentum", "decay", "beta1", "beta2", "epsilon", "weight_decay")


class LossModel(Model):
    """A loss and what it is averaged over."""

    name: Annotated[str, OneOf(tuple(LOSSES))]
    reduction: Annotated[str, OneOf(REDUCTIONS)] | None = None
    threshold: Positive | None = None

    @model_validator(mode="after")
    def _suits_the_loss(self) -> Self:
        loss = LOSSES[self.name]
        fill_numbers(self, loss.numbers, ("threshold",), f"loss {self.name}")
        if loss.is_root and self.reduction is not None:
            raise FieldError("reduction", f"loss {self.name} takes none; leave it out")
        if not loss.is_root and self.reduction is None:
            object.__setattr__(self, "reduction", "mean")
        return self

    def loss(self) -> Loss:
        """Return the oracle's description of the loss."""
        return Loss(name=self.name, reduction=self.reduction or "mean_elements")

    def numbers(self) -> dict[str, Number]:
        """Return the loss's own numbers."""
        return {} if self.threshold is None else {"threshold": self.threshold}


class RegularizationModel(Model):
    """Penalties on the weights: λ of each."""

    l1: NotNegative | None = None
    l2: NotNegative | None = None

    def numbers(self) -> dict[str, Number]:
        """Return λ of each penalty in use."""
        return {name: value for name, value in self if value is not None}


class ScheduleModel(Model):
    """How the learning rate changes from iteration to iteration."""

    name: Annotated[str, OneOf(tuple(SCHEDULES))]
    factor: Positive | None = None
    every: Count | None = None
    rate: NotNegative | None = None
    period: Positive | None = None

    @model_validator(mode="after")
    def _suits_the_schedule(self) -> Self:
        schedule = SCHEDULES[self.name]
        needed = {*schedule.numbers, *(("every",) if schedule.takes_every else ())}
        for name, value in self:
            if name != "name" and (name in needed) != (value is not None):
                raise FieldError(
                    name,
                    f"schedule {self.name} needs this field; write it, such as {_SCHEDULED[name]}"
                    if name in needed
                    else f"schedule {self.name} has no such number; leave it out",
                )
        return self

    def numbers(self) -> dict[str, Number]:
        """Return the schedule's own numbers."""
        return {name: getattr(self, name) for name in SCHEDULES[self.name].numbers}


_SCHEDULED = MappingProxyType(
    {"factor": "factor = 0.5", "every": "every = 10", "rate": "rate = 0.1", "period": "period = 10"}
)


class OptimizerModel(Model):
    """An optimizer, its numbers and its schedule."""

    name: Annotated[str, OneOf(tuple(OPTIMIZERS))] = "sgd"
    learning_rate: Positive
    momentum: Fraction01 | None = None
    decay: Fraction01 | None = None
    beta1: Fraction01 | None = None
    beta2: Fraction01 | None = None
    epsilon: Positive | None = None
    weight_decay: NotNegative | None = None
    schedule: ScheduleModel | None = None

    @model_validator(mode="after")
    def _suits_the_optimizer(self) -> Self:
        numbers = OPTIMIZERS[self.name].numbers
        fill_numbers(self, numbers, OPTIMIZER_NUMBERS, f"optimizer {self.name}")
        return self

    def optimizer(self) -> Optimizer:
        """Return the oracle's description of the optimizer."""
        if self.schedule is None:
            return Optimizer(name=self.name)
        every = self.schedule.every or 1
        return Optimizer(name=self.name, schedule=self.schedule.name, every=every)

    def numbers(self) -> dict[str, Number]:
        """Return the optimizer's own numbers and its schedule's."""
        own = {name: getattr(self, name) for name in OPTIMIZERS[self.name].numbers}
        schedule = {} if self.schedule is None else self.schedule.numbers()
        return {"learning_rate": self.learning_rate, **own, **schedule}


class NetworkStructure(Structure):
    """What a set's exercise and an issued exercise say alike about the network."""

    type: Literal["network"] = "network"

    inputs: InputShape
    layers: Annotated[list[LayerModel], Field(min_length=1, max_length=MOST_LAYERS)]
    loss: LossModel | None = None
    upstream: bool = False
    regularization: RegularizationModel | None = None
    freeze: list[str] = Field(default_factory=list)
    optimizer: OptimizerModel | None = None
    iterations: Annotated[int, Field(ge=1, le=1000), BeforeValidator(as_whole)] = 1
    stochastic: bool = False
    until: UntilModel | None = None

    @model_validator(mode="after")
    def _is_of_bounded_length(self) -> Self:
        time = self.inputs[0] if isinstance(self.inputs, list) and len(self.inputs) == 2 else 1
        unrolled = sum(
            time if isinstance(layer, RecurrentLayer | LstmLayer) else 1 for layer in self.layers
        )
        iterations = self.iterations if self.until is None else self.until.iterations
        if unrolled * iterations > MOST_UNROLLED_LAYERS:
            raise FieldError(
                "iterations" if self.until is None else "until",
                f"layers, time steps and iterations multiply to {unrolled * iterations}; "
                f"at most {MOST_UNROLLED_LAYERS} can be derived",
            )
        return self

    @model_validator(mode="after")
    def _has_what_it_depends_on(self) -> Self:
        if self.until is not None and (self.iterations > 1 or self.stochastic):
            raise FieldError(
                "until",
                "it says how many iterations there are: leave out iterations and stochastic",
            )
        uses = {
            "until": self.until is not None,
            "iterations": self.iterations > 1,
            "stochastic": self.stochastic,
            "regularization": self.regularization is not None,
        }
        for field, is_used in uses.items():
            if is_used and self.loss is None:
                raise FieldError("loss", missing("loss", field))
        if self.upstream and self.loss is not None:
            raise FieldError(
                "upstream",
                "the gradient comes from the loss, or is given in its place; leave one out",
            )
        for field in ("iterations", "until"):
            if uses[field] and self.optimizer is None:
                raise FieldError("optimizer", missing("optimizer", field))
        return self

    @property
    def targets(self) -> str:
        """What the loss takes for targets: any, a probability or a distribution over the units."""
        return "any" if self.loss is None else LOSSES[self.loss.name].targets

    def network(self) -> Network:
        """Return the oracle's description of the network."""
        layers = tuple(layer.layer() for layer in self.layers)
        inputs = self.inputs if isinstance(self.inputs, int) else tuple(self.inputs)
        return Network(inputs=inputs, layers=layers, convention=self.convention)

    def derive(self, batch: int) -> Derivation:
        """Return the steps of the exercise with so many samples.

        Raises:
            FieldError: the layers do not fit together, or `freeze` names no parameter.
        """
        self._check_layers()
        if self.upstream and self.layers[-1].layer().adds_to_output_gradient:
            raise FieldError(
                "upstream",
                "the last layer adds to the gradient of its output: put a last_step or flatten "
                "layer after it",
            )
        derivation = derive(
            self.network(),
            None if self.loss is None else self.loss.loss(),
            None if self.optimizer is None else self.optimizer.optimizer(),
            batch=batch,
            iterations=self.iterations if self.until is None else self.until.iterations,
            penalties=tuple(self._penalties()),
            freeze=frozenset(self.freeze),
            stochastic=self.stochastic,
            upstream=self.upstream,
        )
        return (
            derivation if self.until is None else self.until.stopping(derivation, of_network=True)
        )

    def _check_layers(self) -> None:
        shape = (self.inputs,) if isinstance(self.inputs, int) else tuple(self.inputs)
        parameters = list[str]()
        for index, model in enumerate(self.layers, start=1):
            layer = model.layer()
            try:
                parameters += (str(Name(each.text, index)) for each in layer.parameters(shape))
                shape = layer.output_shape(shape)
            except ValueError as error:
                raise FieldError(("layers", index - 1), str(error)) from None
        for index, name in enumerate(self.freeze):
            if name not in parameters:
                raise FieldError(("freeze", index), unlisted(name, parameters))

    def picks(self, name: str, batch: int) -> Picks | None:
        """Return what the numbers of a given array pick, if they do."""
        if not (self.stochastic and name == SAMPLES):
            return None
        return Picks(
            name=name, shape=(self.iterations,), lowest=1, highest=batch, first=1, what="sample"
        )

    def scalars(self) -> dict[str, Decimal | float]:
        """Return the exact numbers of the formulas, by the names of the derivation's givens."""
        numbers = {
            f"{name}{index}": number
            for index, layer in enumerate(self.layers, start=1)
            for name, number in layer.numbers().items()
        }
        if self.loss is not None:
            numbers |= self.loss.numbers() | self._penalties()
        if self.optimizer is not None and (self.loss is not None or self.upstream):
            numbers |= self.optimizer.numbers()
        exact = {name: number.exact(self.arithmetic) for name, number in numbers.items()}
        return exact if self.until is None else exact | self.until.scalars(self.arithmetic)

    def _penalties(self) -> dict[str, Number]:
        return {} if self.regularization is None else self.regularization.numbers()


def missing(field: str, dependent: str) -> str:
    """Return what is said of an exercise without a loss, or optimizer, that something depends on.

    >>> print(missing("loss", "iterations"))
    this field is missing, and iterations depends on it; write it, such as
    loss = { name = "half_squared_error" }
    """
    such = example((field,), toml=True)
    return f"this field is missing, and {dependent} depends on it; write it, such as {such}"
