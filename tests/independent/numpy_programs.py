"""Programs run by numpy as they stand, and their gradients by complex steps.

The text is executed by Python with the language's functions written plainly, on complex numbers: a
step of 10⁻³⁰ along the imaginary axis gives a derivative with no rule of differentiation and no
cancellation. A line's gradient is found by moving what the line makes.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping
from types import CodeType, SimpleNamespace
from typing import Any

import numpy

Array = Any  # NDArray of float64 or complex128

STEP = 1e-30
TIE = 1e-7
"""Two numbers so near are taken for equal: there a maximum has no derivative."""


class NotDifferentiableError(ValueError):
    """The program has no derivative at the point, or one that rounding may decide."""


def run(text: str, givens: Mapping[str, Array]) -> dict[str, Array]:
    """Return what every line of a program makes, by the names that programs have for lines."""
    return _Run(compiled(text), {}).values(givens)


def gradient(
    text: str, givens: Mapping[str, Array], upstream: Mapping[str, Array], by: str
) -> Array:
    """Return the derivatives of Σ upstream ∘ line, over the lines named there.

    Args:
        text: the program.
        givens: its arrays.
        upstream: for each line that is differentiated, a number for each of its entries.
        by: the given or the line by whose entries.
    """
    code = compiled(text)
    at = numpy.asarray(givens[by]) if by in givens else run(text, givens)[by]
    found = numpy.zeros(at.shape)
    for index in numpy.ndindex(at.shape):
        step = numpy.zeros(at.shape, dtype=complex)
        step[index] = STEP * 1j
        values = _Run(code, {by: step}).values(givens)
        found[index] = sum(
            numpy.sum(numpy.imag(values[name]) * weights) / STEP
            for name, weights in upstream.items()
        )
    return found


class _Run:
    """One execution, with steps added to what givens and lines are."""

    def __init__(self, code: CodeType, steps: Mapping[str, Array]) -> None:
        self._code, self._steps = code, steps
        self._lines: dict[str, Array] = {}

    def values(self, givens: Mapping[str, Array]) -> dict[str, Array]:
        moved = {name: self._moved(name, value) for name, value in givens.items()}
        with numpy.errstate(all="ignore"):
            execute(self._code, {**FUNCTIONS, "np": NUMPY, "numpy": NUMPY, **moved}, self._line)
        return self._lines

    def _moved(self, name: str, value: Array) -> Array:
        step = self._steps.get(name)
        return numpy.asarray(value) if step is None else numpy.asarray(value) + step

    def _line(self, name: str, value: Array) -> Array:
        self._lines[name] = moved = self._moved(name, value)
        return moved


def execute(code: CodeType, known: Mapping[str, Any], line: Callable[[str, Array], Array]) -> None:
    """Execute a program.

    Args:
        code: the program, as `compiled` returns it.
        known: what its names stand for: functions and givens.
        line: is told the name and the value of each line, and returns what the name stands for.
    """
    calls = Counter[str]()

    def call(function: str) -> str:
        """Return what the lines of a call begin with: `attention`, then `attention_2`."""
        calls[function] += 1
        return function if calls[function] == 1 else f"{function}_{calls[function]}"

    def made(prefix: str, name: str, value: Array) -> Array:
        return line(f"{prefix}.{name}" if prefix else name, value)

    exec(code, {**known, _LINE: made, _CALL: call})


_LINE, _CALL, _PREFIX = "line_of_program", "call_of_function", "prefix_of_call"


class _Watching(ast.NodeTransformer):
    """Lets what each line makes be seen and moved; nothing else of the text is changed."""

    within = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.within = True
        self.generic_visit(node)
        self.within = False
        begins = ast.parse(f"{_PREFIX} = {_CALL}({node.name!r})").body
        node.body = [*begins, *node.body]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        (target,) = node.targets
        assert isinstance(target, ast.Name)
        prefix = ast.Name(_PREFIX, ast.Load()) if self.within else ast.Constant("")
        self.generic_visit(node)
        node.value = ast.Call(
            ast.Name(_LINE, ast.Load()), [prefix, ast.Constant(target.id), node.value], []
        )
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Compare by the functions below, which refuse what is equal."""
        self.generic_visit(node)
        (operator,), (right,) = node.ops, node.comparators
        name = "greater" if isinstance(operator, ast.Gt | ast.GtE) else "less"
        return ast.Call(ast.Name(name, ast.Load()), [node.left, right], [])


def compiled(text: str) -> CodeType:
    tree = ast.fix_missing_locations(_Watching().visit(ast.parse(text)))
    return compile(tree, "program", "exec")


# The language's functions, on complex numbers


def _apart(left: Array, right: Array) -> None:
    """Refuse where two may be equal."""
    if numpy.any(numpy.abs(numpy.real(left) - numpy.real(right)) < TIE):
        raise NotDifferentiableError("two numbers are equal")


def maximum(left: Array, right: Array) -> Array:
    _apart(left, right)
    return numpy.where(numpy.real(left) > numpy.real(right), left, right)


