"""What speaks against a mistake: the steps that a student is seen to have taken rightly.

A part that is right, though the mistake would have changed it, shows that the student did not make
it in the steps that lead there. A part that follows rightly from wrong earlier ones shows as much
of the steps in between. So a sign lost in ∂L/∂b alone is not the residual's sign, whose δ is right;
but ascent in one layer's update stands beside right updates of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.explanation.candidates import Candidate
from gradgrade.problems.explanation.own_work import OwnWork


@dataclass(frozen=True)
class StepsTaken:
    """The steps that lead to what a student has right.

    Args:
        own_work: the student's answers.
        leading: by part, the steps from the givens to it.
        after: by part that follows rightly from wrong earlier ones, the steps from those, and from
            the givens, to it.
    """

    own_work: OwnWork
    leading: Mapping[str, frozenset[Name]]
    after: Mapping[str, frozenset[Name]]

    def refute_early(self, candidate: Candidate, steps: frozenset[Name]) -> bool:
        """Tell whether a right answer on the way speaks against a mistake as made in some steps.

        Args:
            candidate: the mistake.
            steps: those that lead to the part that it would explain.
        """
        names, made = self.own_work.assessment.quantities, candidate.changed & steps
        return any(
            names[part.name].name in steps
            and not made.isdisjoint(self.leading[part.name])
            and candidate.surely_spoils(part)
            for part in self.own_work.assessment.exercise.ask
        )

    def spare(self, candidate: Candidate, steps: frozenset[Name]) -> bool:
        """Tell whether nothing at all speaks against a mistake as made in some steps.

        Args:
            candidate: the mistake.
            steps: those that lead to the part that it would explain.
        """
        made = candidate.changed & steps
        is_right = all(
            made.isdisjoint(self.leading[part.name]) or not candidate.spoils(part)
            for part in self.own_work.assessment.exercise.ask
        )
        return is_right and all(
            made.isdisjoint(each) or self._is_borne_out(candidate, part)
            for part, each in self.after.items()
        )

    def _is_borne_out(self, candidate: Candidate, part: str) -> bool:
        """Tell whether what follows rightly from earlier answers does so with a mistake too."""
        asked = self.own_work.asked(part)
        derivation = candidate.mistakes[-1].derivation
        return not candidate.differs(asked).any() or self.own_work.follows_by(asked, derivation)
