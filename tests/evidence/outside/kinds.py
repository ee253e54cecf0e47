"""All kinds."""

from tests.evidence.outside import backward, forward, reporting

KINDS = (*forward.KINDS, *backward.KINDS, *reporting.KINDS)
