"""The rules of normalization: mean, variance and what they pass back, along one axis.

`axis` is what the statistics run along, and `regroup` puts the entries of a matrix into the shape
in which each row has a γ and a β of its own.
"""

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.steps import Rule


def reshaped(shape: tuple[int, int], arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return the same entries in another shape."""
    return arithmetic.reshape(matrix, *shape)


def mean_along(axis: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return the mean along an axis."""
    count = arithmetic.shape(matrix)[axis]
    return arithmetic.divide_by(arithmetic.sum(matrix, axis), count)


def _centered(axis: int, arithmetic: Arithmetic, x: Matrix) -> Matrix:
    return arithmetic.subtract(x, mean_along(axis, arithmetic, x))


def variance_along(axis: int, arithmetic: Arithmetic, x: Matrix) -> Matrix:
    """Return the mean of (x − mean x)² along an axis."""
    centered = _centered(axis, arithmetic, x)
    return mean_along(axis, arithmetic, arithmetic.multiply(centered, centered))


def deviation(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, epsilon: Matrix
) -> Matrix:
    """Return √(σ² + ε)."""
    variance = variance_along(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.map(_root, variance, epsilon)


def deviation_by_squares(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, epsilon: Matrix
) -> Matrix:
    """Return √(σ² + ε), with σ² = mean(x²) − (mean x)²."""
    x = regroup(arithmetic, x)
    mean = mean_along(axis, arithmetic, x)
    squares = mean_along(axis, arithmetic, arithmetic.multiply(x, x))
    variance = arithmetic.subtract(squares, arithmetic.multiply(mean, mean))
    return arithmetic.map(_root, variance, epsilon)


def _root(arithmetic: Arithmetic, variance: Element, epsilon: Element) -> Element:
    return arithmetic.sqrt(variance + epsilon)


def normalized(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, deviation: Matrix
) -> Matrix:
    """Return (x − mean x) / deviation."""
    centered = _centered(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.map(lambda _, c, d: c / d, centered, deviation)


def normalized_by(
    axis: int, regroup: Rule, arithmetic: Arithmetic, x: Matrix, deviation: Matrix
) -> Matrix:
    """Return (x − mean x) · (1 / deviation)."""
    centered = _centered(axis, arithmetic, regroup(arithmetic, x))
    return arithmetic.multiply(centered, arithmetic.map(lambda _, d: 1 / d, deviation))


def scaled_and_shifted(
    shape: tuple[int, int], arithmetic: Arithmetic, gamma: Matrix, normalized: Matrix, beta: Matrix
) -> Matrix:
    """Return γ ∘ x̂ + β."""
    a = arithmetic.add(arithmetic.multiply(normalized, gamma), beta)
    return arithmetic.reshape(a, *shape)


def gradient_of_scale(
    regroup: Rule, arithmetic: Arithmetic, da: Matrix, normalized: Matrix
) -> Matrix:
    """Return Σ ∂L/∂a ∘ x̂."""
    return arithmetic.sum(arithmetic.multiply(regroup(arithmetic, da), normalized), axis=1)


def gradient_of_shift(regroup: Rule, arithmetic: Arithmetic, da: Matrix) -> Matrix:
    """Return Σ ∂L/∂a."""
    return arithmetic.sum(regroup(arithmetic, da), axis=1)


def gradient_of_input(
    axis: int,
    regroup: Rule,
    shape: tuple[int, int],
    arithmetic: Arithmetic,
    da: Matrix,
    gamma: Matrix,
    normalized: Matrix,
    deviation: Matrix,
) -> Matrix:
    """Return (g − mean g − x̂ ∘ mean(g ∘ x̂)) / deviation, with g = γ ∘ ∂L/∂a."""
    g = arithmetic.multiply(regroup(arithmetic, da), gamma)
    along = mean_along(axis, arithmetic, arithmetic.multiply(g, normalized))
    rest = arithmetic.subtract(
        arithmetic.subtract(g, mean_along(axis, arithmetic, g)),
        arithmetic.multiply(normalized, along),
    )
    dx = arithmetic.map(lambda _, r, d: r / d, rest, deviation)
    return arithmetic.reshape(dx, *shape)


def gradient_through_statistics(
    axis: int,
    regroup: Rule,
    shape: tuple[int, int],
    arithmetic: Arithmetic,
    da: Matrix,
    gamma: Matrix,
    x: Matrix,
    deviation: Matrix,
) -> Matrix:
    """Return g/d + ∂L/∂σ² · 2 (x − μ)/n + ∂L/∂μ /n, d the deviation and n the count."""
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
