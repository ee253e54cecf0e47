"""What numpy has and a program has not: functions, methods, attributes; and what to write instead.

Also what is called so in other libraries. Nothing of it is read; it is told what is.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from gradgrade.oracle.primitives.table import PRIMITIVES

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
        "column_stack": "stack((x, x), axis=1)",
        "cosh": "(exp(x) + exp(-x)) / 2",
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
        "leaky_relu": "where(x > 0, x, 0.01 * x)",
        "log10": "log(x) / log(10)",
        "log1p": "log(1 + x)",
        "log2": "log(x) / log(2)",
        "logaddexp": "y + softplus(x - y)",
        "logical_and": "(x > 0) * (x < 1)",
        "logical_not": "1 - m",
        "logical_or": "maximum(m, m)",
        "moveaxis": "transpose(x, (1, 0))",
        "permute": "transpose(x, (1, 0))",
        "prod": "x[0, 0] * x[0, 1]",
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
"""An expression that takes the place of a function."""

_NOTES: Mapping[str, str] = MappingProxyType(
    {
        "expand_dims": "with a 1 where the axis goes",
        "hstack": "or axis=0 of vectors",
        "inner": "or dot(y, y) of vectors",
        "logical_and": "the product of two masks",
        "logical_or": "the larger of two masks",
        "moveaxis": "with the axes in their order",
        "permute": "with the axes in their order",
        "prod": "entry by entry",
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
_A_MASK = "multiply by a mask that is given, arrays = { m = { shape = [3, 3], mask = true } }"
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
        **dict.fromkeys(("tril", "triu"), _A_MASK),
        **dict.fromkeys(("argmax", "argmin", "argsort", "nonzero"), _AN_INDEX),
        **dict.fromkeys(("einsum", "tensordot", "kron", "vdot", "bmm", "mm"), _PRODUCTS),
        **dict.fromkeys(("astype", "copy", "asarray", "item", "print"), _LEFT_OUT),
        **dict.fromkeys(("float", "float16", "float32", "float64"), _LEFT_OUT),
        **dict.fromkeys(("int", "bool", "numpy", "clone", "contiguous", "nan_to_num"), _LEFT_OUT),
        **dict.fromkeys(("floor", "ceil", "rint", "round", "trunc"), _NO_GRADIENT),
        "arange": "it stands in an index alone, x[arange(N), ids]",
        "backward": 'leave it out, gradients are asked, ask = ["dx"]',
        "broadcast_to": "leave it out, as numpy repeats axes where shapes meet",
        "cross_entropy": "write -mean(log_softmax(x)[arange(N), ids])",
        "range": "write the lines one by one, or arange(N) in an index",
    }
)
"""What else to do about a function."""

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


def no_function(written: str) -> str:
    """Return what is said of a function that there is not.

    Args:
        written: as it is called, maybe behind what has it: `square`, `x.ravel`, `torch.exp`.

    >>> no_function("np.square")
    'there is no function np.square: write x**2'
    >>> no_function("sigmod")
    'there is no function sigmod; did you mean sigmoid?'
    """
    home, _, name = written.rpartition(".")
    return f"there is no function {written}{_instead(home, name)}"


def _instead(home: str, name: str) -> str:
    if name in EXPRESSIONS:
        noted = f", {_NOTES[name]}" if name in _NOTES else ""
        return f": write {EXPRESSIONS[name]}{noted}"
    if name in ADVICE:
        return f": {ADVICE[name]}"
    if home.partition(".")[0] in LIBRARIES:
        return ": functions stand alone, or behind np."
    if name in PRIMITIVES:
        return f": write {name}(…), functions stand alone, or behind np."
    if near := get_close_matches(name, sorted(PRIMITIVES), n=2, cutoff=0.75):
        return f"; did you mean {' or '.join(near)}?"
    return "; docs/primitives.md has all that there are"


def no_value(name: str) -> str:
    """Return what is said of what numpy has under a name that is no function.

    >>> no_value("pi")
    'np.pi is no value here: write 3.141592653589793'
    """
    return f"np.{name} is no value here: {_VALUES.get(name, 'write its number')}"


def no_attribute(name: str) -> str:
    """Return what is said of an attribute.

    >>> no_attribute("real")
    '.real has no place in a program: .T is the only attribute'
    """
    instead = _ATTRIBUTES.get(name, ".T is the only attribute")
    return f".{name} has no place in a program: {instead}"
