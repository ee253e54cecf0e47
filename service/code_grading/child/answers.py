"""Answers as a frame holds them: a shape and its entries, plain numbers, null where not finite."""

import math
from collections.abc import Mapping
from typing import Any

import numpy

from .failure import Failure

MOST_AXES = 4

Findings = list[dict[str, str]]


def measured(answers: Any, exercise: dict[str, Any]) -> tuple[dict[str, Any], Findings]:
    """Return the answers that were asked for, and what is odd about their types.

    Raises:
        Failure: what was returned is no dict.

    >>> asked = {"ask": [{"name": "loss"}]}
    >>> measured({"loss": 0.5, "z1": [1]}, asked)
    ({'loss': {'shape': [], 'entries': [0.5]}}, [])
    """
    if not isinstance(answers, Mapping):
        kind = type(answers).__name__
        raise Failure("wrong_type", f"a dict of answers is needed, not {kind}")
    found: Findings = []
    written = {}
    for part in exercise["ask"]:
        name = part["name"]
        answer, odd = measured_one(name, answers.get(name))
        found += odd
        if answer is not None:
            written[name] = answer
    return written, found


def measured_one(name: str, value: Any) -> tuple[dict[str, Any] | None, Findings]:
    """Return one answer, or None where it is none, and what is odd about its type.

    >>> measured_one("db1", [0.5, float("nan")])
    ({'shape': [2], 'entries': [0.5, None]}, [])
    """
    if value is None:
        return None, []
    array, codes = _as_array(value)
    odd = [finding(code, name) for code in codes]
    if array is None:
        return None, odd
    entries = [entry if math.isfinite(entry) else None for entry in array.ravel().tolist()]
    return {"shape": list(array.shape), "entries": entries}, odd


def finding(code: str, name: str = "") -> dict[str, str]:
    """Return a finding as a frame holds it."""
    return {"code": code, "name": name}


def _as_array(value: Any) -> tuple[Any, list[str]]:
    """Return a value as an array of float64, or None, with the codes of what is odd about it."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = numpy.asarray(value)
    except ValueError:
        return None, ["ragged"]
    codes = []
    if array.dtype.kind == "O":
        codes.append("object_array")
        try:
            array = array.astype(numpy.float64)
        except (TypeError, ValueError, OverflowError):
            return None, ["not_numbers"]
    if array.dtype.kind not in "fiu":
        return None, ["not_numbers"]
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        codes.append("single_precision")
    if array.dtype.kind in "iu" and isinstance(value, numpy.ndarray):
        codes.append("integer_array")
    if array.size == 0:
        return None, ["empty"]
    if array.ndim > MOST_AXES:
        return None, ["too_many_axes"]
    return array.astype(numpy.float64), codes
