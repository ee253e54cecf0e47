"""What a step of a derivation is, by the role that it states and what it reads.

A mistake may be made on top of another, which keeps a step's role and changes what it reads; so
what is told of a step is told as long as it reads what that takes.
"""

from collections.abc import Collection
from itertools import takewhile

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Value
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Activated, DataLoss, WeightedInput


def lines_passed(step: Step) -> tuple[Value, ...]:
    """Return the lines of the forward pass through which a step passes a gradient back."""
    return step.role.through if isinstance(step.role, PullBack) else ()


def loss_made(step: Step) -> DataLoss | None:
    """Return the loss, penalties aside, that a step makes by comparing outputs with targets."""
    loss = step.role
    return loss if isinstance(loss, DataLoss) and loss.targets in step.reads else None


def loss_differentiated(step: Step) -> DataLoss | None:
    """Return the loss whose derivative by an output a step makes: ∂L/∂a, or a paired δ."""
    for line in lines_passed(step):
        if isinstance(line, DataLoss) and line.targets in step.reads:
            return line
    return None


def data_loss(derivation: Derivation, iteration: int) -> DataLoss | None:
    """Return what the loss of the data is in an iteration, if outputs are compared with targets."""
    named = (Name(text, 0, iteration) for text in ("data_loss", "loss"))
    roles = (derivation.by_name[name].role for name in named if name in derivation.by_name)
    return next((role for role in roles if isinstance(role, DataLoss)), None)


def forward_pass(derivation: Derivation, loss: Step) -> list[Step]:
    """Return the steps of a loss's iteration up to it, the values of parameters aside."""
    before = takewhile(lambda step: step is not loss, derivation.steps)
    own = (step for step in before if step.name.iteration == loss.name.iteration)
    return [*(step for step in own if step.quantity.group is not Group.PARAMETER), loss]


def samples(derivation: Derivation, iteration: int) -> int:
    """Return N, the number of samples of an iteration."""
    loss = data_loss(derivation, iteration)
    if loss is not None:
        return loss.samples
    # Where the gradient of the output is given in place of a loss, the inputs tell.
    given = (each for each in derivation.givens if each.layout is Layout.SAMPLES)
    return next((each.shape[-1] for each in given), 1)


def activation_passed(step: Step) -> Activated | None:
    """Return the activation through which a step passes a gradient back, if it does."""
    return next((each for each in lines_passed(step) if isinstance(each, Activated)), None)


def activation_made(derivation: Derivation, name: Name) -> Activated | None:
    """Return the activation that makes a quantity, if one does."""
    step = derivation.by_name.get(name)
    return step.role if step and isinstance(step.role, Activated) else None


def delta_of(step: Step) -> Activated | None:
    """Return the a = f(z) through which a step makes δ = ∂L/∂a ∘ f'(z); None where it makes none.

    An LSTM's gates have their δ by way of the cell, and a paired δ comes from the loss at once.
    """
    line = activation_passed(step)
    others = [each for each in lines_passed(step) if not isinstance(each, DataLoss)]
    if line is None or others != [line] or loss_differentiated(step):
        return None
    return None if {line.z, line.a}.isdisjoint(step.reads) else line


def weighted_inputs_passed(step: Step) -> tuple[WeightedInput, ...]:
    """Return the weighted inputs through which a step passes a gradient back."""
    return tuple(each for each in lines_passed(step) if isinstance(each, WeightedInput))


def weights_passed(step: Step) -> tuple[int, ...]:
    """Return the positions of the weights through which a step passes δ back: Wᵀ δ."""
    lines = weighted_inputs_passed(step)
    if is_gradient_of_weights(step) or is_gradient_of_bias(step):
        return ()
    return positions(step, {weights for line in lines for weights in line.weights})


def weights_layer(step: Step) -> int:
    """Return the layer of the weights through which a step passes δ back."""
    return step.reads[weights_passed(step)[0]].layer


def gradient_by(step: Step) -> Name | None:
    """Return what a step that reads δ makes the gradient by; None where it makes none."""
    return step.role.to if isinstance(step.role, PullBack) and upstream_positions(step) else None


def is_gradient_of_weights(step: Step) -> bool:
    """Tell whether a step makes the loss's gradient by weights, penalties aside."""
    return any(gradient_by(step) in line.weights for line in weighted_inputs_passed(step))


def is_gradient_of_bias(step: Step) -> bool:
    """Tell whether a step makes the loss's gradient by biases."""
    by = gradient_by(step)
    return any(by is not None and by == line.bias for line in weighted_inputs_passed(step))


def is_gradient_of_dense_weights(step: Step) -> bool:
    """Tell whether a step makes the loss's gradient by weights of a dense layer."""
    return is_gradient_of_weights(step) and is_through_dense(step)


def is_through_dense(step: Step) -> bool:
    """Tell whether a step passes a gradient back through a dense layer's weighted input alone."""
    lines = weighted_inputs_passed(step)
    return len(lines) == 1 and lines[0].is_dense


def upstream_positions(step: Step) -> tuple[int, ...]:
    """Return the positions at which a step of the way back reads the gradients passed to it."""
    return positions(step, step.role.upstream) if isinstance(step.role, PullBack) else ()


def source_of(step: Step) -> Name:
    """Return what δ is multiplied with in a gradient of weights."""
    deltas = upstream_positions(step)
    return next(name for i, name in enumerate(step.reads) if i not in deltas)


def positions(step: Step, names: Collection[Name | None]) -> tuple[int, ...]:
    """Return the positions at which a step reads some names."""
    return tuple(i for i, name in enumerate(step.reads) if name in names)


def makes_pre_activation(step: Step) -> bool:
    """Tell whether a step makes a layer's pre-activation out of its weights."""
    is_shown = step.quantity.group is Group.PRE_ACTIVATION
    return is_shown and isinstance(step.role, WeightedInput)


def quantity_of(derivation: Derivation, name: Name) -> Quantity:
    """Return the quantity, given or made, that a name stands for."""
    step = derivation.by_name.get(name)
    return step.quantity if step else derivation.given[str(name)]


def rows_and_columns(derivation: Derivation, name: Name) -> tuple[int, int]:
    """Return the shape of a quantity's matrix."""
    return quantity_of(derivation, name).matrix_shape


def is_square(derivation: Derivation, name: Name) -> bool:
    """Tell whether a quantity is a matrix with as many rows as columns, and more than one."""
    shape = quantity_of(derivation, name).shape
    return len(shape) == 2 and shape[0] == shape[1] > 1
