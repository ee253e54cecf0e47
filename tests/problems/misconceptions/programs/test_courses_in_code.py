"""Slips in what courses on networks ask, as programs, worked by numpy alone, are named first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.problems.misconceptions.programs.test_layers_in_code import assert_named, of_text
from tests.problems.misconceptions.programs.test_written_out_in_code import sigmoid

Array = Any


DROPOUT = """
sizes = { m = 4 }
given = { D1 = [[1, 1, 0, 1], [1, 0, 1, 1]] }
program = '''
keep_prob = 0.8
A1 = tanh(W1 @ X)
A1d = A1 * D1 / keep_prob
Yhat = W2 @ A1d
J = 1/(2*m) * np.sum((Yhat - Y)**2) + 0.7/(2*m) * (np.sum(W1**2) + np.sum(W2**2))
'''
differentiate = "J"
ask = ["A1d", "J", "dYhat", "dW2", "dA1", "dW1"]

[exercises.arrays]
X = [3, "m"]
W1 = [2, 3]
D1 = { shape = [2, "m"], mask = true }
W2 = [1, 2]
Y = [1, "m"]
"""


def dropout(
    given: Mapping[str, Array],
    *,
    count: int = 4,
    count_back: int = 4,
    penalty: float = 0.7,
    keep: float = 0.8,
    is_dropped: bool = True,
) -> dict[str, Array]:
    X, W1, D1, W2, Y = (given[name] for name in ("X", "W1", "D1", "W2", "Y"))
    A1 = np.tanh(W1 @ X)
    A1d = A1 * D1 / keep
    error = W2 @ A1d - Y
    J = (error**2).sum() / (2 * count) + 0.7 / 8 * ((W1**2).sum() + (W2**2).sum())
    dYhat = error / count_back
    dA1 = W2.T @ dYhat * D1 / keep
    dW2 = dYhat @ (A1d if is_dropped else A1).T + penalty / 4 * W2
    dW1 = (dA1 * (1 - A1**2)) @ X.T + penalty / 4 * W1
    return {"A1d": A1d, "J": J, "dYhat": dYhat, "dW2": dW2, "dA1": dA1, "dW1": dW1}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"count_back": 1}, "mean_not_divided_back"),
        ({"count": 1, "count_back": 1}, "sum_for_mean"),
        ({"count": 1}, "loss_not_averaged"),
        ({"penalty": 1.4}, "penalty_gradient_doubled"),
        ({"penalty": 0.35}, "exponent_factor_forgotten"),
        ({"penalty": -0.7}, "penalty_gradient_subtracted"),
        ({"keep": 1 / 0.8}, "multiplied_for_divided"),
        ({"is_dropped": False}, "array_before_in_gradient"),
    ],
)
def test_slips_with_dropout_and_a_penalty_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(DROPOUT), dropout, slip, code)


HUBER = """
arrays = { x = [6, 2], w = [2], y = [6] }
program = '''
e = x @ w - y
rho = np.where(np.abs(e) <= 1, 0.5 * e**2, np.abs(e) - 0.5)
L = np.mean(rho)
'''
differentiate = "L"
ask = ["e", "L", "de", "dw"]
draw = { x = [-2, 2, 0.1], y = [-3, 3, 0.1] }
"""


def huber(
    given: Mapping[str, Array],
    *,
    is_clipped: bool = True,
    is_exchanged: bool = False,
    sign: int = 1,
    has_sign: bool = True,
) -> dict[str, Array]:
    x, w, y = given["x"], given["w"], given["y"]
    e = sign * (x @ w - y)
    is_small = np.abs(e) <= 1
    slope = np.sign(e) if has_sign else np.ones_like(e)
    de = np.where(is_small != is_exchanged, e, slope) if is_clipped else e
    loss = np.where(is_small, e**2 / 2, np.abs(e) - 0.5).mean()
    return {"e": e, "L": loss, "de": de / 6, "dw": x.T @ de / 6}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"is_clipped": False}, "branch_everywhere"),
        ({"is_exchanged": True}, "branches_exchanged"),
        ({"sign": -1}, "difference_reversed"),
        ({"has_sign": False}, "function_derivative_missing"),
    ],
)
def test_slips_in_a_huber_loss_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(HUBER), huber, slip, code)


ATTENTION = """
sizes = { T = 3, d = 2 }
arrays = { Q = ["T","d"], K = ["T","d"], V = ["T","d"], M = { shape = ["T","T"], mask = true } }
given = { M = [[1,0,0],[1,1,0],[1,1,1]] }
program = '''
S = Q @ K.T / np.sqrt(d)
A = softmax(np.where(M, S, -np.inf), axis=-1)
out = A @ V
'''
upstream = "out"
ask = ["A", "out", "dV", "dA", "dS", "dQ", "dK"]
"""


def attention(
    given: Mapping[str, Array],
    *,
    scale: float = 2**0.5,
    is_mask_transposed: bool = False,
    is_transposed: bool = True,
    has_keys: bool = True,
) -> dict[str, Array]:
    Q, K, V, M, dout = (given[name] for name in ("Q", "K", "V", "M", "dout"))
    shares = np.exp(Q @ K.T / scale) * (M.T if is_mask_transposed else M)
    A = shares / shares.sum(axis=1, keepdims=True)
    dA = dout @ V.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True))
    dQ, dK = dS @ (K if has_keys else Q) / scale, (dS.T if is_transposed else dS) @ Q / scale
    return {"A": A, "out": A @ V, "dV": A.T @ dout, "dA": dA, "dS": dS, "dQ": dQ, "dK": dK}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"scale": 2}, "root_left_out"),
        ({"is_mask_transposed": True}, "mask_transposed"),
        ({"is_transposed": False}, "factor_not_transposed"),
        ({"has_keys": False}, "own_operand"),
    ],
)
def test_slips_in_attention_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(ATTENTION), attention, slip, code)


GATED = """
arrays = { x = [2], h = [3], Wz = [3, 5], Wr = [3, 5], Wh = [3, 5], bz = [3] }
program = '''
xh = np.concatenate((x, h))
z = sigmoid(Wz @ xh + bz)
r = sigmoid(Wr @ xh)
n = np.tanh(Wh @ np.concatenate((x, r * h)))
h_next = (1 - z) * h + z * n
'''
upstream = "h_next"
ask = ["z", "r", "n", "h_next", "dn", "dz", "dr", "dbz", "dh"]
"""


def gated(
    given: Mapping[str, Array],
    *,
    is_exchanged: bool = False,
    is_reset_back: bool = True,
    has_slope: bool = True,
) -> dict[str, Array]:
    x, h, Wz, Wr, Wh, dout = (given[each] for each in ("x", "h", "Wz", "Wr", "Wh", "dh_next"))
    xh = np.concatenate((x, h))
    z, r = sigmoid(Wz @ xh + given["bz"]), sigmoid(Wr @ xh)
    n = np.tanh(Wh @ np.concatenate((x, r * h)))
    old, new = (z, 1 - z) if is_exchanged else (1 - z, z)
    dn, dz = dout * new, dout * (h - n if is_exchanged else n - h)
    dreset = (Wh.T @ (dn * (1 - n**2)))[2:]
    dr = dreset * h
    dxh = Wz.T @ (dz * z * (1 - z)) + Wr.T @ (dr * r * (1 - r))
    dh = dout * old + dreset * (r if is_reset_back else 1) + dxh[2:]
    return {
        **{"z": z, "r": r, "n": n, "h_next": old * h + new * n},
        **{"dn": dn, "dz": dz, "dr": dr, "dh": dh},
        "dbz": dz * z * (1 - z) if has_slope else dz,
    }


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"is_exchanged": True}, "mixture_exchanged"),
        ({"is_reset_back": False}, "factor_left_out"),
        ({"has_slope": False}, "activation_derivative_missing"),
    ],
)
def test_slips_in_a_gated_unit_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(GATED), gated, slip, code)


NEGATIVE_SAMPLING = """
sizes = { K = 3, D = 3 }
arrays = { vc = ["D"], uo = ["D"], Uk = ["K","D"] }
program = "J = -np.log(sigmoid(uo @ vc)) - np.sum(np.log(sigmoid(-Uk @ vc)))"
differentiate = "J"
ask = ["J", "dvc", "duo", "dUk"]
"""


def negative_sampling(
    given: Mapping[str, Array], *, target: int = 1, sign: int = -1
) -> dict[str, Array]:
    v, u, U = given["vc"], given["uo"], given["Uk"]
    a, others = sigmoid(u @ v), sigmoid(sign * U @ v)
    J = -np.log(a) - np.log(others).sum()
    dvc = (a - target) * u + U.T @ (1 - others)
    return {"J": J, "dvc": dvc, "duo": (a - target) * v, "dUk": np.outer(1 - others, v)}


@pytest.mark.parametrize(
    ("slip", "code"), [({"target": 0}, "target_not_subtracted"), ({"sign": 1}, "negation_lost")]
)
def test_slips_in_negative_sampling_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(NEGATIVE_SAMPLING), negative_sampling, slip, code)


HINGES = """
sizes = { N = 4, D = 3, C = 5 }
arrays = { X = ["N","D"], W = ["D","C"], y = { shape = ["N"], integers = [0, 4] } }
program = '''
s = X @ W
correct = s[np.arange(N), y].reshape(N, 1)
m = np.maximum(0, s - correct + 1)
L = (np.sum(m) - N) / N
'''
differentiate = "L"
ask = ["s", "L", "ds", "dW"]
"""


def hinges(
    given: Mapping[str, Array], *, of_right: str = "others", is_of_score: bool = False
) -> dict[str, Array]:
    X, W, y = given["X"], given["W"], given["y"].astype(int)
    s, right = X @ W, (np.arange(4), y)
    m = np.maximum(0, s - s[right][:, None] + 1)
    ds = ((s if is_of_score else m) > 0).astype(float)
    counts = {"others": ds.sum(axis=1) - ds[right], "all": ds.sum(axis=1), "one": 1}
    ds[right] = -counts[of_right]
    return {"s": s, "L": m.sum() / 4 - 1, "ds": ds / 4, "dW": X.T @ ds / 4}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"of_right": "one"}, "picked_entries_counted_once"),
        ({"of_right": "all"}, "picked_entries_overwritten"),
        ({"is_of_score": True}, "rectifier_of_term"),
    ],
)
def test_slips_in_a_hinge_loss_of_several_classes_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(HINGES), hinges, slip, code)


ADAM = """
arrays = { x = [3], y = [3], w = [], b = [] }
program = "L = np.mean((w * x + b - y)**2)"
differentiate = "L"
parameters = ["w", "b"]
optimizer = { name = "adam", learning_rate = 0.1 }
iterations = 2
ask = ["L@1", "dw@1", "mw@1", "sw@1", "w_new@1", "dw@2", "mw@2", "sw@2", "w_new@2"]
"""


def adam(
    given: Mapping[str, Array],
    *,
    of_mean: float = 0.1,
    of_squares: float = 0.001,
    is_squared: bool = True,
    has_root: bool = True,
) -> dict[str, Array]:
    x, y, found = given["x"], given["y"], dict[str, Array]()
    used = {"w": (given["w"], 0.0, 0.0), "b": (given["b"], 0.0, 0.0)}
    for t in (1, 2):
        error = used["w"][0] * x + used["b"][0] - y
        found[f"L@{t}"] = (error**2).mean()
        for name, g in (("w", 2 * (error * x).mean()), ("b", 2 * error.mean())):
            value, m, s = used[name]
            m = 0.9 * m + of_mean * g
            s = 0.999 * s + of_squares * (g**2 if is_squared else abs(g))
            by = s / (1 - 0.999**t)
            step = m / (1 - 0.9**t) / (np.sqrt(by) + 1e-8 if has_root else by)
            used[name] = value - 0.1 * step, m, s
            made = {"d": g, "m": m, "s": s}
            found |= {f"{letter}{name}@{t}": each for letter, each in made.items()}
            found[f"{name}_new@{t}"] = used[name][0]
    return {name: np.asarray(each) for name, each in found.items()}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"of_mean": 1}, "decay_complement_missing"),
        ({"of_squares": 1}, "decay_complement_missing"),
        ({"is_squared": False}, "gradient_not_squared"),
        ({"has_root": False}, "root_of_squares_missing"),
    ],
)
def test_slips_with_adam_in_a_program_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(ADAM), adam, slip, code)


LAYER_NORMALIZATION = """
arrays = { x = [2, 4], gamma = [4] }
program = '''
mu = x.mean(axis=1, keepdims=True)
v = x.var(axis=1, keepdims=True)
out = gamma * (x - mu) / np.sqrt(v + 1e-2)
'''
upstream = "out"
ask = ["out", "dgamma", "dx"]
"""


def layer_normalization(given: Mapping[str, Array], *, axis: int = 1) -> dict[str, Array]:
    x, gamma, dout = given["x"], given["gamma"], given["dout"]
    root = np.sqrt(x.var(axis=axis, keepdims=True) + 1e-2)
    xhat = (x - x.mean(axis=axis, keepdims=True)) / root
    dxhat = dout * gamma
    mean, by_spread = (each.mean(axis=axis, keepdims=True) for each in (dxhat, dxhat * xhat))
    dx = (dxhat - mean - xhat * by_spread) / root
    return {"out": gamma * xhat, "dgamma": (dout * xhat).sum(axis=0), "dx": dx}


def test_statistics_over_the_other_axis_are_named_where_they_have_another_size():
    exercise = of_text(LAYER_NORMALIZATION)
    assert_named(exercise, layer_normalization, {"axis": 0}, "wrong_axis")


POOLED = """
arrays = { x = [4, 4] }
program = "out = np.max(x.reshape(2, 2, 2, 2), axis=(1, 3))"
upstream = "out"
ask = ["out", "dx"]
"""


def pooled(
    given: Mapping[str, Array],
    *,
    is_first: bool = False,
    is_times: bool = False,
    has_upstream: bool = True,
) -> dict[str, Array]:
    windows = given["x"].reshape(2, 2, 2, 2)
    out = windows.max(axis=(1, 3), keepdims=True)
    taken = np.zeros_like(windows)
    if is_first:
        taken[:, 0, :, 0] = 1
    else:
        taken = (windows == out) * (windows if is_times else 1)
    dx = taken * (given["dout"][:, None, :, None] if has_upstream else 1)
    return {"out": out.reshape(2, 2), "dx": dx.reshape(4, 4)}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"is_first": True}, "maximum_to_first"),
        ({"is_times": True}, "maximum_times_value"),
        ({"has_upstream": False}, "upstream_not_multiplied"),
    ],
)
def test_slips_in_the_largest_of_each_window_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(POOLED), pooled, slip, code)


GRAPH = """
arrays = { x = [], y = [], w = [] }
program = '''
a = x * y
b = np.sin(a) + w
L = (a * b)**2
'''
differentiate = "L"
ask = ["a", "b", "L", "db", "da", "dx"]
draw = { default = { low = 1.05, high = 1.45, step = 0.1 } }
"""


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"has_cosine": False}, "function_derivative_missing"),
        ({"sign": -1}, "sine_derivative_sign"),
    ],
)
def test_slips_in_the_derivative_of_a_sine_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(GRAPH), graph, slip, code)


def graph(
    given: Mapping[str, Array], *, has_cosine: bool = True, sign: int = 1
) -> dict[str, Array]:
    a = given["x"] * given["y"]
    b = np.sin(a) + given["w"]
    db = 2 * a * b * a
    da = 2 * a * b * b + db * sign * (np.cos(a) if has_cosine else 1)
    found = {"a": a, "b": b, "L": (a * b) ** 2, "db": db, "da": da, "dx": da * given["y"]}
    return {name: np.asarray(each) for name, each in found.items()}
