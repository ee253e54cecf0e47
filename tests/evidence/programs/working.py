"""What is asked of a program's exercise, by whoever can run its text and find its gradients."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from tests.evidence.students.task import Task
from tests.evidence.students.updates import updated

Array = Any  # numpy types its operators as Any too

Solve = Callable[
    [str, Mapping[str, Array], Mapping[str, Array]], tuple[Mapping[str, Any], Mapping[str, Any]]
]
"""From a text, its arrays and the upstream gradients to the values of lines, and to gradients."""


def work(text: str, solve: Solve) -> dict[str, Any]:
    """Return what is asked in an exercise's document, which is not of the oracle's making.

    Args:
        text: of the document.
        solve: runs programs.
    """
    document = Task.of(text).document
    program = _with_sizes(document["program"], document["sizes"])
    upstream = _upstream(document)
    arrays = {name: _array(document, name, kind) for name, kind in document["arrays"].items()}
    found: dict[str, Any] = {}
    memory: dict[str, dict[str, Array]] = {name: {} for name in document["parameters"]}
    for t in range(1, document["iterations"] + 1):
        lines, gradients = solve(program, arrays, upstream)
        found |= {f"{name}@{t}": each for name, each in lines.items()}
        found |= {f"d{name}@{t}": each for name, each in gradients.items()}
        optimizer = document["optimizer"]
        for name in document["parameters"]:
            rate, gradient = optimizer["learning_rate"], gradients[name]
            new = updated(optimizer, rate, t, arrays[name], gradient, memory[name])
            arrays[name] = found[f"{name}_new@{t}"] = new
    asked = {part["name"]: part for part in document["ask"]}
    return {
        name: _listed(_asked(part, document, found, lambda x: solve(program, x, upstream), arrays))
        for name, part in asked.items()
    }


def _asked(
    part: Mapping[str, Any],
    document: Mapping[str, Any],
    found: Mapping[str, Any],
    again: Callable[[Mapping[str, Array]], Any],
    arrays: Mapping[str, Array],
) -> Any:
    fact = part.get("fact")
    if fact is None:
        name, _, iteration = part["name"].partition("@")
        return found[f"{name}@{iteration or document['iterations']}"]
    by = fact.get("quotient") or fact["relative_difference"]
    up, down = (
        again({**arrays, by: arrays[by] + step})[0][document["differentiate"]]
        for step in (fact["h"], -fact["h"])
    )
    quotient, gradient = (up - down) / (2 * fact["h"]), found[f"d{by}@1"]
    if "quotient" in fact:
        return quotient
    return abs(quotient - gradient) / max(abs(quotient), abs(gradient))


def _array(document: Mapping[str, Any], name: str, kind: Any) -> Array:
    counts = isinstance(kind, dict) and bool(kind.get("integers") or kind.get("mask"))
    return numpy.array(document["given"][name], int if counts else float)


def _upstream(document: Mapping[str, Any]) -> dict[str, Array]:
    if document["differentiate"]:
        return {document["differentiate"]: numpy.array(1.0)}
    return {name: numpy.array(document["given"][f"d{name}"]) for name in document["upstream"]}


def _with_sizes(program: str, sizes: Mapping[str, int]) -> str:
    """Return a program with the sizes as numbers."""
    for name, size in sizes.items():
        program = re.sub(rf"(?<![\w.]){name}(?!\w)", str(size), program)
    return program


def _listed(value: Any) -> Any:
    return numpy.real(numpy.asarray(value, dtype=float)).tolist()
