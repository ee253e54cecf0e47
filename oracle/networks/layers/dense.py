r"""The dense layer: every unit reads every unit before it.

Column convention: z = W a + b, a' = f(z); δ = ∂L/∂a' ∘ f'(z), ∂L/∂W = δ aᵀ, ∂L/∂b = Σ δ over the
samples, ∂L/∂a = Wᵀ δ. The means and sums over samples are in the loss, hence already in δ.

A bias can be a column of ones instead: every sample is extended by a 1, and W by the weights of
that 1, (units, inputs + 1) in column convention. They are weights like the others, so they are
regularized with them; ∂L/∂a has no entry for the 1.

Source: seed 001, (19)–(25), a batch for its one sample; seed 004 for the bias that a layer's units
share, whose derivative is the sum over units too; seed 003 for the column of ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Literal

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows
from gradgrade.oracle.derivation.formulas.boxes import Between, Box, row, sentence
from gradgrade.oracle.derivation.formulas.expression import (
    Entry,
    Expression,
    Function,
    Named,
    Number,
    Total,
)
from gradgrade.oracle.derivation.formulas.functions import sequence
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.activated import (
    activation_step,
    delta_step,
    numbers_of,
    pre_activation,
)
from gradgrade.oracle.networks.layers.layer import (
    Parameter,
    Place,
    PlainLayer,
    one_entry_of_product,
)
from gradgrade.oracle.networks.lines import WeightedInput

Bias = Literal["per_unit", "shared", "none"]

W, B = "W", "b"
EXTENDED = "extended"


@dataclass(frozen=True, kw_only=True)
class Dense(PlainLayer):
    """A dense layer.

    Args:
        units: how many units it has.
        activation: the name of its activation.
        bias: one bias per unit, one that all units share, none, or a 1 that extends each sample.

    >>> Dense(units=4, activation="tanh").parameters((3,))[0].shape
    (4, 3)
    >>> [each.shape for each in Dense(units=4, bias="ones").parameters((3,))]
    [(4, 4)]
    """

    units: int
    activation: str = "identity"
    bias: Bias | Literal["ones"] = "per_unit"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (units,).

        Raises:
            ValueError: a sample of the input has more than one axis.
        """
        if len(input_shape) != 1:
            raise ValueError(
                f"a dense layer needs a flat input, not one of shape {list(input_shape)}: "
                "put a flatten layer before it"
            )
        return (self.units,)

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return W and, unless there is none, b."""
        inputs = input_shape[0] + (self.bias == "ones")
        weights = Parameter(W, (self.units, inputs), Layout.WEIGHTS, Kind.WEIGHTS)
        bias: Bias = "none" if self.bias == "ones" else self.bias
        return (weights, *bias_parameter(bias, self.units))

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return the activation's own numbers."""
        return numbers_of(self.activation, layer)

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield z and a."""
        z = pre_activation(place, (self.units,))
        if self.bias == "ones":
            yield self._extension(place)
        reads: tuple[Name, ...] = (place.parameters[W], self._source(place))
        role = self._weighted_input(place)
        weights, source = map(Named, reads)
        if self.bias in ("none", "ones"):
            yield Step(z, reads, weighted_input, weights @ source, role=role)
        else:
            bias = place.parameters[B]
            formula = weights @ source + Named(bias)
            yield Step(z, (*reads, bias), biased_weighted_input, formula, role=role)
        yield activation_step(place, self.activation, (self.units,))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield δ, ∂L/∂W, ∂L/∂b and the gradient of the input."""
        delta = delta_step(place, self.activation, (self.units,))
        yield delta
        weights, *biases = self.parameters(place.input_shape)
        line = self._weighted_input(place)
        yield self._gradient_of_weights(place, weights, delta.name, line)
        for bias in biases:
            yield bias_gradient(place, bias, delta.name, line)
        gradient, name = place.input_gradient, place.parameters[W]
        rule: Rule = gradient_of_input
        formula: Expression = Named(name).T @ Named(delta.name)
        if self.bias == "ones":
            inputs = place.input_shape[0]
            rule = partial(gradient_of_extended_input, inputs)
            formula = _without_ones(inputs)(formula)
        reads = (name, delta.name)
        role = PullBack(to=place.input.name, through=(line,), upstream=(delta.name,))
        yield Step(gradient, reads, rule, formula, entry=one_gradient_of_input, role=role)

    def _weighted_input(self, place: Place) -> WeightedInput:
        return WeightedInput(
            z=place.z,
            products=((place.parameters[W], self._source(place)),),
            bias=place.parameters.get(B),
        )

    def _source(self, place: Place) -> Name:
        """Return what the weights are multiplied with."""
        return place.here(EXTENDED) if self.bias == "ones" else place.input.name

    def _extension(self, place: Place) -> Step:
        rows, columns = place.input.matrix_shape
        quantity = place.internal(place.here(EXTENDED), rows + 1, columns)
        formula = sequence(Named(place.input.name), Number(Fraction(1), (1, columns)))
        return Step(quantity, (place.input.name,), extended_by_ones, formula)

    def _gradient_of_weights(
        self, place: Place, weights: Parameter, delta: Name, line: WeightedInput
    ) -> Step:
        quantity, source = place.gradient(weights), self._source(place)
        return Step(
            quantity,
            (delta, source),
            gradient_of_weights,
            Named(delta) @ Named(source).T,
            entry=one_entry_of_product(gradient_of_weights),
            role=PullBack(to=place.parameters[W], through=(line,), upstream=(delta,)),
        )


