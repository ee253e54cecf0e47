"""The slope of each function that textbooks give by its value."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

SLOPES_FROM_VALUE: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "exp": lambda a: a,
        "tanh": lambda a: 1 - a * a,
        "sigmoid": lambda a: a * (1 - a),
    }
)
"""By the names of functions; of entries, and of formulas."""
