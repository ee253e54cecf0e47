"""Mistakes in the loss itself: what it sums, what it divides by, which logarithm it takes."""

from collections.abc import Callable
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.networks.lines import DataLoss
from gradgrade.problems.misconceptions.base import Misconception, StepChange, everywhere
from gradgrade.problems.misconceptions.network.residual import (
    IN_A_BATCH,
    Factor,
    of_loss,
    residual_scaled,
    root_not_differentiated,
)
from gradgrade.problems.misconceptions.programs.losses import (
    BINARY_LOGARITHMS,
    DECIMAL_LOGARITHMS,
    ELEMENTS_FOR_SAMPLES,
    MEAN_FOR_SUM,
    NOT_AVERAGED,
    SAMPLES_FOR_ELEMENTS,
    SUM_FOR_MEAN,
    over_logarithm,
)
from gradgrade.problems.misconceptions.recognition import (
    loss_differentiated,
    loss_made,
)
from gradgrade.problems.misconceptions.rewriting import (
    after,
    entrywise,
    ones,
    root_scaled,
    ruled,
    scaled,
)

FAMILY = "loss"
BINARY = "binary_cross_entropy"
CROSS_ENTROPIES = ("cross_entropy", BINARY)


def loss_scaled(factor: Factor) -> StepChange:
    """Scale the loss of the data, under its root if it has one."""

    def change(_: Derivation, step: Step) -> Step | None:
        loss = loss_made(step)
        by = factor(loss) if loss else None
        if loss is None or by is None:
            return None
        return after(step, root_scaled(by) if loss.function.is_root else scaled(by))

    return change


def _both_scaled(factor: Factor) -> tuple[StepChange, StepChange]:
    # A root's residual is divided by the root, so the same factor is right for both.
    return loss_scaled(factor), residual_scaled(factor)


def _where_reduced(name: str, factor: Callable[[DataLoss], Fraction | int]) -> Factor:
    return lambda loss: factor(loss) if loss.reduction == name else None


def _count_if_averaged(loss: DataLoss) -> int | None:
    is_averaged = loss.reduction != "sum" and not loss.function.is_root
    return loss.count if is_averaged else None


def _one_over_units(loss: DataLoss) -> Fraction:
    return Fraction(1, loss.units)


def _one_over_samples(loss: DataLoss) -> Fraction:
    return Fraction(1, loss.samples)


def _in_base(base: int) -> StepChange:
    def change(_: Derivation, step: Step) -> Step | None:
        loss = loss_made(step)
        if loss is None or loss.function.name not in CROSS_ENTROPIES:
            return None
        return after(step, over_logarithm(base))

    return change


def _square_of_root(_: Derivation, step: Step) -> Step | None:
    loss = loss_made(step)
    if loss is None or not loss.function.is_root:
        return None
    return after(step, entrywise(lambda _, root: root * root, lambda root: root**2))


def _without_second_class(_: Derivation, step: Step) -> Step | None:
    made, differentiated = loss_made(step), loss_differentiated(step)
    if made and made.function.name == BINARY:
        return _loss_of_first_class(step, made)
    if differentiated and differentiated.function.name == BINARY:
        return _residual_of_first_class(step)
    return None


def _residual_of_first_class(step: Step) -> Step:
    """The residual is linear in the targets, so its part with y is y times that of target 1."""
    right = step.rule

    def rule(arithmetic: Arithmetic, argument: Matrix, y: Matrix, *others: Matrix) -> Matrix:
        return arithmetic.multiply(y, right(arithmetic, argument, ones(arithmetic, y), *others))

    return ruled(step, rule)


def _loss_of_first_class(step: Step, loss: DataLoss) -> Step:
    return with_terms(step, loss, LOSSES["cross_entropy"].term)


def with_terms(step: Step, loss: DataLoss, term: ElementwiseRule) -> Step:
    """Return the step of a loss with other terms of a and y."""
    terms = entrywise(term)

    def rule(arithmetic: Arithmetic, a: Matrix, y: Matrix) -> Matrix:
        return arithmetic.divide_by(arithmetic.sum(terms(arithmetic, a, y)), loss.count)

    return ruled(step, rule, reads=(loss.output, loss.targets))


