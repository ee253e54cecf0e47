"""Mistakes with momentum: its sign, its rate, averages for sums, one form for the other."""

from gradgrade.oracle.derivation.roles import State, Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.problems.misconceptions.base import Misconception
from gradgrade.problems.misconceptions.rewriting import (
    Written,
    after,
    before,
    by_operations,
    constant,
    instead,
    scaled,
)
from gradgrade.problems.misconceptions.training.optimizer import (
    FAMILY,
    STATE,
    UPDATE_STEP,
    at,
    at_all,
)
from gradgrade.problems.misconceptions.training.update import RATE, OptimizerStepChange, read_as

WITH_VELOCITY = ("momentum", "nesterov")
WITH_MOMENTUM = "Use momentum, and ask for the velocity."


def _velocity_without_rate(step: Step, training: Training) -> Step | None:
    if isinstance(training, State):
        return before(step, read_as(step, training, RATE), constant(-1))
    rate = training.symbols[RATE]
    times_rate = by_operations(lambda v, rate: -(rate * v))
    return before(step, read_as(step, training, "v"), times_rate, rate)


def _velocity_averaged(step: Step, training: Training) -> Step | None:
    rule = by_operations(lambda rate, mu: rate * (1 - mu))
    return before(step, read_as(step, training, RATE), rule, training.symbols["momentum"])


def _momentum_reversed(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, "momentum"), scaled(-1))


def _velocity_subtracted(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, "v"), scaled(-1))


def _velocity_uphill(step: Step, training: Training) -> Step | None:
    """V becomes −V: what was kept of it is taken so, and where it moves the weights."""
    taken = before(step, read_as(step, training, "v"), scaled(-1))
    return after(taken or step, scaled(-1)) if isinstance(training, State) else taken


def _as_by(optimizer: str) -> OptimizerStepChange:
    """Update the parameter as another optimizer of the same symbols does."""
    update = OPTIMIZERS[optimizer].updates[-1]
    rule = Written(update.rule, update.formula)

    def change(step: Step, training: Training) -> Step | None:
        return instead(step, rule, *(training.symbols[symbol] for symbol in update.reads))

    return change


MOMENTUM = (
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
        changes=at_all(_velocity_without_rate, *WITH_VELOCITY),
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
        changes=at(_velocity_averaged, STATE, *WITH_VELOCITY),
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
        changes=at(_velocity_subtracted, UPDATE_STEP, "momentum"),
    ),
    Misconception(
        code="momentum_reversed",
        title="Sign of the momentum",
        explanation=(
            "The velocity keeps μ times what it was, in the direction that it had. You take that "
            "with a minus, so that each step works against the one before."
        ),
        source="field",
        family=FAMILY,
        exposure="Use momentum, and more than one iteration.",
        ungated=at_all(_momentum_reversed, *WITH_VELOCITY),
    ),
    Misconception(
        code="velocity_uphill",
        title="Velocity kept with the other sign",
        explanation=(
            "Here the velocity points downhill and is added to the weights. You keep it uphill "
            "and subtract it, which moves the weights alike, but is not the velocity asked for."
        ),
        source="field",
        family=FAMILY,
        exposure=WITH_MOMENTUM,
        ungated=at_all(_velocity_uphill, *WITH_VELOCITY),
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
        changes=at(_as_by("nesterov"), UPDATE_STEP, "momentum"),
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
        changes=at(_as_by("momentum"), UPDATE_STEP, "nesterov"),
    ),
)
