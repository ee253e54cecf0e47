"""Programs run by PyTorch as they stand, in double precision, gradients by its autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy
import torch
from torch.nn import functional

from tests.independent.numpy_programs import compiled, execute

Axes = int | tuple[int, ...] | None


class Array(torch.Tensor):
    """A tensor with what numpy's arrays have besides."""

    @property
    # As numpy calls it.
    def T(self) -> Array:  # noqa: N802
        return transpose(self)

    def __getitem__(self, index: Any) -> Array:
        """Return entries, by slices that go backwards too."""
        places = index if isinstance(index, tuple) else (index,)
        turned = [at for at, each in enumerate(places) if _goes_back(each)]
        forward = tuple(_forward(each, self.shape[at]) for at, each in enumerate(places))
        taken = torch.flip(self, turned) if turned else self
        return torch.Tensor.__getitem__(taken, forward)

    def __rsub__(self, other: Any) -> Array:
        """Subtract from a number; of True and False PyTorch does not."""
        return other - self.double() if self.dtype is torch.bool else other + -self

    def dot(self, other: Array) -> Array:
        return torch.matmul(self, other)

    def transpose(self, *axes: Any) -> Array:
        return transpose(self, axes[0] if axes and isinstance(axes[0], tuple) else axes or None)

    def max(self, axis: Axes = None, keepdims: bool = False) -> Array:
        return largest(self, axis, keepdims)

    def min(self, axis: Axes = None, keepdims: bool = False) -> Array:
        return -largest(-self, axis, keepdims)

    def var(self, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Array:
        return var(self, axis, keepdims, ddof)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Array:
        return mean(self, axis, keepdims)

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Array:
        return total(self, axis, keepdims)


def _goes_back(index: Any) -> bool:
    return isinstance(index, slice) and index.step is not None and index.step < 0


def _forward(index: Any, length: int) -> Any:
    """Return a slice that goes backwards as it goes forwards in what was turned round."""
    if not _goes_back(index):
        return index
    start, stop, step = index.indices(length)
    return slice(length - 1 - start, length - 1 - stop, -step)


def array(value: Any) -> Array:
    """Return numbers as an array; whole ones, which count and index, as they are."""
    if isinstance(value, torch.Tensor):
        return value.as_subclass(Array)
    kept = numpy.asarray(value)
    dtype = torch.int64 if kept.dtype.kind in "iub" and kept.ndim else torch.float64
    return torch.tensor(kept.tolist(), dtype=dtype).as_subclass(Array)


def run(
    text: str, givens: Mapping[str, Any], upstream: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the lines of a program make, and the gradients by givens and lines.

    Args:
        text: the program.
        givens: its arrays.
        upstream: for each line that is differentiated, a number for each of its entries.
    """
    leaves = {name: array(value) for name, value in givens.items()}
    moving = {name: each.requires_grad_() for name, each in leaves.items() if _moves(each)}
    lines: dict[str, Array] = {}
    made: dict[str, Array] = {}

    def line(name: str, value: Any) -> Array:
        # A copy, so that a line that is another name for something has a gradient of its own.
        kept = made[name] = array(value).clone()
        if _moves(kept):
            kept.requires_grad_() if not kept.requires_grad else kept.retain_grad()
            lines[name] = kept
        return kept

    execute(compiled(text), {**FUNCTIONS, "np": NUMPY, "numpy": NUMPY, **leaves}, line)
    ends = [torch.sum(array(weights) * lines[name]) for name, weights in upstream.items()]
    by = {**moving, **lines}
    found = torch.autograd.grad(torch.stack(ends).sum(), list(by.values()), allow_unused=True)
    gradients = {
        name: numpy.zeros(each.shape) if gradient is None else _numpy(gradient)
        for (name, each), gradient in zip(by.items(), found, strict=True)
    }
    return {name: _numpy(each) for name, each in made.items()}, gradients


def _moves(value: Array) -> bool:
    return value.dtype == torch.float64


def _numpy(value: torch.Tensor) -> Any:
    return value.detach().as_subclass(torch.Tensor).numpy()


# The language's functions, on tensors


def _axes(z: Array, axis: Axes) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(z.ndim))
    return (axis,) if isinstance(axis, int) else axis


def total(z: Any, axis: Axes = None, keepdims: bool = False) -> Array:
    z = array(z)
    # Over no axes PyTorch sums over all.
    return torch.sum(z, dim=_axes(z, axis), keepdim=keepdims) if _axes(z, axis) else z


def mean(z: Any, axis: Axes = None, keepdims: bool = False) -> Array:
    z = array(z)
    return torch.mean(z, dim=_axes(z, axis), keepdim=keepdims) if z.ndim else z


def var(z: Any, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Array:
    z = array(z)
    if not z.ndim:
        return z - z
    return torch.var(z, dim=_axes(z, axis), correction=ddof, keepdim=keepdims)


def largest(z: Any, axis: Axes = None, keepdims: bool = False) -> Array:
    z = array(z)
    return torch.amax(z, dim=_axes(z, axis), keepdim=keepdims) if z.ndim else z


def norm(z: Any, axis: Axes = None, keepdims: bool = False) -> Array:
    z = array(z)
    return torch.linalg.vector_norm(z, dim=_axes(z, axis), keepdim=keepdims)


def logsumexp(z: Any, axis: Axes = None, keepdims: bool = False) -> Array:
    z = array(z)
    return torch.logsumexp(z, dim=_axes(z, axis), keepdim=keepdims) if z.ndim else z


def cumsum(z: Array, axis: int | None = None) -> Array:
    return torch.cumsum(z.reshape(-1) if axis is None else z, 0 if axis is None else axis)


def transpose(z: Array, axes: tuple[int, ...] | None = None) -> Array:
    return torch.permute(z, axes or tuple(reversed(range(z.ndim))))


def pad(z: Array, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Array:
    widths = numpy.broadcast_to(numpy.array(pad_width), (z.ndim, 2))
    # PyTorch begins with the last axis.
    return functional.pad(z, widths[::-1].ravel().tolist(), mode, constant_values)


def softplus(z: Array) -> Array:
    # PyTorch's own takes z itself beyond 20, which leaves out what doubles can tell.
    return torch.logaddexp(z, torch.zeros_like(z))


def where(mask: Any, then: Any, otherwise: Any) -> Array:
    return torch.where(array(mask) != 0, array(then), array(otherwise))


def greater(left: Any, right: Any) -> Array:
    return array(left) > array(right)


def maximum(left: Any, right: Any) -> Array:
    return torch.maximum(array(left), array(right))


def minimum(left: Any, right: Any) -> Array:
    return torch.minimum(array(left), array(right))


FUNCTIONS: Mapping[str, Callable[..., Any] | float] = {
    "abs": lambda z: torch.abs(array(z)),
    "arange": torch.arange,
    "clip": lambda z, low, high: torch.clamp(z, low, high),
    "concatenate": lambda arrays, axis=0: torch.cat(list(arrays), dim=axis),
    "cos": lambda z: torch.cos(array(z)),
    "cumsum": cumsum,
    "dot": torch.matmul,
    "exp": lambda z: torch.exp(array(z)),
    "gelu": functional.gelu,
    "greater": greater,
    "greater_equal": greater,
    "inf": numpy.inf,
    "less": lambda left, right: greater(right, left),
    "less_equal": lambda left, right: greater(right, left),
    "log": lambda z: torch.log(array(z)),
    "log_sigmoid": functional.logsigmoid,
    "log_softmax": lambda z, axis=-1: functional.log_softmax(z, dim=axis),
    "logsumexp": logsumexp,
    "matmul": torch.matmul,
    "max": largest,
    "maximum": maximum,
    "mean": mean,
    "min": lambda z, axis=None, keepdims=False: -largest(-z, axis, keepdims),
    "minimum": minimum,
    "norm": norm,
    "pad": pad,
    "outer": lambda left, right: torch.outer(left.reshape(-1), right.reshape(-1)),
    "relu": torch.relu,
    "reshape": lambda z, shape: torch.reshape(z, shape if isinstance(shape, tuple) else (shape,)),
    "sigmoid": lambda z: torch.sigmoid(array(z)),
    "silu": functional.silu,
    "sin": lambda z: torch.sin(array(z)),
    "softmax": lambda z, axis=-1: functional.softmax(z, dim=axis),
    "softplus": softplus,
    "sqrt": lambda z: torch.sqrt(array(z)),
    "stack": lambda arrays, axis=0: torch.stack(list(arrays), dim=axis),
    "stop_gradient": lambda z: z.detach(),
    "sum": total,
    "swapaxes": lambda z, one, other: torch.swapaxes(z, one, other),
    "tanh": lambda z: torch.tanh(array(z)),
    "transpose": transpose,
    "var": var,
    "where": where,
}

NUMPY = SimpleNamespace(**FUNCTIONS, linalg=SimpleNamespace(norm=norm))
"""What stands for numpy in a text."""
