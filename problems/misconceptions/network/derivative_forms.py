"""Forms of an activation's derivative that are remembered wrongly, and one that is left out."""

from collections.abc import Callable
from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.functions.activations import Activation
from gradgrade.oracle.networks.lines import Activated
from gradgrade.problems.misconceptions.base import Misconception, everywhere
from gradgrade.problems.misconceptions.network.derivative import (
    FAMILY,
    RELU,
    SIGMOID,
    TANH,
    DeltaChange,
    in_deltas,
)
from gradgrade.problems.misconceptions.recognition import activation_passed, loss_differentiated
from gradgrade.problems.misconceptions.rewriting import entrywise, instead, ruled


def _remembered_as(form: Callable[[Any], Any], *of: Activation) -> DeltaChange:
    """Take a form of the activation a for the derivative of some activations."""
    rule = entrywise(lambda _, da, a: da * form(a), lambda da, a: hadamard(da, form(a)))

    def change(step: Step, line: Activated) -> Step | None:
        if line.activation not in of:
            return None
        return instead(step, rule, line.a.gradient, line.a)

    return change


def _relu_as_z(step: Step, line: Activated) -> Step | None:
    if line.activation is not RELU:
        return None
    return instead(step, entrywise(lambda _, da, z: da * z, hadamard), line.a.gradient, line.z)


def _missing_beside_loss(_: Derivation, step: Step) -> Step | None:
    line = activation_passed(step)
    if line is None or not loss_differentiated(step):
        return None
    return ruled(step, unchanged, reads=(line.a.gradient,))


FORMS = (
    Misconception(
        code="tanh_derivative_not_squared",
        title="Square missing in tanh's derivative",
        explanation=(
            "The derivative of tanh is one minus the square of tanh. You subtract tanh itself."
        ),
        source="seed 002",
        family=FAMILY,
        exposure="Use tanh, away from zero and from saturation.",
        changes=in_deltas(_remembered_as(lambda a: 1 - a, TANH)),
    ),
    Misconception(
        code="sigmoid_derivative_for_tanh",
        title="Sigmoid's derivative for tanh",
        explanation=(
            "You take a (1 − a), which is the derivative of sigmoid. This layer's activation is "
            "tanh, and its derivative is 1 − a²."
        ),
        source="seed 002",
        family=FAMILY,
        exposure="Use tanh.",
        changes=in_deltas(_remembered_as(lambda a: a * (1 - a), TANH)),
    ),
    Misconception(
        code="tanh_derivative_plus",
        title="Plus for minus in tanh's derivative",
        explanation="The derivative of tanh is one minus the square of tanh. You add the square.",
        source="field",
        family=FAMILY,
        exposure="Use tanh, away from zero.",
        changes=in_deltas(_remembered_as(lambda a: 1 + a * a, TANH)),
    ),
    Misconception(
        code="sigmoid_derivative_factor_missing",
        title="Factor a missing in sigmoid's derivative",
        explanation="The derivative of sigmoid is a (1 − a). You take 1 − a alone.",
        source="field",
        family=FAMILY,
        exposure="Use sigmoid with a loss that is not its cross-entropy, or in a hidden layer.",
        changes=in_deltas(_remembered_as(lambda a: 1 - a, SIGMOID)),
    ),
    Misconception(
        code="sigmoid_derivative_plus",
        title="Plus for minus in sigmoid's derivative",
        explanation="The derivative of sigmoid is a (1 − a). You take a (1 + a).",
        source="field",
        family=FAMILY,
        exposure="Use sigmoid with a loss that is not its cross-entropy, or in a hidden layer.",
        changes=in_deltas(_remembered_as(lambda a: a * (1 + a), SIGMOID)),
    ),
    Misconception(
        code="activation_for_derivative",
        title="Activation for its derivative",
        explanation=(
            "δ takes the derivative of the activation. You multiply by the activation itself."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for δ, or for what follows from it.",
        changes=in_deltas(_remembered_as(lambda a: a, SIGMOID, TANH, RELU)),
    ),
    Misconception(
        code="relu_derivative_as_z",
        title="z for ReLU's derivative",
        explanation=(
            "The derivative of ReLU is one where z is positive and zero where it is negative. You "
            "multiply by z itself."
        ),
        source="field",
        family=FAMILY,
        exposure="Use ReLU.",
        changes=in_deltas(_relu_as_z),
    ),
    Misconception(
        code="output_derivative_missing",
        title="Output's derivative missing beside cross-entropy",
        explanation=(
            "The derivative of a cross-entropy has the output in its denominator, which the "
            "activation's derivative cancels. You take the loss's derivative by the output for δ, "
            "and leave the activation's out."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a cross-entropy on the activation that it goes with.",
        changes=everywhere(_missing_beside_loss),
    ),
)
