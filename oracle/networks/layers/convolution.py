r"""The 2-d convolution layer, which is the cross-correlation that the field calls so.

z_f(p) = b_f + Σ_c Σ_o W_{f,c,o} x_c(p·stride − padding + o), a = f(z). As a product of matrices:
the patches of x are columns, a kernel is a row, and z = W · patches + b; so ∂L/∂W = δ · patchesᵀ
and ∂L/∂x sums Wᵀ δ over the patches that an entry is in.

Source: seed 001 names convolutional networks; LeCun et al. (1998); kernels are (out, in, height,
width) in both conventions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Between, Box, separated
from gradgrade.oracle.derivation.formulas.expression import Function, Named, Rearranged
from gradgrade.oracle.derivation.formulas.functions import sum_of
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
from gradgrade.oracle.networks.layers.dense import (
    B,
    Bias,
    W,
    bias_gradient,
    bias_parameter,
    gradient_of_weights,
)
from gradgrade.oracle.networks.layers.layer import (
    Parameter,
    Place,
    PlainLayer,
    one_entry_of_product,
)
from gradgrade.oracle.networks.layers.windows import Windows, patches
from gradgrade.oracle.networks.lines import WeightedInput

PATCHES, DELTA_BY_FILTER = "patches", "delta_by_filter"


@dataclass(frozen=True, kw_only=True)
class Convolution(PlainLayer):
    """A convolution layer on samples of shape (channels, height, width).

    Args:
        filters: how many filters it has.
        kernel: height and width of a kernel.
        stride: how far it moves, in height and width.
        padding: how many rows and columns of zeros surround a sample.
        activation: the name of its activation.
        bias: one bias per filter, one that all share, or none.

    >>> Convolution(filters=2, kernel=(3, 3)).output_shape((1, 5, 6))
    (2, 3, 4)
    """

    filters: int
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    activation: str = "identity"
    bias: Bias = "per_unit"

    @property
    def windows(self) -> Windows:
        """Where the kernel is laid."""
        return Windows(size=self.kernel, stride=self.stride, padding=self.padding)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (filters, height, width) of what the kernel's positions make."""
        return (self.filters, *self.windows.positions(input_shape))

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return the kernels and, unless there is none, b."""
        shape = (self.filters, input_shape[0], *self.kernel)
        kernels = Parameter(W, shape, Layout.FIXED, Kind.WEIGHTS)
        return (kernels, *bias_parameter(self.bias, self.filters))

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return the activation's own numbers."""
        return numbers_of(self.activation, layer)

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield the patches, z and a."""
        shape = self.output_shape(place.input_shape)
        entry_map = patches(self.windows, place.input_shape, place.batch)
        columns = place.internal(place.here(PATCHES), *entry_map.shape)
        source = Named(place.input.name)
        gather = partial(_gather, entry_map)
        yield Step(columns, (source.name,), gather, Function("patches", gather)(source))
        z = pre_activation(place, shape)
        weights = place.parameters[W]
        biases = (place.parameters[B],) if self.bias != "none" else ()
        kernels = _sliding(partial(_correlated, entry_map))(Named(weights), source)
        yield Step(
            z,
            (weights, columns.name, *biases),
            partial(_correlate, z.matrix_shape),
            Rearranged(sum_of(kernels, *map(Named, biases)), z.matrix_shape),
            role=self._weighted_input(place),
        )
        yield activation_step(place, self.activation, shape)

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield δ, ∂L/∂W, ∂L/∂b and the gradient of the input."""
        shape = self.output_shape(place.input_shape)
        delta = delta_step(place, self.activation, shape)
        yield delta
        positions = shape[1] * shape[2]
        by_filter = place.internal(
            place.here(DELTA_BY_FILTER), self.filters, positions * place.batch
        )
        yield Step(
            by_filter,
            (delta.name,),
            partial(_reshape, by_filter.matrix_shape),
            Rearranged(Named(delta.name), by_filter.matrix_shape),
        )
        kernels, *biases = self.parameters(place.input_shape)
        columns = place.here(PATCHES)
        gradient, line = place.gradient(kernels), (self._weighted_input(place),)
        weights, upstream = place.parameters[W], (by_filter.name,)
        entry_map = patches(self.windows, place.input_shape, place.batch)
        by_kernels = _sliding(partial(_by_kernels, entry_map, by_filter.matrix_shape))
        yield Step(
            gradient,
            (by_filter.name, columns),
            gradient_of_weights,
            by_kernels(Named(delta.name), Named(place.input.name)),
            entry=one_entry_of_product(gradient_of_weights),
            role=PullBack(to=weights, through=line, upstream=upstream),
        )
        for bias in biases:
            yield bias_gradient(place, bias, by_filter.name, line[0])
        back = entry_map.adjoint
        by_input = _sliding(partial(_by_input, back, by_filter.matrix_shape))
        yield Step(
            place.input_gradient,
            (weights, by_filter.name),
            partial(_correlate_back, back),
            by_input(Named(weights).T, Named(delta.name)),
            role=PullBack(to=place.input.name, through=line, upstream=upstream),
        )

    def _weighted_input(self, place: Place) -> WeightedInput:
        return WeightedInput(
            z=place.z,
            products=((place.parameters[W], place.here(PATCHES)),),
            bias=place.parameters.get(B),
            kernel=self.kernel,
            patches=patches(self.windows, place.input_shape, place.batch),
        )


def _sliding(apply: Rule) -> Function:
    """Return a product in which one factor slides over the other, written with a star."""

    def write(left: Box, right: Box) -> Box:
        return separated([left, right], Between("*"))

    return Function("*", apply, write)


def _correlated(
    entry_map: EntryMap, arithmetic: Arithmetic, weights: Matrix, source: Matrix
) -> Matrix:
    return arithmetic.dot(weights, arithmetic.gather(source, entry_map))


def _by_kernels(
    entry_map: EntryMap,
    by_filter: tuple[int, int],
    arithmetic: Arithmetic,
    delta: Matrix,
    source: Matrix,
) -> Matrix:
    columns = arithmetic.gather(source, entry_map)
    return arithmetic.dot(arithmetic.reshape(delta, *by_filter), arithmetic.transpose(columns))


def _by_input(
    back: EntryMap,
    by_filter: tuple[int, int],
    arithmetic: Arithmetic,
    transposed_weights: Matrix,
    delta: Matrix,
) -> Matrix:
    spread = arithmetic.dot(transposed_weights, arithmetic.reshape(delta, *by_filter))
    return arithmetic.gather(spread, back)


def _gather(entry_map: EntryMap, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.gather(matrix, entry_map)


def _reshape(shape: tuple[int, int], arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.reshape(matrix, *shape)


def _correlate(
    shape: tuple[int, int], arithmetic: Arithmetic, weights: Matrix, columns: Matrix, *bias: Matrix
) -> Matrix:
    z = arithmetic.dot(weights, columns)
    for each in bias:
        z = arithmetic.add(z, each)
    return arithmetic.reshape(z, *shape)


def _correlate_back(
    back: EntryMap, arithmetic: Arithmetic, weights: Matrix, delta: Matrix
) -> Matrix:
    return arithmetic.gather(arithmetic.dot(arithmetic.transpose(weights), delta), back)
