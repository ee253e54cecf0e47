"""The derivatives of the activations, in forms that hold where an activation saturates.

None is written as 1 − a: it loses every digit when a is close to 1.
"""

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix


def identity(_: Arithmetic, z: Element) -> Element:
    """Return 1."""
    return z * 0 + 1


def sigmoid(arithmetic: Arithmetic, z: Element) -> Element:
    """Return σ'(z) = σ(z) σ(−z) = e / (1 + e)² with e = exp(−|z|)."""
    e = arithmetic.exp(-abs(z))
    s = 1 + e
    return e / (s * s)


def tanh(arithmetic: Arithmetic, z: Element) -> Element:
    """Return 1 − tanh² z = sech² z."""
    s = arithmetic.sech(z)
    return s * s


def relu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return 1 where z > 0, 0 where z < 0."""
    return 1 + arithmetic.below(z, -1)


def leaky_relu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return 1 where z > 0, α where z < 0."""
    return 1 + arithmetic.below(z, alpha - 1)


def elu(arithmetic: Arithmetic, z: Element, alpha: Element) -> Element:
    """Return 1 where z > 0, α e^z where z < 0; continuous at 0 if α = 1."""
    jump = arithmetic.below(z, alpha - 1)
    e = arithmetic.exp(-arithmetic.positive_part(-z))
    return e + jump * e


def softplus(arithmetic: Arithmetic, z: Element) -> Element:
    """Return σ(z)."""
    return arithmetic.sigmoid(z)


def gelu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return Φ(z) + z φ(z)."""
    return arithmetic.normal_distribution(z) + z * arithmetic.normal_density(z)


def silu(arithmetic: Arithmetic, z: Element) -> Element:
    """Return σ(z) (1 + z σ(−z))."""
    return arithmetic.sigmoid(z) * (1 + z * arithmetic.sigmoid(-z))


# The same derivatives from the activation a = f(z), as students who keep only a take them. Here a
# is near its bound where it saturates, and 1 − a is what it is: these are routes, not the rule.


def sigmoid_from_a(_: Arithmetic, a: Element) -> Element:
    """Return a (1 − a)."""
    return a * (1 - a)


def tanh_from_a(_: Arithmetic, a: Element) -> Element:
    """Return 1 − a²."""
    return 1 - a * a


def leaky_relu_from_a(arithmetic: Arithmetic, a: Element, alpha: Element) -> Element:
    """Return 1 where a > 0, α where a < 0."""
    return leaky_relu(arithmetic, a, alpha)


def elu_from_a(arithmetic: Arithmetic, a: Element, alpha: Element) -> Element:
    """Return 1 where a > 0, a + α where a < 0."""
    return 1 + arithmetic.below(a, a + (alpha - 1))


def softplus_from_a(arithmetic: Arithmetic, a: Element) -> Element:
    """Return 1 − e^−a."""
    return -arithmetic.expm1(-a)


def softmax_pullback(arithmetic: Arithmetic, da: Matrix, a: Matrix) -> Matrix:
    """Return ∂L/∂z_k = a_k (∂L/∂a_k − Σ_j a_j ∂L/∂a_j), over the units of each sample."""
    mean = arithmetic.sum(arithmetic.multiply(a, da), axis=0)
    return arithmetic.multiply(a, arithmetic.subtract(da, mean))
