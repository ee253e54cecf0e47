"""Which names of the catalogue are right for each kind: written last, beside the catalogue's page.

A kind that is not here is outside the catalogue, and every name for it is wrong.
"""

from collections.abc import Mapping
from types import MappingProxyType

RIGHT_NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "weights-transposed": frozenset({"weights_transposed_forward"}),
        # What was read transposed goes back as it is.
        "weights-read-column-by-column": frozenset(
            {"weights_transposed_forward", "weights_not_transposed"}
        ),
        # What is handed in for z lacks the bias, wherever it is added later.
        "bias-outside-the-activation": frozenset({"bias_left_out"}),
        # Where the biases of the other units are 0, all of the layer's are left out.
        "bias-of-the-last-unit-missed": frozenset({"bias_left_out"}),
        # Without its activation the output has a derivative of 1 too: each is what was done.
        "output-not-activated": frozenset(
            {
                *("identity_for_stated", "activation_forgotten"),
                *("activation_derivative_missing", "output_derivative_missing"),
            }
        ),
        "first-activation-everywhere": frozenset(
            {"sigmoid_for_stated", "tanh_for_stated", "relu_for_stated"}
        ),
        "sigmoid-with-one-sign-lost": frozenset({"exponent_sign"}),
        "variance-of-a-sample": frozenset({"unbiased_variance"}),
        "dropout-divided-by-its-rate": frozenset({"dropout_divided_by_rate"}),
        # The first gradients again, since the first forward pass is kept.
        "first-forward-pass-again": frozenset({"stale_forward_pass"}),
        # The derivative of an identity is 1: before one, the layer's own is missing.
        "slope-of-the-layer-after": frozenset(
            {"output_derivative_for_hidden", "activation_derivative_missing"}
        ),
        "masked-by-the-gradient": frozenset({"relu_of_gradient"}),
        # e^(−z)/(1 + e^(−z)) is 1 − a.
        "square-lost-in-the-sigmoid-slope": frozenset({"sigmoid_derivative_factor_missing"}),
        "square-lost-in-the-tanh-slope": frozenset({"tanh_derivative_not_squared"}),
        "sigmoid-slope-for-tanh": frozenset({"sigmoid_derivative_for_tanh"}),
        "gradient-reshaped-for-transposed": frozenset({"outer_product_transposed"}),
        "residual-slope-squared": frozenset(
            {"activation_derivative_twice", "activation_derivative_kept"}
        ),
        # Where all outputs are too small, the residual's size is target minus output.
        "size-of-the-residual-sent-back": frozenset({"residual_sign"}),
        # Where one weight alone is negative, the others are their magnitudes.
        "sign-of-a-weight-lost-on-the-way-back": frozenset({"absolute_weights_backward"}),
        # Of one unit alone the mean is that over the samples; W/ΣW of one weight alone is 1.
        "bias-gradient-is-the-mean-of-all": frozenset({"bias_gradient_averaged"}),
        "error-shared-in-proportion": frozenset({"weights_missing_backward"}),
        "common-logarithm": frozenset({"decimal_logarithm"}),
        "loss-in-bits": frozenset({"binary_logarithm"}),
        "half-of-binary-cross-entropy": frozenset({"second_class_missing"}),
        "penalty-averaged": frozenset({"penalty_averaged"}),
        "penalty-on-biases": frozenset({"bias_penalized"}),
        "penalty-derived-to-two": frozenset({"penalty_gradient_doubled"}),
        "biases-not-updated": frozenset({"bias_not_updated"}),
        "answers-column-by-column": frozenset({"weights_shown_transposed"}),
        "inputs-again": frozenset({"input_for_hidden"}),
        "delta-as-upstream-of-softmax": frozenset(
            {"activation_derivative_missing", "output_derivative_missing"}
        ),
        "slope-at-the-activated": frozenset({"derivative_at_activation"}),
        "error-and-not-delta-sent-back": frozenset(
            {"activation_derivative_missing", "output_derivative_missing"}
        ),
        "step-for-gradient": frozenset({"gradient_times_rate"}),
        # Of the biases it is just that: their gradients have the other sign.
        "descent-direction-for-gradient": frozenset({"bias_gradient_sign"}),
        "tanh-slope-is-tanh": frozenset({"activation_for_derivative"}),
        "one-path-only": frozenset({"one_path"}),
        "updated-weights-sent-back": frozenset({"updated_weights_backward"}),
        "bias-gradient-over-units": frozenset({"bias_gradient_over_units"}),
        "bias-gradient-averaged-again": frozenset({"bias_gradient_averaged"}),
        "sums-for-gradients": frozenset({"mean_missing_in_gradient"}),
        "root-of-the-loss": frozenset({"root_forgotten"}),
    }
)
