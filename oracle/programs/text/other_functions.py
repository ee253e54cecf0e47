"""What numpy has and a program has not: functions, methods, attributes; and what to write instead.

Also what is called so in other libraries. Nothing of it is read; it is told what is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.text.calls import LONGEST_QUOTED, Written, put, written

MODULES = frozenset({"np", "numpy"})
"""What may stand before a function's name."""

LIBRARIES = frozenset(
    {"F", "cp", "cupy", "jax", "jnp", "keras", "math", "nn", "random", "scipy", "special"}
    | {"tensorflow", "tf", "torch"}
)
"""What code has before a function's name where it imports others than numpy."""

EXPRESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "absolute": "abs(x)",
        "amax": "max(x)",
        "amin": "min(x)",
        "average": "mean(x)",
        "binary_cross_entropy_with_logits": "mean(softplus(x) - y * x)",
        "column_stack": "stack((x, x), axis=1)",
        "clamp": "clip(x, 0, 1)",
        "cosh": "(exp(x) + exp(-x)) / 2",
        "cross_entropy": "-mean(log_softmax(x)[arange(N), ids])",
        "detach": "stop_gradient(x)",
        "expand_dims": "reshape(x, (2, 1, 3))",
        "expit": "sigmoid(x)",
        "expm1": "exp(x) - 1",
        "fabs": "abs(x)",
        "flatten": "reshape(x, -1)",
        "flip": "x[::-1]",
        "hstack": "concatenate((x, x), axis=1)",
        "hypot": "sqrt(x**2 + y**2)",
        "inner": "x @ x.T",
        "l1_loss": "mean(abs(x - y))",
        "leaky_relu": "where(x > 0, x, 0.01 * x)",
        "linear": "x @ W.T + b",
        "log10": "log(x) / log(10)",
        "log1p": "log(1 + x)",
        "log2": "log(x) / log(2)",
        "logaddexp": "y + softplus(x - y)",
        "logical_and": "(x > 0) * (x < 1)",
        "logical_not": "1 - m",
        "logical_or": "maximum(m, m)",
        "mm": "x @ W",
        "moveaxis": "transpose(x, (1, 0))",
        "mse_loss": "mean((x - y)**2)",
        "nll_loss": "-mean(x[arange(N), ids])",
        "permute": "transpose(x, (1, 0))",
        "prod": "x[0] * x[1]",
        "ravel": "reshape(x, -1)",
        "reciprocal": "1 / x",
        "repeat": "x[[0, 0, 1, 1]]",
        "roll": "concatenate((x[1:], x[:1]))",
        "sign": "where(x > 0, 1, -1)",
        "sinh": "(exp(x) - exp(-x)) / 2",
        "split": "x[:1]",
        "square": "x**2",
        "squeeze": "reshape(x, (2, 3))",
        "std": "sqrt(var(x))",
        "take": "x[[0, 1]]",
        "tan": "sin(x) / cos(x)",
        "tile": "concatenate((x, x))",
        "trace": "x[0, 0] + x[1, 1]",
        "true_divide": "x / y",
        "view": "reshape(x, (3, 2))",
        "vstack": "concatenate((x, x), axis=0)",
    }
)
"""An expression that takes the place of a function, its operands called x; y, W or ids; and b."""

_OPERANDS = (("x",), ("y", "W", "ids"), ("b",))
"""What an expression calls the operands, by their place."""

_OF_FEWER: Mapping[str, str] = MappingProxyType({"linear": "x @ W.T"})
"""An expression for a call without the last operand."""

_OF_SEVERAL = frozenset({"column_stack", "hstack", "vstack"})
"""Functions of arrays in brackets."""

_OVER_AXES = frozenset({"amax", "amin", "average", "std"})
"""Functions whose axis is passed on."""

_AXES = frozenset({"axis", "dim", "keepdims", "keepdim", "ddof"})

_UNBIASED: Mapping[str, str] = MappingProxyType(
    {"std": "sqrt(var({}, ddof=1))", "var": "var({}, ddof=1)"}
)
"""What divides by one less in PyTorch."""

