"""The derivatives of the losses' terms by the output a, or by z where that is stabler."""

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix


def half_squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return a − y."""
    return a - y


def squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return 2 (a − y)."""
    return 2 * (a - y)


def absolute_error(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return the sign of a − y; undefined where they are equal."""
    return 1 + arithmetic.below(a - y, -2)


def huber(arithmetic: Arithmetic, a: Element, y: Element, threshold: Element) -> Element:
    """Return a − y held between −d and d; continuous, so defined at the threshold too."""
    return -arithmetic.minimum(-arithmetic.minimum(a - y, threshold), threshold)


def cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return −y / a."""
    return arithmetic.divide(-y, a)


def binary_cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return (1 − y) / (1 − a) − y / a."""
    return arithmetic.divide(1 - y, 1 - a) - arithmetic.divide(y, a)


def delta_of_softmax(arithmetic: Arithmetic, a: Matrix, y: Matrix) -> Matrix:
    """Return a_k Σ_j y_j − y_k, the gradient of cross-entropy with respect to z."""
    return arithmetic.subtract(arithmetic.multiply(a, arithmetic.sum(y, axis=0)), y)


def delta_of_sigmoid(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return σ(z) (1 − y) − σ(−z) y = a − y, the gradient of binary cross-entropy.

    This form keeps its relative accuracy where a saturates at its target.
    """
    return arithmetic.map(
        lambda numbers, z, y: numbers.sigmoid(z) * (1 - y) - numbers.sigmoid(-z) * y, z, y
    )


def gradient_of_sigmoid(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return (1 − y) / σ(−z) − y / σ(z), binary cross-entropy's ∂/∂a without 1 − a."""
    return arithmetic.map(
        lambda numbers, z, y: (1 - y) / numbers.sigmoid(-z) - y / numbers.sigmoid(z), z, y
    )
