"""Gradients by differences of the loss, as a student's program takes them; named as such."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest

from gradgrade.problems import Exercise
from gradgrade.problems.misconceptions import approximations, mistakes
from tests.problems.misconceptions.handed_in import named_where_it_began, verdict_on
from tests.problems.misconceptions.structures import dense as dense_layer
from tests.problems.misconceptions.structures import structure
from tests.problems.misconceptions.test_by_hand import answers, given_arrays, sigmoid
from tests.problems.test_verdicts import named
from tests.strategies import dense, variant

RATE, L2 = 0.5, 0.25
Arrays = Mapping[str, Any]


def two_layers(**fields: Any) -> Exercise:
    return variant(
        layers=[dense(3, "tanh"), dense(2, "sigmoid")],
        batch=3,
        optimizer={"name": "sgd", "learning_rate": RATE},
        regularization={"l2": L2},
        ask=["loss", "gradients", "updates"],
        **fields,
    )


EXERCISE = two_layers(tolerance="auto")
PARAMETERS = ("W1", "b1", "W2", "b2")


def loss_of(g: Arrays) -> float:
    a1 = numpy.tanh(g["W1"] @ g["x"] + g["b1"][:, None])
    a2 = sigmoid(g["W2"] @ a1 + g["b2"][:, None])
    penalty = L2 / 2 * sum((g[name] ** 2).sum() for name in ("W1", "W2"))
    return float(((a2 - g["y"]) ** 2).sum() / 6 + penalty)


def differences(g: Arrays, quotient: Callable[[Callable[[float], float]], float]) -> dict[str, Any]:
    found: dict[str, Any] = {"loss": numpy.array(loss_of(g))}
    for name in PARAMETERS:
        gradient = numpy.zeros_like(g[name])
        for at in numpy.ndindex(gradient.shape):

            def nudged(by: float, name: str = name, at: tuple[int, ...] = at) -> float:
                moved = g[name].copy()
                moved[at] += by
                return loss_of({**g, name: moved})

            gradient[at] = quotient(nudged)
        found |= {f"d{name}": gradient, f"{name}_new": g[name] - RATE * gradient}
    return found


def forward(h: float) -> Callable[[Callable[[float], float]], float]:
    return lambda loss: (loss(h) - loss(0)) / h


def central(h: float) -> Callable[[Callable[[float], float]], float]:
    return lambda loss: (loss(h) - loss(-h)) / (2 * h)


TAKEN = [
    ("forward_difference", "(h = 1e-3)", forward(1e-3)),
    ("forward_difference", "(h = 1e-4)", forward(1e-4)),
    ("forward_difference", "(h = 1e-5)", forward(1e-5)),
    ("forward_difference", "(h = 1e-6)", forward(1e-6)),
    ("central_difference", "(h = 1e-3)", central(1e-3)),
]


@pytest.mark.parametrize(("code", "place", "quotient"), TAKEN)
def test_a_difference_comes_to_what_a_program_comes_to_and_is_named(
    code: str, place: str, quotient: Any
):
    found = differences(given_arrays(EXERCISE), quotient)
    made = answers(code, EXERCISE, place)
    for name in PARAMETERS:
        numpy.testing.assert_allclose(made[f"d{name}"], found[f"d{name}"], atol=1e-9, rtol=0)
    assert named_where_it_began(EXERCISE, found) == [code]


def test_every_gradient_is_named_and_an_update_that_follows_from_one_is_carried_forward():
    parts = {
        part.name: part
        for part in verdict_on(EXERCISE, differences(given_arrays(EXERCISE), forward(1e-5))).parts
    }
    for name in PARAMETERS:
        assert named(parts[f"d{name}"]) == ["forward_difference"]
        assert parts[f"{name}_new"].note == "carried_forward"


def test_a_difference_within_the_tolerance_is_right():
    stated = two_layers(tolerance={"relative": 1e-3, "absolute": 1e-4})
    found = differences(given_arrays(stated), forward(1e-6))
    assert verdict_on(stated, found).outcome == "correct"


def test_who_works_by_hand_takes_no_differences():
    by_hand = two_layers(arithmetic="decimal", rounding={"decimals": 9}, tolerance="auto")
    for part in verdict_on(by_hand, differences(given_arrays(by_hand), forward(1e-3))).parts:
        assert "forward_difference" not in named(part)


def test_what_is_as_near_by_chance_is_no_difference():
    right = differences(given_arrays(EXERCISE), central(1e-5))
    noise = numpy.random.default_rng(1)
    near = {
        name: array + noise.uniform(-1e-5, 1e-5, array.shape) if name[0] == "d" else array
        for name, array in right.items()
    }
    for part in verdict_on(EXERCISE, near).parts:
        assert {"forward_difference", "central_difference"}.isdisjoint(named(part))


def test_no_gate_and_no_other_mistake_knows_them_and_large_parameters_have_none():
    small, large = (structure(dense_layer(units, "tanh"), inputs=8) for units in (2, 64))
    assert {each.misconception.family for each in approximations(small)} == {"approximation"}
    assert "approximation" not in {each.misconception.family for each in mistakes(small)}
    assert not list(approximations(large))
