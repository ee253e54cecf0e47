"""The same functions in two forms: as textbooks print them, and as libraries compute them.

Each activation is (value of z, derivative from z and a); each loss (term, derivative), of the
outputs a and the targets y.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

Array = Any  # numpy types its operators as Any too

Activation = tuple[Callable[..., Array], Callable[..., Array]]
Loss = tuple[Callable[..., Array], Callable[..., Array]]


def erf(z: Array) -> Array:
    """The error function, entry by entry: numpy has none."""
    return numpy.vectorize(math.erf, otypes=[z.dtype])(z)


def erfc(z: Array) -> Array:
    """1 − erf, entry by entry."""
    return numpy.vectorize(math.erfc, otypes=[z.dtype])(z)


@dataclass(frozen=True)
class Forms:
    """How a student writes the functions.

    Args:
        activations: by name; `(z, alpha) → a` and `(z, a, alpha) → da/dz`.
        softmax: of the last axis.
        losses: by name; `(a, y, threshold) → terms` and their derivatives by a.
        paired: whether δ of softmax with cross-entropy, and of sigmoid with its own, is a − y.
        losses_of_z: the terms of a loss from the output's pre-activation, by (activation, loss).
    """

    activations: Mapping[str, Activation]
    softmax: Callable[[Array], Array]
    losses: Mapping[str, Loss]
    paired: bool
    losses_of_z: Mapping[tuple[str, str], Callable[[Array, Array], Array]]


# As textbooks print them


def _sigmoid(z: Array, _: Any = None) -> Array:
    return 1 / (1 + numpy.exp(-z))


def _tanh_of_exponentials(z: Array, _: Any) -> Array:
    return (numpy.exp(z) - numpy.exp(-z)) / (numpy.exp(z) + numpy.exp(-z))


def _softmax(z: Array) -> Array:
    powers = numpy.exp(z)
    return powers / powers.sum(axis=-1, keepdims=True)


def _normal(z: Array) -> Array:
    return 0.5 * (1 + erf(z / math.sqrt(2)))


def _density(z: Array) -> Array:
    return numpy.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _huber(a: Array, y: Array, d: Any) -> Array:
    e = numpy.abs(a - y)
    return numpy.where(e <= d, 0.5 * e**2, d * (e - 0.5 * d))


def _huber_slope(a: Array, y: Array, d: Any) -> Array:
    e = a - y
    return numpy.where(numpy.abs(e) <= d, e, d * numpy.sign(e))


TEXTBOOK = Forms(
    activations={
        "identity": (lambda z, _: z, lambda z, a, _: numpy.ones_like(z)),
        "sigmoid": (_sigmoid, lambda z, a, _: a * (1 - a)),
        "tanh": (_tanh_of_exponentials, lambda z, a, _: 1 - a**2),
        "relu": (lambda z, _: numpy.maximum(0, z), lambda z, a, _: (z > 0) * 1),
        "leaky_relu": (
            lambda z, alpha: numpy.where(z > 0, z, alpha * z),
            lambda z, a, alpha: numpy.where(z > 0, 1, alpha),
        ),
        "elu": (
            lambda z, alpha: numpy.where(z > 0, z, alpha * (numpy.exp(z) - 1)),
            lambda z, a, alpha: numpy.where(z > 0, 1, a + alpha),
        ),
        "softplus": (lambda z, _: numpy.log(1 + numpy.exp(z)), lambda z, a, _: _sigmoid(z)),
        "gelu": (
            lambda z, _: z * _normal(z),
            lambda z, a, _: _normal(z) + z * _density(z),
        ),
        "silu": (
            lambda z, _: z / (1 + numpy.exp(-z)),
            lambda z, a, _: _sigmoid(z) + z * _sigmoid(z) * (1 - _sigmoid(z)),
        ),
    },
    softmax=_softmax,
    losses={
        "half_squared_error": (lambda a, y, _: 0.5 * (a - y) ** 2, lambda a, y, _: a - y),
        "squared_error": (lambda a, y, _: (y - a) ** 2, lambda a, y, _: -2 * (y - a)),
        "cross_entropy": (lambda a, y, _: -y * numpy.log(a), lambda a, y, _: -y / a),
        "binary_cross_entropy": (
            lambda a, y, _: -(y * numpy.log(a) + (1 - y) * numpy.log(1 - a)),
            lambda a, y, _: -y / a + (1 - y) / (1 - a),
        ),
        "absolute_error": (lambda a, y, _: numpy.abs(a - y), lambda a, y, _: numpy.sign(a - y)),
        "huber": (_huber, _huber_slope),
        "root_mean_squared_error": (lambda a, y, _: (a - y) ** 2, lambda a, y, _: 2 * (a - y)),
    },
    paired=False,
    losses_of_z={},
)


# As libraries compute them


def _stable_sigmoid(z: Array, _: Any = None) -> Array:
    e = numpy.exp(-numpy.abs(z))
    return numpy.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _stable_sigmoid_slope(z: Array) -> Array:
    e = numpy.exp(-numpy.abs(z))
    return e / (1 + e) ** 2


def _stable_tanh_slope(z: Array) -> Array:
    e = numpy.exp(-2 * numpy.abs(z))
    return 4 * e / (1 + e) ** 2


def _stable_softmax(z: Array) -> Array:
    powers = numpy.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True))


def _stable_normal(z: Array) -> Array:
    return 0.5 * erfc(-z / math.sqrt(2))


def _clipped(a: Array, y: Array, d: Any) -> Array:
    return numpy.clip(a - y, -d, d)


def _huber_by_clipping(a: Array, y: Array, d: Any) -> Array:
    e = numpy.abs(a - y)
    within = numpy.minimum(e, d)
    return within * (e - within / 2)


STABLE = Forms(
    activations={
        "identity": (lambda z, _: z, lambda z, a, _: numpy.ones_like(z)),
        "sigmoid": (_stable_sigmoid, lambda z, a, _: _stable_sigmoid_slope(z)),
        "tanh": (lambda z, _: numpy.tanh(z), lambda z, a, _: _stable_tanh_slope(z)),
        "relu": (lambda z, _: numpy.where(z > 0, z, 0), lambda z, a, _: numpy.heaviside(z, 0)),
        "leaky_relu": (
            lambda z, alpha: numpy.maximum(z, 0) + alpha * numpy.minimum(z, 0),
            lambda z, a, alpha: numpy.where(z > 0, 1, alpha),
        ),
        "elu": (
            lambda z, alpha: numpy.where(z > 0, z, alpha * numpy.expm1(z)),
            lambda z, a, alpha: numpy.where(z > 0, 1, alpha * numpy.exp(z)),
        ),
        "softplus": (lambda z, _: numpy.logaddexp(0, z), lambda z, a, _: -numpy.expm1(-a)),
        "gelu": (
            lambda z, _: z * _stable_normal(z),
            lambda z, a, _: _stable_normal(z) + z * _density(z),
        ),
        "silu": (
            lambda z, _: z * _stable_sigmoid(z),
            lambda z, a, _: _stable_sigmoid(z) * (1 + z * _stable_sigmoid(-z)),
        ),
    },
    softmax=_stable_softmax,
    losses={
        "half_squared_error": (lambda a, y, _: (a - y) * (a - y) / 2, lambda a, y, _: a - y),
        "squared_error": (lambda a, y, _: numpy.square(a - y), lambda a, y, _: 2 * (a - y)),
        "cross_entropy": (
            lambda a, y, _: -y * numpy.log(numpy.where(y > 0, a, 1)),
            lambda a, y, _: numpy.where(y > 0, -y / a, 0),
        ),
        "binary_cross_entropy": (
            lambda a, y, _: -y * numpy.log(a) - (1 - y) * numpy.log1p(-a),
            lambda a, y, _: (a - y) / (a * (1 - a)),
        ),
        "absolute_error": (lambda a, y, _: numpy.abs(y - a), lambda a, y, _: -numpy.sign(y - a)),
        "huber": (_huber_by_clipping, _clipped),
        "root_mean_squared_error": (lambda a, y, _: (a - y) ** 2, lambda a, y, _: 2 * (a - y)),
    },
    paired=True,
    losses_of_z={
        ("softmax", "cross_entropy"): lambda z, y: -y * _log_softmax(z),
        ("sigmoid", "binary_cross_entropy"): lambda z, y: (
            numpy.maximum(z, 0) - z * y + numpy.log1p(numpy.exp(-numpy.abs(z)))
        ),
    },
)
