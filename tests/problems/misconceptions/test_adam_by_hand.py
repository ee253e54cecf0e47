"""Adam's mistakes, worked out in numpy that reads no derivation, and named in a verdict."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest

from gradgrade.problems.grade import Grader
from tests.problems.misconceptions.structures import SCALARS, structure
from tests.problems.misconceptions.structures import dense as dense_layer
from tests.problems.misconceptions.test_by_hand import (
    BY_CODE,
    arrays,
    assert_close,
    given_arrays,
    values,
)
from tests.problems.test_verdicts import named
from tests.strategies import dense, variant

RATE, BETA1, BETA2, EPSILON = (
    SCALARS[name] for name in ("learning_rate", "beta1", "beta2", "epsilon")
)
ITERATIONS = (1, 2, 3)

Rule = Callable[..., Any]

RIGHT: Mapping[str, Rule] = {
    "mean": lambda m, g: BETA1 * m + (1 - BETA1) * g,
    "squares": lambda s, g: BETA2 * s + (1 - BETA2) * g**2,
    "corrections": lambda t: (1 - BETA1**t, 1 - BETA2**t),
    "step": lambda g, m, s, c, d: m / c / (numpy.sqrt(s / d) + EPSILON),
}

MISTAKES: Mapping[str, Mapping[str, Rule]] = {
    "first_correction_kept": {"corrections": lambda t: (1 - BETA1, 1 - BETA2)},
    "correction_ahead": {"corrections": lambda t: (1 - BETA1 ** (t + 1), 1 - BETA2 ** (t + 1))},
    "betas_exchanged": {
        "mean": lambda m, g: BETA2 * m + (1 - BETA2) * g,
        "squares": lambda s, g: BETA1 * s + (1 - BETA1) * g**2,
        "corrections": lambda t: (1 - BETA2**t, 1 - BETA1**t),
    },
    "gradient_for_mean": {"step": lambda g, m, s, c, d: g / (numpy.sqrt(s / d) + EPSILON)},
    "root_division_missing": {"step": lambda g, m, s, c, d: m / c},
    "gradient_not_squared": {"squares": lambda s, g: BETA2 * s + (1 - BETA2) * g},
    # Keras: η √(1 − β2^t) / (1 − β1^t) · m / (√s + ε)
    "epsilon_not_corrected": {
        "step": lambda g, m, s, c, d: numpy.sqrt(d) / c * m / (numpy.sqrt(s) + EPSILON)
    },
    "epsilon_inside_uncorrected": {
        "step": lambda g, m, s, c, d: m / c / numpy.sqrt((s + EPSILON) / d)
    },
}


@numpy.errstate(invalid="ignore")
def trained(g: Mapping[str, Any], **changed: Rule) -> dict[str, Any]:
    """One linear layer, the mean of half the squared error, and some iterations of Adam."""
    rule = RIGHT | changed
    kept = {name: (g[name], 0 * g[name], 0 * g[name]) for name in ("W1", "b1")}
    found: dict[str, Any] = {}
    for t in ITERATIONS:
        used = {name: w for name, (w, _, _) in kept.items()}
        error = used["W1"] @ g["x"] + used["b1"].reshape(-1, 1) - g["y"]
        delta = error / g["x"].shape[1]
        gradients = {"W1": delta @ g["x"].T, "b1": delta.sum(axis=1).reshape(g["b1"].shape)}
        found |= {f"loss@{t}": (error**2).sum() / g["x"].shape[1] / 2, f"delta1@{t}": delta}
        for name, gradient in gradients.items():
            w, m, s = kept[name]
            m, s = rule["mean"](m, gradient), rule["squares"](s, gradient)
            w = w - RATE * rule["step"](gradient, m, s, *rule["corrections"](t))
            kept[name] = w, m, s
            found |= {f"d{name}@{t}": gradient, f"m{name}@{t}": m, f"s{name}@{t}": s}
            found |= {f"{name}_new@{t}": w, f"{name}@{t + 1}": w, f"{name}_new": w}
    return found


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_with_adam_comes_to_what_it_comes_to_by_hand(code: str):
    derivation = structure(dense_layer(2), optimizer="adam", iterations=len(ITERATIONS), batch=3)
    found = values(code, derivation)
    expected = trained(arrays(derivation), **MISTAKES[code])
    for name in ("mW1", "sW1", "W1_new", "sb1", "b1_new"):
        for t in ITERATIONS:
            assert_close(found[f"{name}@{t}"], expected[f"{name}@{t}"])


EXERCISE = variant(
    layers=[dense(2)],
    batch=3,
    iterations=len(ITERATIONS),
    optimizer={
        "name": "adam",
        **{"learning_rate": RATE, "beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON},
    },
    ask=[
        *(f"{name}@{t}" for t in (1, 2) for name in ("loss", "dW1", "mW1", "sW1")),
        *("W1@2", "b1@2", "W1@3", "b1@3", "loss@3", "updates"),
    ],
    tolerance="auto",
)
GRADER = Grader(EXERCISE)


def handed_in(**changed: Rule) -> dict[str, Any]:
    found = trained(given_arrays(EXERCISE), **changed)
    return {part.name: found[part.name].reshape(part.shape) for part in EXERCISE.ask}


def test_who_makes_none_of_them_is_right():
    assert GRADER.grade(handed_in()).outcome == "correct"


@pytest.mark.parametrize("code", [each for each in MISTAKES if each != "gradient_not_squared"])
def test_a_mistake_with_adam_is_named_alone(code: str):
    verdict = GRADER.grade(handed_in(**MISTAKES[code]))
    parts = {part.name: part for part in verdict.parts}
    assert named(parts[str(verdict.first_error)]) == [code]


def test_squares_that_are_forgotten_are_named_in_the_state_itself():
    # The root of a mean that is negative is no number, so nothing is handed in that follows.
    wrong = trained(given_arrays(EXERCISE), **RIGHT | MISTAKES["gradient_not_squared"])
    answers = {name: handed_in()[name] for name in ("loss@1", "dW1@1", "mW1@1")}
    answers["sW1@1"] = wrong["sW1@1"]
    parts = {part.name: part for part in GRADER.grade(answers).parts}
    assert named(parts["sW1@1"]) == ["gradient_not_squared"]


def test_what_the_first_iteration_alone_cannot_show_is_not_made_in_one():
    once = structure(dense_layer(2), optimizer="adam", batch=3)
    assert not list(BY_CODE["gradient_for_mean"].mistakes(once))
    assert not list(BY_CODE["first_correction_kept"].mistakes(once))
