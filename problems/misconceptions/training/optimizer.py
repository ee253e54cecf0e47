"""Mistakes with optimizers that have state: forms confused, corrections left out."""

from functools import partial

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import State, Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.training.optimizers import OPTIMIZERS, correction
from gradgrade.oracle.training.updates import Correction
from gradgrade.problems.misconceptions.base import Changes, Misconception, everywhere
from gradgrade.problems.misconceptions.rewriting import (
    before,
    constant,
    entrywise,
    ruled,
    scaled,
)
from gradgrade.problems.misconceptions.training.update import (
    RATE,
    OptimizerStepChange,
    in_steps,
    read_as,
)

FAMILY = "optimizer"
STATE, UPDATE_STEP = Group.STATE, Group.UPDATE
WITH_VELOCITY = ("momentum", "nesterov")
WITH_MEAN = ("adam", "adamw")
WITH_ROOT = ("adagrad", "rmsprop", *WITH_MEAN)
AVERAGING = ("rmsprop", *WITH_MEAN)
DECAYS = ("decay", "beta1", "beta2")
SQUARE_CORRECTION, WEIGHT_DECAY = "beta2_correction", "weight_decay"
WITH_MOMENTUM = "Use momentum, and ask for the velocity."
ITERATED = "Use more than one iteration."
WITH_ADAM = "Use Adam, and few iterations: with time the correction tends to one."
DECAYING = "Use weight decay large enough to show."


def _number(number: int, *symbols: str) -> OptimizerStepChange:
    """Put a number for what is read as some symbols."""
    return lambda step, training: before(step, read_as(step, training, *symbols), constant(number))


def _at(change: OptimizerStepChange, group: Group, *optimizers: str) -> Changes:
    return everywhere(in_steps(change, group, optimizers=optimizers))


def _at_all(change: OptimizerStepChange, *optimizers: str) -> Changes:
    return everywhere(in_steps(change, STATE, UPDATE_STEP, optimizers=optimizers))


def _state_forgotten(derivation: Derivation, step: Step) -> Step | None:
    if derivation.iterations == 1 or not isinstance(step.role, State):
        return None
    return before(step, read_as(step, step.role, step.role.letter), constant(0))


def _velocity_without_rate(step: Step, training: Training) -> Step | None:
    if isinstance(training, State):
        return before(step, read_as(step, training, RATE), constant(-1))
    rate = training.symbols[RATE]
    times_rate = entrywise(lambda _, v, rate: -rate * v)
    return before(step, read_as(step, training, "v"), times_rate, rate)


def _velocity_averaged(step: Step, training: Training) -> Step | None:
    rule = entrywise(lambda _, rate, mu: rate * (1 - mu))
    return before(step, read_as(step, training, RATE), rule, training.symbols["momentum"])


def _velocity_subtracted(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, "v"), scaled(-1))


def _as_by(optimizer: str) -> OptimizerStepChange:
    """Update the parameter as another optimizer of the same symbols does."""
    update = OPTIMIZERS[optimizer].updates[-1]

    def change(step: Step, training: Training) -> Step | None:
        reads = tuple(training.symbols[symbol] for symbol in update.reads)
        return ruled(step, update.rule, reads=reads)

    return change


def _first_correction(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Correction) or step.role.iteration < 2:
        return None
    return ruled(step, partial(correction, 1))


def _epsilon_inside(step: Step, training: Training) -> Step | None:
    """√(s / c) + ε becomes √(s / c + ε): s takes ε c in, and ε is 0 outside."""
    squares, epsilon = (read_as(step, training, symbol) for symbol in ("s", "epsilon"))
    corrections = _read(step, training, SQUARE_CORRECTION)
    with_epsilon = entrywise(_with_epsilon)
    inside = before(step, squares, with_epsilon, training.symbols["epsilon"], *corrections)
    return inside and before(inside, epsilon, constant(0))


def _read(step: Step, training: Training, *symbols: str) -> list[Name]:
    return [step.reads[position] for position in read_as(step, training, *symbols)]


def _with_epsilon(_: Arithmetic, s: Element, epsilon: Element, *corrections: Element) -> Element:
    for each in corrections:
        epsilon = epsilon * each
    return s + epsilon


def _without_root(step: Step, training: Training) -> Step | None:
    """√(s / c) becomes s / c: the root is taken of the square."""
    corrections = _read(step, training, SQUARE_CORRECTION)
    return before(step, read_as(step, training, "s"), entrywise(_squared), *corrections)


def _squared(_: Arithmetic, s: Element, *corrections: Element) -> Element:
    squared = s * s
    for each in corrections:
        squared = squared / each
    return squared


def _undecayed(step: Step, training: Training) -> Step | None:
    """1 − ρ is left out of (1 − ρ) g, or of (1 − ρ) g²: g is divided by it, or by its root."""
    decays = _read(step, training, *DECAYS)
    is_of_squares = isinstance(training, State) and training.letter == "s"
    rule = entrywise(_over_root if is_of_squares else _over)
    return before(step, read_as(step, training, "g"), rule, *decays[:1])


def _over(numbers: Arithmetic, g: Element, decay: Element) -> Element:
    return numbers.divide(g, 1 - decay)


def _over_root(numbers: Arithmetic, g: Element, decay: Element) -> Element:
    return numbers.divide(g, numbers.sqrt(1 - decay))


def _exchanged(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, *DECAYS), entrywise(lambda _, decay: 1 - decay))


