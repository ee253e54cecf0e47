"""Mistakes with the iterations of a program: what is computed once and used in all."""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.steps import unchanged
from gradgrade.problems.misconceptions.base import replaced
from gradgrade.problems.misconceptions.programs.lines import line_made
from gradgrade.problems.misconceptions.rewriting import ruled


def stale(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Take what lines make in an iteration for what they make in the next one."""
    copies = [
        ruled(step, unchanged, reads=(step.name._replace(iteration=step.name.iteration - 1),))
        for step in derivation.steps
        if step.name.iteration > 1 and line_made(step) is not None
    ]
    if copies:
        yield "", replaced(derivation, *copies)
