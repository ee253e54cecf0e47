"""Sums, means and softmaxes over another axis, worked by numpy alone, are named first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import grade, solve
from tests.problems.misconceptions.programs.test_layers_in_code import (
    assert_named,
    of_text,
)
from tests.problems.test_verdicts import named

Array = Any

SOFTMAX = """
arrays = { z = [4, 4], t = [4, 4] }
program = '''
p = softmax(z, axis=1)
L = sum((p - t)**2)
'''
differentiate = "L"
ask = ["p", "L", "dp", "dz"]
"""


def softmax(given: Mapping[str, Array], *, value: int = 1, back: int = 1) -> dict[str, Array]:
    z, t = given["z"], given["t"]
    p = np.exp(z) / np.exp(z).sum(axis=value, keepdims=True)
    dp = 2 * (p - t)
    dz = p * (dp - (p * dp).sum(axis=back, keepdims=True))
    return {"p": p, "L": ((p - t) ** 2).sum(), "dp": dp, "dz": dz}


@pytest.mark.parametrize("slip", [{"value": 0, "back": 0}, {"back": 0}, {"value": 0}])
def test_a_softmax_over_the_other_axis_is_named(slip: Mapping[str, int]):
    assert_named(of_text(SOFTMAX), softmax, slip, "wrong_axis")


NORMALIZED = """
arrays = { x = [4, 4] }
program = '''
m = mean(x, axis=1, keepdims=True)
v = var(x, axis=1, keepdims=True)
o = (x - m) / sqrt(v + 0.125)
'''
upstream = ["o"]
ask = ["o", "dx"]
"""


def normalized(given: Mapping[str, Array], *, axis: int = 1) -> dict[str, Array]:
    x, do = given["x"], given["do"]
    m, v = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    root = np.sqrt(v + 0.125)
    o = (x - m) / root
    centered = do - do.mean(axis=axis, keepdims=True)
    dx = (centered - o * (do * o).mean(axis=axis, keepdims=True)) / root
    return {"m": m, "v": v, "o": o, "dx": dx}


def test_a_normalization_over_the_other_axis_is_named_though_its_means_are_rows_then():
    assert_named(of_text(NORMALIZED), normalized, {"axis": 0}, "wrong_axis")


IN_ONE_LINE = """
arrays = { x = [3, 4] }
program = "o = (x - mean(x, axis=1, keepdims=True)) / sqrt(var(x, axis=1, keepdims=True) + 0.125)"
upstream = ["o"]
ask = ["o", "dx"]
"""


def test_where_shapes_go_together_the_other_axis_may_be_of_another_length():
    assert_named(of_text(IN_ONE_LINE), normalized, {"axis": 0}, "wrong_axis")


BIAS = """
arrays = { x = [3, 3], b = [3], g = [3] }
program = '''
s = x * g
o = s + b
'''
upstream = ["o"]
ask = ["s", "o", "ds", "dx", "dg", "db"]
"""


def affine(given: Mapping[str, Array], *, db: int = 0, dg: int = 0) -> dict[str, Array]:
    x, b, g, do = (given[name] for name in ("x", "b", "g", "do"))
    gradients = {"dx": do * g, "dg": (do * x).sum(axis=dg), "db": do.sum(axis=db)}
    return {"s": x * g, "o": x * g + b, "ds": do, **gradients}


@pytest.mark.parametrize("slip", [{"db": 1}, {"dg": 1}, {"db": 1, "dg": 1}])
def test_a_gradient_summed_over_the_other_axis_is_named(slip: Mapping[str, int]):
    assert_named(of_text(BIAS), affine, slip, "wrong_axis")


SUMS = """
arrays = {{ x = [3, 3] }}
program = '''
a = x**2
s = {}
L = sum(s**3)
'''
differentiate = "L"
ask = ["a", "s", "L", "ds", "da", "dx"]
draw = {{ default = {{ low = -2, high = 2, step = 0.01 }} }}
"""


@pytest.mark.parametrize("call", ["sum(a, axis=0)", "mean(a, axis=0)", "max(a, axis=0)"])
def test_a_gradient_spread_along_the_other_axis_is_named(call: str):
    exercise = of_text(SUMS.format(call))
    right = {part.name: solve(exercise)[part.name].float64 for part in exercise.ask}
    x = np.reshape([each.double for each in flatten(exercise.given["x"])], (3, 3))
    a, ds = x**2, np.array(right["ds"])
    share = {"s": np.ones((3, 3)), "m": np.full((3, 3), 1 / 3)}[call[0]]
    if call.startswith("max"):
        share = a == a.max(axis=1, keepdims=True)
    da = ds[:, None] * share
    verdict = grade(exercise, right | {"da": da.tolist(), "dx": (2 * x * da).tolist()})
    wrong = next(part for part in verdict.parts if part.name == verdict.first_error)
    assert wrong.name == "da"
    assert named(wrong)[:1] == ["wrong_axis"]
