"""The losses' terms: what one output unit of one sample adds, before the reduction.

Where each form comes from and who has another stands in its record, in `losses`. The forms that
take z fuse the output's activation with the loss: they stay finite where it rounds to 0.
"""

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.functions.activation_values import softplus


def half_squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return ½ (a − y)².

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(half_squared_error(Binary64(), 3.0, 1.0))
    2.0
    """
    e = a - y
    return e * e / 2


def squared_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return (a − y)².

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(squared_error(Binary64(), 3.0, 1.0))
    4.0
    """
    e = a - y
    return e * e


def absolute_error(_: Arithmetic, a: Element, y: Element) -> Element:
    """Return |a − y|.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(absolute_error(Binary64(), 3.0, 5.0))
    2.0
    """
    return abs(a - y)


def huber(arithmetic: Arithmetic, a: Element, y: Element, threshold: Element) -> Element:
    """Return ½ e² where |e| ≤ d, d (|e| − ½ d) beyond, as m (|e| − ½ m) with m = min(|e|, d).

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(huber(Binary64(), 1.5, 1.0, 1.0)), float(huber(Binary64(), 4.0, 1.0, 1.0))
    (0.125, 2.5)
    """
    e = abs(a - y)
    m = arithmetic.minimum(e, threshold)
    return m * (e - m / 2)


def cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return −y ln a.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(cross_entropy(Binary64(), 0.25, 1.0)), 6)
    1.386294
    """
    return -y * arithmetic.log(a)


def binary_cross_entropy(arithmetic: Arithmetic, a: Element, y: Element) -> Element:
    """Return −(y ln a + (1 − y) ln(1 − a)).

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(binary_cross_entropy(Binary64(), 0.25, 0.0)), 6)
    0.287682
    """
    return -(y * arithmetic.log(a) + (1 - y) * arithmetic.log1p(-a))


def cross_entropy_of_softmax(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return −y ∘ ln softmax(z), on matrices, which never takes the logarithm of a rounded 0.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> binary64 = Binary64()
    >>> z, y = binary64.matrix([[0], [1000]]), binary64.matrix([[1], [0]])
    >>> cross_entropy_of_softmax(binary64, z, y).round(6).tolist()
    [[1000.0], [-0.0]]
    """
    return arithmetic.map(lambda _, log_a, y: -y * log_a, arithmetic.log_softmax(z), y)


def binary_cross_entropy_of_sigmoid(arithmetic: Arithmetic, z: Matrix, y: Matrix) -> Matrix:
    """Return y softplus(−z) + (1 − y) softplus(z): ln σ(z) = −softplus(−z), without 1 − a.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> binary64 = Binary64()
    >>> z, y = binary64.matrix([[0, 1000]]), binary64.matrix([[1, 0]])
    >>> binary_cross_entropy_of_sigmoid(binary64, z, y).round(6).tolist()
    [[0.693147, 1000.0]]
    """
    return arithmetic.map(
        lambda numbers, z, y: y * softplus(numbers, -z) + (1 - y) * softplus(numbers, z), z, y
    )
