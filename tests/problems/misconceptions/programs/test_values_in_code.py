"""What is left out of a line, worked by numpy alone, is named first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.problems.misconceptions.programs.test_layers_in_code import assert_named, of_text

Array = Any

ATTENTION = """
arrays = { x = [4, 3], Wq = [3, 2], Wk = [3, 2], Wv = [3, 2], m = { shape = [4, 4], mask = true } }
program = '''
q = x @ Wq
k = x @ Wk
v = x @ Wv
s = q @ k.T / np.sqrt(2)
p = softmax(where(m, s, -inf))
out = p @ v
'''
upstream = ["out"]
ask = ["p", "out", "ds", "dx", "dWq", "dWk", "dWv"]
given = { m = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]] }
"""


def attention(
    given: Mapping[str, Array],
    *,
    scale: float = 2**-0.5,
    scale_back: float | None = None,
    mask: str = "before",
) -> dict[str, Array]:
    x, Wq, Wk, Wv, m, dout = (given[each] for each in ("x", "Wq", "Wk", "Wv", "m", "dout"))
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    raised = np.exp(q @ k.T * scale) * (m if mask == "before" else 1)
    p = raised / raised.sum(axis=1, keepdims=True) * (m if mask == "after" else 1)
    dp = dout @ v.T
    ds = p * (dp - (p * dp).sum(axis=1, keepdims=True))
    passed = ds * (scale if scale_back is None else scale_back)
    dq, dk, dv = passed @ k, passed.T @ q, p.T @ dout
    return {
        **{"p": p, "out": p @ v, "ds": ds, "dx": dq @ Wq.T + dk @ Wk.T + dv @ Wv.T},
        **{"dWq": x.T @ dq, "dWk": x.T @ dk, "dWv": x.T @ dv},
    }


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"scale": 1}, "factor_left_out_forward"),
        ({"scale": 1, "scale_back": 2**-0.5}, "factor_left_out_forward"),
        ({"mask": "never"}, "mask_left_out"),
        ({"mask": "after"}, "mask_after_softmax"),
        ({"scale_back": 1}, "factor_left_out"),
    ],
)
def test_what_is_left_out_of_attention_is_named(slip: Mapping[str, Any], code: str):
    assert_named(of_text(ATTENTION), attention, slip, code)


BLOCK = """
arrays = { x = [3, 2], W = [2, 2], b = [2] }
program = '''
h = tanh(x @ W + b)
out = h * 0.5 + x
'''
upstream = ["out"]
ask = ["h", "out", "dh", "dx", "dW", "db"]
"""


def block(
    given: Mapping[str, Array],
    *,
    bias: float = 1,
    shortcut: float = 1,
    shortcut_back: float = 1,
    half: float = 0.5,
    half_back: float = 0.5,
) -> dict[str, Array]:
    x, W, b, dout = (given[each] for each in ("x", "W", "b", "dout"))
    h = np.tanh(x @ W + bias * b)
    dh = half_back * dout
    dz = dh * (1 - h**2)
    return {
        **{"h": h, "out": half * h + shortcut * x, "dh": dh},
        **{"dx": dz @ W.T + shortcut_back * dout, "dW": x.T @ dz, "db": dz.sum(axis=0)},
    }


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"bias": 0}, "term_left_out"),
        ({"shortcut": 0}, "term_left_out"),
        ({"shortcut": 0, "shortcut_back": 0}, "term_left_out"),
        ({"half": 1}, "factor_left_out_forward"),
        ({"half": 1, "half_back": 1}, "factor_left_out_forward"),
        ({"half_back": 1}, "factor_left_out"),
        ({"shortcut_back": 0}, "path_overwritten"),
    ],
)
def test_what_is_left_out_of_a_residual_block_is_named(slip: Mapping[str, float], code: str):
    assert_named(of_text(BLOCK), block, slip, code)


DROPOUT = """
arrays = { x = [3, 4], m = { shape = [3, 4], mask = true } }
program = '''
a = x**2
out = a * m / 0.75
'''
upstream = ["out"]
ask = ["a", "out", "da", "dx"]
given = { m = [[1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1]] }
"""


def dropout(
    given: Mapping[str, Array], *, is_masked: bool = True, keep: float = 0.75
) -> dict[str, Array]:
    x, m, dout = given["x"], given["m"] if is_masked else 1.0, given["dout"]
    da = dout * m / keep
    return {"a": x**2, "out": x**2 * m / keep, "da": da, "dx": 2 * x * da}


@pytest.mark.parametrize(
    ("slip", "code"),
    [({"is_masked": False}, "mask_left_out"), ({"keep": 1}, "factor_left_out_forward")],
)
def test_a_mask_or_what_it_is_divided_by_that_is_left_out_is_named(
    slip: Mapping[str, Any], code: str
):
    assert_named(of_text(DROPOUT), dropout, slip, code)
