"""The gates: what a variant must not be if it is to tell right from wrong.

A file an idea. `GATES` is their order: a variant is rejected for the first that it fails, and for
a misconception where it fails no other.
"""

from gradgrade.problems.gates.base import MARGIN, MARGIN_IN_ROUNDING, Candidates, Gate
from gradgrade.problems.gates.beyond_rounding import BEYOND_ROUNDING
from gradgrade.problems.gates.dead_gradient import DEAD_GRADIENT
from gradgrade.problems.gates.dead_units import DEAD_UNITS
from gradgrade.problems.gates.kink import KINK
from gradgrade.problems.gates.misconceptions import MISCONCEPTION
from gradgrade.problems.gates.passed_without_work import (
    ECHO_OF_GIVEN,
    HIDDEN_TRANSPOSE,
    PASSED_BY_ONES,
    PASSED_BY_ZEROS,
)
from gradgrade.problems.gates.saturated import SATURATED
from gradgrade.problems.gates.vanishing import VANISHING
from gradgrade.problems.gates.within_band import WITHIN_BAND

__all__ = ["GATES", "MARGIN", "MARGIN_IN_ROUNDING", "Candidates", "Gate"]

GATES: tuple[Gate, ...] = (
    *(KINK, SATURATED, DEAD_UNITS),
    *(PASSED_BY_ZEROS, PASSED_BY_ONES, ECHO_OF_GIVEN, HIDDEN_TRANSPOSE),
    *(BEYOND_ROUNDING, VANISHING, WITHIN_BAND, MISCONCEPTION, DEAD_GRADIENT),
)
