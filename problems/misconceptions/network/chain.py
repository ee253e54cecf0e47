"""Mistakes in the chain from layer to layer: wrong factors, wrong order, paths left out."""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Row, Scripts, Sign
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind
from gradgrade.oracle.derivation.roles import Total, Update
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.functions import activation_derivatives
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.lines import WeightedInput
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer, replaced
from gradgrade.problems.misconceptions.programs.training import stale
from gradgrade.problems.misconceptions.recognition import (
    activation_passed,
    is_gradient_of_dense_weights,
    is_gradient_of_weights,
    is_square,
    is_through_dense,
    makes_pre_activation,
    positions,
    quantity_of,
    rows_and_columns,
    samples,
    source_of,
    upstream_positions,
    weighted_inputs_passed,
    weights_layer,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    entrywise,
    named,
    reading,
    row_alone,
    ruled,
    scaled,
    transposed,
)

FAMILY = "chain"
RELU = ACTIVATIONS["relu"]
SQUARE = "Use a layer with as many units as the layer before it."


def _not_transposed(derivation: Derivation, step: Step) -> Step | None:
    weights = weights_passed(step)
    if not all(is_square(derivation, step.reads[position]) for position in weights):
        return None
    return before(step, weights, transposed)


def _transposed_forward(derivation: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, WeightedInput) or not makes_pre_activation(step):
        return None
    weights = positions(step, step.role.weights)
    if not all(is_square(derivation, step.reads[position]) for position in weights):
        return None
    return before(step, weights, transposed)


def _updated_weights(derivation: Derivation, step: Step) -> Step | None:
    # Recurrent weights act within the pass that their own update has to wait for.
    read = [step.reads[position] for position in weights_passed(step)]
    weights = [name for name in read if quantity_of(derivation, name).kind is Kind.WEIGHTS]
    updated = {name: name.updated for name in weights if name.updated in derivation.by_name}
    return reading(step, updated)


def _one_path(derivation: Derivation, step: Step) -> Step | None:
    deltas = upstream_positions(step) if weights_passed(step) else ()
    if not deltas or not is_through_dense(step):
        return None
    units, _ = rows_and_columns(derivation, step.reads[deltas[0]])
    return before(step, deltas, row_alone(0, units)) if units > 1 else None


def _input_for_hidden(derivation: Derivation, step: Step) -> Step | None:
    first = derivation.by_name.get(step.name._replace(layer=1))
    if step.name.layer < 2 or not first or not is_gradient_of_dense_weights(step):
        return None
    source = source_of(step)
    inputs = source_of(first) if is_gradient_of_weights(first) else source
    if rows_and_columns(derivation, inputs) != rows_and_columns(derivation, source):
        return None
    return reading(step, {source: inputs})


