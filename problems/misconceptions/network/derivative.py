"""Mistakes in δ = ∂L/∂a ∘ f'(z): a derivative left out, misremembered, or taken elsewhere."""

from collections.abc import Callable

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, Named
from gradgrade.oracle.derivation.formulas.functions import exp, hadamard
from gradgrade.oracle.derivation.formulas.rewriting import put_in
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.lines import Activated
from gradgrade.problems.misconceptions.base import (
    Changes,
    Misconception,
    StepChange,
    everywhere,
    in_turn,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.programs.functions import (
    RECTIFIED,
    SLOPE_LEFT_OUT,
    SLOPE_LEFT_OUT_OTHERWISE,
    SLOPE_TWICE,
)
from gradgrade.problems.misconceptions.recognition import (
    activation_made,
    activation_passed,
    data_loss,
    delta_of,
    loss_differentiated,
    loss_made,
    rows_and_columns,
)
from gradgrade.problems.misconceptions.rewriting import (
    Written,
    after,
    by_operations,
    entrywise,
    instead,
    reading,
    ruled,
)
from gradgrade.problems.misconceptions.slopes import SLOPES_FROM_VALUE

FAMILY = "derivative"
SIGMOID, TANH, RELU, SOFTMAX = (
    ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu", "softmax")
)
HIDDEN = "Use the activation in a hidden layer, and ask for its δ."
BENT = "Draw numbers that lead away from zero, where the activation is almost linear."
# f'(a) is f'(z) where f' only asks for the sign.
OF_SIGN = ("identity", "relu", "leaky_relu")


DeltaChange = Callable[[Step, Activated], Step | None]


def in_deltas(change: DeltaChange) -> Changes:
    """Make a change at each δ that a layer makes of ∂L/∂a, everywhere and in each layer alone."""

    def at_delta(_: Derivation, step: Step) -> Step | None:
        line = delta_of(step)
        return change(step, line) if line else None

    return layer_by_layer(at_delta)


Suits = Callable[[Activated], bool]


def compared_by_output(suits: Suits) -> StepChange:
    """Make loss and residual come from the output's a, not past it from z, where it suits."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        loss = loss_made(step) or loss_differentiated(step)
        output = activation_made(derivation, loss.output) if loss else None
        if output is None or not suits(output):
            return None
        from_a = (route for route in step.routes if route.reads[0] == output.a)
        return next((ruled(step, route.rule, reads=route.reads) for route in from_a), None)

    return change


def layer_compared(step: Step) -> int:
    """Return the layer of a step, of the loss that whose output is compared."""
    loss = loss_made(step)
    return loss.output.layer if loss else step.name.layer


def _missing(step: Step, line: Activated) -> Step | None:
    if line.activation.name == "identity":
        return None
    return ruled(step, unchanged, reads=(line.a.gradient,))


def _twice(step: Step, line: Activated) -> Step | None:
    if line.activation.name in ("identity", "relu"):
        return None
    right = step.rule

    def rule(arithmetic: Arithmetic, da: Matrix, *argument: Matrix) -> Matrix:
        return right(arithmetic, right(arithmetic, da, *argument), *argument)

    return ruled(step, rule, formula=put_in(step.formula, {line.a.gradient: step.formula}))


def _at_activation(step: Step, line: Activated) -> Step | None:
    if line.activation.name in OF_SIGN or line.activation.pulls_back_from == "a":
        return None
    return reading(step, {line.z: line.a})


def _form_in_a_at_z(step: Step, line: Activated) -> Step | None:
    from_a = line.activation.pull_back_from_a
    if from_a is None or line.activation.name in OF_SIGN or line.z not in step.reads:
        return None
    if len(step.reads) != len((line.a.gradient, line.z, *line.activation.numbers)):
        return None  # another activation's derivative was taken before, which has other numbers
    slope = SLOPES_FROM_VALUE.get(line.activation.name)
    formula = slope and hadamard(Named(line.a.gradient), slope(Named(line.z)))
    return ruled(step, from_a, formula=formula)


def _mask_reversed(step: Step, line: Activated) -> Step | None:
    if line.activation is not RELU:
        return None
    return after(step, by_operations(lambda made, da: da - made), line.a.gradient)


def _gradient_rectified(step: Step, line: Activated) -> Step | None:
    if line.activation is not RELU:
        return None
    return instead(step, Written(RELU.apply, RELU.function), line.a.gradient)


def _slope_missing(step: Step, line: Activated) -> Step | None:
    if line.activation.name != "leaky_relu":
        return None
    pull_back = Written(RELU.pull_back, RELU.delta_formula)
    return instead(step, pull_back, line.a.gradient, line.z)


def _diagonal_only(_: Derivation, step: Step) -> Step | None:
    line = activation_passed(step)
    if line is None or line.activation is not SOFTMAX:
        return None
    return _sigmoid_in_a(step, line)


def _derivative_kept(_: Derivation, step: Step) -> Step | None:
    line = activation_passed(step)
    if line is None or not loss_differentiated(step) or SIGMOID.pull_back_from_a is None:
        return None
    return after(step, Written(SIGMOID.pull_back_from_a, _in_a), line.a)


def _sigmoid_in_a(step: Step, line: Activated) -> Step | None:
    """Take a (1 − a) for the derivative."""
    if SIGMOID.pull_back_from_a is None:
        return None
    return instead(step, Written(SIGMOID.pull_back_from_a, _in_a), line.a.gradient, line.a)


def _in_a(da: Expression, a: Expression) -> Expression:
    return hadamard(da, SLOPES_FROM_VALUE["sigmoid"](a))


def _of_output_layer(derivation: Derivation, step: Step) -> Step | None:
    line = delta_of(step)
    if line is None or line.activation.name in OF_SIGN or step.quantity.group is not Group.DELTA:
        return None
    loss = data_loss(derivation, step.name.iteration)
    last = activation_made(derivation, loss.output) if loss else None
    if last is None or last.a == line.a or last.activation is not line.activation:
        return None
    if rows_and_columns(derivation, last.z) != rows_and_columns(derivation, line.z):
        return None
    return reading(step, {line.z: last.z})


def _misprinted(arithmetic: Arithmetic, z: Element) -> Element:
    return arithmetic.exp(z) / (1 + arithmetic.exp(-z))


def _misprinted_value(_: Derivation, step: Step) -> Step | None:
    line, is_shown = step.role, step.quantity.group is Group.ACTIVATION
    if not (is_shown and isinstance(line, Activated) and line.activation is SIGMOID):
        return None
    if step.reads[0] != line.z:
        return None
    misprinted = entrywise(_misprinted, lambda z: exp(z) / (1 + exp(-z)))
    return instead(step, misprinted, line.z)


def _is_sigmoid(line: Activated) -> bool:
    return line.activation is SIGMOID


def _derivative_of_misprinted(_: Derivation, step: Step) -> Step | None:
    """Who keeps a alone takes a (1 − a) of it."""
    line = delta_of(step)
    if line is None or line.activation is not SIGMOID:
        return None
    return _sigmoid_in_a(step, line)


DERIVATIVE = (
    Misconception(
        code="activation_derivative_missing",
        title="Activation's derivative missing",
        explanation=(
            "Between ∂L/∂a and ∂L/∂z stands the activation's derivative. You pass the gradient "
            "through the layer as if it had no activation."
        ),
        source="field",
        family=FAMILY,
        exposure="Use an activation other than the identity.",
        changes=in_turn(in_deltas(_missing), SLOPE_LEFT_OUT),
        ungated=SLOPE_LEFT_OUT_OTHERWISE,
    ),
    Misconception(
        code="activation_derivative_twice",
        title="Activation's derivative applied twice",
        explanation=(
            "δ takes the activation's derivative once. You multiply by it again, perhaps once for "
            "∂L/∂a and once for ∂L/∂z."
        ),
        source="field",
        family=FAMILY,
        exposure="Use an activation whose derivative is not one.",
        changes=in_deltas(_twice),
        ungated=SLOPE_TWICE,
    ),
    Misconception(
        code="derivative_at_activation",
        title="Derivative taken at a for z",
        explanation=(
            "The derivative of an activation is taken where the activation is: at the "
            "pre-activation z. You put the activation a in its place."
        ),
        source="field",
        family=FAMILY,
        exposure=BENT,
        changes=in_deltas(_at_activation),
    ),
    Misconception(
        code="form_in_activation_at_z",
        title="Derivative's form in a applied to z",
        explanation=(
            "Forms like a (1 − a) for sigmoid or 1 − a² for tanh are in terms of the activation a. "
            "You put the pre-activation z into them."
        ),
        source="field",
        family=FAMILY,
        exposure=HIDDEN,
        changes=in_deltas(_form_in_a_at_z),
    ),
    Misconception(
        code="relu_mask_reversed",
        title="ReLU mask on the wrong side",
        explanation=(
            "ReLU lets a gradient through where z is positive and stops it where z is negative. "
            "You have the two the other way round."
        ),
        source="seed 003",
        family=FAMILY,
        exposure="Use ReLU, with active units.",
        changes=in_deltas(_mask_reversed),
    ),
    Misconception(
        code="relu_of_gradient",
        title="ReLU applied to the gradient",
        explanation=(
            "On the way back, ReLU asks for the sign of z, not of the gradient. You set negative "
            "gradients to zero."
        ),
        source="field",
        family=FAMILY,
        exposure="Use ReLU, with active units whose gradient is negative.",
        changes=in_turn(in_deltas(_gradient_rectified), RECTIFIED),
    ),
    Misconception(
        code="leaky_slope_missing",
        title="Slope of leaky ReLU missing in its derivative",
        explanation=(
            "Where z is negative a leaky ReLU still passes a gradient, times its slope. You stop "
            "it as ReLU does."
        ),
        source="Maas, Hannun, Ng (2013)",
        family=FAMILY,
        exposure="Use leaky ReLU with a slope that shows, and units whose z is negative.",
        changes=in_deltas(_slope_missing),
    ),
    Misconception(
        code="softmax_diagonal_only",
        title="Softmax differentiated entry by entry",
        explanation=(
            "Every output of softmax depends on every z, so its derivative is a full matrix. You "
            "take its diagonal a (1 − a) alone, as for sigmoid."
        ),
        source="Bridle (1990)",
        family=FAMILY,
        exposure="Use softmax on three units or more.",
        changes=layer_by_layer(_diagonal_only),
    ),
    Misconception(
        code="activation_derivative_kept",
        title="Activation's derivative kept with cross-entropy",
        explanation=(
            "With cross-entropy the derivative of sigmoid or softmax cancels: δ of the output is "
            "output minus target. You multiply by the derivative again."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a cross-entropy on the activation that it goes with.",
        changes=everywhere(_derivative_kept),
    ),
    Misconception(
        code="output_derivative_for_hidden",
        title="Output layer's derivative in a hidden layer",
        explanation=(
            "Each layer's δ takes the activation's derivative at that layer's own z. You use the "
            "output layer's derivative again further down."
        ),
        source="seed 001",
        family=FAMILY,
        exposure="Use a hidden layer with as many units, and the same activation, as the output.",
        changes=layer_by_layer(_of_output_layer),
    ),
    Misconception(
        code="sigmoid_misprinted",
        title="Sigmoid with e^z in its numerator",
        explanation=(
            "Sigmoid is one over (1 + e^−z), and stays between zero and one. You have e^z above "
            "that denominator, as some texts misprint it, and it grows without bound."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use sigmoid, and ask for an activation.",
        changes=everywhere(
            _misprinted_value, _derivative_of_misprinted, compared_by_output(_is_sigmoid)
        ),
    ),
)
