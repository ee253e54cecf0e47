"""What an exercise document says, computed sample by sample and scalar by scalar.

The loss is built from the definitions alone, as a graph of scalars, and every derivative is read
off that graph. Values carry more digits than were asked for, but a quantity that cancellation
makes tiny has lost as many as the cancellation took; asking for more digits gives them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from mpmath import MPContext, mpf

from tests.independent import autodiff
from tests.independent.autodiff import NotDifferentiableError, Variable

GUARD_DIGITS = 30

# A leaf, or a list of such, equally long along every axis.
Nested = Any
Document = dict[str, Any]


def interpret(exercise: Document, digits: int = 60) -> dict[str, Nested]:
    """Every quantity of an exercise, by name, in its own convention.

    Raises NotDifferentiableError at a kink, or closer to one than ten to the minus `digits`.
    """
    arithmetic = Arithmetic.of(exercise["arithmetic"], digits)
    convention = exercise["convention"]
    iterations = int(_setting(exercise, "iterations", 1))
    givens = _internal_givens(exercise["given"], arithmetic, convention)
    parameters = {name: values for name, values in givens.items() if _is_parameter(name)}
    memories: dict[str, Nested] = {}
    results: dict[str, Nested] = {}
    for iteration in range(1, iterations + 1):
        forward = _forward_pass(exercise, arithmetic, givens, parameters, iteration)
        derivatives = forward.derivatives()
        updates, memories = _updates(exercise, forward, derivatives, memories, iteration)
        found = forward.quantities() | derivatives | updates | _state(memories)
        used = forward.parameter_values()
        parameters = parameters | {name: updates[f"{name}_new"] for name in memories}
        if iterations > 1:
            results |= _external(_named_at(iteration, found | used), convention)
        if iteration == iterations:
            results |= _external(found, convention)
    return results


# Numbers


@dataclass(frozen=True)
class Arithmetic:
    """What the numbers of a document stand for, and the precision to compute in."""

    context: MPContext
    binary: bool
    closeness: mpf

    @classmethod
    @cache
    def of(cls, name: str, digits: int) -> Arithmetic:
        """The arithmetic of that name, in a context of its own, which takes long to make."""
        if name not in ("decimal", "binary64"):
            raise ValueError(f"unknown arithmetic: {name}")
        context = MPContext()
        context.dps = digits + GUARD_DIGITS
        return cls(context, name == "binary64", context.mpf(10) ** -digits)

    def number(self, written: int | float | str | Decimal) -> mpf:
        """The number that stands in the document."""
        if self.binary:
            return self.context.mpf(float(str(written)))
        return self.context.mpf(str(Decimal(str(written))))

    def setting(self, document: Document, name: str, default: str | None = None) -> mpf:
        """A numeric field of the document, or its default."""
        return self.number(_setting(document, name, default))

    def refuse_kink(self, distance: mpf, place: str) -> None:
        """Refuse a point at which, as far as the digits tell, there is no derivative."""
        if abs(distance) < self.closeness:
            raise NotDifferentiableError(f"no derivative at {place}")


def _setting(document: Document, name: str, default: Any = None) -> Any:
    """A field of the document; its default where it is absent or null."""
    value = document.get(name)
    if value is None:
        value = default
    if value is None:
        raise ValueError(f"{name} is missing")
    return value


# Nested lists


def _mapped(function: Callable[..., Any], *nested: Nested) -> Nested:
    """The function applied to corresponding leaves of equally shaped nested lists."""
    if isinstance(nested[0], list):
        return [_mapped(function, *items) for items in zip(*nested, strict=True)]
    return function(*nested)


def _leaves(nested: Nested) -> list[Any]:
    """All leaves, the last index running fastest."""
    if not isinstance(nested, list):
        return [nested]
    return [leaf for item in nested for leaf in _leaves(item)]


def _shape(nested: Nested) -> tuple[int, ...]:
    """The lengths along every axis."""
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) else ()


def _last_axis_first(nested: Nested) -> Nested:
    """The same entries with the last axis moved to the front."""
    if not isinstance(nested[0], list):
        return nested
    return [list(items) for items in zip(*map(_last_axis_first, nested), strict=True)]


def _first_axis_last(nested: Nested) -> Nested:
    """The same entries with the first axis moved to the end."""
    if not isinstance(nested[0], list):
        return nested
    return [_first_axis_last([item[i] for item in nested]) for i in range(len(nested[0]))]


# Conventions. Internally samples are the first axis of data, and units the first of weights.

# What stands before the name of a parameter: its gradient, and the optimizer's state.
DERIVED_LETTERS = "dvsm"


def _is_parameter(name: str) -> bool:
    """Whether a given is a parameter of a layer."""
    return name not in ("x", "y", "samples") and not name.startswith("mask_")


def _is_weight(name: str) -> bool:
    """Whether a parameter is a weight, which regularization applies to."""
    return name.startswith("W")


def _internal_givens(given: Document, arithmetic: Arithmetic, convention: str) -> dict[str, Nested]:
    """The givens as numbers, in the internal order of axes."""
    if convention not in ("column", "row"):
        raise ValueError(f"unknown convention: {convention}")
    givens = {
        name: _mapped(arithmetic.number, values)
        for name, values in given.items()
        if name != "samples" and values is not None
    }
    for name, values in givens.items():
        if _is_parameter(name):
            givens[name] = _transposed_weights(name, values, convention)
        elif convention == "column":
            givens[name] = _last_axis_first(values)
    return givens | {"samples": given.get("samples")}


def _external(found: dict[str, Nested], convention: str) -> dict[str, Nested]:
    """The quantities in the order of axes of the exercise."""
    return {
        name: _external_values(name.split("@")[0], values, convention)
        for name, values in found.items()
    }


def _external_values(name: str, values: Nested, convention: str) -> Nested:
    """One quantity in the order of axes of the exercise."""
    if name == "loss":
        return values
    if name.startswith(("z", "a", "delta", "da", "dx")):
        return _first_axis_last(values) if convention == "column" else values
    return _transposed_weights(name.lstrip(DERIVED_LETTERS), values, convention)


def _transposed_weights(name: str, values: Nested, convention: str) -> Nested:
    """Weight matrices transposed in the row convention; all else as it is."""
    if convention == "row" and _is_weight(name) and len(_shape(values)) == 2:
        return _first_axis_last(values)
    return values


def _named_at(iteration: int, found: dict[str, Nested]) -> dict[str, Nested]:
    """The quantities under the names they have in an iteration."""
    return {f"{name}@{iteration}": values for name, values in found.items()}


# One iteration


@dataclass
class Forward:
    """One forward pass: the scalars from which the loss was computed."""

    arithmetic: Arithmetic
    givens: dict[str, Nested]
    parameter_numbers: dict[str, Nested]
    inputs: Nested
    sample_numbers: list[int]
    parameters: dict[str, Nested] = field(default_factory=dict)
    intermediates: dict[str, Nested] = field(default_factory=dict)
    loss: Variable = field(init=False)

    @property
    def context(self) -> MPContext:
        """The context to compute in."""
        return self.arithmetic.context

    def parameter(self, name: str, shape: tuple[int, ...]) -> Nested:
        """The scalars of a parameter, which must have that shape."""
        numbers = self.parameter_numbers[name]
        if _shape(numbers) != shape:
            raise ValueError(f"{name} has shape {_shape(numbers)} in place of {shape}")
        self.parameters[name] = _mapped(Variable, numbers)
        return self.parameters[name]

    def mask(self, index: int) -> Nested:
        """The dropout mask of a layer, for the samples of this iteration."""
        mask = self.givens[f"mask_{index}"]
        if len(mask) == 1:
            return mask
        return [mask[sample] for sample in self.sample_numbers]

    def total(self, terms: Iterable[Variable]) -> Variable:
        """The sum of any number of terms."""
        return autodiff.total(self.context, terms)

    def quantities(self) -> dict[str, Nested]:
        """The values of the intermediate quantities and of the loss."""
        values = {name: _values(nested) for name, nested in self.intermediates.items()}
        return values | {"loss": self.loss.value}

    def parameter_values(self) -> dict[str, Nested]:
        """The values of the parameters."""
        return {name: _values(nested) for name, nested in self.parameters.items()}

    def derivatives(self) -> dict[str, Nested]:
        """The derivatives of the loss by every scalar that has a name."""
        named = {
            **{_derivative_name(name): v for name, v in reversed(self.intermediates.items())},
            **{f"d{name}": nested for name, nested in self.parameters.items()},
            "dx": self.inputs,
        }
        found = iter(autodiff.gradients(self.loss, _leaves(list(named.values()))))
        return {name: _mapped(lambda _: next(found), nested) for name, nested in named.items()}


def _values(nested: Nested) -> Nested:
    """The values of variables."""
    return _mapped(lambda variable: variable.value, nested)


def _derivative_name(name: str) -> str:
    """What the derivative by a pre-activation or an activation is called."""
    return f"delta{name[1:]}" if name.startswith("z") else f"d{name}"


def _forward_pass(
    exercise: Document,
    arithmetic: Arithmetic,
    givens: dict[str, Nested],
    parameters: dict[str, Nested],
    iteration: int,
) -> Forward:
    """All layers and the loss, for the samples of an iteration."""
    sample_numbers = list(range(len(givens["x"])))
    if exercise.get("stochastic"):
        sample_numbers = [int(givens["samples"][iteration - 1]) - 1]
    inputs = _mapped(Variable, [givens["x"][sample] for sample in sample_numbers])
    targets = [givens["y"][sample] for sample in sample_numbers]
    forward = Forward(arithmetic, givens, parameters, inputs, sample_numbers)
    activations = inputs
    for index, layer in enumerate(exercise["layers"], start=1):
        activations = LAYERS[layer["type"]](forward, layer, index, activations)
        forward.intermediates[f"a{index}"] = activations
    data_loss = _data_loss(forward, exercise["loss"], activations, targets)
    penalties = _penalties(forward, exercise.get("regularization") or {})
    forward.loss = forward.total([data_loss, *penalties])
    return forward


# Activations


def _identity(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z."""
    return autodiff.duplicate(z)


