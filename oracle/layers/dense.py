r"""The dense layer: every unit reads every unit before it.

Column convention: z = W a + b, a' = f(z); δ = ∂L/∂a' ∘ f'(z), ∂L/∂W = δ aᵀ, ∂L/∂b = Σ δ over the
samples, ∂L/∂a = Wᵀ δ. The means and sums over samples are in the loss, hence already in δ.

Source: seed 001, (19)–(25), a batch for its one sample; seed 004 for the bias that a layer's units
share, whose derivative is the sum over units too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from oracle.arithmetic import Arithmetic, Matrix
from oracle.functions.activations import ACTIVATIONS
from oracle.latex import latex, transposed
from oracle.layers.layer import Parameter, Place
from oracle.nested import Shape
from oracle.quantities import Group, Layout, Name
from oracle.steps import Step

Bias = Literal["per_unit", "shared", "none"]

W, B, Z, A, DELTA, DA = "W{}", "b{}", "z{}", "a{}", "delta{}", "da{}"


@dataclass(frozen=True, kw_only=True)
class Dense:
    """A dense layer.

    Args:
        units: how many units it has.
        activation: the name of its activation.
        bias: one bias per unit, one that all units share, or none.

    >>> Dense(units=4, activation="tanh").parameters((3,))[0].shape
    (4, 3)
    """

    units: int
    activation: str = "identity"
    bias: Bias = "per_unit"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (units,).

        Raises:
            ValueError: a sample of the input has more than one axis.
        """
        if len(input_shape) != 1:
            raise ValueError(f"a dense layer needs a flat input, not one of shape {input_shape}")
        return (self.units,)

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return W and, unless there is none, b."""
        weights = Parameter(W, (self.units, *input_shape), Layout.WEIGHTS, is_weight=True)
        if self.bias == "none":
            return (weights,)
        shape = (self.units,) if self.bias == "per_unit" else ()
        return (weights, Parameter(B, shape, Layout.FIXED, is_weight=False))

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield z and a."""
        activation = ACTIVATIONS[self.activation]
        z = place.samples(Z, (self.units,), Group.PRE_ACTIVATION)
        reads: tuple[Name, ...] = (place.parameters[W], place.input.name)
        if self.bias != "none":
            reads = (*reads, place.parameters[B])
        rule = weighted_input if self.bias == "none" else biased_weighted_input
        yield Step(z, reads, rule, f"{latex(z.name)} = {_weighted_input(place, *reads)}")
        a = place.samples(A, (self.units,), Group.ACTIVATION)
        formula = f"{latex(a.name)} = {activation.notation}({latex(z.name)})"
        yield Step(a, (z.name,), activation.apply, formula)

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield δ, ∂L/∂W, ∂L/∂b and the gradient of the input."""
        activation = ACTIVATIONS[self.activation]
        delta = place.samples(DELTA, (self.units,), Group.DELTA)
        argument = place.here(Z if activation.pulls_back_from == "z" else A)
        reads = (place.here(DA), argument)
        right = activation.delta_formula(*map(latex, reads))
        yield Step(delta, reads, activation.pull_back, f"{latex(delta.name)} = {right}")
        for parameter in self.parameters(place.input_shape):
            yield self._gradient(place, parameter, delta.name)
        weights, gradient = place.parameters[W], place.input_gradient
        right = _product(place, transposed(weights), latex(delta.name))
        formula = f"{latex(gradient.name)} = {right}"
        yield Step(gradient, (weights, delta.name), gradient_of_input, formula)

    def _gradient(self, place: Place, parameter: Parameter, delta: Name) -> Step:
        quantity = place.gradient(parameter)
        left = latex(quantity.name)
        if parameter.kind == W:
            source = place.input.name
            if place.convention == "column":
                right = rf"{latex(delta)} \, {transposed(source)}"
            else:
                right = rf"{transposed(source)} \, {latex(delta)}"
            return Step(
                quantity,
                (delta, source),
                gradient_of_weights,
                f"{left} = {right}",
                entry=one_gradient_of_weights,
            )
        if self.bias == "shared":
            formula = rf"{left} = \sum_{{n,j}} ({latex(delta)})_{{j,n}}"
            return Step(quantity, (delta,), gradient_of_shared_bias, formula)
        formula = rf"{left} = \sum_n ({latex(delta)})_n"
        return Step(quantity, (delta,), gradient_of_bias, formula)


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


def one_gradient_of_weights(
    arithmetic: Arithmetic, row: int, column: int, delta: Matrix, a: Matrix
) -> Matrix:
    """Return one entry of δ aᵀ, for arithmetics whose matrices are nested lists."""
    return arithmetic.dot([delta[row]], arithmetic.transpose([a[column]]))


def gradient_of_bias(arithmetic: Arithmetic, delta: Matrix) -> Matrix:
    """Return Σ δ over the samples."""
    return arithmetic.sum(delta, axis=1)


def gradient_of_shared_bias(arithmetic: Arithmetic, delta: Matrix) -> Matrix:
    """Return Σ δ over the samples and the units that share the bias."""
    return arithmetic.sum(delta)


def gradient_of_input(arithmetic: Arithmetic, weights: Matrix, delta: Matrix) -> Matrix:
    """Return Wᵀ δ."""
    return arithmetic.dot(arithmetic.transpose(weights), delta)


def _product(place: Place, weights: str, factor: str) -> str:
    return rf"{weights} \, {factor}" if place.convention == "column" else rf"{factor} \, {weights}"


def _weighted_input(place: Place, weights: Name, source: Name, bias: Name | None = None) -> str:
    product = _product(place, latex(weights), latex(source))
    return product if bias is None else f"{product} + {latex(bias)}"
