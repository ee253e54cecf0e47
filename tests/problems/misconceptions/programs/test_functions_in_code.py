"""Slips with a softmax and with pooling, worked by numpy alone, are named first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.problems.misconceptions.programs.test_layers_in_code import assert_named, of_text

Array = Any

# Softmax

SOFTMAX = """
arrays = { z = [3, 4], t = [3, 4] }
program = '''
p = softmax(z, axis=1)
L = sum((p - t)**2)
'''
differentiate = "L"
ask = ["p", "L", "dp", "dz"]
"""

LOGARITHMS = """
arrays = { z = [3, 4], y = { shape = [3], integers = [0, 3] } }
program = '''
l = log_softmax(z, axis=1)
L = -mean(l[arange(3), y])
'''
differentiate = "L"
ask = ["l", "L", "dl", "dz"]
"""


def whole(p: Array, dp: Array) -> Array:
    return p * (dp - (p * dp).sum(axis=1, keepdims=True))


def softmax(
    given: Mapping[str, Array], *, back: Callable[[Array, Array], Array] = whole
) -> dict[str, Array]:
    z, t = given["z"], given["t"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dp = 2 * (p - t)
    return {"p": p, "L": ((p - t) ** 2).sum(), "dp": dp, "dz": back(p, dp)}


@pytest.mark.parametrize(
    ("back", "code"),
    [
        (lambda p, dp: p * dp, "softmax_sum_left_out"),
        (lambda p, dp: p * (1 - p) * dp, "softmax_diagonal_alone"),
        (lambda _, dp: dp, "activation_derivative_missing"),
    ],
)
def test_what_is_left_of_a_softmaxs_jacobian_is_named(
    back: Callable[[Array, Array], Array], code: str
):
    assert_named(of_text(SOFTMAX), softmax, {"back": back}, code)


def logarithms(
    given: Mapping[str, Array],
    *,
    back: Callable[[Array, Array], Array] = lambda p, dl: dl - p * dl.sum(axis=1, keepdims=True),
) -> dict[str, Array]:
    z, y = given["z"], given["y"].astype(int)
    l = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # noqa: E741 (the name of the line)
    dl = np.zeros_like(z)
    dl[np.arange(3), y] = -1 / 3
    return {"l": l, "L": -l[np.arange(3), y].mean(), "dl": dl, "dz": back(np.exp(l), dl)}


@pytest.mark.parametrize(
    ("back", "code"),
    [
        (lambda _, dl: dl, "softmax_sum_left_out"),
        (lambda p, dl: dl * (1 - p), "softmax_diagonal_alone"),
    ],
)
def test_what_is_left_of_the_jacobian_of_a_softmaxs_logarithm_is_named(
    back: Callable[[Array, Array], Array], code: str
):
    assert_named(of_text(LOGARITHMS), logarithms, {"back": back}, code)


# Pooling

POOLING = """
arrays = {{ x = [4, 6] }}
program = '''
a = x**3
o = {}
'''
upstream = ["o"]
ask = ["a", "o", "da", "dx"]
"""

WINDOWS = "(reshape(a, (2, 2, 3, 2)), axis=(1, 3))"
TWICE = "maximum(maximum(a[::2, ::2], a[1::2, ::2]), maximum(a[::2, 1::2], a[1::2, 1::2]))"


def repeated(each: Array) -> Array:
    return each.repeat(2, axis=0).repeat(2, axis=1)


def pooled(
    given: Mapping[str, Array], *, takes: str = "max", da: Callable[..., Array] | None = None
) -> dict[str, Array]:
    x, do = given["x"], given["do"]
    a = x**3
    o = getattr(a.reshape(2, 2, 3, 2), takes)(axis=(1, 3))
    right = repeated(do) * (a == repeated(o) if takes != "mean" else 1 / 4)
    da = right if da is None else da(repeated(do))
    return {"a": a, "o": o, "da": da, "dx": 3 * x**2 * da}


@pytest.mark.parametrize(
    ("call", "takes"),
    [("max" + WINDOWS, "max"), ("min" + WINDOWS, "min"), (TWICE, "max")],
)
@pytest.mark.parametrize(
    ("da", "code"),
    [(lambda do: do / 4, "maximum_shared_out"), (lambda do: do, "maximum_to_all")],
)
def test_the_gradient_of_a_windows_maximum_that_is_given_to_all_or_shared_is_named(
    call: str, takes: str, da: Callable[[Array], Array], code: str
):
    def solve(given: Mapping[str, Array], **slip: Any) -> dict[str, Array]:
        return pooled(given, takes=takes, **slip)

    assert_named(of_text(POOLING.format(call)), solve, {"da": da}, code)


def test_the_gradient_of_average_pooling_that_is_not_divided_is_named():
    def solve(given: Mapping[str, Array], **slip: Any) -> dict[str, Array]:
        return pooled(given, takes="mean", **slip)

    exercise = of_text(POOLING.format("mean" + WINDOWS))
    assert_named(exercise, solve, {"da": lambda do: do}, "mean_not_divided_back")
