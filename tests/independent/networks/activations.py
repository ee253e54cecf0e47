"""Every activation by its definition: (forward pass, layer's document, z) to the activation."""

from __future__ import annotations

from collections.abc import Callable

from tests.independent import autodiff
from tests.independent.autodiff import Variable
from tests.independent.nested import Nested, mapped, shape
from tests.independent.networks.arithmetic import Document, setting
from tests.independent.networks.forward import Forward


def _identity(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z."""
    return autodiff.duplicate(z)


def _sigmoid(forward: Forward, layer: Document, z: Variable) -> Variable:
    """1/(1 + e⁻ᶻ)."""
    return autodiff.sigmoid(forward.context, z)


def _tanh(forward: Forward, layer: Document, z: Variable) -> Variable:
    """The hyperbolic tangent."""
    return autodiff.tanh(forward.context, z)


def _relu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """max(z, 0)."""
    forward.arithmetic.refuse_kink(z.value, "the kink of relu")
    return autodiff.maximum_with_zero(z)


def _leaky_relu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z where positive, else alpha z."""
    alpha = forward.arithmetic.setting(layer, "alpha", "0.01")
    if alpha != 1:
        forward.arithmetic.refuse_kink(z.value, "the kink of leaky_relu")
    return autodiff.duplicate(z) if z.value > 0 else alpha * z


def _elu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z where positive, else alpha (eᶻ − 1)."""
    alpha = forward.arithmetic.setting(layer, "alpha", "1")
    if alpha != 1:
        forward.arithmetic.refuse_kink(z.value, "the kink of elu")
    if z.value > 0:
        return autodiff.duplicate(z)
    return alpha * (autodiff.exp(forward.context, z) - 1)


def _softplus(forward: Forward, layer: Document, z: Variable) -> Variable:
    """ln(1 + eᶻ)."""
    return autodiff.softplus(forward.context, z)


def _gelu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z times the normal distribution function of z."""
    scaled = z / forward.context.sqrt(2)
    return z * (1 + autodiff.erf(forward.context, scaled)) / 2


def _silu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z times its sigmoid."""
    return z * autodiff.sigmoid(forward.context, z)


ACTIVATIONS: dict[str, Callable[[Forward, Document, Variable], Variable]] = {
    "identity": _identity,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": _silu,
}


def activated(forward: Forward, layer: Document, index: int, z: Nested) -> Nested:
    """The layer's activation of its pre-activations, which are kept under their name."""
    forward.intermediates[f"z{index}"] = z
    name = setting(layer, "activation", "identity")
    if name == "softmax":
        return [_softmax(forward, sample) for sample in z]
    return mapped(lambda entry: ACTIVATIONS[name](forward, layer, entry), z)


def _softmax(forward: Forward, z: list[Variable]) -> list[Variable]:
    """The exponentials of a sample's units, divided by their sum."""
    if len(shape(z)) != 1:
        raise ValueError("softmax is defined over the units of a sample, not over images")
    exponentials = [autodiff.exp(forward.context, unit) for unit in z]
    denominator = forward.total(exponentials)
    return [exponential / denominator for exponential in exponentials]
