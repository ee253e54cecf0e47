"""Every layer by its definition.

Each takes the forward pass, the layer's document, its index and the activations before it, and
gives its activations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.independent import autodiff
from tests.independent.autodiff import Variable
from tests.independent.nested import Nested, leaves, mapped, shape
from tests.independent.networks.activations import activated
from tests.independent.networks.arithmetic import Document, setting
from tests.independent.networks.forward import Forward


def _bias_terms(forward: Forward, layer: Document, name: str, units: int) -> list[list[Variable]]:
    """For every unit the bias to add, in a list that is empty where there is none."""
    bias = setting(layer, "bias", "per_unit")
    if bias == "none":
        return [[] for _ in range(units)]
    if bias == "shared":
        shared = forward.parameter(name, ())
        return [[shared] for _ in range(units)]
    if bias != "per_unit":
        raise ValueError(f"unknown bias: {bias}")
    return [[entry] for entry in forward.parameter(name, (units,))]


def _products(weights: list[Variable], values: list[Any]) -> list[Variable]:
    """The products of corresponding entries."""
    return [weights[i] * values[i] for i in range(len(weights))]


def dense(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """z_k = Σ_i W_ki x_i + b_k."""
    units = int(layer["units"])
    (width,) = shape(inputs[0])
    weights = forward.parameter(f"W{index}", (units, width))
    biases = _bias_terms(forward, layer, f"b{index}", units)
    z = [
        [forward.total(_products(weights[k], sample) + biases[k]) for k in range(units)]
        for sample in inputs
    ]
    return activated(forward, layer, index, z)


def dropout(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """x · mask / (1 − rate)."""
    kept = 1 - forward.arithmetic.setting(layer, "rate")
    return mapped(lambda entry, mask: entry * mask / kept, inputs, forward.mask(index))


def _normalized(forward: Forward, layer: Document, group: Nested) -> Nested:
    """(x − mean)/√(variance + ε) within a group, the variance being the biased one."""
    epsilon = forward.arithmetic.setting(layer, "epsilon", "1e-5")
    count = len(leaves(group))
    mean = forward.total(leaves(group)) / count
    variance = forward.total((entry - mean) ** 2 for entry in leaves(group)) / count
    spread = autodiff.sqrt(forward.context, variance + epsilon)
    return mapped(lambda entry: (entry - mean) / spread, group)


def batch_normalization(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """γ (x − mean)/√(variance + ε) + β, per unit or channel over all else."""
    if len(shape(inputs[0])) not in (1, 3):
        raise ValueError("batch normalization takes units or images")
    units = len(inputs[0])
    gamma = forward.parameter(f"gamma_{index}", (units,))
    beta = forward.parameter(f"beta_{index}", (units,))

    def unit(k: int) -> Nested:
        """One unit or channel of every sample."""
        normalized = _normalized(forward, layer, [sample[k] for sample in inputs])
        return mapped(lambda entry: gamma[k] * entry + beta[k], normalized)

    by_unit = [unit(k) for k in range(units)]
    return [[by_unit[k][n] for k in range(units)] for n in range(len(inputs))]


def layer_normalization(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """γ (x − mean)/√(variance + ε) + β, per sample over all its units."""
    units = shape(inputs[0])
    gamma = forward.parameter(f"gamma_{index}", units)
    beta = forward.parameter(f"beta_{index}", units)
    normalized = [_normalized(forward, layer, sample) for sample in inputs]
    return [mapped(lambda x, g, b: g * x + b, sample, gamma, beta) for sample in normalized]


def flatten(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """All entries of a sample in one list, the last index running fastest."""
    return [[autodiff.duplicate(entry) for entry in leaves(sample)] for sample in inputs]


def convolution(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """z_fij = Σ_c Σ_p Σ_q W_fcpq x_c,is+p,js+q + b_f on zero-padded images."""
    filters = int(layer["filters"])
    channels, height, width = shape(inputs[0])
    kernel_height, kernel_width = map(int, layer["kernel"])
    row_stride, column_stride = map(int, setting(layer, "stride", [1, 1]))
    row_padding, column_padding = map(int, setting(layer, "padding", [0, 0]))
    kernels = forward.parameter(f"W{index}", (filters, channels, kernel_height, kernel_width))
    biases = _bias_terms(forward, layer, f"b{index}", filters)

    def pre_activation(image: Nested, f: int, i: int, j: int) -> Variable:
        """One entry of z: the kernel laid over one place of the image."""
        terms = list(biases[f])
        for c in range(channels):
            for p in range(kernel_height):
                for q in range(kernel_width):
                    row = i * row_stride + p - row_padding
                    column = j * column_stride + q - column_padding
                    if 0 <= row < height and 0 <= column < width:
                        terms.append(kernels[f][c][p][q] * image[c][row][column])
        return forward.total(terms)

    rows = (height + 2 * row_padding - kernel_height) // row_stride + 1
    columns = (width + 2 * column_padding - kernel_width) // column_stride + 1
    z = [
        [
            [[pre_activation(image, f, i, j) for j in range(columns)] for i in range(rows)]
            for f in range(filters)
        ]
        for image in inputs
    ]
    return activated(forward, layer, index, z)


def _pooled(layer: Document, inputs: Nested, pool: Callable[[list[Variable]], Variable]) -> Nested:
    """Every whole window of every channel turned into one entry."""
    channels, height, width = shape(inputs[0])
    window_height, window_width = map(int, layer["size"])
    row_stride, column_stride = map(int, setting(layer, "stride", layer["size"]))

    def window(channel: Nested, i: int, j: int) -> list[Variable]:
        """The entries of one window."""
        return [
            channel[i * row_stride + p][j * column_stride + q]
            for p in range(window_height)
            for q in range(window_width)
        ]

    rows = (height - window_height) // row_stride + 1
    columns = (width - window_width) // column_stride + 1
    return [
        [
            [[pool(window(image[c], i, j)) for j in range(columns)] for i in range(rows)]
            for c in range(channels)
        ]
        for image in inputs
    ]


def max_pooling(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """The largest entry of each window."""

    def largest(window: list[Variable]) -> Variable:
        """The largest of the entries, which must be the only one."""
        ordered = sorted(window, key=lambda entry: entry.value, reverse=True)
        if len(ordered) > 1:
            distance = ordered[0].value - ordered[1].value
            forward.arithmetic.refuse_kink(distance, "a tie of max_pooling")
        return autodiff.duplicate(ordered[0])

    return _pooled(layer, inputs, largest)


def average_pooling(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """The mean of each window."""
    return _pooled(layer, inputs, lambda window: forward.total(window) / len(window))


def recurrent(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """z_t = Wxh x_t + Whh h_(t−1) + bh and h_t = tanh(z_t), from h_0 = 0."""
    units = int(layer["units"])
    steps, width = shape(inputs[0])
    from_input = forward.parameter(f"Wxh_{index}", (units, width))
    from_state = forward.parameter(f"Whh_{index}", (units, units))
    biases = _bias_terms(forward, layer, f"bh_{index}", units)
    z: list[Nested] = []
    outputs: list[Nested] = []
    for sample in inputs:
        state: list[Any] = [forward.context.zero] * units
        z.append([])
        outputs.append([])
        for t in range(steps):
            z_t = [
                forward.total(
                    _products(from_input[k], sample[t])
                    + _products(from_state[k], state)
                    + biases[k]
                )
                for k in range(units)
            ]
            state = [autodiff.tanh(forward.context, entry) for entry in z_t]
            z[-1].append(z_t)
            outputs[-1].append(state)
    forward.intermediates[f"z{index}"] = z
    return outputs


LSTM_GATES = {
    "i": autodiff.sigmoid,
    "f": autodiff.sigmoid,
    "g": autodiff.tanh,
    "o": autodiff.sigmoid,
}


def lstm(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """c_t = f c_(t−1) + i g and h_t = o tanh(c_t), from c_0 = h_0 = 0; the output is all h."""
    units = int(layer["units"])
    steps, width = shape(inputs[0])
    gates = {
        gate: (
            forward.parameter(f"Wx{gate}_{index}", (units, width)),
            forward.parameter(f"Wh{gate}_{index}", (units, units)),
            _bias_terms(forward, layer, f"b{gate}_{index}", units),
        )
        for gate in LSTM_GATES
    }

    def gate_value(gate: str, k: int, x: list[Variable], h: list[Any]) -> Variable:
        """One unit of one gate."""
        from_input, from_state, biases = gates[gate]
        terms = _products(from_input[k], x) + _products(from_state[k], h) + biases[k]
        return LSTM_GATES[gate](forward.context, forward.total(terms))

    outputs: list[Nested] = []
    for sample in inputs:
        h: list[Any] = [forward.context.zero] * units
        c: list[Any] = [forward.context.zero] * units
        outputs.append([])
        for t in range(steps):
            i, f, g, o = (
                [gate_value(gate, k, sample[t], h) for k in range(units)] for gate in LSTM_GATES
            )
            c = [f[k] * c[k] + i[k] * g[k] for k in range(units)]
            h = [o[k] * autodiff.tanh(forward.context, c[k]) for k in range(units)]
            outputs[-1].append(h)
    return outputs


def last_step(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """The last time step alone."""
    return [[autodiff.duplicate(entry) for entry in sample[-1]] for sample in inputs]


LAYERS: dict[str, Callable[[Forward, Document, int, Nested], Nested]] = {
    "dense": dense,
    "dropout": dropout,
    "batch_normalization": batch_normalization,
    "layer_normalization": layer_normalization,
    "flatten": flatten,
    "convolution": convolution,
    "max_pooling": max_pooling,
    "average_pooling": average_pooling,
    "recurrent": recurrent,
    "lstm": lstm,
    "last_step": last_step,
}
