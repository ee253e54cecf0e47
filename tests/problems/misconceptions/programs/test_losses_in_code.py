"""Slips in losses and in updates of programs, worked by numpy alone, are named first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.problems.misconceptions.programs.test_layers_in_code import (
    assert_named,
    of_catalogue,
    of_text,
)

Array = Any


# Signs, sums and means


def softmax_loss(
    given: Mapping[str, Array],
    *,
    times: float = 1.0,
    times_backward: float = 1.0,
) -> dict[str, Array]:
    z, y = given["z"], given["y"].astype(int)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    right = np.arange(len(z)), y
    dlogp = np.zeros_like(z)
    dlogp[right] = -times_backward / len(z)
    return {
        "L": -logp[right].mean() * times,
        "dlogp": dlogp,
        "dz": dlogp - np.exp(logp) * dlogp.sum(axis=1, keepdims=True),
    }


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"times_backward": -1}, "negation_lost"),
        ({"times": -1, "times_backward": -1}, "negation_lost"),
        ({"times": -1}, "negation_lost"),
        ({"times_backward": 4}, "mean_not_divided_back"),
        ({"times": 4, "times_backward": 4}, "sum_for_mean"),
        ({"times": 4}, "loss_not_averaged"),
    ],
)
def test_slips_in_a_mean_of_logarithms_are_named(slip: Mapping[str, float], code: str):
    assert_named(of_catalogue("layers-backward", "softmax-loss"), softmax_loss, slip, code)


def factorization(given: Mapping[str, Array], *, count: int = 12) -> dict[str, Array]:
    U, V, R = given["U"], given["V"], given["R"]
    E = U @ V.T - R
    dE = 2 * E / count
    dU, dV = dE @ V, dE.T @ U
    return {
        **{"E": E, "L": (E**2).sum() / count, "dE": dE, "dU": dU, "dV": dV},
        **{"U_new": U - 0.5 * dU, "V_new": V - 0.5 * dV},
    }


@pytest.mark.parametrize(("count", "code"), [(1, "sum_for_mean"), (3, "samples_for_elements")])
def test_a_mean_of_all_entries_divided_otherwise_is_named(count: int, code: str):
    exercise = of_catalogue("losses-and-fits", "matrix-factorization")
    assert_named(exercise, factorization, {"count": count}, code)


def hinges(
    given: Mapping[str, Array], *, count: int = 3, is_right_class_passed: bool = True
) -> dict[str, Array]:
    s, y = given["s"], given["y"].astype(int)
    right = np.arange(3), y
    margins = np.maximum(s - s[right][:, None] + 1, 0)
    dmargins = np.ones_like(margins) / count
    ds = (margins > 0) * dmargins
    ds[right] -= ((margins > 0) * dmargins).sum(axis=1)
    if not is_right_class_passed:
        ds[right] = 0
    return {"margins": margins, "L": (margins.sum() - 3) / count, "dmargins": dmargins, "ds": ds}


@pytest.mark.parametrize(("count", "code"), [(1, "sum_for_mean"), (12, "elements_for_samples")])
def test_a_sum_over_samples_divided_otherwise_is_named(count: int, code: str):
    exercise = of_catalogue("losses-and-fits", "multiclass-hinge")
    assert_named(exercise, hinges, {"count": count}, code)


def test_a_hinge_loss_without_the_gradient_of_the_right_classs_score_is_named():
    exercise = of_catalogue("losses-and-fits", "multiclass-hinge")
    slip = {"is_right_class_passed": False}
    assert_named(exercise, hinges, slip, "picked_entries_left_out")


LEAST_SQUARES = """
arrays = { A = [3, 2], x = [2], b = [3] }
program = '''
r = A @ x - b
L = sum(r**2)
'''
differentiate = "L"
ask = ["r", "L", "dr", "dx", "dA"]
"""


def least_squares(given: Mapping[str, Array], *, count: int = 1) -> dict[str, Array]:
    A, x, b = given["A"], given["x"], given["b"]
    r = A @ x - b
    dr = 2 * r / count
    return {"r": r, "L": (r**2).sum() / count, "dr": dr, "dx": A.T @ dr, "dA": np.outer(dr, x)}


def test_a_mean_for_a_sum_is_named():
    assert_named(of_text(LEAST_SQUARES), least_squares, {"count": 3}, "mean_for_sum")


# Momentum


def regression(
    given: Mapping[str, Array],
    *,
    velocity: Callable[[Array, Array], Array] = lambda v, g: 0.9 * v - 0.05 * g,
    step: Callable[[Array, Array], Array] = lambda w, v: w + v,
) -> dict[str, Array]:
    x, w, b, y = (given[name] for name in ("x", "w", "b", "y"))
    made = {}
    vw, vb = np.zeros_like(w), np.zeros_like(b)
    for count in (1, 2, 3):
        e = x @ w + b - y
        dw, db = 2 * x.T @ e / len(x), 2 * e.mean()
        made |= {f"L@{count}": (e**2).mean(), f"dw@{count}": dw, f"db@{count}": db}
        vw, vb = velocity(vw, dw), velocity(vb, db)
        w, b = step(w, vw), step(b, vb)
    return made | {"w_new": w, "b_new": b, "vw": vw, "vb": vb}


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"velocity": lambda v, g: -0.9 * v - 0.05 * g}, "momentum_reversed"),
        ({"velocity": lambda v, g: 0.9 * v + 0.05 * g}, "gradient_ascent"),
        ({"velocity": lambda v, g: 0.9 * v - 0.1 * 0.05 * g}, "velocity_averaged"),
    ],
)
def test_slips_in_the_momentum_of_a_program_are_named(slip: Mapping[str, Any], code: str):
    assert_named(of_catalogue("losses-and-fits", "linear-regression"), regression, slip, code)


VELOCITY = """
sizes = { N = 4, D = 2 }
arrays = { x = ["N", "D"], w = ["D"], b = [], y = ["N"] }
program = '''
e = x @ w + b - y
L = mean(e**2)
'''
differentiate = "L"
parameters = ["w", "b"]
optimizer = { name = "momentum", learning_rate = 0.05 }
iterations = 3
ask = ["dw@1", "L@2", "L@3", "vw", "vb", "w_new", "b_new"]
"""


def test_a_velocity_that_is_kept_uphill_and_subtracted_is_named():
    slip = {"velocity": lambda v, g: 0.9 * v + 0.05 * g, "step": lambda w, v: w - v}
    assert_named(of_text(VELOCITY), regression, slip, "velocity_uphill")


# Targets

COMPOSITIONS = {
    "log_softmax": "L = -mean(log_softmax(z, axis=1)[arange(4), y])",
    "softmax": "p = softmax(z, axis=1)\nL = -mean(log(p[arange(4), y]))",
    "shares": "e = exp(z)\np = e / sum(e, axis=1, keepdims=True)\nL = -mean(log(p[arange(4), y]))",
    "shifted": "s = z - max(z, axis=1, keepdims=True)\n"
    "l = s - log(sum(exp(s), axis=1, keepdims=True))\nL = -sum(l[arange(4), y]) / 4",
    "logsumexp": "L = mean(logsumexp(z, axis=1) - z[arange(4), y])",
    "less_logsumexp": "L = -mean((z - logsumexp(z, axis=1, keepdims=True))[arange(4), y])",
}
OF_CLASSES = """
arrays = {{ z = [4, 3], y = {{ shape = [4], integers = [0, 2] }} }}
program = '''
{}
'''
differentiate = "L"
ask = ["L", "dz"]
"""

SIGMOIDS = {"sigmoid": "p = sigmoid(z)", "in_lines": "p = 1 / (1 + exp(-z))"}
OF_TWO_CLASSES = """
arrays = {{ z = [5], y = [5] }}
program = '''
{}
L = -mean(y * log(p) + (1 - y) * log(1 - p))
'''
differentiate = "L"
ask = ["L", "dz"]
draw = {{ y = [0, 1, 1] }}
given = {{ y = [1, 0, 1, 1, 0] }}
"""


def of_classes(given: Mapping[str, Array], *, target: float = 1.0) -> dict[str, Array]:
    z, y = given["z"], given["y"].astype(int)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return {
        "L": -np.log(p[np.arange(4), y]).mean(),
        "dz": (p - target * np.eye(3)[y]) / 4,
    }


def of_two_classes(given: Mapping[str, Array], *, target: float = 1.0) -> dict[str, Array]:
    z, y = given["z"], given["y"]
    p = 1 / (1 + np.exp(-z))
    L = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    return {"L": L, "dz": (p - target * y) / 5}


TARGETS = [({"target": 0}, "target_not_subtracted"), ({"target": -1}, "target_added")]


@pytest.mark.parametrize("program", COMPOSITIONS.values(), ids=COMPOSITIONS)
@pytest.mark.parametrize(("slip", "code"), TARGETS)
def test_a_class_that_is_not_subtracted_from_shares_is_named(
    program: str, slip: Mapping[str, float], code: str
):
    assert_named(of_text(OF_CLASSES.format(program)), of_classes, slip, code)


@pytest.mark.parametrize("program", SIGMOIDS.values(), ids=SIGMOIDS)
@pytest.mark.parametrize(("slip", "code"), TARGETS)
def test_a_target_that_is_not_subtracted_from_a_probability_is_named(
    program: str, slip: Mapping[str, float], code: str
):
    assert_named(of_text(OF_TWO_CLASSES.format(program)), of_two_classes, slip, code)
