"""Mistakes in the derivative of the loss by the outputs, from which all gradients follow."""

from collections.abc import Callable
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import DataLoss
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    in_turn,
)
from gradgrade.problems.misconceptions.programs.losses import TARGET_ADDED, TARGET_NOT_SUBTRACTED
from gradgrade.problems.misconceptions.recognition import (
    activation_passed,
    loss_differentiated,
    positions,
)
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    instead,
    scaled,
)

FAMILY = "residual"
IN_A_BATCH = "Use more than one sample."

Factor = Callable[[DataLoss], Fraction | int | None]


def residual_scaled(factor: Factor) -> StepChange:
    """Scale the residual by a factor of the loss's; None where there is no such mistake."""

    def change(_: Derivation, step: Step) -> Step | None:
        loss = loss_differentiated(step)
        by = factor(loss) if loss else None
        return None if by is None else after(step, scaled(by))

    return change


def of_loss(name: str, factor: Fraction | int) -> Factor:
    """Return a factor where the loss has a certain name."""
    return lambda loss: factor if loss.function.name == name else None


def _count_if_averaged(loss: DataLoss) -> int | None:
    return loss.count if loss.reduction != "sum" else None


def _half_the_count(loss: DataLoss) -> Fraction | None:
    averaged = _count_if_averaged(loss)
    if averaged is None or loss.function.name != "squared_error":
        return None
    return Fraction(averaged, 2)


def root_not_differentiated(_: Derivation, step: Step) -> Step | None:
    """Undo the residual's division by twice the root, or by twice what is taken for it."""
    loss = loss_differentiated(step)
    if loss is None or step.reads.count(loss.loss) != 1:
        return None
    return after(step, by_operations(lambda da, root: 2 * da * root), loss.loss)


def _targets_counted(times: int) -> StepChange:
    """Count the targets so many times where they are subtracted: never, 0, or added, −1."""
    difference = by_operations(lambda a, y: a - times * y)

    def change(_: Derivation, step: Step) -> Step | None:
        loss = loss_differentiated(step)
        if loss is None:
            return None
        if activation_passed(step):
            residual = instead(step, difference, loss.output, loss.targets)
            return after(residual, scaled(Fraction(1, loss.count)))
        if loss.function.name not in ("squared_error", "half_squared_error"):
            return None
        return before(step, positions(step, {loss.targets}), scaled(times))

    return change


RESIDUAL = (
    Misconception(
        code="mean_missing_in_gradient",
        title="Gradient not averaged",
        explanation=(
            "The loss is a mean, so its derivative keeps the division by the number of terms. "
            "Your gradients are those of the sum."
        ),
        source="seed 000",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=everywhere(residual_scaled(_count_if_averaged)),
    ),
    Misconception(
        code="two_missing",
        title="Factor two of the square missing",
        explanation=(
            "The derivative of a square brings down a factor of two, and this loss has no half to "
            "cancel it. Your residual lacks that factor."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use the squared error without a half.",
        changes=everywhere(residual_scaled(of_loss("squared_error", Fraction(1, 2)))),
    ),
    Misconception(
        code="two_over_count_missing",
        title="Both factors of the mean squared error missing",
        explanation=(
            "The mean of squares has a factor of two over the number of terms in its derivative. "
            "Your gradients start from the bare difference of output and target."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use the mean squared error without a half, on three samples or more.",
        changes=everywhere(residual_scaled(_half_the_count)),
    ),
    Misconception(
        code="half_not_cancelled",
        title="Half kept in the derivative",
        explanation=(
            "The half in this loss is there to cancel the two that the square brings down. Your "
            "residual still has the half."
        ),
        source="seeds 001, 002, 003, 004",
        family=FAMILY,
        exposure="Use the squared error with a half.",
        changes=everywhere(residual_scaled(of_loss("half_squared_error", Fraction(1, 2)))),
    ),
    Misconception(
        code="two_not_cancelled",
        title="Factor two kept in the derivative",
        explanation=(
            "This loss has a half, which cancels the two that the square brings down. Your "
            "residual still has the two, as if the loss had no half."
        ),
        source="seeds 001, 002, 003, 004",
        family=FAMILY,
        exposure="Use the squared error with a half.",
        changes=everywhere(residual_scaled(of_loss("half_squared_error", 2))),
    ),
    Misconception(
        code="residual_sign",
        title="Sign of the residual",
        explanation=(
            "The loss's derivative by the output is output minus target. You have target minus "
            "output, and what comes of it has the other sign."
        ),
        source="seed 002",
        family=FAMILY,
        exposure="Nothing is needed, unless every output meets its target.",
        changes=everywhere(residual_scaled(lambda _: -1)),
    ),
    Misconception(
        code="target_not_subtracted",
        title="Target not subtracted",
        explanation=(
            "Through softmax and cross-entropy together, as through sigmoid and binary "
            "cross-entropy, the gradient is output minus target, over what the loss is divided by; "
            "so it is of a squared error, but for its factor. You pass back the output alone."
        ),
        source="field",
        family=FAMILY,
        exposure="Use targets that are not zero.",
        ungated=in_turn(everywhere(_targets_counted(0)), TARGET_NOT_SUBTRACTED),
    ),
    Misconception(
        code="target_added",
        title="Target added",
        explanation=(
            "Through softmax and cross-entropy together, as through sigmoid and binary "
            "cross-entropy, the gradient is output minus target, over what the loss is divided by; "
            "so it is of a squared error, but for its factor. You add the target."
        ),
        source="field",
        family=FAMILY,
        exposure="Use targets that are not zero.",
        ungated=in_turn(everywhere(_targets_counted(-1)), TARGET_ADDED),
    ),
    Misconception(
        code="root_not_differentiated",
        title="Root not differentiated",
        explanation=(
            "The root of the mean squared error is a function of its own: by the chain rule its "
            "derivative divides by twice the root. Your gradients are those of the mean without "
            "its root."
        ),
        source="seed 002",
        family=FAMILY,
        exposure="Use the root mean squared error, and outputs whose loss is not one half.",
        changes=everywhere(root_not_differentiated),
    ),
)
