"""What speaks against a mistake: the steps that a student is seen to have taken otherwise.

A part that is right, though the mistake would have changed it, shows that the student did not make
it in the steps that lead there. A part that follows rightly from wrong earlier ones shows as much
of the steps in between. So a sign lost in ∂L/∂b alone is not the residual's sign, whose δ is right;
but ascent in one layer's update stands beside right updates of the others.

Whoever makes a mistake makes it wherever it can be made: an answer that neither is what the mistake
leads to, nor follows by it from the student's own earlier answers, speaks against it too. So half
of ∂L/∂W is not the gradient times η = ½ where the update goes on from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy

from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.batch import Batch
from gradgrade.problems.explanation.candidate import Candidate
from gradgrade.problems.explanation.own_work import OwnWork
from gradgrade.problems.explanation.weighing import LEAST_SHARE
from gradgrade.problems.misconceptions import APPROXIMATIONS

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


@dataclass(frozen=True)
class StepsTaken:
    """The steps that lead to what a student has right, as the bits of those of the derivation.

    Args:
        own_work: the student's answers.
        leading: by part, the steps from the givens to it.
        after: by part that follows rightly from wrong earlier ones, the steps from those, and from
            the givens, to it.
    """

    own_work: OwnWork
    leading: Mapping[str, int]
    after: Mapping[str, int]
    _agreeing: dict[tuple[Candidate, str], bool] = field(default_factory=dict, init=False)
    _belied: dict[tuple[Candidate, str], bool] = field(default_factory=dict, init=False)

    def left_by_right_answers(self, batch: Batch, part: AskedQuantity) -> int:
        """Return which candidates lead to a part that no right answer on the way speaks against."""
        left = batch.reaching(part)
        for each in self.own_work.assessment.exercise.ask:
            if self._bit(each) & self.leading[part.name]:
                left &= ~batch.spoiling(each, left)
        return left

    def spare(self, candidate: Candidate, steps: int) -> bool:
        """Tell whether nothing at all speaks against a mistake as made in some steps.

        Args:
            candidate: the mistake.
            steps: those that lead to the part that it would explain.
        """
        made = candidate.difference.replaced & steps
        is_right = not any(
            made & self.leading[part.name] and candidate.spoils(part)
            for part in self.own_work.assessment.exercise.ask
        )
        return is_right and all(
            self._is_borne_out(candidate, part) for part, each in self.after.items() if made & each
        )

    def bear_out(self, part: AskedQuantity, candidate: Candidate) -> bool:
        """Tell whether the answers are those of whoever makes a mistake.

        What agrees with it from the givens on needs no second look, unless it comes after what
        does not. What is right of another layer's is none of it: it may be made in one alone. But
        where the same quantity of another layer is wrong in another way, most likely the same was
        done to both, and it is not this.

        Args:
            part: what it would explain.
            candidate: the mistake.
        """
        mistake = candidate.mistakes[-1]
        is_in_one_layer = mistake.place and mistake.misconception not in APPROXIMATIONS
        if is_in_one_layer and self._is_elsewhere_otherwise(part, candidate):
            return False
        heard = [
            each
            for each in map(self.own_work.asked, self.own_work.submitted)
            if each.name in self.own_work.wrong or not self._are_of_two_layers(part, each)
        ]
        others = 0
        for each in heard:
            others |= 0 if self._agrees(candidate, each) else self._bit(each)
        return not any(
            self._is_belied(candidate, each) for each in heard if others & self.leading[each.name]
        )

    def _bit(self, part: AskedQuantity) -> int:
        """Return the bit of the step that makes a part."""
        assessment = self.own_work.assessment
        return 1 << assessment.derivation.places[assessment.quantities[part.name].name]

    def _is_elsewhere_otherwise(self, part: AskedQuantity, candidate: Candidate) -> bool:
        """Tell whether the same of another layer is wrong as a mistake does not explain it."""
        names = self.own_work.assessment.quantities
        return any(
            names[each].name._replace(layer=0) == names[part.name].name._replace(layer=0)
            and self._are_of_two_layers(part, self.own_work.asked(each))
            and not self._agrees(candidate, self.own_work.asked(each))
            for each in self.own_work.wrong - self.after.keys()
        )

    def _are_of_two_layers(self, *parts: AskedQuantity) -> bool:
        layers = {self.own_work.assessment.quantities[part.name].name.layer for part in parts}
        return len(layers) > 1 and 0 not in layers

    def _agrees(self, candidate: Candidate, part: AskedQuantity) -> bool:
        """Tell whether a part is answered as a mistake leads to from the givens on."""
        key = candidate, part.name
        if key not in self._agreeing:
            self._agreeing[key] = self._is_answered_as(candidate, part)
        return self._agreeing[key]

    def _is_answered_as(self, candidate: Candidate, part: AskedQuantity) -> bool:
        is_right = candidate.is_right[part.name]
        if not candidate.reaches(part.name):
            return bool(is_right.all())
        values, bands = candidate.answer(part)
        agrees = numpy.abs(values - self.own_work.submitted[part.name]) <= 2 * bands
        return _is_most(agrees, candidate.differs(part) | ~is_right)

    def _is_belied(self, candidate: Candidate, part: AskedQuantity) -> bool:
        """Tell whether a part is not what a mistake leads to from the student's earlier answers.

        From the givens, where there are no earlier ones.
        """
        key = candidate, part.name
        if key not in self._belied:
            self._belied[key] = self._follows_otherwise(candidate, part)
        return self._belied[key]

    def _follows_otherwise(self, candidate: Candidate, part: AskedQuantity) -> bool:
        if not candidate.reaches(part.name):
            return False
        own_work, target = self.own_work, self.own_work.assessment.quantities[part.name].name
        right, mistaken = own_work.assessment.derivation, candidate.mistakes[-1].derivation
        if not all(own_work.walk(each).way(target).own for each in (right, mistaken)):
            return bool(candidate.differs(part).any())
        rightly = own_work.continuation(part, right)
        found = rightly and own_work.continuation(part, mistaken, like=rightly)
        if rightly is None or found is None:
            return False
        differs = numpy.abs(found.values - rightly.values) > found.bands + rightly.bands
        agrees = numpy.abs(found.values - own_work.submitted[part.name]) <= 2 * found.bands
        return not _is_most(agrees, differs)

    def _is_borne_out(self, candidate: Candidate, part: str) -> bool:
        """Tell whether what follows rightly from earlier answers does so with a mistake too."""
        asked = self.own_work.asked(part)
        derivation = candidate.mistakes[-1].derivation
        return not candidate.differs(asked).any() or self.own_work.follows_by(asked, derivation)


def _is_most(agrees: Array, relevant: Array) -> bool:
    """Tell whether of what is relevant as much agrees as a mistake must explain."""
    return bool(not relevant.any() or agrees[relevant].mean() >= LEAST_SHARE)
