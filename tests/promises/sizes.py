"""How large a promise is tried out: at a size that fits every run, or whole by `make promises`."""

import os

VARIABLE = "GRADGRADE_PROMISES"
"""The share of the whole, such as 1 or 0.1; where it is not set, the smallest size is run."""


def share() -> float:
    """Return the share of the whole that is tried out."""
    return float(os.environ.get(VARIABLE, "0"))


def size(small: int, whole: int) -> int:
    """Return how many cases are tried: a share of the whole, and no fewer than the small size."""
    return max(small, round(whole * share()))