_NOTES: Mapping[str, str] = MappingProxyType(
    {
        "cross_entropy": "with N rows",
        "expand_dims": "with a 1 where the axis goes",
        "flip": "with ::-1 for each axis",
        "hstack": "or axis=0 of vectors",
        "inner": "or dot(y, y) of vectors",
        "logical_and": "the product of two masks",
        "logical_or": "the larger of two masks",
        "moveaxis": "with the axes in their order",
        "nll_loss": "with N rows",
        "permute": "with the axes in their order",
        "prod": "and so on, each entry of a matrix by two indices",
        "repeat": "with each index as often as it is to be there",
        "split": "a slice for each part",
        "squeeze": "without the axes of length 1",
        "trace": "entry by entry",
        "vstack": "or stack((y, y)) of vectors",
    }
)
"""What has to be said of such an expression beside."""

_A_LENGTH = "write the length as a number, or a name for it that sizes declare, sizes = { N = 4 }"
_IS_REPEATED = "write the number alone, as numpy repeats it over what it meets"
_IS_GIVEN = (
    "let it be given, arrays = { A = [2, 2] }, of these numbers by given = { A = [[1, 0], [0, 1]] }"
)
_A_MASK = (
    "write {x} * m, m a mask that is given, arrays = {{ m = {{ shape = [3, 3], mask = true }} }}, "
    "of these numbers by given = {{ m = {numbers} }}"
)
_WINDOWS = (
    "list the entries that each window meets, of 2 by 2 in 3 by 3 windows = reshape(x, 9)"
    "[[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]], and write {then}"
)
_AN_INDEX = "let the indices be given, arrays = { i = { shape = [4], integers = [0, 2] } }"
_PRODUCTS = "write products with @ and *, and sum them"
_LEFT_OUT = "leave it out"
_NO_GRADIENT = "leave it out, it has no gradient"

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("len", "shape", "size", "ndim"), _A_LENGTH),
        **dict.fromkeys(("zeros", "ones", "full", "empty"), _IS_REPEATED),
        **dict.fromkeys(("zeros_like", "ones_like", "full_like", "empty_like"), _IS_REPEATED),
        **dict.fromkeys(("eye", "identity", "array", "diag", "linspace", "one_hot"), _IS_GIVEN),
        **dict.fromkeys(("rand", "randn", "normal", "uniform", "randint"), _IS_GIVEN),
        "tril": _A_MASK.format(x="x", numbers="[[1, 0, 0], [1, 1, 0], [1, 1, 1]]"),
        "triu": _A_MASK.format(x="x", numbers="[[1, 1, 1], [0, 1, 1], [0, 0, 1]]"),
        "conv2d": _WINDOWS.format(then="windows @ reshape(W, 4)"),
        "max_pool2d": _WINDOWS.format(then="max(windows, axis=1)"),
        "avg_pool2d": _WINDOWS.format(then="mean(windows, axis=1)"),
        **dict.fromkeys(("argmax", "argmin", "argsort", "nonzero"), _AN_INDEX),
        **dict.fromkeys(("einsum", "tensordot", "kron", "vdot", "bmm"), _PRODUCTS),
        **dict.fromkeys(("astype", "copy", "asarray", "item", "print"), _LEFT_OUT),
        **dict.fromkeys(("float", "float16", "float32", "float64"), _LEFT_OUT),
        **dict.fromkeys(("int", "bool", "numpy", "clone", "contiguous", "nan_to_num"), _LEFT_OUT),
        **dict.fromkeys(("floor", "ceil", "rint", "round", "trunc"), _NO_GRADIENT),
        "arange": "it stands in an index alone, x[arange(N), ids]",
        "backward": 'leave it out, gradients are asked, ask = ["dx"]',
        "broadcast_to": "leave it out, as numpy repeats axes where shapes meet",
        "range": "write the lines one by one, or arange(N) in an index",
    }
)
"""What else to do about a function."""

_OF_OPERANDS = frozenset({"tril", "triu", "conv2d", "max_pool2d", "avg_pool2d"})
"""Of which of these the operands are called as those of expressions."""

_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "pi": "write 3.141592653589793",
        "e": "write exp(1)",
        "nan": "leave it out, no value is that",
        "float32": _LEFT_OUT,
        "float64": _LEFT_OUT,
    }
)

_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("shape", "size", "ndim"), _A_LENGTH),
        "mT": "write swapaxes(x, -1, -2)",
        "data": _LEFT_OUT,
        "grad": 'leave it out, gradients are asked, ask = ["dx"]',
    }
)


def no_function(text: str) -> str:
    """Return what is said of a call of a function that there is not.

    Args:
        text: the call as it was written, maybe behind what has it: `square(x)`, `torch.exp(x)`.

    >>> no_function("np.square(z + 1)")
    'there is no function np.square: write (z + 1)**2'
    >>> no_function("F.softmax(scores, dim=1)")
    'there is no function F.softmax: write softmax(scores, axis=1)'
    >>> no_function("sigmod(z)")
    'there is no function sigmod; did you mean sigmoid?'
    """
    call = called(text)
    home, _, name = call.of.rpartition(".")
    return f"there is no function {call.of}{_instead(home, name, call)}"