def minimum(left: Array, right: Array) -> Array:
    _apart(left, right)
    return numpy.where(numpy.real(left) < numpy.real(right), left, right)


def absolute(z: Array) -> Array:
    return maximum(z, -z)


def relu(z: Array) -> Array:
    return maximum(z, 0.0)


def clip(z: Array, low: float, high: float) -> Array:
    return minimum(maximum(z, low), high)


def where(mask: Array, then: Array, otherwise: Array) -> Array:
    return numpy.where(numpy.real(mask) != 0, then, otherwise)


def greater(left: Array, right: Array) -> Array:
    _apart(left, right)
    return numpy.real(left) > numpy.real(right)


def less(left: Array, right: Array) -> Array:
    return greater(right, left)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + numpy.exp(-z))


def softplus(z: Array) -> Array:
    return numpy.log1p(numpy.exp(z))


def log_sigmoid(z: Array) -> Array:
    return -numpy.log1p(numpy.exp(-z))


def erf(z: Array) -> Array:
    """2/√π e^(−z²) Σ 2ⁿ z^(2n+1) / (1·3·5⋯(2n+1)), in which nothing cancels."""
    term = total = z
    for n in range(1, 120):
        term = term * 2 * z * z / (2 * n + 1)
        total = total + term
    return 2 / numpy.sqrt(numpy.pi) * numpy.exp(-z * z) * total


def gelu(z: Array) -> Array:
    return z * (1 + erf(z / numpy.sqrt(2.0))) / 2


def silu(z: Array) -> Array:
    return z * sigmoid(z)


def var(z: Array, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Array:
    off = z - numpy.mean(z, axis=axis, keepdims=True)
    total = numpy.sum(off * off, axis=axis, keepdims=keepdims)
    return total / (numpy.size(z) // numpy.size(total) - ddof)


def sqrt(z: Array) -> Array:
    _apart(z, 0.0)
    return numpy.sqrt(z)


def norm(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return sqrt(numpy.sum(z * z, axis=axis, keepdims=keepdims))


def largest(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The entries with the largest real part, over one axis, several or all."""
    z = numpy.asarray(z)
    axes = range(z.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    over = sorted(each % z.ndim for each in axes)
    kept = [each for each in range(z.ndim) if each not in over]
    rows = z.transpose([*kept, *over]).reshape(*(z.shape[each] for each in kept), -1)
    ordered = numpy.sort(numpy.real(rows), axis=-1)
    if ordered.shape[-1] > 1:
        _apart(ordered[..., -1], ordered[..., -2])
    first = numpy.argmax(numpy.real(rows), axis=-1)[..., None]
    found = numpy.take_along_axis(rows, first, axis=-1)[..., 0]
    return numpy.expand_dims(found, tuple(over)) if keepdims else found


def smallest(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return -largest(-numpy.asarray(z), axis, keepdims)


def softmax(z: Array, axis: int = -1) -> Array:
    powers = numpy.exp(z - numpy.max(numpy.real(z), axis=axis, keepdims=True))
    return powers / numpy.sum(powers, axis=axis, keepdims=True)


def logsumexp(z: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return numpy.log(numpy.sum(numpy.exp(z), axis=axis, keepdims=keepdims))


def log_softmax(z: Array, axis: int = -1) -> Array:
    return z - logsumexp(z, axis, keepdims=True)


def stop_gradient(z: Array) -> Array:
    return numpy.real(z)


FUNCTIONS: Mapping[str, Callable[..., Array] | float] = {
    "abs": absolute,
    "arange": numpy.arange,
    "clip": clip,
    "concatenate": numpy.concatenate,
    "pad": numpy.pad,
    "cos": numpy.cos,
    "cumsum": numpy.cumsum,
    "dot": numpy.dot,
    "exp": numpy.exp,
    "gelu": gelu,
    "greater": greater,
    "greater_equal": greater,
    "inf": numpy.inf,
    "less": less,
    "less_equal": less,
    "log": numpy.log,
    "log_sigmoid": log_sigmoid,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    "matmul": numpy.matmul,
    "max": largest,
    "maximum": maximum,
    "mean": numpy.mean,
    "min": smallest,
    "minimum": minimum,
    "norm": norm,
    "outer": numpy.outer,
    "relu": relu,
    "reshape": numpy.reshape,
    "sigmoid": sigmoid,
    "silu": silu,
    "sin": numpy.sin,
    "softmax": softmax,
    "softplus": softplus,
    "sqrt": sqrt,
    "stack": numpy.stack,
    "stop_gradient": stop_gradient,
    "sum": numpy.sum,
    "swapaxes": numpy.swapaxes,
    "tanh": numpy.tanh,
    "transpose": numpy.transpose,
    "var": var,
    "where": where,
}

NUMPY = SimpleNamespace(**FUNCTIONS, linalg=SimpleNamespace(norm=norm))
"""What stands for numpy in a text: complex steps go through all of it."""
