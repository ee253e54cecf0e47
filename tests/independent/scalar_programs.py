"""Programs run by numpy as they stand, on arrays of scalars that differentiate themselves.

Every entry is a scalar with its parents, to as many digits as the caller's mpmath context has, so
that nothing is known here of arrays but what numpy does with their entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy
from mpmath import MPContext, mpf

from tests.independent import autodiff
from tests.independent.autodiff import NotDifferentiableError, Variable, gradients
from tests.independent.numpy_programs import compiled, execute

Array = Any  # NDArray of objects

TIE = 1e-7
"""Two numbers so near are taken for equal, as by the interpreter in doubles."""


class Scalar(Variable):
    """A scalar that leaves arrays to numpy."""

    __slots__ = ()

    @classmethod
    def of(cls, made: Variable) -> Scalar:
        return cls(made.value, made.parents)


def _left_to_numpy(name: str) -> Callable[[Scalar, Any], Any]:
    on_scalars = getattr(Variable, name)

    def operation(self: Scalar, other: Any) -> Any:
        if isinstance(other, numpy.ndarray):
            return NotImplemented
        if isinstance(other, numpy.generic):
            other = other.item()
        return Scalar.of(on_scalars(self, other))

    return operation


# Set from outside, since all are made alike.
for _name in ("add", "sub", "mul", "truediv"):
    for _operation in (f"__{_name}__", f"__r{_name}__"):
        setattr(Scalar, _operation, _left_to_numpy(_operation))
Scalar.__pow__ = _left_to_numpy("__pow__")
Scalar.__neg__ = lambda self: Scalar.of(Variable.__neg__(self))


class Scalars(numpy.ndarray):
    """An array of them, with the methods that programs call."""

    def mean(self, axis: Any = None, keepdims: bool = False) -> Array:
        return mean(self, axis, keepdims)

    def var(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Array:
        return var(self, axis, keepdims, ddof)

    def max(self, axis: Any = None, keepdims: bool = False) -> Array:
        return largest(self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Array:
        return -largest(-self, axis, keepdims)


def scalars(values: Any) -> Scalars:
    """Return anything as an array of scalars."""
    return numpy.asarray(values, dtype=object).view(Scalars)


def run(
    context: MPContext,
    text: str,
    givens: Mapping[str, Array],
    upstream: Mapping[str, Array],
    by: list[str],
) -> dict[str, list[Any]]:
    """Return the lines of a program, and its gradients, as nested numbers of mpmath.

    Args:
        context: which numbers they are.
        text: the program.
        givens: its arrays; those of whole numbers stay as they are.
        upstream: for each line that is differentiated, a number for each of its entries.
        by: the givens and lines by whose entries.
    """
    entries = _each(lambda value: Scalar(context.mpf(value)))
    known: dict[str, Any] = {
        name: scalars(entries(value)) if numpy.asarray(value).dtype.kind == "f" else value
        for name, value in givens.items()
    }
    lines: dict[str, Scalars] = {}

    def line(name: str, value: Any) -> Scalars:
        # Every entry a quantity of its own: its derivative is then by all of its uses.
        own = _each(lambda each: Scalar.of(autodiff.duplicate(_variable(context, each))))
        lines[name] = scalars(own(scalars(value)))
        return lines[name]

    functions = functions_of(context)
    numpys = SimpleNamespace(**functions, linalg=SimpleNamespace(norm=functions["norm"]))
    execute(compiled(text), {**functions, "np": numpys, "numpy": numpys, **known}, line)
    terms = [
        each * context.mpf(weight)
        for name, weights in upstream.items()
        for each, weight in zip(lines[name].ravel(), numpy.ravel(weights), strict=True)
    ]
    output = autodiff.total(context, terms)
    found = {name: _values(each) for name, each in lines.items()}
    for name in by:
        held = lines.get(name, known.get(name))
        made = numpy.empty(numpy.shape(held), dtype=object)
        made[...] = numpy.reshape(
            numpy.array([*gradients(output, list(held.ravel())), None], dtype=object)[:-1],
            numpy.shape(held),
        )
        found[f"d{name}"] = made.tolist()
    return found


def _variable(context: MPContext, value: Any) -> Variable:
    return value if isinstance(value, Variable) else Variable(context.mpf(value))


def _values(array: Scalars) -> list[Any]:
    return _each(lambda each: each.value)(array).tolist() if array.shape else array.item().value


def _each(function: Callable[..., Any], count: int = 1) -> Callable[..., Array]:
    """Return a function of entries as one of arrays."""
    return lambda *arrays: scalars(numpy.frompyfunc(function, count, 1)(*arrays))


# The language's functions, where numpy has none for objects


def _value(scalar: Any) -> Any:
    return scalar.value if isinstance(scalar, Variable) else scalar


def _is_greater(left: Any, right: Any) -> bool:
    if abs(_value(left) - _value(right)) < TIE:
        raise NotDifferentiableError("two numbers are equal")
    return bool(_value(left) > _value(right))


def greater(left: Array, right: Array) -> Array:
    return numpy.frompyfunc(_is_greater, 2, 1)(left, right)


def less(left: Array, right: Array) -> Array:
    return greater(right, left)


maximum = _each(lambda left, right: left if _is_greater(left, right) else right, 2)
minimum = _each(lambda left, right: right if _is_greater(left, right) else left, 2)
where = _each(lambda mask, then, otherwise: then if _value(mask) != 0 else otherwise, 3)


def _axes(array: Array, axis: Any) -> tuple[int, ...]:
    axes = range(array.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(sorted(each % array.ndim for each in axes)) if array.ndim else ()


def total(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    z = scalars(z)
    return scalars(numpy.sum(z, axis=_axes(z, axis), keepdims=keepdims))


def mean(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    summed = total(z, axis, keepdims)
    return summed / (numpy.size(z) // numpy.size(summed))


def var(z: Array, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Array:
    off = scalars(z) - mean(z, axis, keepdims=True)
    summed = total(off * off, axis, keepdims)
    return summed / (numpy.size(z) // numpy.size(summed) - ddof)


def largest(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    z = scalars(z)
    over = _axes(z, axis)
    kept = [each for each in range(z.ndim) if each not in over]
    rows = z.transpose([*kept, *over]).reshape(*(z.shape[each] for each in kept), -1)
    found = rows[..., 0]
    for at in range(1, rows.shape[-1]):
        found = maximum(found, rows[..., at])
    found = scalars(found)
    return numpy.expand_dims(found, over) if keepdims else found


def functions_of(context: MPContext) -> Mapping[str, Any]:
    """Return what a text's functions are in a context."""

    def scalar(function: Callable[..., Variable]) -> Callable[..., Array]:
        return _each(lambda each: Scalar.of(function(context, _variable(context, each))))

    def sine(_: MPContext, z: Variable) -> Variable:
        return Variable(context.sin(z.value), ((z, context.cos(z.value)),))

    def cosine(_: MPContext, z: Variable) -> Variable:
        return Variable(context.cos(z.value), ((z, -context.sin(z.value)),))

    def root(_: MPContext, z: Variable) -> Variable:
        if abs(z.value) < TIE:
            raise NotDifferentiableError("the square root of 0")
        return autodiff.sqrt(context, z)

    exp, log, sigmoid = scalar(autodiff.exp), scalar(autodiff.log), scalar(autodiff.sigmoid)
    sqrt, softplus, erf = scalar(root), scalar(autodiff.softplus), scalar(autodiff.erf)

    def norm(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return sqrt(total(scalars(z) * z, axis, keepdims))

    def softmax(z: Array, axis: int = -1) -> Array:
        powers = exp(z)
        return powers / total(powers, axis, keepdims=True)

    def logsumexp(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return log(total(exp(z), axis, keepdims))

    return {
        "abs": _each(abs),
        "arange": numpy.arange,
        "clip": lambda z, low, high: minimum(maximum(z, low), high),
        "concatenate": numpy.concatenate,
        "cos": scalar(cosine),
        "cumsum": numpy.cumsum,
        "dot": numpy.dot,
        "exp": exp,
        "gelu": lambda z: z * (1 + erf(z / context.sqrt(2))) / 2,
        "greater": greater,
        "greater_equal": greater,
        "inf": context.inf,
        "less": less,
        "less_equal": less,
        "log": log,
        "log_sigmoid": lambda z: -softplus(-scalars(z)),
        "log_softmax": lambda z, axis=-1: z - logsumexp(z, axis, keepdims=True),
        "logsumexp": logsumexp,
        "matmul": numpy.matmul,
        "max": largest,
        "maximum": maximum,
        "mean": mean,
        "min": lambda z, axis=None, keepdims=False: -largest(-scalars(z), axis, keepdims),
        "minimum": minimum,
        "norm": norm,
        "pad": numpy.pad,
        "outer": numpy.outer,
        "relu": lambda z: maximum(z, mpf(0)),
        "reshape": numpy.reshape,
        "sigmoid": sigmoid,
        "silu": lambda z: z * sigmoid(z),
        "sin": scalar(sine),
        "softmax": softmax,
        "softplus": softplus,
        "sqrt": sqrt,
        "stack": numpy.stack,
        "stop_gradient": _each(_value),
        "sum": total,
        "swapaxes": numpy.swapaxes,
        "tanh": scalar(autodiff.tanh),
        "transpose": numpy.transpose,
        "var": var,
        "where": where,
    }
