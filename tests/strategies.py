"""Drawn problem sets: every structure that documents can describe, small enough to solve often."""

import itertools
import json
from itertools import product
from typing import Any, get_args

from hypothesis import assume
from hypothesis import strategies as st

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, REDUCTIONS
from gradgrade.oracle.networks.layers.dense import Bias
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems import DocumentError, Exercise, ExerciseError, ProblemSet
from gradgrade.problems.documents.number import ArithmeticName
from gradgrade.problems.generate import ungated

CONVENTIONS = get_args(Convention)
ARITHMETICS = get_args(ArithmeticName)
BIASES = get_args(Bias)

# Their outputs lie strictly between 0 and 1 (with two units or more), as logarithms need.
PROBABILITY_ACTIVATIONS = ("sigmoid", "softmax")

# No 0 in it, where l1 has a kink.
WITHOUT_ZERO = {"low": -0.975, "high": 0.975, "step": 0.05}


def problem_set(**exercise: Any) -> ProblemSet:
    """A problem set of one exercise, read from JSON as an instructor would hand it in."""
    document = {
        "schema": "gradgrade/problem-set/1",
        "name": "set",
        "exercises": [definition(**exercise)],
    }
    return ProblemSet.from_json(json.dumps(document))


def definition(**fields: Any) -> dict[str, Any]:
    """The document of an exercise, with what must be there filled in."""
    return {
        "name": "exercise",
        "inputs": 2,
        "layers": [dense(2)],
        "loss": {"name": "half_squared_error"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "ask": ["all"],
        "tolerance": {"relative": 1e-9, "absolute": 0},
    } | fields


def dense(units: int, activation: str = "identity", bias: str = "per_unit") -> dict[str, Any]:
    """The document of a dense layer."""
    return {"type": "dense", "units": units, "activation": activation, "bias": bias}


def variant(*, student: str = "1", **exercise: Any) -> Exercise:
    """A student's variant of an exercise; it has passed no gate."""
    return ungated(problem_set(**exercise), "exercise", student=student, secret=b"0")


def written_exercise(
    layers: list[dict[str, Any]], *, inputs: int = 2, batch: int = 2, **fields: Any
) -> Exercise:
    """An exercise that was never drawn: its numbers are two-digit decimals without a pattern."""
    convention = fields.get("convention", "column")
    numbers = ((37 * i % 97 - 48) / 50 + 0.01 for i in itertools.count(1))

    def array(rows: int, columns: int) -> list[list[float]]:
        turned = convention == "row"
        rows, columns = (columns, rows) if turned else (rows, columns)
        return [[round(next(numbers), 2) for _ in range(columns)] for _ in range(rows)]

    given: dict[str, Any] = {"x": array(inputs, batch)}
    width = inputs
    for index, layer in enumerate(layers, start=1):
        units, bias = layer["units"], layer["bias"]
        given[f"W{index}"] = array(units, width)
        if bias != "none":
            biases = [round(next(numbers), 2) for _ in range(units)]
            given[f"b{index}"] = biases if bias == "per_unit" else biases[0]
        width = units
    # Positive, and 1 together, as a distribution must be.
    shares = [0.25, 0.75] if width == 2 else [1 / width] * width
    samples = [shares if n % 2 else shares[::-1] for n in range(batch)]
    given["y"] = samples if convention == "row" else list(map(list, zip(*samples, strict=True)))
    document = definition(inputs=inputs, layers=layers, batch=batch, given=given, **fields)
    document |= {
        "schema": "gradgrade/exercise/1",
        "id": "0123456789abcdef",
        "problem_set": "set",
        "title": "",
        "points": 1,
        "ask": [
            {
                "name": "loss",
                "shape": [],
                "points": 1,
                "tolerance": document.pop("tolerance"),
            }
        ],
        "generator": "1",
    }
    return Exercise.from_json(json.dumps(document))


def fits(loss: str, activation: str) -> bool:
    """Whether a loss is defined on all outputs of an activation."""
    return LOSSES[loss].targets == "any" or activation in PROBABILITY_ACTIVATIONS


def reductions(loss: str) -> tuple[str | None, ...]:
    """The reductions that a loss takes; None alone where it takes none."""

    def takes(reduction: str) -> bool:
        try:
            problem_set(loss={"name": loss, "reduction": reduction})
        except DocumentError:
            return False
        return True

    return tuple(filter(takes, REDUCTIONS)) or (None,)


def loss_document(name: str, reduction: str | None) -> dict[str, str]:
    """The document of a loss."""
    return {"name": name} | ({"reduction": reduction} if reduction else {})


OUTPUTS = tuple((loss, a) for loss, a in product(LOSSES, ACTIVATIONS) if fits(loss, a))
"""All losses with the output activations that fit them."""

OBJECTIVES = {loss: reductions(loss) for loss in LOSSES}
"""All losses with the reductions that they take."""


@st.composite
def layer_lists(draw: st.DrawFn, output: str) -> list[dict[str, Any]]:
    """One to four dense layers of one to four units; at least two outputs."""
    hidden = draw(st.lists(st.sampled_from(sorted(ACTIVATIONS)), max_size=3))
    widths = [draw(st.integers(1, 4)) for _ in hidden] + [draw(st.integers(2, 4))]
    return [
        dense(width, activation, draw(st.sampled_from(BIASES)))
        for width, activation in zip(widths, [*hidden, output], strict=True)
    ]


def parameter_names(layers: list[dict[str, Any]]) -> list[str]:
    """The names of the parameters of dense layers."""
    weights = [f"W{index}" for index in range(1, len(layers) + 1)]
    biases = [f"b{i}" for i, layer in enumerate(layers, start=1) if layer["bias"] != "none"]
    return weights + biases


# Numbers of optimizers and schedules, by their names; none is a default.
NUMBERS = {
    "momentum": 0.75,
    "decay": 0.625,
    "beta1": 0.7,
    "beta2": 0.95,
    "epsilon": 0.001,
    "weight_decay": 0.125,
    "factor": 0.5,
    "every": 2,
    "rate": 0.25,
    "period": 5,
}


def optimizer_document(name: str, schedule: str = "constant") -> dict[str, Any]:
    """The document of an optimizer with numbers of its own."""
    rule = SCHEDULES[schedule]
    names = [*rule.numbers, *(["every"] if rule.takes_every else [])]
    return {
        "name": name,
        "learning_rate": 0.2,
        "schedule": {"name": schedule} | {number: NUMBERS[number] for number in names},
    } | {number: NUMBERS[number] for number in OPTIMIZERS[name].numbers}


@st.composite
def optimizers(draw: st.DrawFn) -> dict[str, Any]:
    """The document of an optimizer: with defaults, or with numbers and a schedule."""
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    if draw(st.booleans()):
        return {"name": name, "learning_rate": draw(st.sampled_from([0.05, 0.2, 1]))}
    return optimizer_document(name, draw(st.sampled_from(sorted(SCHEDULES))))


@st.composite
def definitions(draw: st.DrawFn, *, most_iterations: int = 3) -> dict[str, Any]:
    """The document of an exercise."""
    loss, output = draw(st.sampled_from(OUTPUTS))
    layers = draw(layer_lists(output))
    penalties = draw(st.sets(st.sampled_from(["l1", "l2"])))
    strengths = {name: draw(st.sampled_from([0.01, 0.1, 1.5])) for name in sorted(penalties)}
    return definition(
        inputs=draw(st.integers(1, 4)),
        layers=layers,
        batch=draw(st.integers(1, 4)),
        loss=loss_document(loss, draw(st.sampled_from(OBJECTIVES[loss]))),
        regularization=strengths or None,
        optimizer=draw(optimizers()),
        freeze=sorted(draw(st.sets(st.sampled_from(parameter_names(layers)), max_size=2))),
        iterations=draw(st.integers(1, most_iterations)),
        convention=draw(st.sampled_from(CONVENTIONS)),
        arithmetic=draw(st.sampled_from(ARITHMETICS)),
        draw={"weights": WITHOUT_ZERO} if "l1" in penalties else {},
    )


def problem_sets(*, most_iterations: int = 3) -> st.SearchStrategy[ProblemSet]:
    """Problem sets of one exercise."""
    return definitions(most_iterations=most_iterations).map(lambda each: problem_set(**each))


@st.composite
def exercises(draw: st.DrawFn, *, most_iterations: int = 3) -> Exercise:
    """Variants that have passed no gate; a definition of which none is certified is left out."""
    drawn = draw(problem_sets(most_iterations=most_iterations))
    try:
        return ungated(drawn, "exercise", student=str(draw(st.integers(0, 999))), secret=b"0")
    except ExerciseError:
        assume(False)
        raise
