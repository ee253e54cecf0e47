"""Slips in softmax, sigmoid and variances written out, worked by numpy, are named first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.problems.misconceptions.programs.test_layers_in_code import assert_named, of_text

Array = Any


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


SOFTMAX_REGRESSION = """
sizes = { N = 3, D = 4, C = 5 }
arrays = { X = ["N","D"], W = ["D","C"], b = ["C"], y = { shape = ["N"], integers = [0, 4] } }
program = '''
scores = X @ W + b
shifted = scores - np.max(scores, axis=1, keepdims=True)
p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
data_loss = -np.mean(np.log(p[np.arange(N), y]))
loss = data_loss + 0.1 * np.sum(W * W)
'''
differentiate = "loss"
ask = ["p", "loss", "dscores", "dW", "db"]
"""


def softmax_regression(
    given: Mapping[str, Array],
    *,
    axis: int = 1,
    less: int = 0,
    target: float = 1.0,
    is_diagonal: bool = False,
    log: Callable[[Array], Array] = np.log,
    penalty: float = 0.2,
) -> dict[str, Array]:
    X, W, b, y = given["X"], given["W"], given["b"], given["y"].astype(int) - less
    scores = X @ W + b
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exponentials / exponentials.sum(axis=axis, keepdims=True)
    rows = np.arange(len(X))
    dscores = np.zeros_like(p) if is_diagonal else p.copy()
    dscores[rows, y] = p[rows, y] - target
    dscores /= len(X)
    loss = -log(p[rows, y]).mean() + 0.1 * (W * W).sum()
    dW = X.T @ dscores + penalty * W
    return {"p": p, "loss": loss, "dscores": dscores, "dW": dW, "db": dscores.sum(axis=0)}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"target": 0}, "target_not_subtracted"),
        ({"target": -1}, "target_added"),
        ({"is_diagonal": True}, "softmax_diagonal_alone"),
        ({"axis": 0}, "wrong_axis"),
        ({"less": 1}, "labels_off_by_one"),
        ({"log": np.log10}, "decimal_logarithm"),
        ({"log": np.log2}, "binary_logarithm"),
        ({"penalty": -0.2}, "penalty_gradient_subtracted"),
        ({"penalty": 0.4}, "penalty_gradient_doubled"),
    ],
)
def test_slips_in_a_softmax_by_exponentials_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(SOFTMAX_REGRESSION), softmax_regression, slip, code)


JACOBIAN = """
arrays = { x = [3] }
program = "s = np.exp(x) / np.exp(x).sum()"
ask = ["s", { jacobian = ["s", "x"] }]
"""


def jacobian(given: Mapping[str, Array], *, others: float = 1.0) -> dict[str, Array]:
    s = np.exp(given["x"]) / np.exp(given["x"]).sum()
    return {
        "s": s,
        "jacobian_s_x": np.diag(s * (1 - s)) - others * (np.outer(s, s) - np.diag(s**2)),
    }


def test_the_diagonal_of_a_jacobian_alone_is_named():
    assert_named(of_text(JACOBIAN), jacobian, {"others": 0}, "softmax_diagonal_alone")


LOGISTIC_REGRESSION = """
sizes = { nx = 2, m = 3 }
arrays = { w = ["nx", 1], b = [], X = ["nx", "m"], Y = { shape = [1, "m"], mask = true } }
given = { Y = [[1, 0, 1]] }
program = '''
A = sigmoid(np.dot(w.T, X) + b)
cost = -1/m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
'''
differentiate = "cost"
parameters = ["w", "b"]
optimizer = { name = "sgd", learning_rate = 0.5 }
iterations = 2
ask = ["A@1", "cost@1", "dw@1", "db@1", "w_new@1", "A@2", "cost@2", "dw@2", "db@2", "w_new@2"]
"""


def logistic_regression(
    given: Mapping[str, Array],
    *,
    count: int = 3,
    count_back: int = 3,
    sign: int = 1,
    sign_back: int = 1,
    is_stale: bool = False,
    has_slope: bool = False,
    log: Callable[[Array], Array] = np.log,
) -> dict[str, Array]:
    w, b, X, Y = given["w"], given["b"], given["X"], given["Y"]
    first, found = (w, b), dict[str, Array]()
    for t in (1, 2):
        used_w, used_b = first if is_stale else (w, b)
        A = sigmoid(used_w.T @ X + used_b)
        dZ = sign_back * (A - Y) * (A * (1 - A) if has_slope else 1)
        dw, db = X @ dZ.T / count_back, dZ.sum() / count_back
        w, b = w - 0.5 * dw, b - 0.5 * db
        found[f"A@{t}"], found[f"dw@{t}"], found[f"db@{t}"] = A, dw, db
        found[f"cost@{t}"] = -sign * (Y * log(A) + (1 - Y) * log(1 - A)).sum() / count
        found[f"w_new@{t}"] = w
    return found


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"count_back": 1}, "mean_not_divided_back"),
        ({"count": 1, "count_back": 1}, "sum_for_mean"),
        ({"count": 1}, "loss_not_averaged"),
        ({"sign_back": -1}, "negation_lost"),
        ({"sign": -1}, "negation_lost"),
        ({"is_stale": True}, "stale_forward_pass"),
        ({"has_slope": True}, "activation_derivative_twice"),
        ({"log": np.log2}, "binary_logarithm"),
    ],
)
def test_slips_in_a_cost_with_one_over_m_before_its_sum_are_named(
    slip: Mapping[str, Any], code: str
):
    assert_named(of_text(LOGISTIC_REGRESSION), logistic_regression, slip, code)


def test_a_half_before_a_sum_is_no_count():
    text = (
        'arrays = { x = [4] }\nprogram = "e = x**3\\nL = 0.5 * np.sum(e**2)"\n'
        'differentiate = "L"\nask = ["e", "L", "de", "dx"]'
    )

    def half(given: Mapping[str, Array], *, times: float = 1.0) -> dict[str, Array]:
        e = given["x"] ** 3
        return {"e": e, "L": times * (e**2).sum() / 2, "de": e, "dx": 3 * given["x"] ** 2 * e}

    assert_named(of_text(text), half, {"times": 2}, "factor_left_out_forward")


FOCAL = """
arrays = { z = [4], y = { shape = [4], mask = true } }
given = { y = [1, 0, 0, 1] }
program = '''
p = 1 / (1 + np.exp(-z))
pt = np.where(y, p, 1 - p)
L = np.mean(-(1 - pt)**2 * np.log(pt))
'''
differentiate = "L"
ask = ["pt", "L", "dpt", "dp", "dz"]
"""


def focal(
    given: Mapping[str, Array],
    *,
    exponent: int = 2,
    is_exchanged: bool = False,
    is_product: bool = False,
    has_slope: bool = True,
) -> dict[str, Array]:
    z, is_one = given["z"], given["y"] > 0
    p = sigmoid(z)
    pt = np.where(is_one != is_exchanged, p, 1 - p)
    rest = 1 - pt
    by_power, by_logarithm = exponent * rest ** (exponent - 1), 1 / pt
    dpt = by_power * by_logarithm if is_product else by_power * np.log(pt) - rest**exponent / pt
    dpt = dpt / 4
    dp = np.where(is_one != is_exchanged, dpt, -dpt)
    loss = (-(rest**exponent) * np.log(pt)).mean()
    return {"pt": pt, "L": loss, "dpt": dpt, "dp": dp, "dz": dp * p * (1 - p) if has_slope else dp}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"has_slope": False}, "activation_derivative_missing"),
        ({"is_product": True}, "product_of_derivatives"),
        ({"exponent": 1}, "exponent_one_less"),
        ({"is_exchanged": True}, "branches_exchanged"),
    ],
)
def test_slips_in_a_focal_loss_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(FOCAL), focal, slip, code)


NORMALIZED = """
sizes = { n = 4 }
arrays = { x = ["n", 3], g = [1, 3] }
program = '''
mu = 1/n * x.sum(0, keepdims=True)
diff = x - mu
var = 1/(n-1) * (diff**2).sum(0, keepdims=True)
inv = (var + 1e-3)**-0.5
xhat = inv * diff
out = g * xhat
'''
upstream = "out"
ask = ["xhat", "dg", "dvar", "dx"]
"""


def normalized(
    given: Mapping[str, Array],
    *,
    less: int = 1,
    less_backward: int = 1,
    outside: float = 0.0,
    exponent: float = -0.5,
) -> dict[str, Array]:
    x, g, dout = given["x"], given["g"], given["dout"]
    diff = x - x.mean(axis=0, keepdims=True)
    var = (diff**2).sum(axis=0, keepdims=True) / (len(x) - less)
    inv = 1 / (np.sqrt(var) + outside) if outside else (var + 1e-3) ** -0.5
    dxhat = g * dout
    dvar = exponent * (dxhat * diff).sum(axis=0, keepdims=True) * (var + 1e-3) ** -1.5
    ddiff = dxhat * inv + 2 * dvar * diff / (len(x) - less_backward)
    return {
        **{"xhat": diff * inv, "dg": (dout * diff * inv).sum(axis=0, keepdims=True)},
        **{"dvar": dvar, "dx": ddiff - ddiff.mean(axis=0, keepdims=True)},
    }


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"less": 0}, "biased_variance"),
        ({"less": 0, "less_backward": 0}, "biased_variance"),
        ({"outside": 1e-3}, "epsilon_outside_root"),
        ({"exponent": 0.5}, "negation_lost"),
        ({"exponent": -1}, "exponent_factor_forgotten"),
    ],
)
def test_slips_in_a_variance_written_out_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(NORMALIZED), normalized, slip, code)