def _transposed_product(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_dense_weights(step) or not is_square(derivation, step.name):
        return None
    return after(step, transposed)


def _summed_inputs(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_dense_weights(step):
        return None
    source = source_of(step)
    if rows_and_columns(derivation, source)[0] == 1:
        return None
    return before(step, (step.reads.index(source),), _sum_of_inputs)


_sum_of_inputs = named(
    "sum",
    lambda arithmetic, a: arithmetic.add(scaled(0)(arithmetic, a), arithmetic.sum(a, axis=0)),
    lambda of: Row((Scripts(Sign("Σ"), Sign("k")), of)),
)


def _inputs_of_own_index(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_dense_weights(step) or not is_square(derivation, step.name):
        return None
    units, _ = rows_and_columns(derivation, step.name)

    def rule(arithmetic: Arithmetic, delta: Matrix, a: Matrix) -> Matrix:
        column = arithmetic.sum(arithmetic.multiply(delta, a), axis=1)
        return arithmetic.multiply(column, arithmetic.matrix([[1] * units]))

    return ruled(step, rule, reads=(step.reads[upstream_positions(step)[0]], source_of(step)))


def _stale(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    copies = []
    for iteration in range(2, derivation.iterations + 1):
        own = [step for step in derivation.steps if step.name.iteration == iteration]
        loss = next((step for step in own if step.quantity.group is Group.LOSS), None)
        if loss is None:
            continue
        forward = [step for step in own[: own.index(loss)] if step.name.layer]
        passed = [step for step in forward if step.quantity.group is not Group.PARAMETER]
        copies += [
            ruled(step, unchanged, reads=(step.name._replace(iteration=iteration - 1),))
            for step in passed
        ]
    if copies:
        yield "", replaced(derivation, *copies)


def _masked(numbers: Arithmetic, weight: Element, z: Element) -> Element:
    return weight * activation_derivatives.relu(numbers, z)


def _weights_masked(derivation: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Update) or samples(derivation, step.name.iteration) > 1:
        return None
    weights, g = (step.role.symbols[symbol] for symbol in "Wg")
    z = _rectified(derivation, g)
    return before(step, positions(step, {weights}), entrywise(_masked), z) if z else None


def _rectified(derivation: Derivation, name: Name) -> Name | None:
    """Return the pre-activation that dense weights make for a ReLU, from their gradient's name."""
    gradient = derivation.by_name.get(name)
    if gradient and isinstance(gradient.role, Total):
        gradient = derivation.by_name[gradient.role.contributions[0]]
    if not gradient or not is_gradient_of_dense_weights(gradient):
        return None
    z = weighted_inputs_passed(gradient)[0].z
    line = activation_passed(derivation.by_name[z.gradient])
    return z if line and line.activation is RELU else None


CHAIN = (
    Misconception(
        code="weights_not_transposed",
        title="Weights not transposed on the way back",
        explanation=(
            "A gradient goes back through a layer by its weights transposed: each unit collects "
            "from every unit that it feeds. You multiply by the weights as they are."
        ),
        source="seed 001",
        family=FAMILY,
        exposure=SQUARE,
        changes=layer_by_layer(_not_transposed, layer_of=weights_layer),
    ),
    Misconception(
        code="weights_transposed_forward",
        title="Indices of a weight exchanged",
        explanation=(
            "A weight's indices say which unit it leads to and which it comes from. You have them "
            "exchanged, so each unit reads the weights that leave its neighbour."
        ),
        source="seed 002",
        family=FAMILY,
        exposure=SQUARE,
        changes=layer_by_layer(_transposed_forward),
    ),
    Misconception(
        code="updated_weights_backward",
        title="Updated weights used on the way back",
        explanation=(
            "All gradients of an iteration are taken at the weights that the forward pass used. "
            "You update a layer first and then pass the gradient back through its new weights."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a large learning rate, ask for many digits, and do not freeze the weights.",
        changes=layer_by_layer(_updated_weights, layer_of=weights_layer),
    ),
    Misconception(
        code="one_path",
        title="One path instead of the sum over all",
        explanation=(
            "A hidden unit reaches the loss by every unit of the next layer, and its gradient is "
            "the sum over those paths. You follow only the first."
        ),
        source="seeds 003, 004",
        family=FAMILY,
        exposure="Use more than one unit in the layer that follows.",
        changes=layer_by_layer(_one_path, layer_of=weights_layer),
    ),
    Misconception(
        code="input_for_hidden",
        title="The input for a hidden layer's activation",
        explanation=(
            "The gradient of a layer's weights has the activation that the layer reads as its "
            "other factor. You use the network's input there, which is right in the first layer "
            "alone."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use a hidden layer with as many units as there are inputs.",
        changes=layer_by_layer(_input_for_hidden),
    ),
    Misconception(
        code="outer_product_transposed",
        title="Outer product transposed",
        explanation=(
            "The gradient of the weights is δ times the activation before, in the order that gives "
            "the shape and the indices of the weights. You have the factors exchanged."
        ),
        source="seed 001",
        family=FAMILY,
        exposure=SQUARE,
        changes=layer_by_layer(_transposed_product),
    ),
    Misconception(
        code="inputs_summed",
        title="Sum of the inputs for one input",
        explanation=(
            "A weighted sum's derivative by one weight is the one input that it multiplies. You "
            "put the sum of all inputs there."
        ),
        source="seed 003",
        family=FAMILY,
        exposure="Use more than one input.",
        changes=layer_by_layer(_summed_inputs),
    ),
    Misconception(
        code="input_of_unit_index",
        title="Input counted by the unit's index",
        explanation=(
            "The derivative by the weight from input k to unit j is input k. You take input j for "
            "all weights of unit j."
        ),
        source="seed 002",
        family=FAMILY,
        exposure=SQUARE,
        changes=layer_by_layer(_inputs_of_own_index),
    ),
    Misconception(
        code="stale_forward_pass",
        title="Forward pass not repeated",
        explanation=(
            "After an update the network is another, and its activations are too. You keep those "
            "of the iteration before."
        ),
        source="seeds 000, 002",
        family=FAMILY,
        exposure="Use more than one iteration.",
        changes=_stale,
        ungated=stale,
    ),
    Misconception(
        code="relu_mask_on_weights",
        title="ReLU mask applied to the weights",
        explanation=(
            "The mask of inactive units belongs to the gradient. You set the weights themselves of "
            "those units to zero, perhaps by a second name for the same array, and update them "
            "from there."
        ),
        source="seed 003",
        family=FAMILY,
        exposure="Use ReLU and one sample, with a unit that is inactive, and ask for its new "
        "weights.",
        changes=layer_by_layer(_weights_masked),
    ),
)
