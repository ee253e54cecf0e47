"""How accurate the answers of a variant are: what rounding loses of them, how much is accepted.

Neither is a reason to reject a draw; an instructor should see both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy

from gradgrade.oracle.accuracy.honest_bands import CONSTANT
from gradgrade.problems.gates.base import Array, Candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How accurate a variant's answers are.

    Args:
        lost_largest: of the parts' entries, the largest share of a value that honest rounding may
            lose, u·S/|value|.
        lost_median: the median share.
        widest_bands: by part, the largest share of an entry's value by which an answer may be off,
            band/|value|; None where all entries are 0, or where nothing bounds it.
    """

    lost_largest: float
    lost_median: float
    widest_bands: Mapping[str, float | None]


def accuracies(candidates: Candidates) -> list[Accuracy]:
    """Return how accurate each candidate's answers are. An entry that is 0 loses nothing."""
    lost, widest = [], {}
    for name, quantity in candidates.quantities.items():
        value = numpy.abs(candidates.values[name])
        error = candidates.entries(quantity, candidates.honest(quantity.name)) / CONSTANT
        lost.append(_share(error, value))
        widest[name] = _share(candidates.bands[name], value).max(axis=-1).tolist()
    shares = numpy.concatenate(lost, axis=-1)
    return [
        Accuracy(
            lost_largest=largest,
            lost_median=middle,
            widest_bands={name: _bounded(each[at]) for name, each in widest.items()},
        )
        for at, (largest, middle) in enumerate(
            zip(shares.max(-1).tolist(), numpy.median(shares, -1).tolist(), strict=True)
        )
    ]


def _share(part: Array, value: Array) -> Array:
    is_zero = value == 0
    # Of a draw that leaves the range of doubles, which no gate lets pass, it is no number.
    with numpy.errstate(over="ignore", invalid="ignore"):
        return numpy.where(is_zero, 0.0, part / numpy.where(is_zero, 1.0, value))


def _bounded(share: float) -> float | None:
    return share if share > 0 and isfinite(share) else None
