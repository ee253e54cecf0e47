"""Schedules of the learning rate, as a program writes them."""

import math
from collections.abc import Mapping
from typing import Any


def learning_rate(optimizer: Mapping[str, Any], iteration: int) -> float:
    """η of an iteration, counted from 1."""
    rate = float(optimizer["learning_rate"])
    schedule = optimizer.get("schedule") or {"name": "constant"}
    before = iteration - 1
    match schedule["name"]:
        case "constant":
            return rate
        case "step":
            return rate * schedule["factor"] ** (before // schedule["every"])
        case "exponential":
            return rate * math.exp(-schedule["rate"] * before)
        case "inverse_time":
            return rate / (1 + schedule["rate"] * before)
        case "cosine":
            return rate * 0.5 * (1 + math.cos(math.pi * before / schedule["period"]))
    raise ValueError(schedule["name"])
