"""An exercise, and answers of every kind to it, on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from gradgrade.problems import Exercise
from tests import solved
from tests.strategies import dense, variant


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return variant(
        layers=[dense(2, "sigmoid"), dense(2)],
        batch=2,
        title="One step & more",
        points=10,
        ask=["loss", "dW2", "dW1"],
        tolerance={"decimals": 4},
    )


@pytest.fixture(scope="session")
def right_answers(exercise: Exercise) -> dict[str, Any]:
    return solved.right_answers(exercise)


@pytest.fixture
def files(exercise: Exercise, right_answers: dict[str, Any], tmp_path: Path) -> dict[str, Path]:
    """The exercise, and answers that are right, partly right, malformed, and no answers."""
    texts = {
        "exercise": exercise.to_json(),
        "right": json.dumps(right_answers),
        "partly": json.dumps(right_answers | {"loss": 7}),
        "malformed": json.dumps(right_answers | {"loss": [7]}),
        "refused": "{",
        "uncertain": uncertain().to_json(),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    return {name: tmp_path / f"{name}.json" for name in texts}


def uncertain() -> Exercise:
    """An exercise that nothing can be certified of: the kink of relu at tanh 1 − tanh 1."""
    document = json.loads(
        variant(
            inputs=1,
            layers=[dense(2, "tanh", "none"), dense(1, "relu", "none")],
            ask=["dW1"],
            tolerance={"decimals": 4},
        ).to_json()
    )
    document["given"] |= {"x": [[1]], "y": [[1]], "W1": [[1], [1]], "W2": [[1, -1]]}
    return Exercise.from_json(json.dumps(document))
