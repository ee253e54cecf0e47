"""The losses' terms: what one output unit of one sample adds, before the reduction."""

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.functions.activation_values import softplus


def half_squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return ½ (a − y)²."""
    e = a - y
    return e * e / 2


def squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return (a − y)²."""
    e = a - y
    return e * e


def absolute_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return |a − y|."""
    return abs(a - y)


def huber(arithmetic: Arithmetic, a: Element, y: Element, threshold: Element) -> Element:
    """Return ½ e² where |e| ≤ d, d (|e| − ½ d) beyond, as m (|e| − ½ m) with m = min(|e|, d)."""
    e = abs(a - y)
    m = arithmetic.minimum(e, threshold)
    return m * (e - m / 2)


def cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return −y ln a."""
    return -y * arithmetic.log(a)


def binary_cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return −(y ln a + (1 − y) ln(1 − a))."""
    return -(y * arithmetic.log(a) + (1 - y) * arithmetic.log1p(-a))


def cross_entropy_of_softmax(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return −y ∘ ln softmax(z), on matrices, which never takes the logarithm of a rounded 0."""
    return arithmetic.map(lambda _, log_a, y: -y * log_a, arithmetic.log_softmax(z), y)


def binary_cross_entropy_of_sigmoid(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return y softplus(−z) + (1 − y) softplus(z): ln σ(z) = −softplus(−z), without 1 − a."""
    return arithmetic.map(
        lambda numbers, z, y: y * softplus(numbers, -z) + (1 - y) * softplus(numbers, z), z, y
    )