def _sigmoid(forward: Forward, layer: Document, z: Variable) -> Variable:
    """1/(1 + e⁻ᶻ)."""
    return autodiff.sigmoid(forward.context, z)


def _tanh(forward: Forward, layer: Document, z: Variable) -> Variable:
    """The hyperbolic tangent."""
    return autodiff.tanh(forward.context, z)


def _relu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """max(z, 0)."""
    forward.arithmetic.refuse_kink(z.value, "the kink of relu")
    return autodiff.maximum_with_zero(z)


def _leaky_relu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z where positive, else alpha z."""
    alpha = forward.arithmetic.setting(layer, "alpha", "0.01")
    if alpha != 1:
        forward.arithmetic.refuse_kink(z.value, "the kink of leaky_relu")
    return autodiff.duplicate(z) if z.value > 0 else alpha * z


def _elu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z where positive, else alpha (eᶻ − 1)."""
    alpha = forward.arithmetic.setting(layer, "alpha", "1")
    if alpha != 1:
        forward.arithmetic.refuse_kink(z.value, "the kink of elu")
    if z.value > 0:
        return autodiff.duplicate(z)
    return alpha * (autodiff.exp(forward.context, z) - 1)


def _softplus(forward: Forward, layer: Document, z: Variable) -> Variable:
    """ln(1 + eᶻ)."""
    return autodiff.softplus(forward.context, z)


