"""Layers as a program of arrays computes them, samples first: forward, then backward.

A layer is made for one iteration. `forward(a)` returns the next activation and `backward(da)` the
gradient of its input; `named` holds what the layer computed, and `gradients` its parameters'.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
from numpy.lib.stride_tricks import sliding_window_view

from tests.evidence.students.forms import Forms

Array = Any  # numpy types its operators as Any too


class NumpyLayer:
    """What the layers have in common.

    Args:
        layer: its description in the document.
        index: counted from 1.
        arrays: the parameters and the masks, by name.
        forms: how functions are written.
    """

    def __init__(
        self, layer: Mapping[str, Any], index: int, arrays: Mapping[str, Array], forms: Forms
    ) -> None:
        self.layer, self.index, self.arrays, self.forms = layer, index, arrays, forms
        self.named: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}

    def own(self, name: str) -> Array:
        """A parameter by its name without the layer: `W`, `gamma_`."""
        return self.arrays[f"{name}{self.index}"]

    def keep(self, name: str, value: Array) -> Array:
        """Name a value."""
        self.named[f"{name}{self.index}"] = value
        return value

    def learn(self, name: str, gradient: Array) -> None:
        """Name a parameter's gradient."""
        self.gradients[f"{name}{self.index}"] = gradient

    def forward(self, a: Array) -> Array:
        raise NotImplementedError

    def backward(self, da: Array) -> Array:
        raise NotImplementedError


class Activated(NumpyLayer):
    """A layer with a pre-activation."""

    delta_of_output: Array = None
    """δ where the student has it from the output and its loss together."""

    def activated(self, z: Array) -> Array:
        self.z = self.keep("z", z)
        name = self.layer["activation"]
        if name == "softmax":
            self.a = self.forms.softmax(z)
        else:
            self.a = self.forms.activations[name][0](z, self.layer.get("alpha"))
        return self.a

    def delta(self, da: Array) -> Array:
        if self.delta_of_output is not None:
            return self.keep("delta", self.delta_of_output)
        return self.keep("delta", self.through_activation(da))

    def through_activation(self, da: Array) -> Array:
        """∂L/∂z from ∂L/∂a."""
        if self.layer["activation"] == "softmax":
            inner = (self.a * da).sum(axis=-1, keepdims=True)
            return self.a * (da - inner)
        return da * self.slope()

    def slope(self) -> Array:
        """∂a/∂z, entry by entry."""
        slope = self.forms.activations[self.layer["activation"]][1]
        return slope(self.z, self.a, self.layer.get("alpha"))


class Dense(Activated):
    """z = a W + b."""

    def forward(self, a: Array) -> Array:
        self.input = a
        if self.layer["bias"] == "ones":
            self.input = numpy.concatenate([a, numpy.ones((len(a), 1), a.dtype)], axis=1)
        return self.activated(self.pre_activation())

    def pre_activation(self) -> Array:
        """z of what the layer reads."""
        return self.input @ self.own("W") + self.bias()

    def bias(self) -> Array:
        """What is added to every sample."""
        return self.own("b") if self.layer["bias"] in ("per_unit", "shared") else 0.0

    def backward(self, da: Array) -> Array:
        delta = self.delta(da)
        self.learn("W", self.by_weights(delta))
        if self.layer["bias"] in ("per_unit", "shared"):
            self.learn("b", self.by_bias(delta))
        before = self.by_input(delta)
        return before[:, :-1] if self.layer["bias"] == "ones" else before

    def by_weights(self, delta: Array) -> Array:
        """∂L/∂W."""
        return self.input.T @ delta

    def by_bias(self, delta: Array) -> Array:
        """∂L/∂b."""
        return delta.sum(axis=0) if self.layer["bias"] == "per_unit" else delta.sum()

    def by_input(self, delta: Array) -> Array:
        """∂L by what the layer reads."""
        return delta @ self.own("W").T


class Convolution(Activated):
    """A cross-correlation, place by place."""

    def forward(self, a: Array) -> Array:
        up, left = self.layer["padding"]
        self.input = numpy.pad(a, ((0, 0), (0, 0), (up, up), (left, left)))
        down, right = self.layer["stride"]
        windows = sliding_window_view(self.input, self.own("W").shape[2:], axis=(2, 3))
        self.windows = windows[:, :, ::down, ::right]
        z = numpy.einsum("ncijpq,fcpq->nfij", self.windows, self.own("W"))
        match self.layer["bias"]:
            case "per_unit":
                z = z + self.own("b")[:, None, None]
            case "shared":
                z = z + self.own("b")
        return self.activated(z)

    def backward(self, da: Array) -> Array:
        delta = self.delta(da)
        self.learn("W", numpy.einsum("nfij,ncijpq->fcpq", delta, self.windows))
        match self.layer["bias"]:
            case "per_unit":
                self.learn("b", delta.sum(axis=(0, 2, 3)))
            case "shared":
                self.learn("b", delta.sum())
        before = numpy.zeros_like(self.input)
        down, right = self.layer["stride"]
        height, width = self.own("W").shape[2:]
        for i in range(delta.shape[2]):
            for j in range(delta.shape[3]):
                rows = slice(i * down, i * down + height)
                columns = slice(j * right, j * right + width)
                before[:, :, rows, columns] += numpy.einsum(
                    "nf,fcpq->ncpq", delta[:, :, i, j], self.own("W")
                )
        up, left = self.layer["padding"]
        return before[:, :, up : before.shape[2] - up, left : before.shape[3] - left]


