"""Slips on the way forward: an activation forgotten, taken twice, or another than is stated."""

from collections.abc import Callable

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.rewriting import put_in
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.functions.activations import ACTIVATIONS, Activation
from gradgrade.oracle.networks.lines import Activated
from gradgrade.problems.misconceptions.base import (
    Changes,
    Misconception,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.network.derivative import (
    compared_by_output,
    layer_compared,
)
from gradgrade.problems.misconceptions.recognition import delta_of, rows_and_columns
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    before,
    entrywise,
    instead,
    ruled,
    scaled,
)

FAMILY = "forward"
SIGMOID, TANH, RELU, SOFTMAX, GELU, IDENTITY = (
    ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu", "softmax", "gelu", "identity")
)
ASKED = "Ask for the activation, or for what follows from it."

Suits = Callable[[Activated], bool]


def activation_shown(step: Step) -> Activated | None:
    """Return the a = f(z) that a step of the forward pass makes of a layer's z."""
    line, is_shown = step.role, step.quantity.group is Group.ACTIVATION
    if not (is_shown and isinstance(line, Activated) and step.reads[:1] == (line.z,)):
        return None
    return line


def _in_values(change: Callable[[Step], Step | None], suits: Suits) -> Changes:
    """Change how activations come from z; what compares outputs reads them, and not z."""

    def value(_: Derivation, step: Step) -> Step | None:
        line = activation_shown(step)
        return change(step) if line and suits(line) else None

    return layer_by_layer(value, compared_by_output(suits), layer_of=layer_compared)


def _is_bent(line: Activated) -> bool:
    return line.activation is not IDENTITY


def _changes_its_own(line: Activated) -> bool:
    return line.activation not in (IDENTITY, RELU)


def _forgotten(step: Step) -> Step:
    return ruled(step, unchanged, reads=step.reads[:1])


def _twice(step: Step) -> Step:
    right = step.rule

    def rule(arithmetic: Arithmetic, z: Matrix, *numbers: Matrix) -> Matrix:
        return right(arithmetic, right(arithmetic, z, *numbers), *numbers)

    return ruled(step, rule, formula=put_in(step.formula, {step.reads[0]: step.formula}))


def _exponent_positive(step: Step) -> Step | None:
    return before(step, (0,), scaled(-1))


def _over_samples(derivation: Derivation, step: Step) -> Step | None:
    line = activation_shown(step)
    if line is None or line.activation is not SOFTMAX:
        return None
    return None if 1 in rows_and_columns(derivation, line.z) else ruled(step, _softmax_of_rows)


def _softmax_of_rows(arithmetic: Arithmetic, z: Matrix) -> Matrix:
    return arithmetic.transpose(arithmetic.softmax(arithmetic.transpose(z)))


def _is_sigmoid(line: Activated) -> bool:
    return line.activation is SIGMOID


def _is_softmax(line: Activated) -> bool:
    return line.activation is SOFTMAX


def _calculated_as(value: Function, pull_back: Function, suits: Suits) -> Changes:
    """Take another function for the activation, forward and in δ."""

    def forward(_: Derivation, step: Step) -> Step | None:
        line = activation_shown(step)
        return instead(step, value, line.z) if line and suits(line) else None

    def backward(_: Derivation, step: Step) -> Step | None:
        line = delta_of(step)
        if line is None or not suits(line):
            return None
        return instead(step, pull_back, line.a.gradient, line.z)

    return layer_by_layer(forward, backward, compared_by_output(suits), layer_of=layer_compared)


def _as_activation(other: Activation, *besides: Activation) -> Changes:
    def suits(line: Activated) -> bool:
        return line.activation not in (other, *besides)

    value = Written(other.apply, other.function)
    return _calculated_as(value, Written(other.pull_back, other.delta_formula), suits)


def _by_tanh(numbers: Arithmetic, z: Element) -> Element:
    return z * (1 + numbers.tanh(_inner(numbers, z))) / 2


def _pulled_back_by_tanh(numbers: Arithmetic, da: Element, z: Element) -> Element:
    inner = _inner(numbers, z)
    slope = _root_of_two_over_pi(numbers, z) * (1 + 3 * _cubic(z))
    return da * (1 + numbers.tanh(inner) + z * numbers.sech(inner) ** 2 * slope) / 2


