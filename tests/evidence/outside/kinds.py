"""All kinds."""

from tests.evidence.outside import backward, by_hand, forward, reporting, samples, training

KINDS = (
    *forward.KINDS,
    *samples.KINDS,
    *backward.KINDS,
    *training.KINDS,
    *by_hand.KINDS,
    *reporting.KINDS,
)
