"""Mistakes with the difference quotients by which gradients are checked."""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.difference_quotients import Quotients
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions.base import Misconception, StepChange, everywhere
from gradgrade.problems.misconceptions.rewriting import after, reading, scaled

FAMILY = "gradient check"


def _of_one_side(kept: int) -> StepChange:
    """Keep the losses above, 0, or below, 1, and take the loss itself for the others, over h."""

    def change(_: Derivation, step: Step) -> Step | None:
        if not isinstance(step.role, Quotients):
            return None
        others: tuple[Name, ...] = step.reads[1 - kept :: 2]
        of_one_side = reading(step, dict.fromkeys(others, step.role.loss))
        return of_one_side and after(of_one_side, scaled(2))

    return change


def _one_sided(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for kept, place in ((0, ""), (1, "below")):
        for _, mistaken in everywhere(_of_one_side(kept))(derivation):
            yield place, mistaken


def _over_h(_: Derivation, step: Step) -> Step | None:
    return after(step, scaled(2)) if isinstance(step.role, Quotients) else None


QUOTIENTS = (
    Misconception(
        code="one_sided_quotient",
        title="Difference to one side for the central one",
        explanation=(
            "A central difference takes the loss on both sides: (L(w + h) − L(w − h)) / 2h. You "
            "take it on one side, less the loss at w, over h, which is off by a multiple of h."
        ),
        source="field",
        family=FAMILY,
        exposure="Check the gradient of a loss that is not linear, with an h that shows.",
        ungated=_one_sided,
    ),
    Misconception(
        code="quotient_over_h",
        title="Central difference divided by h",
        explanation=(
            "Between w + h and w − h lies twice h, by which their difference is divided. You "
            "divide it by h."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the gradient differ from zero.",
        ungated=everywhere(_over_h),
    ),
)