# Of two that come level, what says less stands first: the loss alone, then its gradients too.
LOSS = (
    Misconception(
        code="loss_not_averaged",
        title="Loss reported as a sum",
        explanation=(
            "The loss is a mean of its terms. What you report is their sum: divide it by how many "
            "there are."
        ),
        source="seed 000",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=everywhere(loss_scaled(_count_if_averaged)),
        ungated=NOT_AVERAGED,
    ),
    Misconception(
        code="sum_for_mean",
        title="Sum for mean",
        explanation=(
            "The loss is a mean over the batch. You add up the terms without dividing by how many "
            "there are."
        ),
        source="seed 000",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=everywhere(*_both_scaled(_count_if_averaged)),
        ungated=SUM_FOR_MEAN,
    ),
    Misconception(
        code="mean_for_sum",
        title="Mean for sum",
        explanation="This loss is a sum over the samples. You divide by their number.",
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=everywhere(*_both_scaled(_where_reduced("sum", _one_over_samples))),
        ungated=MEAN_FOR_SUM,
    ),
    Misconception(
        code="elements_for_samples",
        title="Mean over elements for mean over samples",
        explanation=(
            "The loss is a sum over the outputs of each sample and a mean over the samples alone. "
            "You divide by the number of outputs as well, as an array's mean does."
        ),
        source="seed 001",
        family=FAMILY,
        exposure="Use more than one output.",
        changes=everywhere(*_both_scaled(_where_reduced("mean", _one_over_units))),
        ungated=ELEMENTS_FOR_SAMPLES,
    ),
    Misconception(
        code="samples_for_elements",
        title="Mean over samples for mean over elements",
        explanation=(
            "This loss is a mean over every output of every sample. You divide by the number of "
            "samples alone."
        ),
        source="field",
        family=FAMILY,
        exposure="Use more than one output.",
        changes=everywhere(*_both_scaled(_where_reduced("mean_elements", lambda loss: loss.units))),
        ungated=SAMPLES_FOR_ELEMENTS,
    ),
    Misconception(
        code="half_missing_in_loss",
        title="Half missing in the loss",
        explanation=(
            "This loss is half the square of the error. The loss that you report lacks the half."
        ),
        source="seeds 001, 002, 003, 004",
        family=FAMILY,
        exposure="Use the squared error with a half, and ask for the loss.",
        changes=everywhere(loss_scaled(of_loss("half_squared_error", 2))),
    ),
    Misconception(
        code="half_added_to_loss",
        title="Half added to the loss",
        explanation=(
            "This loss is the square of the error. You put a half before it, as some books do; "
            "read which of the two is meant."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use the squared error without a half, and ask for the loss.",
        changes=everywhere(loss_scaled(of_loss("squared_error", Fraction(1, 2)))),
    ),
    Misconception(
        code="root_forgotten",
        title="Root of the mean squared error forgotten",
        explanation=(
            "The root mean squared error is the square root of the mean. You stop at the mean."
        ),
        source="seed 002",
        family=FAMILY,
        exposure="Use the root mean squared error, and outputs whose loss is neither one half nor "
        "one.",
        changes=everywhere(_square_of_root, root_not_differentiated),
    ),
    Misconception(
        code="decimal_logarithm",
        title="Decimal logarithm in the loss",
        explanation=(
            "The cross-entropy is taken with the natural logarithm, whose derivative is the "
            "reciprocal. You took the decimal one, which is `log` on many calculators; use `ln`."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a cross-entropy, and ask for the loss.",
        changes=everywhere(_in_base(10)),
        ungated=DECIMAL_LOGARITHMS,
    ),
    Misconception(
        code="binary_logarithm",
        title="Binary logarithm in the loss",
        explanation=(
            "The cross-entropy is taken with the natural logarithm here. You took the binary one, "
            "which measures it in bits."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a cross-entropy, and ask for the loss.",
        changes=everywhere(_in_base(2)),
        ungated=BINARY_LOGARITHMS,
    ),
    Misconception(
        code="second_class_missing",
        title="Second term of binary cross-entropy missing",
        explanation=(
            "Binary cross-entropy has two terms: one for targets that are one, and one for the "
            "rest. You keep only the first, so outputs whose target is zero cost nothing."
        ),
        source="field",
        family=FAMILY,
        exposure="Use the binary cross-entropy, with targets of both classes.",
        changes=everywhere(_without_second_class),
    ),
)