class Pooling(NumpyLayer):
    """The largest entry or the mean of each window."""

    def forward(self, a: Array) -> Array:
        self.input = a
        self.height, self.width = self.layer["size"]
        self.down, self.right = self.layer.get("stride") or self.layer["size"]
        windows = sliding_window_view(a, (self.height, self.width), axis=(2, 3))
        windows = windows[:, :, :: self.down, :: self.right]
        self.is_maximum = self.layer["type"] == "max_pooling"
        self.a = windows.max(axis=(4, 5)) if self.is_maximum else windows.mean(axis=(4, 5))
        return self.a

    def backward(self, da: Array) -> Array:
        before = numpy.zeros_like(self.input)
        for i in range(self.a.shape[2]):
            for j in range(self.a.shape[3]):
                rows = slice(i * self.down, i * self.down + self.height)
                columns = slice(j * self.right, j * self.right + self.width)
                gradient = da[:, :, i, j, None, None]
                if self.is_maximum:
                    is_largest = self.input[:, :, rows, columns] == self.a[:, :, i, j, None, None]
                    before[:, :, rows, columns] += gradient * is_largest
                else:
                    before[:, :, rows, columns] += gradient / (self.height * self.width)
        return before


class Normalization(NumpyLayer):
    """Batch and layer normalization; back through the variance and the mean, one by one."""

    def forward(self, a: Array) -> Array:
        self.is_batch = self.layer["type"] == "batch_normalization"
        self.axes = (0, 2, 3) if a.ndim == 4 else (0,) if self.is_batch else (1,)
        self.input = a
        self.mean = a.mean(axis=self.axes, keepdims=True)
        self.centered = a - self.mean
        self.variance = (self.centered**2).mean(axis=self.axes, keepdims=True)
        self.spread = numpy.sqrt(self.variance + self.layer["epsilon"])
        self.normalized = self.centered / self.spread
        self.gamma = self.shaped(self.own("gamma_"))
        return self.gamma * self.normalized + self.shaped(self.own("beta_"))

    def shaped(self, parameter: Array) -> Array:
        return parameter[:, None, None] if self.input.ndim == 4 else parameter

    def backward(self, da: Array) -> Array:
        kept = (0, 2, 3) if self.input.ndim == 4 else (0,)
        self.learn("gamma_", (da * self.normalized).sum(axis=kept))
        self.learn("beta_", da.sum(axis=kept))
        g = da * self.gamma
        return self.through(g)

    def through(self, g: Array) -> Array:
        count = self.input.size // self.mean.size
        by_variance = (g * self.centered).sum(axis=self.axes, keepdims=True)
        by_variance = by_variance * -0.5 * self.spread**-3
        by_mean = -(g / self.spread).sum(axis=self.axes, keepdims=True)
        by_mean = by_mean + by_variance * (-2 * self.centered).mean(axis=self.axes, keepdims=True)
        return g / self.spread + by_variance * 2 * self.centered / count + by_mean / count


class CompactNormalization(Normalization):
    """The same with the backward pass in one formula."""

    def through(self, g: Array) -> Array:
        mean = g.mean(axis=self.axes, keepdims=True)
        share = (g * self.normalized).mean(axis=self.axes, keepdims=True)
        return (g - mean - self.normalized * share) / self.spread


class Dropout(NumpyLayer):
    """a · mask / (1 − rate)."""

    def forward(self, a: Array) -> Array:
        self.factor = self.own("mask_") / (1 - self.layer["rate"])
        return a * self.factor

    def backward(self, da: Array) -> Array:
        return da * self.factor


class Flatten(NumpyLayer):
    """Each sample as a vector."""

    def forward(self, a: Array) -> Array:
        self.shape = a.shape
        return a.reshape(len(a), -1)

    def backward(self, da: Array) -> Array:
        return da.reshape(self.shape)


class LastStep(NumpyLayer):
    """The last time step."""

    def forward(self, a: Array) -> Array:
        self.input = a
        return a[:, -1]

    def backward(self, da: Array) -> Array:
        before = numpy.zeros_like(self.input)
        before[:, -1] = da
        return before


