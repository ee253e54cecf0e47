"""What a step of a derivation is, by the names that it makes and reads."""

from re import fullmatch

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Name, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.networks.layers import Dense, Layer

TARGETS = ("y", "sample_y")
LOSSES_OF_DATA = ("loss", "data_loss")
RATES = ("learning_rate", "scheduled_learning_rate")


def reads_targets(step: Step) -> bool:
    """Tell whether a step compares outputs with targets."""
    return any(name.kind in TARGETS for name in step.reads)


def is_loss_of_data(step: Step) -> bool:
    """Tell whether a step makes the loss, penalties aside."""
    return step.name.kind in LOSSES_OF_DATA and reads_targets(step)


def is_residual(step: Step) -> bool:
    """Tell whether a step makes the loss's derivative by an output: ∂L/∂a, and a paired δ."""
    return step.name.layer > 0 and reads_targets(step)


def reduction(derivation: Derivation) -> str:
    """Return what the loss is averaged over."""
    is_root = LOSSES[derivation.loss.name].is_root
    return "mean_elements" if is_root else derivation.loss.reduction


def count(derivation: Derivation) -> int:
    """Return what the sum of the loss's terms is divided by."""
    samples, units = derivation.batch, derivation.network.outputs
    return {"mean": samples, "mean_elements": samples * units, "sum": 1}[reduction(derivation)]


def layer_of(derivation: Derivation, name: Name) -> Layer | None:
    """Return the layer that a quantity belongs to, if it belongs to one."""
    return derivation.network.layers[name.layer - 1] if name.layer else None


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


def is_weights(name: Name) -> bool:
    """Tell whether a name is that of weights in use."""
    return name.kind.startswith("W") and not name.kind.endswith("_new")


def is_bias(name: Name) -> bool:
    """Tell whether a name is that of biases in use; normalization's β is none."""
    return fullmatch(r"b[a-z]?_?\{\}", name.kind) is not None


def is_delta(name: Name) -> bool:
    """Tell whether a name is that of a δ."""
    return name.kind.startswith("delta")


def reads_delta(step: Step) -> bool:
    """Tell whether a step reads a δ."""
    return any(map(is_delta, step.reads))


def passes_back(step: Step) -> bool:
    """Tell whether a step passes δ back through weights: Wᵀ δ, to the layer or the time before."""
    return reads_delta(step) and any(map(is_weights, step.reads))


def weights_passed(step: Step) -> tuple[int, ...]:
    """Return the positions of the weights through which a step passes δ back."""
    if not passes_back(step):
        return ()
    return tuple(i for i, name in enumerate(step.reads) if is_weights(name))


def weights_layer(step: Step) -> int:
    """Return the layer of the weights through which a step passes δ back."""
    return next(name.layer for name in step.reads if is_weights(name))


def is_gradient_of_weights(step: Step) -> bool:
    """Tell whether a step makes the loss's gradient by weights, penalties aside."""
    return step.name.kind.removeprefix("data_").startswith("dW") and reads_delta(step)


def is_gradient_of_bias(step: Step) -> bool:
    """Tell whether a step makes the loss's gradient by biases."""
    return step.name.kind.startswith("db") and reads_delta(step)


def is_dense(derivation: Derivation, name: Name) -> bool:
    """Tell whether a quantity belongs to a dense layer."""
    return isinstance(layer_of(derivation, name), Dense)


def positions_of_deltas(step: Step) -> tuple[int, ...]:
    """Return the positions at which a step reads a δ."""
    return tuple(i for i, name in enumerate(step.reads) if is_delta(name))


def rate_of(derivation: Derivation, iteration: int) -> Name:
    """Return the name of the learning rate of an iteration."""
    scheduled = Name("scheduled_learning_rate", 0, iteration)
    return scheduled if scheduled in derivation.by_name else Name("learning_rate")
