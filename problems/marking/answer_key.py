"""The answer key: the smallest and the largest double that every entry of an answer may be.

It is what marking needs of a solution, and small enough to be stored beside an exercise, so that
answers are marked without solving it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from gradgrade.problems.solve import Solution
from gradgrade.problems.walks.accepted_answers import accepted_answers

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKey:
    """Which doubles are accepted.

    Args:
        grader: the version of the marking that it was made for.
        accepted: by the parts' names, the smallest and the largest accepted double of every entry,
            in the order of the document.
    """

    grader: str
    accepted: Mapping[str, tuple[Array, Array]]

    def to_json(self) -> str:
        """Write the key; `from_json` reads the same doubles."""
        parts = {name: [low.tolist(), high.tolist()] for name, (low, high) in self.accepted.items()}
        return json.dumps({"grader": self.grader, "accepted": parts}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> AnswerKey:
        """Read a key that was written here."""
        data = json.loads(text)
        return cls(
            grader=data["grader"],
            accepted={
                name: (numpy.array(low), numpy.array(high))
                for name, (low, high) in data["accepted"].items()
            },
        )


def make_answer_key(solution: Solution, *, grader: str) -> AnswerKey:
    """Return the answer key of a solution.

    Args:
        solution: of the exercise that asks.
        grader: the version of the marking.

    Raises:
        ExerciseError: no tolerance can be derived.

    >>> from gradgrade.problems import generate, solve
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> low, high = make_answer_key(solve(exercise), grader="1").accepted["loss"]
    >>> (low < 0.24909).tolist(), (high > 0.24909).tolist()
    ([True], [True])
    """
    return AnswerKey(grader=grader, accepted=accepted_answers(solution))
