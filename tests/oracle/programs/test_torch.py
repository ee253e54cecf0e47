"""Programs against PyTorch's double precision autograd, where PyTorch is installed.

The text is what numpy runs; a shim says what PyTorch means otherwise: its `var` divides by n − 1,
its `max` returns pairs, its `transpose` takes two axes, its slices have no negative steps.
"""

import ast
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import evaluate
from tests.examples import examples
from tests.oracle.programs.compared import Program
from tests.oracle.programs.random_programs import programs
from tests.oracle.programs.written import OF_LINES, OF_PRIMITIVES

torch = pytest.importorskip("torch", reason="PyTorch is no dependency; this compares where it is")
functional = torch.nn.functional

Tensor = Any
CLOSE = 1e-9

METHODS = {"cumsum", "dot", "max", "mean", "min", "reshape", "sum", "swapaxes", "transpose", "var"}


class _AsFunctions(ast.NodeTransformer):
    """Methods, `.T` and indices as calls of the functions below."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=ast.Name(id="np")):
                pass
            case ast.Attribute(value=value, attr=name) if name in METHODS:
                return ast.Call(ast.Name(name, ast.Load()), [value, *node.args], node.keywords)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr == "T":
            return ast.Call(ast.Name("transpose", ast.Load()), [node.value], [])
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        index = ast.parse("index[0]", mode="eval").body
        assert isinstance(index, ast.Subscript)
        index.slice = node.slice
        return ast.Call(ast.Name("at", ast.Load()), [node.value, index], [])


class _Index:
    """Gives back what stands in brackets."""

    def __getitem__(self, index: Any) -> Any:
        return index


def at(z: Tensor, index: Any) -> Tensor:
    """Entries by numpy's indices; a negative step is a slice of a flipped axis."""
    indices = index if isinstance(index, tuple) else (index,)
    for axis, each in enumerate(indices):
        if isinstance(each, slice) and each.step is not None and each.step < 0:
            z = z.flip(axis)
            assert each == slice(None, None, -1)
    return z[tuple(_forward(each) for each in indices)]


def _forward(index: Any) -> Any:
    return slice(None) if isinstance(index, slice) and index.step == -1 else index


def _axes(z: Tensor, axis: Any) -> tuple[int, ...]:
    return tuple(range(z.dim())) if axis is None else (axis,) if isinstance(axis, int) else axis


def total(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    # Over no axes PyTorch sums over all.
    return torch.sum(z, dim=_axes(z, axis), keepdim=keepdims) if _axes(z, axis) else z


def mean(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.mean(z, dim=_axes(z, axis), keepdim=keepdims) if z.dim() else z


def var(z: Tensor, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Tensor:
    if not z.dim():
        return 0 * z
    return torch.var(z, dim=_axes(z, axis), correction=ddof, keepdim=keepdims)


def largest(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.amax(z, dim=_axes(z, axis), keepdim=keepdims) if z.dim() else z


def smallest(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return -largest(-z, axis, keepdims)


def norm(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.sqrt(total(z * z, axis, keepdims))


def logsumexp(z: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.logsumexp(z, dim=_axes(z, axis), keepdim=keepdims)


def number(z: Any) -> Tensor:
    return z if isinstance(z, torch.Tensor) else torch.tensor(z, dtype=torch.float64)


def chosen(mask: Tensor, then: Any, otherwise: Any) -> Tensor:
    return torch.where(mask != 0, number(then), number(otherwise))


def transpose(z: Tensor, *axes: Any) -> Tensor:
    if not axes:
        return z.permute(tuple(range(z.dim()))[::-1])
    return z.permute(axes[0] if isinstance(axes[0], tuple) else axes)


def reshape(z: Tensor, *shape: Any) -> Tensor:
    return z.reshape(shape[0] if isinstance(shape[0], tuple) else shape)


def elementwise(name: str) -> Callable[[Any], Tensor]:
    return lambda z: getattr(torch, name)(number(z))


SHIM: Mapping[str, Any] = {
    **{name: elementwise(name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "abs")},
    "arange": torch.arange,
    "at": at,
    "clip": torch.clamp,
    "concatenate": lambda parts, axis=0: torch.cat(parts, dim=axis),
    "cumsum": lambda z, axis=0: torch.cumsum(z, dim=axis),
    "dot": torch.matmul,
    "gelu": functional.gelu,
    "index": _Index(),
    "inf": float("inf"),
    "log_sigmoid": functional.logsigmoid,
    "log_softmax": lambda z, axis=-1: torch.log_softmax(z, dim=axis),
    "logsumexp": logsumexp,
    "max": largest,
    "maximum": lambda a, b: torch.maximum(number(a), number(b)),
    "mean": mean,
    "min": smallest,
    "minimum": lambda a, b: torch.minimum(number(a), number(b)),
    "norm": norm,
    "outer": torch.outer,
    "relu": torch.relu,
    "reshape": reshape,
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "softmax": lambda z, axis=-1: torch.softmax(z, dim=axis),
    "softplus": lambda z: functional.softplus(z, threshold=1000),
    "stack": lambda parts, axis=0: torch.stack(parts, dim=axis),
    "stop_gradient": lambda z: z.detach(),
    "sum": total,
    "swapaxes": torch.swapaxes,
    "transpose": transpose,
    "var": var,
    "where": chosen,
}

SHIM_MODULE = SimpleNamespace(**SHIM, linalg=SimpleNamespace(norm=norm))


def gradients(program: Program) -> dict[str, Any]:
    """What autograd finds by every given of numbers."""
    tree = ast.fix_missing_locations(_AsFunctions().visit(ast.parse(program.text)))
    tensors = {
        name: torch.tensor(value, dtype=torch.long if name in program.integers else torch.float64)
        for name, value in program.arrays.items()
    }
    for name in program.shapes:
        tensors[name].requires_grad_()
    namespace = {**SHIM, "np": SHIM_MODULE, **tensors}
    exec(compile(tree, "program", "exec"), namespace)
    objective = sum(
        torch.sum(number(namespace[name]) * torch.tensor(weights))
        for name, weights in program.weights.items()
    )
    objective.backward()
    return {name: tensors[name].grad for name in program.shapes}


def differences(program: Program) -> dict[str, str]:
    """The gradients that autograd finds otherwise."""
    walked = evaluate(program.derivation, program.givens, Binary64())
    found = {}
    for name, expected in gradients(program).items():
        if f"d{name}" not in walked:
            assert expected is None or not expected.any()
            continue
        right = expected.numpy()
        off = numpy.abs(numpy.array(walked[f"d{name}"]) - right)
        if numpy.max(off) > CLOSE * max(numpy.max(numpy.abs(right)), 1e-3):
            found[name] = f"{walked[f'd{name}']}, not {right.tolist()}"
    return found


@pytest.mark.parametrize("text", OF_PRIMITIVES)
def test_a_primitive_has_the_gradients_of_autograd(text):
    assert differences(OF_PRIMITIVES[text]) == {}


@pytest.mark.parametrize("name", OF_LINES)
def test_a_program_has_the_gradients_of_autograd(name):
    assert differences(OF_LINES[name]) == {}


@settings(max_examples=examples(5000))
@given(programs())
def test_a_drawn_program_has_the_gradients_of_autograd(program):
    assert differences(program) == {}
