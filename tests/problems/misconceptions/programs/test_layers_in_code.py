"""Slips in the backward pass of layers that are programs, worked by numpy, are named first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from tests.problems.misconceptions.handed_in import named_where_it_began, verdict_on
from tests.problems.programs import set_of

Array = Any
Solve = Callable[..., dict[str, Array]]

AFTER_A_RECTIFIER = """
arrays = {{ x = [3, 4], W = [4, 3] }}
program = '''
z = x @ W
h = {}
out = h**2 + h
'''
upstream = ["out"]
ask = ["h", "out", "dh", "dz", "dx", "dW"]
draw = {{ default = {{ low = -1.95, high = 1.95, step = 0.1 }} }}
"""

RECTIFIERS = (
    *("relu(z)", "maximum(z, 0)", "maximum(0, z)"),
    *("where(z > 0, z, 0)", "where(z >= 0, z, 0)", "z * (z > 0)"),
)


def given(exercise: Exercise) -> Mapping[str, Array]:
    """The numbers of an exercise as arrays."""
    numbers = exercise.to_data()["given"]
    return {
        name: np.array(each, dtype=object).astype(str).astype(float)
        for name, each in numbers.items()
    }


def of_catalogue(problem_set: str, name: str) -> Exercise:
    return generate(load(problem_set), name, student="ada", secret=b"0")


def of_text(text: str) -> Exercise:
    return generate(set_of(text), "program", student="ada", secret=b"0")


def assert_named(exercise: Exercise, solve: Solve, slip: Mapping[str, Any], code: str) -> None:
    """Check that what a student makes is right without a slip, and with one has its name."""
    right, wrong = solve(given(exercise)), solve(given(exercise), **slip)
    assert verdict_on(exercise, right).outcome == "correct"
    assert named_where_it_began(exercise, wrong)[:1] == [code]


def summed(array: Array) -> Array:
    return array.sum(axis=0)


def averaged(array: Array) -> Array:
    return array.mean(axis=0)


def of_first(array: Array) -> Array:
    return array[0]


def of_last(array: Array) -> Array:
    return array[-1]


# Normalization


def batch_normalization(
    given: Mapping[str, Array],
    *,
    scales: bool = True,
    less: int = 0,
    inside: float = 1e-5,
    outside: float = 0.0,
    dbeta: Callable[[Array], Array] = summed,
    dgamma: Callable[[Array], Array] = summed,
) -> dict[str, Array]:
    x, gamma, beta, dout = (given[name] for name in ("x", "gamma", "beta", "dout"))
    count = len(x)
    xmu = x - x.mean(axis=0)
    root = np.sqrt((xmu**2).sum(axis=0) / (count - less) + inside)
    ivar = 1 / (root + outside)
    xhat = xmu * ivar
    dxhat = dout * gamma if scales else dout
    divar = (dxhat * xmu).sum(axis=0)
    dsqrtvar = -divar * ivar**2
    dvariance = dsqrtvar / (2 * root)
    dsq = np.ones_like(x) * dvariance / (count - less)
    dxmu = dxhat * ivar + dsq * 2 * xmu
    dmu = -dxmu.sum(axis=0)
    return {
        **{"out": gamma * xhat + beta, "dbeta": dbeta(dout), "dgamma": dgamma(dout * xhat)},
        **{"dxhat": dxhat, "divar": divar, "dsqrtvar": dsqrtvar, "dvariance": dvariance},
        **{"dsq": dsq, "dxmu": dxmu, "dmu": dmu, "dx": dxmu + dmu / count},
    }


def layer_normalization(
    given: Mapping[str, Array],
    *,
    scales: bool = True,
    less: int = 0,
    less_backward: int | None = None,
    inside: float = 1e-5,
    outside: float = 0.0,
    dbeta: Callable[[Array], Array] = summed,
    dgamma: Callable[[Array], Array] = summed,
) -> dict[str, Array]:
    x, gamma, beta, dout = (given[name] for name in ("x", "gamma", "beta", "dout"))
    units = x.shape[1]
    less_backward = less if less_backward is None else less_backward
    centered = x - x.mean(axis=1, keepdims=True)
    root = np.sqrt((centered**2).sum(axis=1, keepdims=True) / (units - less) + inside)
    deviation = root + outside
    xhat = centered / deviation
    dxhat = dout * gamma if scales else dout
    ddeviation = -(dxhat * centered).sum(axis=1, keepdims=True) / deviation**2
    dvariance = ddeviation / (2 * root)
    dcentered = dxhat / deviation
    mean = dcentered.sum(axis=1, keepdims=True) / units
    return {
        **{"out": gamma * xhat + beta, "dxhat": dxhat},
        "dx": dcentered - mean + dvariance * 2 * centered / (units - less_backward),
        **{"dgamma": dgamma(dout * xhat), "dbeta": dbeta(dout)},
    }


NORMALIZED = [
    ({"scales": False}, "factor_left_out"),
    ({"less": 1}, "unbiased_variance"),
    ({"inside": 0.0, "outside": 1e-5}, "epsilon_outside_root"),
    ({"inside": 0.0}, "epsilon_forgotten"),
    ({"dbeta": averaged}, "broadcast_averaged"),
    ({"dbeta": averaged, "dgamma": averaged}, "broadcast_averaged"),
    ({"dbeta": of_first}, "broadcast_of_one_repetition"),
    ({"dbeta": of_last}, "broadcast_of_one_repetition"),
    ({"dgamma": of_last}, "broadcast_of_one_repetition"),
]


@pytest.mark.parametrize(("slip", "code"), NORMALIZED)
def test_slips_in_batch_normalization_are_named(slip: Mapping[str, Any], code: str):
    exercise = of_catalogue("layers-backward", "batch-normalization-in-steps")
    assert_named(exercise, batch_normalization, slip, code)


@pytest.mark.parametrize(
    ("slip", "code"), [*NORMALIZED, ({"less": 1, "less_backward": 0}, "unbiased_variance")]
)
def test_slips_in_layer_normalization_are_named(slip: Mapping[str, Any], code: str):
    exercise = of_catalogue("layers-backward", "layer-normalization-backward")
    assert_named(exercise, layer_normalization, slip, code)


UNBIASED = """
arrays = { x = [5] }
program = '''
mu = mean(x)
c = x - mu
v = sum(c**2) / 4
f = v**2
'''
differentiate = "f"
ask = ["mu", "v", "f", "dv", "dx"]
"""


def variance(given: Mapping[str, Array], *, count: int = 4) -> dict[str, Array]:
    x = given["x"]
    centered = x - x.mean()
    v = (centered**2).sum() / count
    return {"mu": x.mean(), "v": v, "f": v**2, "dv": 2 * v, "dx": 2 * v * 2 * centered / count}


def test_an_unbiased_variance_divided_by_the_number_of_entries_is_named():
    assert_named(of_text(UNBIASED), variance, {"count": 5}, "biased_variance")


# Attention


def attention(
    given: Mapping[str, Array], *, root: float = 2.0, queries: bool = True, keys: bool = True
) -> dict[str, Array]:
    q, k, v, dout = (given[name] for name in ("q", "k", "v", "dout"))
    turned = k.swapaxes(-1, -2)
    scores = q @ turned / root
    p = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    dheads = dout
    if q.ndim == 3:
        dheads = dout.reshape(3, 2, 2).transpose(1, 0, 2)
    heads = p @ v
    dp = dheads @ v.swapaxes(-1, -2)
    dscores = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    return {
        **{"scores": scores, "p": p, "dheads": dheads, "dp": dp, "dscores": dscores},
        "out": heads if q.ndim == 2 else heads.transpose(1, 0, 2).reshape(3, 4),
        "dv": p.swapaxes(-1, -2) @ dheads,
        "dq": dscores @ k / (root if queries else 1),
        "dk": dscores.swapaxes(-1, -2) @ q / (root if keys else 1),
    }


SCALES = [{"queries": False, "keys": False}, {"queries": False}, {"keys": False}]


@pytest.mark.parametrize("slip", SCALES)
def test_the_scale_of_attention_left_out_on_the_way_back_is_named(slip: Mapping[str, bool]):
    exercise = of_catalogue("embeddings-and-attention", "attention")
    assert_named(exercise, attention, slip, "factor_left_out")


@pytest.mark.parametrize("slip", SCALES)
def test_a_scale_that_is_the_root_of_a_size_left_out_on_the_way_back_is_named(
    slip: Mapping[str, bool],
):
    def heads(given: Mapping[str, Array], **slip: bool) -> dict[str, Array]:
        return attention(given, root=np.sqrt(2), **slip)

    exercise = of_catalogue("embeddings-and-attention", "two-headed-attention")
    assert_named(exercise, heads, slip, "factor_left_out")


# Rectifiers


def after_a_rectifier(
    given: Mapping[str, Array], *, mask: Callable[[Array, Array], Array] = lambda z, _: z > 0
) -> dict[str, Array]:
    x, W, dout = given["x"], given["W"], given["dout"]
    z = x @ W
    h = np.maximum(z, 0)
    dh = dout * (2 * h + 1)
    dz = dh * mask(z, dh)
    return {"h": h, "out": h**2 + h, "dh": dh, "dz": dz, "dx": dz @ W.T, "dW": x.T @ dz}


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        (lambda _, dh: dh > 0, "relu_of_gradient"),
        (lambda z, _: np.ones_like(z), "activation_derivative_missing"),
    ],
)
@pytest.mark.parametrize("form", RECTIFIERS)
def test_a_wrong_mask_of_a_rectifier_is_named_however_it_is_written(
    form: str, mask: Callable[[Array, Array], Array], code: str
):
    exercise = of_text(AFTER_A_RECTIFIER.format(form))
    assert_named(exercise, after_a_rectifier, {"mask": mask}, code)


# Convolution


def overwritten(dx: Array, place: slice, more: Array) -> None:
    dx[place] = more


def accumulated(dx: Array, place: slice, more: Array) -> None:
    dx[place] += more


def convolution(
    given: Mapping[str, Array],
    *,
    put: Callable[[Array, slice, Array], None] = accumulated,
    weights: slice = slice(None),
    by_windows: bool = False,
    dw_of_window: int | None = None,
) -> dict[str, Array]:
    x, w, b, dout = (given[name] for name in ("x", "w", "b", "dout"))
    windows = np.array([x[at : at + 3] for at in range(4)])
    dx = np.zeros(6)
    if by_windows:
        for at in range(4):
            put(dx, slice(at, at + 3), dout[at] * w)
    else:
        for at in range(3)[weights]:
            put(dx, slice(at, at + 4), dout * w[at])
    dw = dout @ windows if dw_of_window is None else dout[dw_of_window] * windows[dw_of_window]
    return {"out": windows @ w + b, "dx": dx, "dw": dw, "db": dout.sum()}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"put": overwritten}, "path_overwritten"),
        ({"put": overwritten, "by_windows": True}, "path_overwritten"),
        ({"weights": slice(-1, None)}, "path_overwritten"),
        ({"weights": slice(0, 1)}, "path_overwritten"),
        ({"dw_of_window": 0}, "broadcast_of_one_repetition"),
        ({"dw_of_window": -1}, "broadcast_of_one_repetition"),
    ],
)
def test_contributions_lost_in_a_convolution_are_named(slip: Mapping[str, Any], code: str):
    exercise = of_catalogue("layers-backward", "convolution-1d-backward")
    assert_named(exercise, convolution, slip, code)


def images(
    given: Mapping[str, Array], *, put: Callable[..., None] = accumulated, backwards: bool = False
) -> dict[str, Array]:
    x, w, b, dout = (given[name] for name in ("x", "w", "b", "dout"))
    places = [(row, column) for row in range(2) for column in range(2)]
    dx, dw, out = np.zeros((4, 4)), np.zeros((2, 2)), np.zeros((3, 3)) + b
    for row, column in reversed(places) if backwards else places:
        window = slice(row, row + 3), slice(column, column + 3)
        put(dx, window, dout * w[row, column])
        dw[row, column] = (dout * x[window]).sum()
        out += w[row, column] * x[window]
    return {"out": out, "dx": dx, "dw": dw, "db": dout.sum()}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_gradient_set_where_windows_of_an_image_overlap_is_named(*, backwards: bool):
    exercise = of_catalogue("layers-backward", "convolution-2d-backward")
    slip = {"put": overwritten, "backwards": backwards}
    assert_named(exercise, images, slip, "path_overwritten")


# An affine layer

AFFINE = """
arrays = { x = [4, 3], w = [3, 2], b = [2] }
program = "out = x.dot(w) + b"
upstream = ["out"]
ask = ["out", "dx", "dw", "db"]
"""


def affine(
    given: Mapping[str, Array],
    *,
    arriving: Callable[[Array], Array] = lambda dout: dout,
    dw_over: float = 1,
    db_over: float = 1,
) -> dict[str, Array]:
    x, w, b, dout = (given[name] for name in ("x", "w", "b", "dout"))
    dw, db = x.T @ arriving(dout) / dw_over, dout.sum(axis=0) / db_over
    return {"out": x @ w + b, "dx": dout @ w.T, "dw": dw, "db": db}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"arriving": np.ones_like}, "upstream_not_multiplied"),
        ({"dw_over": 4, "db_over": 4}, "gradients_averaged_again"),
        ({"dw_over": 4}, "weight_gradient_averaged"),
        ({"db_over": 4}, "broadcast_averaged"),
    ],
)
def test_gradients_of_an_affine_layer_without_what_arrives_or_averaged_are_named(
    slip: Mapping[str, Any], code: str
):
    assert_named(of_text(AFFINE), affine, slip, code)
