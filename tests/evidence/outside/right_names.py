"""Which names of the catalogue are right for each kind: written last, beside the catalogue's page.

A kind that is not here is outside the catalogue, and every name for it is wrong.
"""

from collections.abc import Mapping
from types import MappingProxyType

RIGHT_NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "weights-transposed": frozenset({"weights_transposed_forward"}),
        "weights-read-column-by-column": frozenset({"weights_transposed_forward"}),
        # What is handed in for z lacks the bias, wherever it is added later.
        "bias-outside-the-activation": frozenset({"bias_left_out"}),
        "output-not-activated": frozenset({"activation_derivative_missing"}),
        "inputs-again": frozenset({"input_for_hidden"}),
        "delta-as-upstream-of-softmax": frozenset(
            {"activation_derivative_missing", "output_derivative_missing"}
        ),
        "slope-at-the-activated": frozenset({"derivative_at_activation"}),
        "error-and-not-delta-sent-back": frozenset(
            {"activation_derivative_missing", "output_derivative_missing"}
        ),
        "step-for-gradient": frozenset({"gradient_times_rate"}),
        "tanh-slope-is-tanh": frozenset({"activation_for_derivative"}),
        "one-path-only": frozenset({"one_path"}),
        "updated-weights-sent-back": frozenset({"updated_weights_backward"}),
        "bias-gradient-over-units": frozenset({"bias_gradient_over_units"}),
        "bias-gradient-averaged-again": frozenset({"bias_gradient_averaged"}),
        "sums-for-gradients": frozenset({"mean_missing_in_gradient"}),
        "root-of-the-loss": frozenset({"root_forgotten"}),
    }
)
