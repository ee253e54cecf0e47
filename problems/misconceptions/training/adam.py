"""Mistakes with Adam: corrections left out or miscounted, ε in another place, weight decay."""

from collections.abc import Iterable, Iterator
from functools import partial
from operator import truediv
from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.functions import sqrt
from gradgrade.oracle.derivation.roles import State, Training, Update
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.training.optimizers import correction
from gradgrade.oracle.training.updates import Correction
from gradgrade.problems.misconceptions.base import Misconception, everywhere, replaced
from gradgrade.problems.misconceptions.rewriting import (
    before,
    by_operations,
    constant,
    entrywise,
    reading,
    ruled,
)
from gradgrade.problems.misconceptions.training.optimizer import (
    FAMILY,
    SMALL_GRADIENTS,
    SQUARE_CORRECTION,
    UPDATE_STEP,
    WITH_MEAN,
    at,
    at_all,
    epsilon_inside,
    names_read,
    number_for,
)
from gradgrade.problems.misconceptions.training.update import RATE, read_as

MEAN_CORRECTION, WEIGHT_DECAY = "beta1_correction", "weight_decay"
WITH_ADAM = "Use Adam, and few iterations: with time the correction tends to one."
DECAYING = "Use weight decay large enough to show."


def _corrected_as_first(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Correction) or step.role.iteration < 2:
        return None
    return ruled(step, partial(correction, 1))


def _corrected_ahead(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Correction):
        return None
    return ruled(step, partial(correction, step.role.iteration + 1))