class Recurrent(NumpyLayer):
    """h_t = tanh(x_t Wxh + h_(t−1) Whh + bh)."""

    def forward(self, a: Array) -> Array:
        self.input = a
        states = [numpy.zeros((len(a), self.layer["units"]), a.dtype)]
        pre_activations = []
        for t in range(a.shape[1]):
            z = a[:, t] @ self.own("Wxh_") + states[-1] @ self.own("Whh_")
            if self.layer["bias"] == "per_unit":
                z = z + self.own("bh_")
            pre_activations.append(z)
            states.append(numpy.tanh(z))
        self.states = states
        self.keep("z", numpy.stack(pre_activations, axis=1))
        return numpy.stack(states[1:], axis=1)

    def backward(self, da: Array) -> Array:
        deltas, totals = numpy.zeros_like(da), numpy.zeros_like(da)
        before = numpy.zeros_like(self.input)
        from_later = numpy.zeros_like(da[:, 0])
        by_input, by_state = 0, 0
        for t in reversed(range(da.shape[1])):
            totals[:, t] = da[:, t] + from_later
            deltas[:, t] = totals[:, t] * (1 - self.states[t + 1] ** 2)
            by_input = by_input + self.input[:, t].T @ deltas[:, t]
            by_state = by_state + self.states[t].T @ deltas[:, t]
            before[:, t] = deltas[:, t] @ self.own("Wxh_").T
            from_later = deltas[:, t] @ self.own("Whh_").T
        self.learn("Wxh_", by_input)
        self.learn("Whh_", by_state)
        if self.layer["bias"] == "per_unit":
            self.learn("bh_", deltas.sum(axis=(0, 1)))
        self.keep("delta", deltas)
        self.keep("da", totals)
        return before


class Lstm(NumpyLayer):
    """Gates i, f, o and the candidate g; c_t = f c_(t−1) + i g, h_t = o tanh c_t."""

    def forward(self, a: Array) -> Array:
        sigmoid = self.forms.activations["sigmoid"][0]
        functions: Mapping[str, Callable[[Array], Array]] = {
            **dict.fromkeys("ifo", lambda z: sigmoid(z, None)),
            "g": numpy.tanh,
        }
        self.input = a
        zero = numpy.zeros((len(a), self.layer["units"]), a.dtype)
        self.h, self.c = [zero], [zero]
        self.gates: list[dict[str, Array]] = []
        for t in range(a.shape[1]):
            gates = {
                gate: function(
                    a[:, t] @ self.own(f"Wx{gate}_")
                    + self.h[-1] @ self.own(f"Wh{gate}_")
                    + self.own(f"b{gate}_")
                )
                for gate, function in functions.items()
            }
            self.gates.append(gates)
            self.c.append(gates["f"] * self.c[-1] + gates["i"] * gates["g"])
            self.h.append(gates["o"] * numpy.tanh(self.c[-1]))
        return numpy.stack(self.h[1:], axis=1)

    def backward(self, da: Array) -> Array:
        totals, before = numpy.zeros_like(da), numpy.zeros_like(self.input)
        dh, dc = numpy.zeros_like(da[:, 0]), numpy.zeros_like(da[:, 0])
        sums: dict[str, Array] = {}
        for t in reversed(range(da.shape[1])):
            gates, bent = self.gates[t], numpy.tanh(self.c[t + 1])
            dh = da[:, t] + dh
            totals[:, t] = dh
            dc = dc + dh * gates["o"] * (1 - bent**2)
            by_gate = {
                "i": dc * gates["g"] * gates["i"] * (1 - gates["i"]),
                "f": dc * self.c[t] * gates["f"] * (1 - gates["f"]),
                "g": dc * gates["i"] * (1 - gates["g"] ** 2),
                "o": dh * bent * gates["o"] * (1 - gates["o"]),
            }
            dc = dc * gates["f"]
            dh = numpy.zeros_like(dh)
            for gate, delta in by_gate.items():
                parts = {
                    f"Wx{gate}_": self.input[:, t].T @ delta,
                    f"Wh{gate}_": self.h[t].T @ delta,
                    f"b{gate}_": delta.sum(axis=0),
                }
                for name, part in parts.items():
                    sums[name] = sums.get(name, 0) + part
                before[:, t] += delta @ self.own(f"Wx{gate}_").T
                dh = dh + delta @ self.own(f"Wh{gate}_").T
        for name, gradient in sums.items():
            self.learn(name, gradient)
        self.keep("da", totals)
        return before


LAYERS: Mapping[str, type[NumpyLayer]] = {
    "dense": Dense,
    "convolution": Convolution,
    "max_pooling": Pooling,
    "average_pooling": Pooling,
    "batch_normalization": Normalization,
    "layer_normalization": Normalization,
    "dropout": Dropout,
    "flatten": Flatten,
    "last_step": LastStep,
    "recurrent": Recurrent,
    "lstm": Lstm,
}

COMPACT: Mapping[str, type[NumpyLayer]] = {
    **LAYERS,
    "batch_normalization": CompactNormalization,
    "layer_normalization": CompactNormalization,
}
