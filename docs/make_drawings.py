"""Write the drawings of `drawings.md` and of the README: `python docs/make_drawings.py`."""

from collections.abc import Mapping
from pathlib import Path

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.catalogue import load
from gradgrade.problems.drawing.draw import draw_alone
from gradgrade.problems.drawing.marks import marks_of_first_errors, marks_of_verdict
from gradgrade.problems.drawing.scene import Mark
from gradgrade.problems.generate import ungated

DOCS = Path(__file__).parent

OUTCOMES = {
    **dict.fromkeys(("a1", "a2", "loss", "delta2", "dW2", "db2"), "correct"),
    **{"delta1": "incorrect", "dW1": "carried_forward", "db1": "carried_forward"},
    "W1_new": "missing",
}
FIRST_ERRORS = {"z1": 0, "a1": 3, "loss": 1, "delta2": 6, "delta1": 11, "dW2": 0, "W1_new": 4}

# Networks of which no number is drawn.
SET = """
schema = "gradgrade/problem-set/1"
name = "drawings"

[[exercises]]
name = "lstm"
inputs = [3, 2]
batch = 4
layers = [
  { type = "lstm", units = 2 },
  { type = "last_step" },
  { type = "dense", units = 2, activation = "softmax", bias = "none" },
]
loss = { name = "cross_entropy" }
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = ["loss"]

[[exercises]]
name = "large"
inputs = 8
batch = 4
layers = [
  { type = "dense", units = 16, activation = "relu" },
  { type = "dense", units = 8, activation = "relu" },
  { type = "dense", units = 4, activation = "softmax", bias = "none" },
]
loss = { name = "cross_entropy" }
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = ["loss"]
"""


def drawings() -> Mapping[str, str]:
    """Return the drawings by the names of their files."""
    two_layers = ungated(load("seeds"), "000-two-layer-batch", student="1", secret=b"0")
    told = marks_of_verdict(two_layers, outcomes=OUTCOMES, first_error="delta1")
    counted = marks_of_first_errors(two_layers, FIRST_ERRORS)
    return {
        "network.svg": draw_alone(two_layers, marks=told),
        "network-turned.svg": draw_alone(two_layers, is_turned=True, marks=told),
        "network-first-errors.svg": draw_alone(two_layers, marks=counted),
        "network-lstm.svg": draw_alone(_of_set("lstm")),
        "network-large.svg": draw_alone(_of_set("large")),
        "graph.svg": draw_alone(_graph()),
        "graph-marked.svg": draw_alone(_graph(), marks=_marks_of_graph()),
    }


def _graph() -> Exercise:
    return ungated(load("graphs-by-hand"), "a-branch-used-twice", student="1", secret=b"0")


def _marks_of_graph() -> tuple[Mark, ...]:
    outcomes = {part.name: "correct" for part in _graph().ask}
    return marks_of_verdict(
        _graph(),
        outcomes=outcomes | {"ds": "incorrect", "dx": "carried_forward", "dy": "carried_forward"},
        first_error="ds",
    )


def _of_set(name: str) -> Exercise:
    return ungated(ProblemSet.from_toml(SET), name, student="1", secret=b"0")


if __name__ == "__main__":
    for name, text in drawings().items():
        (DOCS / name).write_text(text, encoding="utf-8")
