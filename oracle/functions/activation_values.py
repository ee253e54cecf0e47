"""The values of the activations, each written once against an arithmetic."""

from gradgrade.oracle.arithmetic import Arithmetic, Element


def identity(_: Arithmetic, z: Element) -> Element:
    """Return z."""
    return z


def sigmoid(arithmetic: Arithmetic, z: Element) -> Element:
    """Return σ(z) = 1 / (1 + e^−z)."""
    return arithmetic.sigmoid(z)


def tanh(arithmetic: Arithmetic, z: Element) -> Element:
    """Return tanh z."""
    return arithmetic.tanh(z)


def relu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return max(z, 0)."""
    return arithmetic.positive_part(z)


def leaky_relu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return z where z > 0, α z where z < 0."""
    return arithmetic.positive_part(z) - alpha * arithmetic.positive_part(-z)


def elu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return z where z > 0, α (e^z − 1) where z < 0."""
    negative = -arithmetic.positive_part(-z)
    return arithmetic.positive_part(z) + alpha * arithmetic.expm1(negative)


def gelu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return z Φ(z), Φ the standard normal distribution function: the exact form, by erf."""
    return z * arithmetic.normal_distribution(z)


def silu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return z σ(z)."""
    return z * arithmetic.sigmoid(z)


def softplus(arithmetic: Arithmetic, z: Element) -> Element:
    """Return ln(1 + e^z), as max(z, 0) + ln(1 + e^−|z|), which neither overflows nor cancels."""
    return arithmetic.positive_part(z) + arithmetic.log1p(arithmetic.exp(-abs(z)))


def softplus_as_printed(arithmetic: Arithmetic, z: Element) -> Element:
    """Return ln(1 + e^z) as it stands: a route, which overflows where z is large."""
    return arithmetic.log(1 + arithmetic.exp(z))