def bias_parameter(bias: Bias, units: int) -> tuple[Parameter, ...]:
    """Return the bias of a layer with so many units or filters, if it has one."""
    if bias == "none":
        return ()
    shape = (units,) if bias == "per_unit" else ()
    return (Parameter(B, shape, Layout.FIXED, Kind.BIASES),)


def bias_gradient(place: Place, bias: Parameter, delta: Name, line: WeightedInput) -> Step:
    """Return the step ∂L/∂b from a δ that has a row for each unit that has a bias."""
    quantity = place.gradient(bias)
    role = PullBack(to=place.parameters[bias.text], through=(line,), upstream=(delta,))
    if bias.shape:
        formula = Total(Entry(Named(delta), "n"), "n")
        return Step(quantity, (delta,), gradient_of_bias, formula, role=role)
    formula = Total(Entry(Named(delta), "j,n"), "n,j")
    return Step(quantity, (delta,), gradient_of_shared_bias, formula, role=role)


def weighted_input(arithmetic: Arithmetic, weights: Matrix, a: Matrix) -> Matrix:
    """Return W a."""
    return arithmetic.dot(weights, a)


def biased_weighted_input(
    arithmetic: Arithmetic, weights: Matrix, a: Matrix, biases: Matrix
) -> Matrix:
    """Return W a + b, the biases repeated for every sample."""
    return arithmetic.add(arithmetic.dot(weights, a), biases)


def gradient_of_weights(arithmetic: Arithmetic, delta: Matrix, a: Matrix) -> Matrix:
    """Return δ aᵀ, summed over the samples."""
    return arithmetic.dot(delta, arithmetic.transpose(a))


def gradient_of_bias(arithmetic: Arithmetic, delta: Matrix) -> Matrix:
    """Return Σ δ over the samples."""
    return arithmetic.sum(delta, axis=1)


def gradient_of_shared_bias(arithmetic: Arithmetic, delta: Matrix) -> Matrix:
    """Return Σ δ over the samples and the units that share the bias."""
    return arithmetic.sum(delta)


def gradient_of_input(arithmetic: Arithmetic, weights: Matrix, delta: Matrix) -> Matrix:
    """Return Wᵀ δ, as (δᵀ W)ᵀ: what is transposed is small."""
    return arithmetic.transpose(arithmetic.dot(arithmetic.transpose(delta), weights))


def extended_by_ones(arithmetic: Arithmetic, a: Matrix) -> Matrix:
    """Return a with a 1 added to every sample."""
    _, samples = arithmetic.shape(a)
    return arithmetic.stack(a, arithmetic.matrix([[1] * samples]))


def gradient_of_extended_input(
    inputs: int, arithmetic: Arithmetic, weights: Matrix, delta: Matrix
) -> Matrix:
    """Return Wᵀ δ without the row of the ones."""
    return arithmetic.rows_between(gradient_of_input(arithmetic, weights, delta), 0, inputs)


def one_gradient_of_input(
    arithmetic: ListArithmetic, row: int, column: int, weights: Rows, delta: Rows
) -> Rows:
    """Return one entry of Wᵀ δ, for arithmetics whose matrices are nested lists."""
    one_column = [[each[column]] for each in delta]
    return arithmetic.dot(arithmetic.turned_column(weights, row), one_column)


def _without_ones(inputs: int) -> Function:
    """Return the function that leaves the row of the ones away."""

    def apply(arithmetic: Arithmetic, extended: Matrix) -> Matrix:
        return arithmetic.rows_between(extended, 0, inputs)

    def write(extended: Box) -> Box:
        return row(extended, Between(), sentence(" without the 1's"))

    return Function("without the 1's", apply, write)
