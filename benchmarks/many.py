"""The certified solve of one variant among many that are checked fast."""

from typing import Any

import numpy

from benchmarks.engines import CERTIFIED, Engine, read_certified
from benchmarks.networks import Case
from gradgrade.oracle.accuracy.honest_bands import estimates
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.proof.bands import bands
from gradgrade.oracle.proof.certify import certify
from gradgrade.problems.generate import ONE_WHOLE_PROOF_IN, STACK

CHECKED_FAST = f"{CERTIFIED}, checked fast"

MOST_VARIANTS = STACK
MOST_PARAMETERS = 20_000
"""Large networks are walked fewer at once: so many parameters in all."""


def checked_fast(case: Case, digits: int) -> Engine:
    """Return our certified solve of a stack of variants, its walk in running errors and all.

    The first is proven whole, and one in so many after it.
    """
    derivation, givens = case.derivation, case.givens
    variants = max(1, min(MOST_VARIANTS, MOST_PARAMETERS // case.parameters))

    def run() -> Any:
        stack = {
            name: numpy.array([rows] * variants, dtype=numpy.float64)
            for name, rows in given_rows(derivation, givens).items()
        }
        walked = estimates(derivation, stack, givens_are_rounded=False)
        found = enumerate(bands(derivation, walked, variants=variants))
        return [
            certify(
                derivation, givens, digits=digits, band=band if at % ONE_WHOLE_PROOF_IN else None
            )
            for at, band in found
        ][-1]

    return Engine(CHECKED_FAST, run, read_certified, variants)
