"""The values of the activations, each written once against an arithmetic.

Where each form comes from and who has another stands in its record, in `activations`.
"""

from gradgrade.oracle.arithmetic import Arithmetic, Element


def identity(_: Arithmetic, z: Element) -> Element:
    """Return z.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> identity(Binary64(), -2.0)
    -2.0
    """
    return z


def sigmoid(arithmetic: Arithmetic, z: Element) -> Element:
    """Return σ(z) = 1 / (1 + e^−z).

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(sigmoid(Binary64(), 0.0))
    0.5
    """
    return arithmetic.sigmoid(z)


def tanh(arithmetic: Arithmetic, z: Element) -> Element:
    """Return tanh z.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(tanh(Binary64(), 1.0)), 6)
    0.761594
    """
    return arithmetic.tanh(z)


def relu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return max(z, 0).

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(relu(Binary64(), -2.0)), float(relu(Binary64(), 3.0))
    (0.0, 3.0)
    """
    return arithmetic.positive_part(z)


def leaky_relu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return z where z > 0, α z where z < 0.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> float(leaky_relu(Binary64(), -2.0, 0.25))
    -0.5
    """
    return arithmetic.positive_part(z) - alpha * arithmetic.positive_part(-z)


def elu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return z where z > 0, α (e^z − 1) where z < 0.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(elu(Binary64(), -1.0, 2.0)), 6)
    -1.264241
    """
    negative = -arithmetic.positive_part(-z)
    return arithmetic.positive_part(z) + alpha * arithmetic.expm1(negative)


def gelu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return z Φ(z), Φ the standard normal distribution function: the exact form, by erf.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(gelu(Binary64(), 1.0)), 6)
    0.841345
    """
    return z * arithmetic.normal_distribution(z)


def silu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return z σ(z).

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(silu(Binary64(), 1.0)), 6)
    0.731059
    """
    return z * arithmetic.sigmoid(z)


def softplus(arithmetic: Arithmetic, z: Element) -> Element:
    """Return ln(1 + e^z), as max(z, 0) + ln(1 + e^−|z|), which neither overflows nor cancels.

    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> round(float(softplus(Binary64(), 0.0)), 6), float(softplus(Binary64(), 1000.0))
    (0.693147, 1000.0)
    """
    return arithmetic.positive_part(z) + arithmetic.log1p(arithmetic.exp(-abs(z)))


def softplus_as_printed(arithmetic: Arithmetic, z: Element) -> Element:
    """Return ln(1 + e^z) as it stands: a route, which overflows where z is large."""
    return arithmetic.log(1 + arithmetic.exp(z))