def _decay_coupled(step: Step, training: Training) -> Step | None:
    """λ W goes into the gradient that the means are of, and not beside the step."""
    if isinstance(training, State):
        decay, weights = (training.symbols[symbol] for symbol in (WEIGHT_DECAY, "W"))
        rule = entrywise(lambda _, g, decay, w: g + decay * w)
        return before(step, read_as(step, training, "g"), rule, decay, weights)
    return before(step, read_as(step, training, WEIGHT_DECAY), constant(0))


def _decay_without_rate(step: Step, training: Training) -> Step | None:
    rates = _read(step, training, RATE)
    rule = entrywise(lambda numbers, decay, rate: numbers.divide(decay, rate))
    return before(step, read_as(step, training, WEIGHT_DECAY), rule, *rates[:1])


OPTIMIZER = (
    Misconception(
        code="velocity_without_learning_rate",
        title="Learning rate outside the velocity",
        explanation=(
            "Here the velocity already has the learning rate in it: V := μ V − η g, and W := W + "
            "V. You accumulate the bare gradients and apply the rate in the update, as some "
            "libraries do."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=WITH_MOMENTUM,
        changes=_at_all(_velocity_without_rate, *WITH_VELOCITY),
    ),
    Misconception(
        code="velocity_averaged",
        title="Velocity taken as a moving average",
        explanation=(
            "The velocity is μ V minus the whole step of this gradient. You weigh the step with "
            "one minus μ, as a moving average does."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=WITH_MOMENTUM,
        changes=_at(_velocity_averaged, STATE, *WITH_VELOCITY),
    ),
    Misconception(
        code="velocity_subtracted",
        title="Velocity subtracted",
        explanation=(
            "The velocity already points downhill, since the gradient's step is subtracted in it. "
            "It is added to the weights; you subtract it."
        ),
        source="seed 003",
        family=FAMILY,
        exposure="Use momentum, and ask for the updates.",
        changes=_at(_velocity_subtracted, UPDATE_STEP, "momentum"),
    ),
    Misconception(
        code="nesterov_for_momentum",
        title="Nesterov's step for momentum's",
        explanation=(
            "Momentum adds its velocity to the weights. You look ahead once more, which is "
            "Nesterov's form."
        ),
        source="Sutskever et al. (2013)",
        family=FAMILY,
        exposure="Use momentum, and ask for the updates.",
        changes=_at(_as_by("nesterov"), UPDATE_STEP, "momentum"),
    ),
    Misconception(
        code="momentum_for_nesterov",
        title="Momentum's step for Nesterov's",
        explanation=(
            "Nesterov's form looks ahead: it adds μ times the new velocity and the gradient's step "
            "once more. You add the velocity alone, which is plain momentum."
        ),
        source="Sutskever et al. (2013)",
        family=FAMILY,
        exposure="Use Nesterov's momentum, and ask for the updates.",
        changes=_at(_as_by("momentum"), UPDATE_STEP, "nesterov"),
    ),
    Misconception(
        code="state_forgotten",
        title="Optimizer's state forgotten",
        explanation=(
            "What an optimizer remembers goes on from one iteration to the next. You start it from "
            "zero in each."
        ),
        source="field",
        family=FAMILY,
        exposure="Use an optimizer with state, and more than one iteration.",
        changes=everywhere(_state_forgotten),
    ),
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
        changes=_at(_number(1, "beta1_correction", SQUARE_CORRECTION), UPDATE_STEP, *WITH_MEAN),
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
        changes=_at(_number(1, "beta1_correction"), UPDATE_STEP, *WITH_MEAN),
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
        changes=_at(_number(1, SQUARE_CORRECTION), UPDATE_STEP, *WITH_MEAN),
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
        exposure=f"Use Adam. {ITERATED}",
        changes=everywhere(_first_correction),
    ),
    Misconception(
        code="epsilon_inside_root",
        title="ε inside the root",
        explanation=(
            "ε is added to the root of the squares. You add it under the root, where it counts for "
            "much more when gradients are small."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Give ε a value that shows beside the gradients.",
        changes=_at(_epsilon_inside, UPDATE_STEP, *WITH_ROOT),
    ),
    Misconception(
        code="root_of_squares_missing",
        title="Root of the squares missing",
        explanation=(
            "The step is divided by the root of the accumulated squares, so that its size does not "
            "depend on the gradient's scale. You divide by the squares themselves."
        ),
        source="Duchi, Hazan, Singer (2011)",
        family=FAMILY,
        exposure="Ask for the updates.",
        changes=_at(_without_root, UPDATE_STEP, *WITH_ROOT),
    ),
    Misconception(
        code="decay_complement_missing",
        title="Factor of the new gradient missing",
        explanation=(
            "A moving average weighs what it has by the decay and what is new by one minus the "
            "decay. You add what is new with its whole weight."
        ),
        source="Tieleman, Hinton (2012); Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Ask for the state.",
        changes=_at(_undecayed, STATE, *AVERAGING),
    ),
    Misconception(
        code="decay_exchanged",
        title="Decay and its complement exchanged",
        explanation=(
            "The decay weighs what the average already has; one minus the decay weighs the new "
            "gradient. You have the two exchanged."
        ),
        source="Tieleman, Hinton (2012); Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Use a decay other than one half, and ask for the state.",
        changes=_at(_exchanged, STATE, *AVERAGING),
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
        changes=_at_all(_decay_coupled, "adamw"),
    ),
    Misconception(
        code="weight_decay_missing",
        title="Weight decay missing",
        explanation="AdamW shrinks the weights in every step. You take Adam's step alone.",
        source="Loshchilov, Hutter (2019)",
        family=FAMILY,
        exposure=DECAYING,
        changes=_at(_number(0, WEIGHT_DECAY), UPDATE_STEP, "adamw"),
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
        changes=_at(_decay_without_rate, UPDATE_STEP, "adamw"),
    ),
)