def _inner(numbers: Arithmetic, z: Element) -> Element:
    return _root_of_two_over_pi(numbers, z) * z * (1 + _cubic(z))


def _root_of_two_over_pi(numbers: Arithmetic, z: Element) -> Element:
    """The density at 0 is 1/√(2π), half of it."""
    return 2 * numbers.normal_density(z * 0)


def _cubic(z: Element) -> Element:
    """0.044715 z², by which the approximation adds to z."""
    return z * z * 44715 / 1000000


def _is_gelu(line: Activated) -> bool:
    return line.activation is GELU


FORWARD = (
    Misconception(
        code="activation_forgotten",
        title="Activation forgotten on the way forward",
        explanation=(
            "What a layer passes on is the activation of its weighted input. You pass on the "
            "weighted input itself."
        ),
        source="field",
        family=FAMILY,
        exposure=f"Use an activation other than the identity. {ASKED}",
        changes=_in_values(_forgotten, _is_bent),
    ),
    Misconception(
        code="activation_applied_twice",
        title="Activation applied twice",
        explanation=(
            "A layer applies its activation once. You apply it to what it has made already, "
            "perhaps since the loss or the layer has it built in."
        ),
        source="field",
        family=FAMILY,
        exposure=f"Use an activation that changes what it has made. {ASKED}",
        changes=_in_values(_twice, _changes_its_own),
    ),
    Misconception(
        code="softmax_over_samples",
        title="Softmax over the wrong axis",
        explanation=(
            "Softmax makes the outputs of each sample sum to one. You take it over the samples, so "
            "that each unit's outputs do."
        ),
        source="field",
        family=FAMILY,
        exposure="Use softmax, on more than one sample.",
        changes=layer_by_layer(
            _over_samples, compared_by_output(_is_softmax), layer_of=layer_compared
        ),
    ),
    Misconception(
        code="exponent_sign",
        title="Sign of sigmoid's exponent",
        explanation=(
            "Sigmoid is one over (1 + e^−z), and grows with z. You have e^z in the denominator, "
            "and it falls."
        ),
        source="field",
        family=FAMILY,
        exposure=f"Use sigmoid. {ASKED}",
        changes=_in_values(_exponent_positive, _is_sigmoid),
    ),
    Misconception(
        code="sigmoid_for_stated",
        title="Sigmoid for the stated activation",
        explanation=(
            "Each layer has the activation that the exercise states for it. You take sigmoid in "
            "its place."
        ),
        source="field",
        family=FAMILY,
        exposure=ASKED,
        changes=_as_activation(SIGMOID),
    ),
    Misconception(
        code="tanh_for_stated",
        title="Tanh for the stated activation",
        explanation=(
            "Each layer has the activation that the exercise states for it. You take tanh in its "
            "place."
        ),
        source="field",
        family=FAMILY,
        exposure=ASKED,
        changes=_as_activation(TANH, SOFTMAX),
    ),
    Misconception(
        code="relu_for_stated",
        title="ReLU for the stated activation",
        explanation=(
            "Each layer has the activation that the exercise states for it. You take ReLU in its "
            "place."
        ),
        source="field",
        family=FAMILY,
        exposure=f"{ASKED} Use weights that make some weighted inputs negative.",
        changes=_as_activation(RELU, SOFTMAX),
    ),
    Misconception(
        code="identity_for_stated",
        title="No activation for the stated one",
        explanation=(
            "Each layer has the activation that the exercise states for it. You pass on the "
            "weighted input itself, and take one for its derivative, as for the identity."
        ),
        source="field",
        family=FAMILY,
        exposure=f"Use an activation other than the identity. {ASKED}",
        changes=_as_activation(IDENTITY, SOFTMAX),
    ),
    Misconception(
        code="gelu_by_tanh",
        title="GELU by its approximation",
        explanation=(
            "GELU is z times the normal distribution's function of z. You take the approximation "
            "by tanh, which differs from it in the fourth digit or so."
        ),
        source="Hendrycks, Gimpel (2016)",
        family=FAMILY,
        exposure="Use GELU, and ask for more digits.",
        changes=_calculated_as(entrywise(_by_tanh), entrywise(_pulled_back_by_tanh), _is_gelu),
    ),
)
