"""Slips where outputs are compared with targets: another sample's target, ε in a logarithm."""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    replaced,
)
from gradgrade.problems.misconceptions.network.loss import BINARY, CROSS_ENTROPIES, with_terms
from gradgrade.problems.misconceptions.recognition import (
    loss_differentiated,
    loss_made,
    positions,
    rows_and_columns,
)
from gradgrade.problems.misconceptions.rewriting import before, rolled

FAMILY = "comparison"
DIGITS = (7, 8, 9, 10, 12, 15)
"""ε of the field, as negative powers of ten, the largest first."""


def _targets_rolled(places: int, *, least: int) -> StepChange:
    def change(derivation: Derivation, step: Step) -> Step | None:
        loss = loss_made(step) or loss_differentiated(step)
        if loss is None or loss.samples < least:
            return None
        roll = rolled(*rows_and_columns(derivation, loss.targets), places)
        return before(step, positions(step, {loss.targets}), roll)

    return change


def _epsilon_in_logarithm(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for digits in DIGITS:
        made = (_with_epsilon(step, 10**digits) for step in derivation.steps)
        found = [step for step in made if step]
        if found:
            yield f"(1e-{digits})", replaced(derivation, *found)


def _with_epsilon(step: Step, inverse: int) -> Step | None:
    """The loss with ln(a + ε), and ln(1 − a + ε), for 1/ε."""
    loss = loss_made(step)
    if loss is None or loss.function.name not in CROSS_ENTROPIES:
        return None

    def added(a: Element) -> Element:
        return (a * inverse + 1) / inverse

    def term(numbers: Arithmetic, a: Element, y: Element) -> Element:
        first = y * numbers.log(added(a))
        return -(first + (1 - y) * numbers.log(added(1 - a)) if is_binary else first)

    is_binary = loss.function is LOSSES[BINARY]
    return with_terms(step, loss, term)


COMPARISON = (
    Misconception(
        code="targets_of_previous_sample",
        title="Targets shifted by a sample",
        explanation=(
            "Each sample's output is compared with its own target. You compare it with the target "
            "of the sample before, and the first one with the last."
        ),
        source="field",
        family=FAMILY,
        exposure="Use more than one sample, with targets that differ.",
        changes=everywhere(_targets_rolled(1, least=2)),
    ),
    Misconception(
        code="targets_of_next_sample",
        title="Targets shifted back by a sample",
        explanation=(
            "Each sample's output is compared with its own target. You compare it with the target "
            "of the sample that follows, and the last one with the first."
        ),
        source="field",
        family=FAMILY,
        exposure="Use three samples or more, with targets that differ.",
        changes=everywhere(_targets_rolled(-1, least=3)),
    ),
    Misconception(
        code="epsilon_in_logarithm",
        title="ε inside the logarithm",
        explanation=(
            "This loss is taken of the outputs as they are. You add a small ε inside its "
            "logarithm, which guards a program against zero and changes the last digits."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for more digits of the loss; it shows where an output is almost zero.",
        changes=_epsilon_in_logarithm,
    ),
)
