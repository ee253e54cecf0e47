r"""Normalization layers: x̂ = (x − μ) / √(σ² + ε), a = γ ∘ x̂ + β, with σ² = mean of (x − μ)².

Batch normalization takes mean and variance over the samples, for each unit (each channel of an
image, over its height and width too): the statistics of training. Layer normalization takes them
over the units, for each sample. Both pass back
∂L/∂x = (g − mean g − x̂ ∘ mean(g ∘ x̂)) / √(σ² + ε) with g = γ ∘ ∂L/∂a.

Routes: the variance as mean(x²) − (mean x)², and ∂L/∂x by way of ∂L/∂σ² and ∂L/∂μ.

Source: named by seed 001; Ioffe, Szegedy (2015), for that way too; Ba, Kiros, Hinton (2016).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import (
    Abbreviated,
    Entry,
    Expression,
    Function,
    Letter,
    Named,
    Rearranged,
    Total,
    bracketed,
    hadamard,
)
from gradgrade.oracle.derivation.formulas.functions import sqrt
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Route, Rule, Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Parameter, Place, PlainLayer, given_number
from gradgrade.oracle.networks.lines import Normalized

GAMMA, BETA, EPSILON = "gamma", "beta", "epsilon"
DEVIATION, NORMALIZED = "deviation", "normalized"


class _Normalization(PlainLayer):
    """What both normalizations share; `_axis` is what the statistics run along."""

    _axis: int

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the input."""
        self._check(input_shape)
        return input_shape

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return γ and β, one of each a unit or channel."""
        return tuple(
            Parameter(text, input_shape[:1], Layout.FIXED, kind)
            for text, kind in ((GAMMA, Kind.SCALE), (BETA, Kind.SHIFT))
        )

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return ε."""
        return (given_number(EPSILON, layer),)

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield the deviation √(σ² + ε), x̂ and a."""
        x, epsilon = place.input.name, place.given(EPSILON)
        rows, columns = self._grouped(place)
        statistics = (1, columns) if self._axis == 0 else (rows, 1)
        deviation = place.internal(place.here(DEVIATION), *statistics)
        normalized = place.internal(place.here(NORMALIZED), rows, columns)
        a = place.samples(place.a, place.input_shape, Group.ACTIVATION)
        line = self._line(place)
        regroup = partial(_reshaped, (rows, columns))
        entries = self._entries(place, x)
        variance = Function("var", partial(_variance, self._axis))
        yield Step(
            deviation,
            (x, epsilon),
            partial(_deviation, self._axis, regroup),
            sqrt(variance(entries) + Named(epsilon)),
            routes=(Route((x, epsilon), partial(_deviation_by_squares, self._axis, regroup)),),
            role=line,
        )
        yield Step(
            normalized,
            (x, deviation.name),
            partial(_normalized, self._axis, regroup),
            (entries - self._mean(entries)) / Named(deviation.name),
            routes=(Route((x, deviation.name), partial(_normalized_by, self._axis, regroup)),),
            role=line,
        )
        gamma, beta = place.parameters[GAMMA], place.parameters[BETA]
        yield Step(
            a,
            (gamma, normalized.name, beta),
            partial(_scaled_and_shifted, a.matrix_shape),
            Rearranged(
                hadamard(Named(gamma), Named(normalized.name)) + Named(beta), a.matrix_shape
            ),
            role=line,
        )

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield ∂L/∂γ, ∂L/∂β and the gradient of the input."""
        da, normalized = place.a.gradient, place.here(NORMALIZED)
        upstream = self._entries(place, da)
        back = partial(PullBack, through=(self._line(place),), upstream=(da,))
        regroup = partial(_reshaped, self._grouped(place))
        scale, shift = (place.gradient(each) for each in self.parameters(place.input_shape))
        yield Step(
            scale,
            (da, normalized),
            partial(_gradient_of_scale, regroup),
            Total(Entry(hadamard(upstream, Named(normalized)), "n"), "n"),
            role=back(to=place.parameters[GAMMA]),
        )
        yield Step(
            shift,
            (da,),
            partial(_gradient_of_shift, regroup),
            Total(Entry(upstream, "n"), "n"),
            role=back(to=place.parameters[BETA]),
        )
        gradient, gamma, deviation = (
            place.input_gradient,
            place.parameters[GAMMA],
            place.here(DEVIATION),
        )
        through_statistics = partial(
            _gradient_through_statistics, self._axis, regroup, gradient.matrix_shape
        )
        yield Step(
            gradient,
            (da, gamma, normalized, deviation),
            partial(_gradient_of_input, self._axis, regroup, gradient.matrix_shape),
            Rearranged(
                self._pulled_back(hadamard(Named(gamma), upstream), normalized, deviation),
                gradient.matrix_shape,
            ),
            routes=(Route((da, gamma, place.input.name, deviation), through_statistics),),
            role=back(to=place.input.name),
        )

    def _pulled_back(self, value: Expression, normalized: Name, deviation: Name) -> Expression:
        """Return (g − mean g − x̂ ∘ mean(g ∘ x̂)) / deviation, of a value that is called g."""
        g = Letter("g")
        along = hadamard(Named(normalized), self._mean(hadamard(g, Named(normalized))))
        formula = 1 / Named(deviation) * bracketed(g - self._mean(g) - along)
        return Abbreviated(formula, g, value)

    def _mean(self, entries: Expression) -> Expression:
        return Function("mean", partial(_mean, self._axis))(entries)

    def _entries(self, place: Place, name: Name) -> Expression:
        return Rearranged(Named(name), self._grouped(place))

    def _line(self, place: Place) -> Normalized:
        return Normalized(
            source=place.input.name,
            epsilon=place.given(EPSILON),
            deviation=place.here(DEVIATION),
            normalized=place.here(NORMALIZED),
            count=self._grouped(place)[self._axis],
        )

    def _check(self, input_shape: Shape) -> None:
        raise NotImplementedError

    def _grouped(self, place: Place) -> tuple[int, int]:
        """Return the shape in which each row has a γ and a β of its own."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class BatchNormalization(_Normalization):
    """Statistics over the samples, for each unit or channel.

    >>> [each.text for each in BatchNormalization().parameters((3,))]
    ['gamma', 'beta']
    """

    _axis = 1

    def _check(self, input_shape: Shape) -> None:
        if len(input_shape) not in (1, 3):
            raise ValueError(
                f"batch normalization needs units or an image, not shape {list(input_shape)}"
            )

    def _grouped(self, place: Place) -> tuple[int, int]:
        rows, columns = place.input.matrix_shape
        channels = place.input_shape[0]
        return channels, rows * columns // channels


@dataclass(frozen=True, kw_only=True)
class LayerNormalization(_Normalization):
    """Statistics over the units, for each sample.

    >>> LayerNormalization().output_shape((3,))
    (3,)
    """

    _axis = 0

    def _check(self, input_shape: Shape) -> None:
        if len(input_shape) != 1:
            raise ValueError(
                f"layer normalization needs a flat input, not shape {list(input_shape)}"
            )

    def _grouped(self, place: Place) -> tuple[int, int]:
        return place.input.matrix_shape


def _reshaped(shape: tuple[int, int], arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.reshape(matrix, *shape)


def _mean(axis: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    count = arithmetic.shape(matrix)[axis]
    return arithmetic.divide_by(arithmetic.sum(matrix, axis), count)


def _centered(axis: int, arithmetic: Arithmetic, x: Matrix) -> Matrix:
    return arithmetic.subtract(x, _mean(axis, arithmetic, x))


def _variance(axis: int, arithmetic: Arithmetic, x: Matrix) -> Matrix:
    centered = _centered(axis, arithmetic, x)
    return _mean(axis, arithmetic, arithmetic.multiply(centered, centered))


def _deviation(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, epsilon: Matrix
) -> Matrix:
    variance = _variance(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.map(_root, variance, epsilon)


def _deviation_by_squares(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, epsilon: Matrix
) -> Matrix:
    x = regroup(arithmetic, x)
    mean = _mean(axis, arithmetic, x)
    squares = _mean(axis, arithmetic, arithmetic.multiply(x, x))
    variance = arithmetic.subtract(squares, arithmetic.multiply(mean, mean))
    return arithmetic.map(_root, variance, epsilon)


def _root(arithmetic: Arithmetic, variance: Element, epsilon: Element) -> Element:
    return arithmetic.sqrt(variance + epsilon)


def _normalized(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, deviation: Matrix
) -> Matrix:
    centered = _centered(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.map(lambda _, c, d: c / d, centered, deviation)


def _normalized_by(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, deviation: Matrix
) -> Matrix:
    centered = _centered(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.multiply(centered, arithmetic.map(lambda _, d: 1 / d, deviation))


def _scaled_and_shifted(
    shape: tuple[int, int], arithmetic: Arithmetic, gamma: Matrix, normalized: Matrix, beta: Matrix
) -> Matrix:
    a = arithmetic.add(arithmetic.multiply(normalized, gamma), beta)
    return arithmetic.reshape(a, *shape)


def _gradient_of_scale(
    regroup: Rule, arithmetic: Arithmetic, da: Matrix, normalized: Matrix
) -> Matrix:
    return arithmetic.sum(arithmetic.multiply(regroup(arithmetic, da), normalized), axis=1)


def _gradient_of_shift(regroup: Rule, arithmetic: Arithmetic, da: Matrix) -> Matrix:
    return arithmetic.sum(regroup(arithmetic, da), axis=1)


def _gradient_of_input(
    axis: int,
    regroup: Rule,
    shape: tuple[int, int],
    arithmetic: Arithmetic,
    da: Matrix,
    gamma: Matrix,
    normalized: Matrix,
    deviation: Matrix,
) -> Matrix:
    g = arithmetic.multiply(regroup(arithmetic, da), gamma)
    along = _mean(axis, arithmetic, arithmetic.multiply(g, normalized))
    rest = arithmetic.subtract(
        arithmetic.subtract(g, _mean(axis, arithmetic, g)), arithmetic.multiply(normalized, along)
    )
    dx = arithmetic.map(lambda _, r, d: r / d, rest, deviation)
    return arithmetic.reshape(dx, *shape)


def _gradient_through_statistics(
    axis: int,
    regroup: Rule,
    shape: tuple[int, int],
    arithmetic: Arithmetic,
    da: Matrix,
    gamma: Matrix,
    x: Matrix,
    deviation: Matrix,
) -> Matrix:
    """∂L/∂x = g/d + ∂L/∂σ² · 2 (x − μ)/n + ∂L/∂μ /n, d the deviation and n the count."""
    g = arithmetic.multiply(regroup(arithmetic, da), gamma)
    centered = _centered(axis, arithmetic, regroup(arithmetic, x))
    by_variance = arithmetic.map(
        lambda _, s, d: -s / (2 * d**3),
        arithmetic.sum(arithmetic.multiply(g, centered), axis),
        deviation,
    )
    over_deviation = arithmetic.map(lambda _, g, d: g / d, g, deviation)
    twice = arithmetic.map(lambda _, c: 2 * c, centered)
    by_mean = arithmetic.add(
        arithmetic.sum(over_deviation, axis),
        arithmetic.multiply(by_variance, arithmetic.sum(twice, axis)),
    )
    shares = arithmetic.subtract(arithmetic.multiply(by_variance, twice), by_mean)
    count = arithmetic.shape(g)[axis]
    dx = arithmetic.add(over_deviation, arithmetic.divide_by(shares, count))
    return arithmetic.reshape(dx, *shape)