def _gelu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z times the normal distribution function of z."""
    scaled = z / forward.context.sqrt(2)
    return z * (1 + autodiff.erf(forward.context, scaled)) / 2


def _silu(forward: Forward, layer: Document, z: Variable) -> Variable:
    """z times its sigmoid."""
    return z * autodiff.sigmoid(forward.context, z)


ACTIVATIONS: dict[str, Callable[[Forward, Document, Variable], Variable]] = {
    "identity": _identity,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "gelu": _gelu,
    "silu": _silu,
}


def _activated(forward: Forward, layer: Document, index: int, z: Nested) -> Nested:
    """The layer's activation of its pre-activations, which are kept under their name."""
    forward.intermediates[f"z{index}"] = z
    name = _setting(layer, "activation", "identity")
    if name == "softmax":
        return [_softmax(forward, sample) for sample in z]
    return _mapped(lambda entry: ACTIVATIONS[name](forward, layer, entry), z)


def _softmax(forward: Forward, z: list[Variable]) -> list[Variable]:
    """The exponentials of a sample's units, divided by their sum."""
    if len(_shape(z)) != 1:
        raise ValueError("softmax is defined over the units of a sample, not over images")
    exponentials = [autodiff.exp(forward.context, unit) for unit in z]
    denominator = forward.total(exponentials)
    return [exponential / denominator for exponential in exponentials]


