"""What speaks against a mistake: the steps that a student is seen to have taken rightly.

A part that is right, though the mistake would have changed it, shows that the student did not make
it in the steps that lead there. A part that follows rightly from wrong earlier ones shows as much
of the steps in between. So a sign lost in ∂L/∂b alone is not the residual's sign, whose δ is right;
but ascent in one layer's update stands beside right updates of the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.explanation.carry import OwnWork
from gradgrade.problems.explanation.weighing import Weights


@dataclass(frozen=True)
class StepsTaken:
    """The steps that lead to what a student has right.

    Args:
        work: the student's answers.
        leading: by part, the steps from the givens to it.
        after: by part that follows rightly from wrong earlier ones, the steps from those, and from
            the givens, to it.
    """

    work: OwnWork
    leading: Mapping[str, frozenset[Name]]
    after: Mapping[str, frozenset[Name]]

    def spares(self, weights: Weights, steps: frozenset[Name]) -> Callable[[int], bool]:
        """Return what tells whether nothing speaks against a mistake as made in some steps.

        Args:
            weights: of the mistakes, each known by its position.
            steps: those that lead to the part that it would explain.
        """
        derivation = self.work.assessment.derivation

        def is_spared(at: int) -> bool:
            mistaken = weights.mistakes[at][-1].derivation
            made = {name for name in steps if _differs(derivation, mistaken, name)}
            is_right = all(
                made.isdisjoint(self.leading[part])
                for part, spoilt in weights.spoils.items()
                if spoilt[at]
            )
            return is_right and all(
                made.isdisjoint(each) or self.work.follows_by(part, mistaken)
                for part, each in self.after.items()
                if weights.changes[part][at]
            )

        return is_spared


def _differs(derivation: Derivation, mistaken: Derivation, name: Name) -> bool:
    """Tell whether a mistake makes a quantity by another step."""
    return mistaken.by_name.get(name) is not derivation.by_name[name]
