"""A program of arrays with samples in rows, which trains any network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from tests.evidence.students.forms import Forms
from tests.evidence.students.learning_rate import learning_rate
from tests.evidence.students.numpy_layers import LAYERS, Activated, NumpyLayer
from tests.evidence.students.task import Task, is_matrix_of_weights
from tests.evidence.students.updates import updated

Array = Any  # numpy types its operators as Any too

PAIRS = {("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")}


@dataclass(frozen=True)
class NumpyNetwork:
    """A student with numpy.

    Args:
        forms: how functions are written.
        dtype: what is computed in.
        averages_last: whether the mean over the samples is taken of every gradient at its end, and
            not of the loss's derivative at its beginning.
        layers: how each type of layer is written.
    """

    forms: Forms
    dtype: Any = numpy.float64
    averages_last: bool = False
    layers: Mapping[str, type[NumpyLayer]] = field(default_factory=lambda: LAYERS)

    def __call__(self, text: str) -> dict[str, Any]:
        """Work an exercise's document through."""
        task = Task.of(text)
        return task.answers(self.found(task))

    def found(self, task: Task) -> dict[str, Array]:
        """Everything that is computed, under its full name."""
        found: dict[str, Array] = {}
        arrays = task.given(self.dtype)
        memories: dict[str, dict[str, Array]] = {}
        with numpy.errstate(all="ignore"):
            for t in range(1, task.iterations + 1):
                named, gradients = self.iteration(task, arrays, t)
                found |= {f"{name}@{t}": value for name, value in named.items()}
                found |= {f"{name}@{t}": arrays[name] for name in gradients}
                for name, gradient in gradients.items():
                    found[f"d{name}@{t}"] = gradient
                    if name in (task.get("freeze") or ()):
                        continue
                    memory = memories.setdefault(name, {})
                    new = self.update(task, t, arrays[name], gradient, memory)
                    arrays = arrays | {name: new}
                    found[f"{name}_new@{t}"] = new
                    found |= {f"{each}{name}@{t}": value for each, value in memory.items()}
        return found

    def update(
        self, task: Task, t: int, parameter: Array, gradient: Array, memory: dict[str, Array]
    ) -> Array:
        """A parameter's new value; its memory is changed in place."""
        rate = learning_rate(task["optimizer"], t)
        return updated(task["optimizer"], rate, t, parameter, gradient, memory)

    def iteration(
        self, task: Task, arrays: Mapping[str, Array], t: int
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """What one forward and backward pass compute, and the parameters' gradients."""
        samples = task.samples(t)
        masks = {name: value for name, value in arrays.items() if name.startswith("mask_")}
        picked = {n: value[samples] if len(value) > 1 else value for n, value in masks.items()}
        layers = self.made(task, {**arrays, **picked}, t)
        a, y = arrays["x"][samples], arrays["y"][samples]
        named: dict[str, Array] = {}
        for index, layer in enumerate(layers, start=1):
            a = layer.forward(a)
            named[f"a{index}"] = a
        named["loss"], count, da, delta = self.loss(task, layers[-1], a, y)
        named["loss"] = named["loss"] + self.penalty(task, arrays)
        if isinstance(layers[-1], Activated):
            layers[-1].delta_of_output = delta
        backward: dict[str, Array] = {}
        for index, layer in reversed(list(enumerate(layers, start=1))):
            backward[f"da{index}"] = da
            da = layer.backward(da)
            backward |= layer.named
        backward["dx"] = da
        divided = {name for name in backward if name.startswith("d")}
        named |= {n: value / count if n in divided else value for n, value in backward.items()}
        gradients = {
            name: gradient / count + self.penalty_slope(task, name, arrays[name])
            for layer in layers
            for name, gradient in layer.gradients.items()
        }
        return named, gradients

    def made(self, task: Task, arrays: Mapping[str, Array], t: int) -> Sequence[NumpyLayer]:
        """The layers of an iteration."""
        return [
            self.layers[layer["type"]](layer, index, arrays, self.forms)
            for index, layer in task.layers()
        ]

    def loss(
        self, task: Task, output: NumpyLayer, a: Array, y: Array
    ) -> tuple[Array, int, Array, Array | None]:
        """The data's loss; by what gradients are still to be divided; ∂L/∂a; δ, if paired."""
        loss = task["loss"]
        name, threshold = loss["name"], loss.get("threshold")
        term, slope = self.forms.losses[name]
        if name == "root_mean_squared_error":
            root = numpy.sqrt(term(a, y, None).mean())
            return root, 1, slope(a, y, None) / (2 * root * a.size), None
        count = {"mean": len(a), "mean_elements": a.size, "sum": 1}[loss["reduction"]]
        activation = output.layer.get("activation", "") if isinstance(output, Activated) else ""
        of_z = self.forms.losses_of_z.get((activation, name))
        terms = of_z(output.named[f"z{output.index}"], y) if of_z else term(a, y, threshold)
        is_paired = self.forms.paired and (activation, name) in PAIRS
        divided, rest = (1, count) if self.averages_last else (count, 1)
        delta = (a - y) / divided if is_paired else None
        return terms.sum() / count, rest, slope(a, y, threshold) / divided, delta

    def penalty(self, task: Task, arrays: Mapping[str, Array]) -> Array:
        """What regularization adds to the loss."""
        strengths = task.get("regularization") or {}
        weights = [value for name, value in arrays.items() if is_matrix_of_weights(name)]
        total: Array = 0.0
        if strengths.get("l2"):
            total = total + strengths["l2"] / 2 * sum((w**2).sum() for w in weights)
        if strengths.get("l1"):
            total = total + strengths["l1"] * sum(numpy.abs(w).sum() for w in weights)
        return total

    def penalty_slope(self, task: Task, name: str, w: Array) -> Array:
        """What regularization adds to a parameter's gradient."""
        strengths = task.get("regularization") or {}
        if not is_matrix_of_weights(name):
            return 0.0
        return strengths.get("l2", 0) * w + strengths.get("l1", 0) * numpy.sign(w)
