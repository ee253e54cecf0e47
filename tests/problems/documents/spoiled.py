"""A problem set and an exercise, for tests that put one bad value into them."""

import copy
import json
import re
from typing import Any

import pytest

from gradgrade.problems import (
    Answers,
    DocumentError,
    Exercise,
    ProblemSet,
    SolutionDocument,
    Verdict,
)
from gradgrade.problems.documents.base import Document
from tests.strategies import definition, dense, variant

MODELS: list[type[Document]] = [ProblemSet, Exercise, Answers, SolutionDocument, Verdict]

SET = {
    "schema": "gradgrade/problem-set/1",
    "name": "set",
    "exercises": [
        definition(
            layers=[dense(2, "tanh"), dense(2)],
            given={"W1": [[0.1, 0.2], [0.3, 0.4]]},
            draw={"weights": {"low": -1, "high": 1, "step": 0.5}},
            regularization={"l2": 0.1},
            iterations=2,
        )
    ],
}

EXERCISE = json.loads(variant(layers=[dense(2, "tanh"), dense(2)], ask=["loss", "dW1"]).to_json())


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The document with one value put in."""
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    place[path[-1]] = value
    return document


def assert_refused(model: type[Document], document: Any, name: str) -> None:
    """Assert that a document is refused in one line that names the field."""
    with pytest.raises(DocumentError) as refusal:
        model.from_json(json.dumps(document))
    message = str(refusal.value)
    assert "\n" not in message or re.fullmatch(r"[\w-]+: \d+ faults:(\n  .+)+", message)
    assert len(message) < 400
    assert message.startswith(f"{model.kind}: ")
    assert not re.search(r"Input should|Number\(|None\b|\(got |and \d+ more", message)
    assert re.search(rf"\b{re.escape(name)}\b", message), message
