"""How much of a verdict a student is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gradgrade.problems.documents.problem_set import Feedback

SAID_OF: Mapping[str, str] = MappingProxyType(
    {
        "correct": "This is right.",
        "carried_forward": "Wrong, but rightly derived from your own earlier values.",
        "incorrect": "This is not right.",
    }
)
"""What is said of a part where its diagnosis is not told; of what is missing or malformed, all."""


def as_told(verdict: dict[str, Any], feedback: Feedback) -> dict[str, Any]:
    """Return a verdict's document with no more than a set's feedback allows.

    Args:
        verdict: the whole document.
        feedback: `diagnosis` leaves it as it is; `parts` keeps each part's outcome and score;
            `score` keeps no parts.

    >>> part = {"name": "dW1", "outcome": "incorrect", "note": "rounded_early", "entries": ["sign"]}
    >>> told = as_told({"first_error": "dW1", "parts": [part]}, "parts")
    >>> told["first_error"], told["parts"][0]["note"], told["parts"][0]["entries"]
    (None, 'wrong_entries', None)
    """
    if feedback == "diagnosis":
        return verdict
    parts = [] if feedback == "score" else [_part_as_told(part) for part in verdict["parts"]]
    return {**verdict, "first_error": None, "parts": parts}


def line_as_told(verdict: str, feedback: Feedback) -> str:
    """Return `as_told` of a verdict that is a line of JSON, as another."""
    if feedback == "diagnosis":
        return verdict
    return json.dumps(as_told(json.loads(verdict), feedback), ensure_ascii=False)


def _part_as_told(part: dict[str, Any]) -> dict[str, Any]:
    said = SAID_OF.get(part["outcome"])
    note = "wrong_entries" if part["outcome"] == "incorrect" else part["note"]
    said_instead = {} if said is None else {"feedback": said}
    return {**part, "note": note, "entries": None, "misconceptions": [], **said_instead}