# Layers: (forward pass, document, index of the layer, activations before it) to activations


def _bias_terms(forward: Forward, layer: Document, name: str, units: int) -> list[list[Variable]]:
    """For every unit the bias to add, in a list that is empty where there is none."""
    bias = _setting(layer, "bias", "per_unit")
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
    (width,) = _shape(inputs[0])
    weights = forward.parameter(f"W{index}", (units, width))
    biases = _bias_terms(forward, layer, f"b{index}", units)
    z = [
        [forward.total(_products(weights[k], sample) + biases[k]) for k in range(units)]
        for sample in inputs
    ]
    return _activated(forward, layer, index, z)


def dropout(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """x · mask / (1 − rate)."""
    kept = 1 - forward.arithmetic.setting(layer, "rate")
    return _mapped(lambda entry, mask: entry * mask / kept, inputs, forward.mask(index))


def _normalized(forward: Forward, layer: Document, group: Nested) -> Nested:
    """(x − mean)/√(variance + ε) within a group, the variance being the biased one."""
    epsilon = forward.arithmetic.setting(layer, "epsilon", "1e-5")
    count = len(_leaves(group))
    mean = forward.total(_leaves(group)) / count
    variance = forward.total((entry - mean) ** 2 for entry in _leaves(group)) / count
    spread = autodiff.sqrt(forward.context, variance + epsilon)
    return _mapped(lambda entry: (entry - mean) / spread, group)


def batch_normalization(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """γ (x − mean)/√(variance + ε) + β, per unit or channel over all else."""
    if len(_shape(inputs[0])) not in (1, 3):
        raise ValueError("batch normalization takes units or images")
    units = len(inputs[0])
    gamma = forward.parameter(f"gamma_{index}", (units,))
    beta = forward.parameter(f"beta_{index}", (units,))

    def unit(k: int) -> Nested:
        """One unit or channel of every sample."""
        normalized = _normalized(forward, layer, [sample[k] for sample in inputs])
        return _mapped(lambda entry: gamma[k] * entry + beta[k], normalized)

    by_unit = [unit(k) for k in range(units)]
    return [[by_unit[k][n] for k in range(units)] for n in range(len(inputs))]


def layer_normalization(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """γ (x − mean)/√(variance + ε) + β, per sample over all its units."""
    shape = _shape(inputs[0])
    gamma = forward.parameter(f"gamma_{index}", shape)
    beta = forward.parameter(f"beta_{index}", shape)
    normalized = [_normalized(forward, layer, sample) for sample in inputs]
    return [_mapped(lambda x, g, b: g * x + b, sample, gamma, beta) for sample in normalized]


def flatten(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """All entries of a sample in one list, the last index running fastest."""
    return [[autodiff.duplicate(entry) for entry in _leaves(sample)] for sample in inputs]


def convolution(forward: Forward, layer: Document, index: int, inputs: Nested) -> Nested:
    """z_fij = Σ_c Σ_p Σ_q W_fcpq x_c,is+p,js+q + b_f on zero-padded images."""
    filters = int(layer["filters"])
    channels, height, width = _shape(inputs[0])
    kernel_height, kernel_width = map(int, layer["kernel"])
    row_stride, column_stride = map(int, _setting(layer, "stride", [1, 1]))
    row_padding, column_padding = map(int, _setting(layer, "padding", [0, 0]))
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
    return _activated(forward, layer, index, z)


def _pooled(layer: Document, inputs: Nested, pool: Callable[[list[Variable]], Variable]) -> Nested:
    """Every whole window of every channel turned into one entry."""
    channels, height, width = _shape(inputs[0])
    window_height, window_width = map(int, layer["size"])
    row_stride, column_stride = map(int, _setting(layer, "stride", layer["size"]))

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
    steps, width = _shape(inputs[0])
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
    steps, width = _shape(inputs[0])
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


# Losses: (forward pass, document, output, target) to one output's share of the loss


def _half_squared_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """½e²."""
    return (a - y) ** 2 / 2


def _squared_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """e²."""
    return (a - y) ** 2


def _cross_entropy(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """−y ln a."""
    return -(y * autodiff.log(forward.context, a))


def _binary_cross_entropy(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """−(y ln a + (1 − y) ln(1 − a))."""
    log_a = autodiff.log(forward.context, a)
    log_rest = autodiff.log(forward.context, 1 - a)
    return -(y * log_a + (1 - y) * log_rest)


def _absolute_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """|e|."""
    error = a - y
    forward.arithmetic.refuse_kink(error.value, "an absolute error of 0")
    return abs(error)


def _huber(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """½e² where |e| ≤ d, else d (|e| − ½d)."""
    threshold = forward.arithmetic.setting(loss, "threshold", "1")
    error = a - y
    if abs(error.value) <= threshold:
        return error**2 / 2
    return threshold * (abs(error) - threshold / 2)


LOSSES: dict[str, Callable[[Forward, Document, Variable, mpf], Variable]] = {
    "half_squared_error": _half_squared_error,
    "squared_error": _squared_error,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _binary_cross_entropy,
    "absolute_error": _absolute_error,
    "huber": _huber,
}


def _data_loss(forward: Forward, loss: Document, outputs: Nested, targets: Nested) -> Variable:
    """The loss with its reduction, before regularization."""
    name = loss["name"]
    term = _squared_error if name == "root_mean_squared_error" else LOSSES[name]
    shares = _mapped(lambda a, y: term(forward, loss, a, y), outputs, targets)
    summed = forward.total(_leaves(shares))
    if name == "root_mean_squared_error":
        root = autodiff.sqrt(forward.context, summed / len(_leaves(shares)))
        forward.arithmetic.refuse_kink(root.value, "a root mean squared error of 0")
        return root
    divisors = {"mean": len(shares), "mean_elements": len(_leaves(shares)), "sum": 1}
    return summed / divisors[_setting(loss, "reduction", "mean")]


def _penalties(forward: Forward, regularization: Document) -> list[Variable]:
    """What regularization adds to the loss."""
    weights = [
        entry
        for name, nested in forward.parameters.items()
        if _is_weight(name)
        for entry in _leaves(nested)
    ]
    penalties = []
    if regularization.get("l2"):
        strength = forward.arithmetic.setting(regularization, "l2")
        penalties.append(strength / 2 * forward.total(entry**2 for entry in weights))
    if regularization.get("l1"):
        strength = forward.arithmetic.setting(regularization, "l1")
        for entry in weights:
            forward.arithmetic.refuse_kink(entry.value, "a weight of 0 under l1")
        penalties.append(strength * forward.total(abs(entry) for entry in weights))
    return penalties


# Optimizers: (step, parameter, gradient, memory) to (new parameter, new memory)


@dataclass(frozen=True)
class Step:
    """What an optimizer is told about an iteration."""

    context: MPContext
    iteration: int
    rate: mpf
    settings: dict[str, mpf]


Memory = dict[str, mpf]


def _sgd(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """W := W − ηg."""
    return w - step.rate * g, {}


def _momentum(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """V := μV − ηg, W := W + V."""
    v = step.settings["momentum"] * memory["v"] - step.rate * g
    return w + v, {"v": v}


def _nesterov(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """V := μV − ηg, W := W + μV − ηg."""
    v = step.settings["momentum"] * memory["v"] - step.rate * g
    return w + step.settings["momentum"] * v - step.rate * g, {"v": v}


def _adagrad(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """S := S + g², W := W − ηg/(√S + ε)."""
    s = memory["s"] + g**2
    return w - step.rate * g / (step.context.sqrt(s) + step.settings["epsilon"]), {"s": s}


def _rmsprop(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """S := ρS + (1 − ρ)g², W := W − ηg/(√S + ε)."""
    decay = step.settings["decay"]
    s = decay * memory["s"] + (1 - decay) * g**2
    return w - step.rate * g / (step.context.sqrt(s) + step.settings["epsilon"]), {"s": s}


def _adam(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """W := W − η m̂/(√ŝ + ε), with m̂ = m/(1 − β₁ᵗ) and ŝ = s/(1 − β₂ᵗ)."""
    beta1, beta2 = step.settings["beta1"], step.settings["beta2"]
    m = beta1 * memory["m"] + (1 - beta1) * g
    s = beta2 * memory["s"] + (1 - beta2) * g**2
    mean = m / (1 - beta1**step.iteration)
    square = s / (1 - beta2**step.iteration)
    change = step.rate * mean / (step.context.sqrt(square) + step.settings["epsilon"])
    return w - change, {"m": m, "s": s}


def _adamw(step: Step, w: mpf, g: mpf, memory: Memory) -> tuple[mpf, Memory]:
    """Adam's step, and − ηλW with the W before it."""
    new, memory = _adam(step, w, g, memory)
    return new - step.rate * step.settings["weight_decay"] * w, memory


_ADAM_DEFAULTS = {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"}

# The step, the letters of its state, and the defaults of its settings.
OPTIMIZERS: dict[str, tuple[Callable[..., tuple[mpf, Memory]], str, dict[str, str]]] = {
    "sgd": (_sgd, "", {}),
    "momentum": (_momentum, "v", {"momentum": "0.9"}),
    "nesterov": (_nesterov, "v", {"momentum": "0.9"}),
    "adagrad": (_adagrad, "s", {"epsilon": "1e-10"}),
    "rmsprop": (_rmsprop, "s", {"decay": "0.99", "epsilon": "1e-8"}),
    "adam": (_adam, "ms", _ADAM_DEFAULTS),
    "adamw": (_adamw, "ms", {**_ADAM_DEFAULTS, "weight_decay": "0.01"}),
}


def _learning_rate(arithmetic: Arithmetic, optimizer: Document, iteration: int) -> mpf:
    """The learning rate that the schedule gives an iteration."""
    context = arithmetic.context
    rate = arithmetic.setting(optimizer, "learning_rate")
    schedule = optimizer.get("schedule") or {"name": "constant"}
    past = iteration - 1
    name = schedule["name"]
    if name == "constant":
        return rate
    if name == "step":
        times = past // int(arithmetic.setting(schedule, "every"))
        return rate * arithmetic.setting(schedule, "factor") ** times
    if name == "exponential":
        return rate * context.exp(-arithmetic.setting(schedule, "rate") * past)
    if name == "inverse_time":
        return rate / (1 + arithmetic.setting(schedule, "rate") * past)
    if name == "cosine":
        angle = context.pi * past / arithmetic.setting(schedule, "period")
        return rate * (1 + context.cos(angle)) / 2
    raise ValueError(f"unknown schedule: {name}")


def _updates(
    exercise: Document,
    forward: Forward,
    derivatives: dict[str, Nested],
    memories: dict[str, Nested],
    iteration: int,
) -> tuple[dict[str, Nested], dict[str, Nested]]:
    """The new values of what is not frozen, and the optimizer's new memory of each."""
    optimizer = exercise["optimizer"]
    update, letters, defaults = OPTIMIZERS[optimizer["name"]]
    settings = {
        name: forward.arithmetic.setting(optimizer, name, default)
        for name, default in defaults.items()
    }
    rate = _learning_rate(forward.arithmetic, optimizer, iteration)
    step = Step(forward.context, iteration, rate, settings)
    blank = dict.fromkeys(letters, forward.context.zero)
    frozen = exercise.get("freeze") or []
    updates: dict[str, Nested] = {}
    new_memories: dict[str, Nested] = {}
    for name, values in forward.parameter_values().items():
        if name in frozen:
            continue
        memory = memories[name] if name in memories else _mapped(lambda _: blank, values)
        pairs = _mapped(
            lambda w, g, remembered: update(step, w, g, remembered),
            values,
            derivatives[f"d{name}"],
            memory,
        )
        updates[f"{name}_new"] = _mapped(lambda pair: pair[0], pairs)
        new_memories[name] = _mapped(lambda pair: pair[1], pairs)
    return updates, new_memories


def _state(memories: dict[str, Nested]) -> dict[str, Nested]:
    """The optimizer's state, a letter before the name of the parameter."""
    return {
        letter + name: _remembered(memory, letter)
        for name, memory in memories.items()
        for letter in _leaves(memory)[0]
    }


def _remembered(memory: Nested, letter: str) -> Nested:
    """One letter of the optimizer's memory of a parameter."""
    return _mapped(lambda entry: entry[letter], memory)
