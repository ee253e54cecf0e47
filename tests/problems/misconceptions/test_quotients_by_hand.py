"""Gradients checked by differences, by numpy alone: a wrong quotient has its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from tests.problems.misconceptions.handed_in import named_where_it_began, verdict_on
from tests.problems.misconceptions.programs.test_layers_in_code import given
from tests.strategies import dense, problem_set, variant

Array = Any
H = 0.125
Loss = Callable[[float], float]


def central(loss: Loss) -> float:
    return (loss(H) - loss(-H)) / (2 * H)


def checked(
    given: Mapping[str, Array], *, quotient: Callable[[Loss], float] = central
) -> dict[str, Array]:
    x, w, y = (given[name] for name in ("x", "w", "y"))

    def loss(by: float) -> float:
        return float(((np.tanh((w + by) * x) - y) ** 2).sum())

    a = np.tanh(w * x)
    da = 2 * (a - y)
    dw = (da * (1 - a**2) * x).sum()
    by_differences = quotient(loss)
    found = {"L": loss(0), "da": da, "dw": dw, "quotient_w": by_differences}
    off = abs(by_differences - dw) / max(abs(by_differences), abs(dw))
    found["relative_difference_w"] = off
    return {name: np.array(each) for name, each in found.items()}


def exercise() -> Exercise:
    return generate(load("losses-and-fits"), "gradient-check", student="ada", secret=b"0")


def test_a_central_difference_is_right():
    assert verdict_on(exercise(), checked(given(exercise()))).outcome == "correct"


QUOTIENTS = [
    (lambda loss: (loss(H) - loss(0)) / H, "one_sided_quotient"),
    (lambda loss: (loss(0) - loss(-H)) / H, "one_sided_quotient"),
    (lambda loss: (loss(H) - loss(-H)) / H, "quotient_over_h"),
]


@pytest.mark.parametrize(("quotient", "code"), QUOTIENTS)
def test_a_wrong_quotient_is_named(quotient: Callable[[Loss], float], code: str):
    found = checked(given(exercise()), quotient=quotient)
    assert named_where_it_began(exercise(), found) == [code]


@pytest.mark.parametrize(("quotient", "code"), QUOTIENTS)
def test_a_wrong_quotient_by_each_weight_of_a_network_is_named(
    quotient: Callable[[Loss], float], code: str
):
    of_network = variant(
        layers=[dense(2, "tanh"), dense(1)], inputs=2, ask=[{"quotient": "W1", "h": H}]
    )
    numbers = given(of_network)
    gradient = np.zeros((2, 2))
    for at in np.ndindex(2, 2):

        def loss(by: float, at: tuple[int, ...] = at) -> float:
            moved = numbers["W1"].copy()
            moved[at] += by
            a1 = np.tanh(moved @ numbers["x"] + numbers["b1"][:, None])
            a2 = numbers["W2"] @ a1 + numbers["b2"][:, None]
            return float(((a2 - numbers["y"]) ** 2).sum() / 2)

        gradient[at] = quotient(loss)
    assert named_where_it_began(of_network, {"quotient_W1": gradient}) == [code]


def test_a_loss_is_differenced_by_several_arrays_in_one_exercise():
    defined = problem_set(
        layers=[dense(2, "tanh"), dense(1)],
        inputs=2,
        ask=["loss", {"quotient": "W1", "h": H}, {"relative_difference": "b2", "h": H}],
    )
    issued = generate(defined, "exercise", student="1", secret=b"0")
    names = [step.name for step in issued.derivation().steps]
    assert len(set(names)) == len(names)
    assert not any(" of W1" in str(name) for name in names)