def called(text: str) -> Written:
    """Return the parts of a call; of a method its array is the first.

    >>> called("x.ravel()").parts, called("torch.ravel(x)").parts
    (('x',), ('x',))
    """
    call = written(text)
    home = call.of.rpartition(".")[0]
    is_library = home.partition(".")[0] in MODULES | LIBRARIES
    return call if not home or (is_library and call.parts) else call.behind(home)


def _instead(home: str, name: str, call: Written) -> str:
    if home == "torch" and name in _UNBIASED and _passes_axes(call):
        return f": write {_UNBIASED[name].format(call.as_numpy)}"
    if name in EXPRESSIONS:
        noted = f", {_NOTES[name]}" if name in _NOTES else ""
        return f": write {_expression(name, call)}{noted}"
    if name in ADVICE:
        names = _names(ADVICE[name], call) if name in _OF_OPERANDS else {}
        return f": {put(ADVICE[name], names)}"
    name = name.removesuffix("()").lower()
    if name in PRIMITIVES:
        return f": write {_shortened(f'{name}({call.as_numpy})', f'{name}(…)')}"
    if home.partition(".")[0] in LIBRARIES:
        return ": functions stand alone, or behind np."
    if near := get_close_matches(name, sorted(PRIMITIVES), n=2, cutoff=0.75):
        return f"; did you mean {' or '.join(near)}?"
    return "; docs/primitives.md has all that there are"


def _expression(name: str, call: Written) -> str:
    """Return what to write for a call, in its own names where the example has as many operands."""
    example = EXPRESSIONS[name]
    if name in _OVER_AXES:
        passed = {"x": call.as_numpy} if _passes_axes(call) else {}
        return _shortened(put(example, passed), example)
    if name in _OF_SEVERAL and len(call.parts) == 1:
        return _shortened(put(example.replace("(x, x)", "x"), {"x": call.parts[0]}), example)
    if len(call.parts) == len(_OPERANDS) - 1:
        example = _OF_FEWER.get(name, example)
    names = _names(example, call)
    is_whole = len(names) == len(call.parts) and not call.options
    return _shortened(put(example, names), example) if is_whole else example


def _passes_axes(call: Written) -> bool:
    """Tell whether a call has an operand, and maybe an axis and what goes with that."""
    return 1 <= len(call.parts) <= 2 and call.options.keys() <= _AXES


def _names(example: str, call: Written) -> dict[str, str]:
    """Return what was written, by what an example calls it."""
    operands = filter(None, (_in(example, names) for names in _OPERANDS))
    named = zip(operands, call.parts, strict=False)
    return {name: part for name, part in named if len(part) <= LONGEST_QUOTED}


def _in(example: str, names: tuple[str, ...]) -> str:
    """Return which of some names an expression has; empty if none."""
    return next((each for each in names if re.search(rf"\b{each}\b", example)), "")


def _shortened(text: str, example: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else example


_INDEXED: Mapping[str, str] = MappingProxyType(
    {
        "c_": "concatenate(({}), axis=1), or stack(({}), axis=1) of vectors",
        "r_": "concatenate(({}))",
    }
)
"""What numpy has arrays put together in brackets for."""


def no_value(name: str, text: str = "") -> str:
    """Return what is said of what numpy has under a name that is no function.

    Args:
        name: of it.
        text: how it is written with what it is indexed by.

    >>> no_value("pi")
    'np.pi is no value here: write 3.141592653589793'
    >>> no_value("r_", "np.r_[x, y]")
    'np.r_ is no value here: write concatenate((x, y))'
    """
    if name in _INDEXED and len(parts := written(text).parts) > 1:
        within = _shortened(", ".join(parts), "x, y")
        return f"np.{name} is no value here: write {_INDEXED[name].replace('{}', within)}"
    return f"np.{name} is no value here: {_VALUES.get(name, 'write its number')}"


def no_attribute(name: str) -> str:
    """Return what is said of an attribute.

    >>> no_attribute("real")
    '.real has no place in a program: .T is the only attribute'
    """
    instead = _ATTRIBUTES.get(name, ".T is the only attribute")
    return f".{name} has no place in a program: {instead}"
