"""What is true of a case and how far off an answer is, in bands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy

from gradgrade.oracle.accuracy.honest_bands import estimates, honest_bands
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import take, walk
from gradgrade.oracle.networks.lines import Pooled
from tests.oracle.drawn import Case

REFERENCE = Reference(digits=80)


@dataclass(frozen=True)
class Judge:
    """What is true of a case, to 80 digits, with the bands around it."""

    truth: Mapping[Name, Any]
    bands: Mapping[Name, Any]

    @classmethod
    def of(cls, case: Case, *, precision: str = "binary64") -> Self:
        """Walk a case for both; raise UndefinedValue where it has no values."""
        truth = walk(case.derivation, take(case.given, REFERENCE), REFERENCE)
        rounded = case.are_decimals
        walked = estimates(
            case.derivation, case.given, givens_are_rounded=rounded, precision=precision
        )
        bands = {name: honest_bands(each, precision=precision) for name, each in walked.items()}
        for step in filter(_is_at_ties, case.derivation.steps):
            bands[step.name] = numpy.full_like(bands[step.name], inf)
        return cls(truth, bands)

    def distances(self, answers: Mapping[Name, Any]) -> Iterator[tuple[Name, float]]:
        """How far each entry is from the true one, in bands, where there is a band."""
        for name, answer in answers.items():
            rows = zip(self.truth[name], answer, self.bands[name], strict=True)
            for true, answered, band in (entry for row in rows for entry in zip(*row, strict=True)):
                if not numpy.isfinite(band):
                    continue
                if not numpy.isfinite(answered):
                    yield name, inf
                else:
                    off = abs(REFERENCE.matrix([[float(answered)]])[0][0] - true)
                    # Not as a ratio: behind e^(-z²) it may have a denominator of gigabytes.
                    yield name, float(off / float(band))


def _is_at_ties(step: Step) -> bool:
    """Whether a step makes the ∂L/∂a behind a ReLU that is no quantity, since zeros may tie."""
    lines = step.role.through if isinstance(step.role, PullBack) else ()
    is_internal = step.quantity.group is Group.INTERNAL
    return is_internal and any(isinstance(line, Pooled) for line in lines)