def _betas_exchanged(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    states = (step.role for step in derivation.steps if isinstance(step.role, State))
    adam = next((each for each in states if each.optimizer in WITH_MEAN), None)
    if adam is None:
        return
    first, second = adam.symbols["beta1"], adam.symbols["beta2"]
    steps = (step for step in derivation.steps if isinstance(step.role, State | Correction))
    exchanged = (reading(step, {first: second, second: first}) for step in steps)
    yield "", replaced(derivation, *(step for step in exchanged if step))


def _gradient_for_mean(derivation: Derivation, step: Step) -> Step | None:
    """What becomes of m / c is g: c g is put for m, which in the first iteration it is."""
    if not isinstance(step.role, Update) or step.role.optimizer not in WITH_MEAN:
        return None
    gradient, corrected = step.role.symbols["g"], step.role.symbols[MEAN_CORRECTION]
    made = derivation.by_name[corrected].role
    if isinstance(made, Correction) and made.iteration == 1:
        return None
    product = by_operations(lambda _, gradient, corrected: corrected * gradient)
    return before(step, read_as(step, step.role, "m"), product, gradient, corrected)


def _epsilon_corrected_too(step: Step, training: Training) -> Step | None:
    """√(s / c) + ε becomes (√s + ε) / √c: ε is divided by √c."""
    corrections = names_read(step, training, SQUARE_CORRECTION)
    return before(step, read_as(step, training, "epsilon"), _over_root, *corrections)


def _divided_by_roots(epsilon: Any, roots: Iterable[Any]) -> Any:
    for root in roots:
        epsilon = epsilon / root
    return epsilon


_over_root = entrywise(
    lambda numbers, epsilon, *corrections: _divided_by_roots(
        epsilon, map(numbers.sqrt, corrections)
    ),
    lambda epsilon, *corrections: _divided_by_roots(epsilon, map(sqrt, corrections)),
)


def _decay_coupled(step: Step, training: Training) -> Step | None:
    """λ W goes into the gradient that the means are of, and not beside the step."""
    if isinstance(training, State):
        decay, weights = (training.symbols[symbol] for symbol in (WEIGHT_DECAY, "W"))
        rule = by_operations(lambda g, decay, w: g + decay * w)
        return before(step, read_as(step, training, "g"), rule, decay, weights)
    return before(step, read_as(step, training, WEIGHT_DECAY), constant(0))


def _decay_without_rate(step: Step, training: Training) -> Step | None:
    rates = names_read(step, training, RATE)
    rule = entrywise(lambda numbers, decay, rate: numbers.divide(decay, rate), truediv)
    return before(step, read_as(step, training, WEIGHT_DECAY), rule, *rates[:1])


ADAM = (
    Misconception(
        code="bias_correction_missing",
        title="Bias correction missing",
        explanation=(
            "Adam's means start from zero, and are divided by what corrects that. You use them as "
            "they are."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=WITH_ADAM,
        changes=at(number_for(1, MEAN_CORRECTION, SQUARE_CORRECTION), UPDATE_STEP, *WITH_MEAN),
    ),
    Misconception(
        code="mean_correction_missing",
        title="Bias correction of the mean missing",
        explanation=(
            "Adam corrects both of its means for their start from zero. You leave the mean of the "
            "gradients as it is."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=WITH_ADAM,
        changes=at(number_for(1, MEAN_CORRECTION), UPDATE_STEP, *WITH_MEAN),
    ),
    Misconception(
        code="square_correction_missing",
        title="Bias correction of the squares missing",
        explanation=(
            "Adam corrects both of its means for their start from zero. You leave the mean of the "
            "squares as it is."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=WITH_ADAM,
        changes=at(number_for(1, SQUARE_CORRECTION), UPDATE_STEP, *WITH_MEAN),
    ),
    Misconception(
        code="first_correction_kept",
        title="Bias correction of the first iteration kept",
        explanation=(
            "Adam's correction has the iteration's number as its exponent, so it fades. You use "
            "the first iteration's in all."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Use Adam, and more than one iteration.",
        changes=everywhere(_corrected_as_first),
    ),
    Misconception(
        code="correction_ahead",
        title="Bias correction one iteration ahead",
        explanation=(
            "Adam's correction counts iterations from one: the first has one as its exponent. You "
            "count one too many."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=WITH_ADAM,
        changes=everywhere(_corrected_ahead),
    ),
    Misconception(
        code="betas_exchanged",
        title="β1 and β2 exchanged",
        explanation=(
            "β1 is the decay of the mean of the gradients, β2 that of the mean of their squares. "
            "You have the two exchanged."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Use Adam with two decays that differ.",
        changes=_betas_exchanged,
    ),
    Misconception(
        code="gradient_for_mean",
        title="The gradient for its mean",
        explanation=(
            "Adam's step goes along the mean of the gradients so far. You go along the gradient "
            "of this iteration alone."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Use Adam, and more than one iteration: the first one's mean, corrected, is its "
        "gradient.",
        changes=everywhere(_gradient_for_mean),
    ),
    Misconception(
        code="epsilon_not_corrected",
        title="ε beside the root before its correction",
        explanation=(
            "ε is added to the root of the corrected squares. You add it to the root as it is and "
            "correct both, as some libraries do, which makes ε larger in the first iterations."
        ),
        source="Kingma, Ba (2015), whose second form has it",
        family=FAMILY,
        exposure=SMALL_GRADIENTS,
        changes=at(_epsilon_corrected_too, UPDATE_STEP, *WITH_MEAN),
    ),
    Misconception(
        code="epsilon_inside_uncorrected",
        title="ε inside the root before its correction",
        explanation=(
            "ε is added to the root of the corrected squares. You add it to the squares before "
            "they are corrected, under the root."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=SMALL_GRADIENTS,
        changes=at(epsilon_inside(is_corrected=False), UPDATE_STEP, *WITH_MEAN),
    ),
    Misconception(
        code="weight_decay_coupled",
        title="Weight decay through the gradient",
        explanation=(
            "AdamW shrinks the weights beside Adam's step. You add the decay to the gradient, "
            "where it goes through the means and is scaled like a gradient."
        ),
        source="Loshchilov, Hutter (2019)",
        family=FAMILY,
        exposure=DECAYING,
        changes=at_all(_decay_coupled, "adamw"),
    ),
    Misconception(
        code="weight_decay_missing",
        title="Weight decay missing",
        explanation="AdamW shrinks the weights in every step. You take Adam's step alone.",
        source="Loshchilov, Hutter (2019)",
        family=FAMILY,
        exposure=DECAYING,
        changes=at(number_for(0, WEIGHT_DECAY), UPDATE_STEP, "adamw"),
    ),
    Misconception(
        code="weight_decay_without_rate",
        title="Weight decay without the learning rate",
        explanation=(
            "The decay of the weights is scaled by the learning rate, as the step is. You subtract "
            "it whole."
        ),
        source="Loshchilov, Hutter (2019)",
        family=FAMILY,
        exposure=DECAYING,
        changes=at(_decay_without_rate, UPDATE_STEP, "adamw"),
    ),
)
