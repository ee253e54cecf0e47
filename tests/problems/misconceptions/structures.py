"""The smallest structures in which each misconception shows, and numbers for any structure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.facts import QuotientOf
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.derivation.walking import walk
from gradgrade.oracle.networks.layers import (
    AveragePooling,
    BatchNormalization,
    Convolution,
    Dropout,
    Flatten,
    LastStep,
    Lstm,
    MaxPooling,
    Recurrent,
    Windows,
)
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.training.stopping import stopping
from gradgrade.problems.documents.facts import extended
from tests.oracle.drawn import targets_of

SCALARS = {
    **{"learning_rate": 0.3, "momentum": 0.75, "decay": 0.625, "beta1": 0.7, "beta2": 0.95},
    **{"epsilon": 0.125, "weight_decay": 0.125, "factor": 0.5, "rate": 0.25, "period": 5},
    **{"l1": 0.5, "l2": 0.25, "threshold": 0.5},
    "loss_below": 0.0015,
}


def structure(*layers: Any, inputs: Any = 2, loss: str = "half_squared_error", **rest: Any):
    """The derivation of some layers; what is not said is as small as can be."""
    options = {key: rest.pop(key) for key in ("reduction",) if key in rest}
    optimizer = Optimizer(
        name=rest.pop("optimizer", "sgd"),
        schedule=rest.pop("schedule", "constant"),
        every=rest.pop("every", 1),
    )
    network = Network(inputs=inputs, layers=layers, convention=rest.pop("convention", "column"))
    return derive(network, Loss(name=loss, **options), optimizer, **rest)


def numbers(derivation: Derivation, seed: int = 1) -> dict[Name, Any]:
    """A matrix for every given, without a pattern."""
    draw = numpy.random.default_rng(seed)
    return {each.name: _drawn(derivation, each, draw) for each in derivation.givens}


def _drawn(derivation: Derivation, quantity: Quantity, draw: numpy.random.Generator) -> Any:
    shape, targets = quantity.matrix_shape, targets_of(derivation)
    match quantity.kind:
        case Kind.TARGETS if targets == "distribution":
            return numpy.eye(shape[0])[:, draw.integers(0, shape[0], shape[1])]
        case Kind.TARGETS if targets == "probability":
            return draw.integers(0, 2, shape).astype(float)
        case Kind.SAMPLES:
            return numpy.eye(shape[1])[draw.integers(0, shape[1], shape[0])]
        case Kind.MASK:
            rows, columns = numpy.indices(shape)
            return ((rows - columns) % 3 != 1).astype(float)
        case Kind.NUMBER:
            number = 0.4 if quantity.name.layer else SCALARS[quantity.name.text]
            return numpy.array([[float(number)]])
    return draw.uniform(-1.5, 1.5, shape)


def walked(derivation: Derivation, seed: int = 1) -> Mapping[Name, Any]:
    """Every value of a derivation in binary64."""
    return walk(derivation, numbers(derivation, seed), Binary64())


def dense(units: int, activation: str = "identity", bias: Any = "per_unit") -> Dense:
    """A dense layer."""
    return Dense(units=units, activation=activation, bias=bias)


POOL = Windows(size=(2, 2), stride=(1, 1))
IMAGE = (1, 3, 3)
KERNEL = Convolution(filters=1, kernel=(2, 2))
TWO = (dense(2, "sigmoid"), dense(1))
SEQUENCE = {"inputs": (2, 1)}
LSTM = structure(Lstm(units=1), LastStep(), **SEQUENCE)


def _optimizer(name: str, **rest: Any) -> Derivation:
    return structure(dense(1), inputs=1, optimizer=name, **rest)


_ONE = structure(dense(1), inputs=1)
_BATCH = structure(dense(1), inputs=1, batch=3)
_DROPOUT = structure(dense(2), Dropout(), dense(1))
_NORMALIZED = structure(dense(1), BatchNormalization(), dense(1), inputs=1, batch=3)
_RMSE = structure(dense(1), inputs=1, loss="root_mean_squared_error", batch=2)
_L2 = structure(dense(1), inputs=1, batch=2, penalties=("l2",))
_CHAIN = structure(*TWO)
_SQUARE = structure(dense(2, "tanh"), dense(2, "tanh"))
_TANH = structure(dense(1, "tanh"), inputs=1)
_RELU = structure(dense(4, "relu"), dense(1), inputs=2)
_SHARED = structure(dense(2, bias="shared"))
_SCHEDULED = structure(dense(1), inputs=1, schedule="exponential", iterations=2)
_BINARY = structure(dense(2, "sigmoid"), loss="binary_cross_entropy", batch=3)
_RECURRENT = structure(Recurrent(units=1), LastStep(), **SEQUENCE)

_SOFTMAX = structure(dense(2, "softmax"), loss="cross_entropy", batch=3)
_TWICE = structure(dense(1), inputs=1, iterations=2)


def program(text: str, *, upstream: str = "", **shapes: Any) -> Derivation:
    """The derivation of a program; an array of indices is stated by its shape and its largest."""
    types = {
        name: ArrayType(shape=shape[0], integers=(0, shape[1]))
        if shape and isinstance(shape[0], tuple)
        else ArrayType(shape=shape)
        for name, shape in shapes.items()
    }
    graph = graph_of(read_program(text), types)
    if upstream:
        return derive_program(graph, upstream=[upstream])
    return derive_program(graph, differentiate="f")


_PICKED = program("f = sum((x + 1 - reshape(x[arange(3), y], (3, 1)))**3)", x=(3, 2), y=((3,), 1))
_SINE = program("f = sin(x)**2", x=())
_BRANCHES = program("f = sum(where(x > 1/2, x**2, x))", x=(4,))

_TRAINED = derive_program(
    graph_of(
        read_program("f = mean((x * w + b)**2)"),
        {"x": ArrayType(shape=(3,)), "w": ArrayType(shape=()), "b": ArrayType(shape=())},
    ),
    differentiate="f",
    parameters=["w", "b"],
    optimizer=Optimizer(),
)
_STOPPED = stopping(structure(dense(1), inputs=1, loss="squared_error", iterations=4), "loss_below")
_MASKED = derive_program(
    graph_of(
        read_program("o = softmax(where(m, x, -inf))"),
        {"x": ArrayType(shape=(3, 3)), "m": ArrayType(shape=(3, 3), mask=True)},
    ),
    upstream=["o"],
)
_CHECKED = extended(program("f = x**3", x=()), (QuotientOf("x", Fraction(1, 8)),))
_PRODUCT = program("f = x * y", x=(), y=())
_QUOTIENT = program("f = x / y", x=(), y=())
_CUBE = program("f = x**3", x=())
_BROADCAST = program("o = x + b", upstream="o", x=(3, 2), b=(2,))
_TANH_LINE = program("o = tanh(x)", upstream="o", x=(3,))

CASES: dict[str, Derivation] = {
    "mean_missing_in_gradient": _BATCH,
    "two_missing": structure(dense(1), inputs=1, loss="squared_error"),
    "two_over_count_missing": structure(dense(1), inputs=1, loss="squared_error", batch=3),
    "half_not_cancelled": _ONE,
    "two_not_cancelled": _ONE,
    "residual_sign": _ONE,
    "target_not_subtracted": structure(dense(3, "softmax"), loss="cross_entropy", batch=2),
    "target_added": structure(dense(3, "softmax"), loss="cross_entropy", batch=2),
    "root_not_differentiated": _RMSE,
    "sum_for_mean": _BATCH,
    "loss_not_averaged": _BATCH,
    "mean_for_sum": structure(dense(1), inputs=1, batch=2, reduction="sum"),
    "elements_for_samples": structure(dense(2), inputs=1),
    "samples_for_elements": structure(dense(2), inputs=1, reduction="mean_elements"),
    "half_missing_in_loss": _ONE,
    "half_added_to_loss": structure(dense(1), inputs=1, loss="squared_error"),
    "root_forgotten": _RMSE,
    "decimal_logarithm": _BINARY,
    "binary_logarithm": structure(dense(2, "softmax"), loss="cross_entropy"),
    "second_class_missing": _BINARY,
    "activation_derivative_missing": _TANH,
    "activation_derivative_twice": _TANH,
    "derivative_at_activation": _TANH,
    "form_in_activation_at_z": _TANH,
    "tanh_derivative_not_squared": _TANH,
    "sigmoid_derivative_for_tanh": _TANH,
    "relu_mask_reversed": _RELU,
    "relu_of_gradient": _RELU,
    "leaky_slope_missing": structure(dense(4, "leaky_relu"), dense(1)),
    "softmax_diagonal_only": structure(dense(2, "softmax")),
    "activation_derivative_kept": _BINARY,
    "output_derivative_for_hidden": structure(dense(1, "tanh"), dense(1, "tanh")),
    "sigmoid_misprinted": structure(dense(1, "sigmoid"), inputs=1),
    "weights_not_transposed": structure(dense(2)),
    "weights_transposed_forward": structure(dense(2)),
    "updated_weights_backward": _ONE,
    "one_path": structure(dense(2)),
    "input_for_hidden": structure(dense(1, "tanh"), dense(1), inputs=1),
    "outer_product_transposed": structure(dense(2)),
    "inputs_summed": structure(dense(1)),
    "input_of_unit_index": structure(dense(2)),
    "stale_forward_pass": _TWICE,
    "relu_mask_on_weights": _RELU,
    "targets_of_previous_sample": _BATCH,
    "targets_of_next_sample": _BATCH,
    "epsilon_in_logarithm": _BINARY,
    "activation_forgotten": _TANH,
    "activation_applied_twice": _BINARY,
    "softmax_over_samples": _SOFTMAX,
    "exponent_sign": _BINARY,
    "sigmoid_for_stated": _TANH,
    "tanh_for_stated": _ONE,
    "relu_for_stated": _TANH,
    "identity_for_stated": _TANH,
    "gelu_by_tanh": structure(dense(1, "gelu"), inputs=1),
    "tanh_derivative_plus": _TANH,
    "sigmoid_derivative_factor_missing": structure(dense(1, "sigmoid"), inputs=1),
    "sigmoid_derivative_plus": structure(dense(1, "sigmoid"), inputs=1),
    "activation_for_derivative": _RELU,
    "relu_derivative_as_z": _RELU,
    "output_derivative_missing": _BINARY,
    "weight_gradient_averaged": _BATCH,
    "gradients_averaged_again": _BATCH,
    "gradients_of_last_sample": _BATCH,
    "pre_activation_in_gradient": structure(dense(1, "tanh"), dense(1), inputs=1),
    "own_activation_in_gradient": _TANH,
    "sums_before_product": _BATCH,
    "mean_before_product": _BATCH,
    "weights_missing_backward": _ONE,
    "absolute_weights_backward": structure(dense(2)),
    "bias_subtracted": _ONE,
    "bias_gradient_sign": _ONE,
    "gradients_not_reset": _TWICE,
    "gradient_times_rate": _ONE,
    "step_for_parameter": _ONE,
    "loss_after_update": _TWICE,
    "bias_gradient_averaged": _BATCH,
    "bias_gradient_of_first_sample": _BATCH,
    "bias_gradient_over_units": structure(dense(2), batch=2),
    "shared_bias_of_first_unit": _SHARED,
    "shared_bias_averaged": _SHARED,
    "bias_left_out": _ONE,
    "bias_not_updated": _ONE,
    "frozen_updated": structure(dense(1), inputs=1, iterations=2, freeze=frozenset({"b1"})),
    "gradient_ascent": _ONE,
    "learning_rate_missing": _ONE,
    "learning_rate_twice": _ONE,
    "schedule_ignored": _SCHEDULED,
    "schedule_ahead": _SCHEDULED,
    "velocity_without_learning_rate": _optimizer("momentum"),
    "velocity_averaged": _optimizer("momentum"),
    "velocity_uphill": _optimizer("momentum"),
    "momentum_reversed": _optimizer("momentum", iterations=2),
    "velocity_subtracted": _optimizer("momentum"),
    "nesterov_for_momentum": _optimizer("momentum"),
    "momentum_for_nesterov": _optimizer("nesterov"),
    "state_forgotten": _optimizer("adagrad", iterations=2),
    "bias_correction_missing": _optimizer("adam"),
    "mean_correction_missing": _optimizer("adam"),
    "square_correction_missing": _optimizer("adam"),
    "first_correction_kept": _optimizer("adam", iterations=2),
    "epsilon_inside_root": _optimizer("adagrad"),
    "root_of_squares_missing": _optimizer("rmsprop"),
    "root_division_missing": _optimizer("adagrad"),
    "gradient_not_squared": _optimizer("adagrad"),
    "decay_complement_missing": _optimizer("rmsprop"),
    "decay_exchanged": _optimizer("rmsprop"),
    "correction_ahead": _optimizer("adam"),
    "betas_exchanged": _optimizer("adam"),
    "gradient_for_mean": _optimizer("adam", iterations=2),
    "epsilon_not_corrected": _optimizer("adam"),
    "epsilon_inside_uncorrected": _optimizer("adam"),
    "weight_decay_coupled": _optimizer("adamw"),
    "weight_decay_missing": _optimizer("adamw"),
    "weight_decay_without_rate": _optimizer("adamw"),
    "penalty_gradient_doubled": _L2,
    "penalty_gradient_halved": _L2,
    "penalty_gradient_subtracted": _L2,
    "penalty_half_missing": _L2,
    "penalty_missing_in_gradient": _L2,
    "penalty_missing_in_loss": _L2,
    "penalty_averaged": _L2,
    "bias_penalized": _L2,
    "penalty_decoupled": _optimizer("momentum", penalties=("l2",)),
    "dropout_scale_missing": _DROPOUT,
    "dropout_scale_inverted": _DROPOUT,
    "dropout_divided_by_rate": _DROPOUT,
    "dropout_mask_reversed": _DROPOUT,
    "dropout_mask_ignored_backward": _DROPOUT,
    "normalization_statistics_constant": _NORMALIZED,
    "normalization_variance_constant": _NORMALIZED,
    "unbiased_variance": _NORMALIZED,
    "epsilon_outside_root": _NORMALIZED,
    "max_pooling_gradient_spread": structure(MaxPooling(windows=POOL), Flatten(), inputs=IMAGE),
    "max_pooling_gradient_to_all": structure(MaxPooling(windows=POOL), Flatten(), inputs=IMAGE),
    "average_pooling_gradient_undivided": structure(
        AveragePooling(windows=POOL), Flatten(), inputs=IMAGE
    ),
    "kernel_flipped": structure(KERNEL, Flatten(), inputs=IMAGE),
    "kernel_not_flipped_backward": structure(KERNEL, Flatten(), inputs=IMAGE),
    "overlaps_overwritten": structure(KERNEL, Flatten(), inputs=IMAGE),
    "kernel_gradient_averaged": structure(KERNEL, Flatten(), inputs=IMAGE),
    "kernel_bias_averaged": structure(KERNEL, Flatten(), inputs=IMAGE),
    "last_step_only": _RECURRENT,
    "first_step_only": _RECURRENT,
    "gradient_averaged_over_time": _RECURRENT,
    "first_step_passed_on": _RECURRENT,
    "mean_step_passed_on": _RECURRENT,
    "state_of_same_step": _RECURRENT,
    "derivative_missing_through_time": _RECURRENT,
    "not_through_time": _RECURRENT,
    "not_through_cell": LSTM,
    "cell_derivative_missing": LSTM,
    "cell_not_squashed": LSTM,
    "forget_gate_missing_backward": LSTM,
    "gates_exchanged": LSTM,
    "gates_exchanged_backward": LSTM,
    "weights_of_other_gate": LSTM,
    "candidate_as_gate": LSTM,
    "gate_derivative_missing": LSTM,
    "forward_difference": _TANH,
    "central_difference": _TANH,
    "path_overwritten": program("p = x * y\nf = p * x", x=(), y=()),
    "path_forgotten": program("u = x * y\nf = u * u + sin(u)", x=(), y=()),
    "picked_entries_left_out": _PICKED,
    "upstream_not_multiplied": program("u = tanh(x)\nf = u**3", x=()),
    "broadcast_averaged": _BROADCAST,
    "broadcast_of_one_repetition": _BROADCAST,
    "mean_not_divided_back": program("f = mean(x**2)", x=(4,)),
    "sum_divided_back": program("f = sum(x**2)", x=(4,)),
    "own_operand": _PRODUCT,
    "factor_left_out": _PRODUCT,
    "negation_lost": program("f = -x**3", x=()),
    "biased_variance": program("f = var(x, ddof=1)", x=(4,)),
    "epsilon_forgotten": program("f = sqrt(var(x) + 0.01)", x=(4,)),
    "difference_not_negated": program("f = (x - y)**2", x=(), y=()),
    "quotient_not_negated": _QUOTIENT,
    "quotient_not_squared": _QUOTIENT,
    "exponent_factor_forgotten": _CUBE,
    "exponent_not_lowered": _CUBE,
    "factor_not_transposed": program("o = x @ W", upstream="o", x=(2, 2), W=(2, 2)),
    "argument_for_value": _TANH_LINE,
    "tanh_value_not_squared": _TANH_LINE,
    "softmax_diagonal_alone": program("o = softmax(x)", upstream="o", x=(4,)),
    "softmax_sum_left_out": program("o = softmax(x)", upstream="o", x=(4,)),
    "maximum_to_all": program("f = max(x)**2", x=(4,)),
    "maximum_shared_out": program("f = max(x)**2", x=(4,)),
    "repeated_index_overwritten": program("o = E[ids]", upstream="o", E=(2, 2), ids=((4,), 1)),
    "border_cut_behind": program("o = pad(x, 1)", upstream="o", x=(3,)),
    "factor_left_out_forward": program("f = sin(x / 3)", x=()),
    "term_left_out": program("o = x @ w + b", upstream="o", x=(3, 2), w=(2, 2), b=(2,)),
    "mask_left_out": _MASKED,
    "mask_after_softmax": _MASKED,
    "wrong_axis": program("o = x - mean(x, axis=1, keepdims=True)", upstream="o", x=(3, 3)),
    "mask_transposed": _MASKED,
    "root_left_out": program("f = sqrt(x**2 + 1)", x=()),
    "multiplied_for_divided": program("f = sin(x / 3)", x=()),
    "labels_off_by_one": program("f = sum(x[arange(3), y]**2)", x=(3, 3), y=((3,), 2)),
    "picked_entries_counted_once": _PICKED,
    "picked_entries_overwritten": _PICKED,
    "exponent_one_less": _CUBE,
    "function_derivative_missing": _SINE,
    "sine_derivative_sign": _SINE,
    "maximum_to_first": program("f = max(x)**2", x=(4,)),
    "maximum_times_value": program("f = max(x)**2", x=(4,)),
    "branches_exchanged": _BRANCHES,
    "branch_everywhere": _BRANCHES,
    "mixture_exchanged": program("f = (1 - z) * a + z * b", z=(), a=(), b=()),
    "difference_reversed": program("e = x - y\nf = e**2", x=(), y=()),
    "rectifier_of_term": program("o = relu(x + y)", upstream="o", x=(12,), y=(12,)),
    "array_before_in_gradient": program(
        "z = x**2\nh = tanh(z)\no = W @ h", upstream="o", x=(3,), W=(2, 3)
    ),
    "product_of_derivatives": program("f = sin(x) * x**2", x=()),
    "parameter_not_updated": _TRAINED,
    "one_update_too_many": _STOPPED,
    "one_update_too_few": _STOPPED,
    "one_sided_quotient": _CHECKED,
    "quotient_over_h": _CHECKED,
    "weights_shown_transposed": structure(dense(2)),
    "samples_shown_transposed": structure(dense(2), batch=2),
}
