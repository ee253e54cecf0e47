"""Training until something holds, by numpy alone: one update too many or too few has its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.misconceptions import mistakes
from tests.problems.misconceptions.handed_in import named_where_it_began, verdict_on
from tests.problems.misconceptions.programs.test_layers_in_code import given
from tests.problems.programs import set_of

Array = Any
RATE, BOUND, MOST = 0.05, 0.2, 12

FIT = """
arrays = {{ x = [3, 2], w = [2], y = [3] }}
program = '''
e = x @ w - y
L = mean(e**2)
'''
differentiate = "L"
parameters = ["w"]
optimizer = {{ name = "sgd", learning_rate = 0.05 }}
until = {{ {}, at_most = 12 }}
ask = ["steps", "L", "dw", "w_new"]
draw = {{ default = {{ low = -1.5, high = 1.5, step = 0.1 }} }}
"""


def exercise() -> Exercise:
    return generate(set_of(FIT.format("loss_below = 0.2")), "program", student="ada", secret=b"0")


def trained(
    given: Mapping[str, Array], *, count: int = 0, updates: int = 0, lines: int = 0
) -> dict[str, Array]:
    x, w, y = (given[name] for name in ("x", "w", "y"))
    all_w, all_losses, all_dw = [], [], []
    for _ in range(MOST):
        e = x @ w - y
        all_w.append(w)
        all_losses.append((e**2).mean())
        all_dw.append(2 * x.T @ e / 3)
        w = w - RATE * all_dw[-1]
    stop = next(at for at, loss in enumerate(all_losses) if loss < BOUND)
    return {
        "steps": np.array(stop + count),
        "L": np.array(all_losses[stop + lines]),
        "dw": all_dw[stop + lines],
        "w_new": all_w[stop + updates],
    }


def test_who_stops_where_the_condition_holds_is_right():
    assert verdict_on(exercise(), trained(given(exercise()))).outcome == "correct"


@pytest.mark.parametrize(("by", "code"), [(1, "one_update_too_many"), (-1, "one_update_too_few")])
@pytest.mark.parametrize(
    "off", [("count", "updates"), ("count",), ("updates",), ("count", "updates", "lines")]
)
def test_one_update_off_is_named(off: tuple[str, ...], by: int, code: str):
    found = trained(given(exercise()), **dict.fromkeys(off, by))
    assert named_where_it_began(exercise(), found) == [code]


LINE = """
arrays = { x = [4, 2], w = [2], b = [], y = [4] }
program = '''
a = x @ w + b
L = mean((a - y)**2)
'''
differentiate = "L"
parameters = ["w", "b"]
optimizer = { name = "sgd", learning_rate = 0.1 }
until = { loss_below = 2, at_most = 12 }
ask = ["steps", "w_new", "b_new", "L"]
"""


def fitted(
    given: Mapping[str, Array],
    *,
    direction: float = -1,
    is_bias_moved: bool = True,
    is_loss_taken_last: bool = True,
) -> dict[str, Array]:
    x, w, b, y = (given[name] for name in ("x", "w", "b", "y"))
    steps, L = 0, ((x @ w + b - y) ** 2).mean()
    while L >= 2 and steps < 12:
        e = x @ w + b - y
        w = w + direction * 0.1 * 2 * x.T @ e / 4
        b = b + direction * 0.1 * 2 * e.mean() * is_bias_moved
        steps += 1
        if is_loss_taken_last or steps < 12:
            L = ((x @ w + b - y) ** 2).mean()
    return {"steps": np.array(steps), "w_new": w, "b_new": np.array(b), "L": L}


@pytest.mark.parametrize(
    ("slip", "codes"),
    [
        ({}, []),
        ({"direction": 1}, ["gradient_ascent"]),
        ({"direction": 1, "is_loss_taken_last": False}, ["gradient_ascent"]),
        ({"is_bias_moved": False}, ["parameter_not_updated"]),
    ],
)
@pytest.mark.parametrize("student", ["ada", "bob"])  # with the bias left, ada's never stops
def test_ascent_that_never_stops_and_a_bias_that_stays_are_named(
    student: str, slip: Mapping[str, Any], codes: list[str]
):
    exercise = generate(set_of(LINE), "program", student=student, secret=b"0")
    assert named_where_it_began(exercise, fitted(given(exercise), **slip)) == codes


def test_one_update_too_many_is_told_in_a_sentence_wherever_it_is_made():
    found = mistakes(exercise().derivation())
    assert {each.title for each in found if each.misconception.family == "stopping"} == {
        f"One update too {off}{place}"
        for off in ("many", "few")
        for place in (
            "",
            " in the count alone",
            " in the parameters alone",
            " in all that training leaves",
        )
    }
