"""Mistakes with dropout: its scale, and its mask."""

from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Dropped
from gradgrade.problems.misconceptions.base import Misconception, StepChange, layer_by_layer
from gradgrade.problems.misconceptions.recognition import lines_passed, positions
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    before,
    by_operations,
    constant,
)

FAMILY = "dropout"
SCALE = "Use a rate that is neither zero nor one half."
MASKED = "Draw a mask that drops some units and keeps others."


def _dropped(step: Step) -> Dropped | None:
    """Return the dropout that a step applies, on its way forward or back."""
    lines = (step.role, *lines_passed(step))
    return next((each for each in lines if isinstance(each, Dropped)), None)


def _mask(function: Function) -> StepChange:
    def change(_: Derivation, step: Step) -> Step | None:
        line = _dropped(step)
        return before(step, positions(step, {line.mask}), function) if line else None

    return change


def _rate(function: Function) -> StepChange:
    def change(_: Derivation, step: Step) -> Step | None:
        line = _dropped(step)
        return before(step, positions(step, {line.rate}), function) if line else None

    return change


def _layer(step: Step) -> int:
    line = _dropped(step)
    return line.mask.layer if line else 0


def _kept_scale(rate: Any) -> Any:
    """1 − this is 1 / (1 − rate)."""
    return 1 - 1 / (1 - rate)


def _mask_ignored_backward(derivation: Derivation, step: Step) -> Step | None:
    is_forward = isinstance(step.role, Dropped)
    return None if is_forward else _mask(constant(1))(derivation, step)


DROPOUT = (
    Misconception(
        code="dropout_scale_missing",
        title="Scale of dropout missing",
        explanation=(
            "Inverted dropout divides what it keeps by one minus the rate, so that the expected "
            "activation stays what it was. You only apply the mask."
        ),
        source="Srivastava et al. (2014)",
        family=FAMILY,
        exposure=SCALE,
        changes=layer_by_layer(_rate(constant(0)), layer_of=_layer),
    ),
    Misconception(
        code="dropout_scale_inverted",
        title="Scale of dropout inverted",
        explanation=(
            "While training, what is kept is divided by one minus the rate. You multiply by it, "
            "which the original form does, and only when training is over."
        ),
        source="Srivastava et al. (2014)",
        family=FAMILY,
        exposure=SCALE,
        changes=layer_by_layer(_rate(by_operations(_kept_scale)), layer_of=_layer),
    ),
    Misconception(
        code="dropout_divided_by_rate",
        title="Dropout divided by its rate",
        explanation=(
            "The rate is the share that is dropped; what is kept is divided by the share that is "
            "kept, one minus the rate. You divide by the rate."
        ),
        source="Srivastava et al. (2014)",
        family=FAMILY,
        exposure=SCALE,
        changes=layer_by_layer(_rate(by_operations(lambda rate: 1 - rate)), layer_of=_layer),
    ),
    Misconception(
        code="dropout_mask_reversed",
        title="Mask of dropout reversed",
        explanation=(
            "The mask holds one for a unit that is kept and zero for one that is dropped. You drop "
            "those that are kept."
        ),
        source="Srivastava et al. (2014)",
        family=FAMILY,
        exposure=MASKED,
        changes=layer_by_layer(_mask(by_operations(lambda mask: 1 - mask)), layer_of=_layer),
    ),
    Misconception(
        code="dropout_mask_ignored_backward",
        title="Mask of dropout ignored on the way back",
        explanation=(
            "A unit that was dropped had no part in the loss, so no gradient goes back through it. "
            "You apply the mask forward only."
        ),
        source="Srivastava et al. (2014)",
        family=FAMILY,
        exposure=MASKED,
        changes=layer_by_layer(_mask_ignored_backward, layer_of=_layer),
    ),
)
