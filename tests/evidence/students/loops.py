"""A program without arrays: lists of numbers, and a loop for everything; dense networks.

Samples one by one, in columns or rows as they come, sums added up term by term.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from tests.evidence.students.learning_rate import learning_rate
from tests.evidence.students.task import Task

Vector = list[float]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


FUNCTIONS: Mapping[str, Callable[[float, Any], float]] = {
    "identity": lambda z, _: z,
    "sigmoid": lambda z, _: sigmoid(z),
    "tanh": lambda z, _: math.tanh(z),
    "relu": lambda z, _: max(z, 0.0),
    "leaky_relu": lambda z, alpha: z if z > 0 else alpha * z,
    "elu": lambda z, alpha: z if z > 0 else alpha * (math.exp(z) - 1),
    "softplus": lambda z, _: math.log(1 + math.exp(z)),
    "gelu": lambda z, _: z * normal(z),
    "silu": lambda z, _: z * sigmoid(z),
}

SLOPES: Mapping[str, Callable[[float, float, Any], float]] = {
    "identity": lambda z, a, _: 1.0,
    "sigmoid": lambda z, a, _: sigmoid(z) * (1 - sigmoid(z)),
    "tanh": lambda z, a, _: 1 / math.cosh(z) ** 2,
    "relu": lambda z, a, _: 1.0 if z > 0 else 0.0,
    "leaky_relu": lambda z, a, alpha: 1.0 if z > 0 else alpha,
    "elu": lambda z, a, alpha: 1.0 if z > 0 else alpha * math.exp(z),
    "softplus": lambda z, a, _: math.exp(z) / (1 + math.exp(z)),
    "gelu": lambda z, a, _: normal(z) + z * density(z),
    "silu": lambda z, a, _: a + sigmoid(z) * (1 - a),
}


def softmax(z: Vector) -> Vector:
    total = 0.0
    for entry in z:
        total += math.exp(entry)
    return [math.exp(entry) / total for entry in z]


def term(loss: Mapping[str, Any], a: float, y: float) -> float:
    e = a - y
    match loss["name"]:
        case "half_squared_error":
            return e**2 / 2
        case "squared_error" | "root_mean_squared_error":
            return e**2
        case "cross_entropy":
            return -y * math.log(a) if y else 0.0
        case "binary_cross_entropy":
            return -y * math.log(a) - (1 - y) * math.log(1 - a)
        case "absolute_error":
            return abs(e)
        case "huber":
            d = loss["threshold"]
            return e**2 / 2 if abs(e) <= d else d * abs(e) - d**2 / 2
    raise ValueError(loss["name"])


def slope(loss: Mapping[str, Any], a: float, y: float) -> float:
    e = a - y
    match loss["name"]:
        case "half_squared_error":
            return e
        case "squared_error" | "root_mean_squared_error":
            return 2 * e
        case "cross_entropy":
            return -y / a
        case "binary_cross_entropy":
            return (1 - y) / (1 - a) - y / a
        case "absolute_error":
            return 1.0 if e > 0 else -1.0
        case "huber":
            return max(-loss["threshold"], min(loss["threshold"], e))
    raise ValueError(loss["name"])


class Loops:
    """A student of lists."""

    def __call__(self, text: str) -> dict[str, Any]:
        """Work an exercise's document through."""
        task = Task.of(text)
        arrays = {name: value.tolist() for name, value in task.given().items()}
        memories: dict[str, list[dict[str, float]]] = {}
        found: dict[str, Any] = {}
        for t in range(1, task.iterations + 1):
            here = _Pass(task, arrays, t)
            here.run()
            found |= {f"{name}@{t}": value for name, value in here.named.items()}
            for name, gradient in here.gradients.items():
                found[f"{name}@{t}"], found[f"d{name}@{t}"] = arrays[name], gradient
                if name in (task.get("freeze") or ()):
                    continue
                entries, slopes = _flat(arrays[name]), _flat(gradient)
                memory = memories.setdefault(name, [{} for _ in entries])
                rate = learning_rate(task["optimizer"], t)
                new = [
                    _updated(task["optimizer"], rate, t, w, g, kept)
                    for w, g, kept in zip(entries, slopes, memory, strict=True)
                ]
                found[f"{name}_new@{t}"] = _like(arrays[name], new)
                for letter in memory[0]:
                    state = [each[letter] for each in memory]
                    found[f"{letter}{name}@{t}"] = _like(arrays[name], state)
                arrays = arrays | {name: found[f"{name}_new@{t}"]}
        return task.answers(found)


class _Pass:
    """One iteration, sample by sample."""

    def __init__(self, task: Task, arrays: Mapping[str, Any], t: int) -> None:
        self.task, self.arrays = task, arrays
        self.x, self.y = arrays["x"][task.samples(t)], arrays["y"][task.samples(t)]
        self.layers = [layer for _, layer in task.layers()]
        self.named: dict[str, Any] = {"loss": 0.0, "dx": []}
        self.gradients: dict[str, Any] = {}

    def run(self) -> None:
        count, loss = len(self.x), self.task["loss"]
        outputs = count * self.layers[-1]["units"]
        over = {"mean": count, "mean_elements": outputs, "sum": 1}.get(loss.get("reduction"), 1)
        total = 0.0
        states = [self._forward(sample) for sample in self.x]
        for (_, activations), y in zip(states, self.y, strict=True):
            for a, target in zip(activations[-1], y, strict=True):
                total += term(loss, a, target)
        if loss["name"] == "root_mean_squared_error":
            root = math.sqrt(total / outputs)
            self.named["loss"], self.factor = root, 1 / (2 * root * outputs)
        else:
            self.named["loss"], self.factor = total / over, 1 / over
        for (z, a), y in zip(states, self.y, strict=True):
            self._backward(z, a, y)
        self._penalize()

    def _forward(self, sample: Vector) -> tuple[list[Vector], list[Vector]]:
        pre_activations, activations = [], [sample]
        for index, layer in enumerate(self.layers, start=1):
            inputs = [*activations[-1], 1.0] if layer["bias"] == "ones" else activations[-1]
            z = []
            for unit in range(layer["units"]):
                total = self._bias(index, layer, unit)
                for i, value in enumerate(inputs):
                    total += value * self.arrays[f"W{index}"][i][unit]
                z.append(total)
            if layer["activation"] == "softmax":
                a = softmax(z)
            else:
                function = FUNCTIONS[layer["activation"]]
                a = [function(entry, layer.get("alpha")) for entry in z]
            pre_activations.append(z)
            activations.append(a)
            self.named.setdefault(f"z{index}", []).append(z)
            self.named.setdefault(f"a{index}", []).append(a)
        return pre_activations, activations

    def _bias(self, index: int, layer: Mapping[str, Any], unit: int) -> float:
        match layer["bias"]:
            case "per_unit":
                bias: float = self.arrays[f"b{index}"][unit]
                return bias
            case "shared":
                shared: float = self.arrays[f"b{index}"]
                return shared
        return 0.0

    def _backward(self, z: list[Vector], a: list[Vector], y: Vector) -> None:
        loss = self.task["loss"]
        da = [
            slope(loss, entry, target) * self.factor for entry, target in zip(a[-1], y, strict=True)
        ]
        for index in range(len(self.layers), 0, -1):
            layer = self.layers[index - 1]
            delta = self._delta(layer, z[index - 1], a[index], da)
            self.named.setdefault(f"da{index}", []).append(da)
            self.named.setdefault(f"delta{index}", []).append(delta)
            inputs = [*a[index - 1], 1.0] if layer["bias"] == "ones" else a[index - 1]
            weights = self.arrays[f"W{index}"]
            found = self.gradients.setdefault(f"W{index}", [[0.0] * len(delta) for _ in inputs])
            for i, value in enumerate(inputs):
                for j, slope_j in enumerate(delta):
                    found[i][j] += value * slope_j
            if layer["bias"] == "per_unit":
                sums = self.gradients.setdefault(f"b{index}", [0.0] * len(delta))
                for j, slope_j in enumerate(delta):
                    sums[j] += slope_j
            if layer["bias"] == "shared":
                for slope_j in delta:
                    before = self.gradients.get(f"b{index}", 0.0)
                    self.gradients[f"b{index}"] = before + slope_j
            da = [
                sum(weights[i][j] * slope_j for j, slope_j in enumerate(delta))
                for i in range(len(a[index - 1]))
            ]
        self.named["dx"].append(da)

    def _delta(self, layer: Mapping[str, Any], z: Vector, a: Vector, da: Vector) -> Vector:
        if layer["activation"] == "softmax":
            # The whole Jacobian: ∂a_k/∂z_j = a_k ([k = j] − a_j).
            return [
                sum(da[k] * a[k] * ((k == j) - a[j]) for k in range(len(a))) for j in range(len(a))
            ]
        derivative, alpha = SLOPES[layer["activation"]], layer.get("alpha")
        units = zip(da, z, a, strict=True)
        return [g * derivative(entry, value, alpha) for g, entry, value in units]

    def _penalize(self) -> None:
        strengths = self.task.get("regularization") or {}
        l1, l2 = strengths.get("l1", 0.0), strengths.get("l2", 0.0)
        for index in range(1, len(self.layers) + 1):
            weights = self.arrays[f"W{index}"]
            for i, row in enumerate(weights):
                for j, w in enumerate(row):
                    self.named["loss"] += l2 * w * w / 2 + l1 * abs(w)
                    sign = 1 if w > 0 else -1
                    self.gradients[f"W{index}"][i][j] += l2 * w + l1 * sign


def _updated(
    optimizer: Mapping[str, Any], rate: float, t: int, w: float, g: float, memory: dict[str, float]
) -> float:
    """The new value of one number; its memory is changed in place."""
    v, s, m = (memory.get(letter, 0.0) for letter in "vsm")
    match optimizer["name"]:
        case "sgd":
            return w - rate * g
        case "momentum" | "nesterov" as name:
            memory["v"] = optimizer["momentum"] * v - rate * g
            if name == "momentum":
                return w + memory["v"]
            return w + optimizer["momentum"] * memory["v"] - rate * g
        case "adagrad":
            memory["s"] = s + g * g
            return w - rate / (math.sqrt(memory["s"]) + optimizer["epsilon"]) * g
        case "rmsprop":
            memory["s"] = optimizer["decay"] * s + (1 - optimizer["decay"]) * g * g
            return w - rate / (math.sqrt(memory["s"]) + optimizer["epsilon"]) * g
    beta1, beta2 = optimizer["beta1"], optimizer["beta2"]
    memory["m"] = m + (1 - beta1) * (g - m)
    memory["s"] = s + (1 - beta2) * (g * g - s)
    mean, square = memory["m"] / (1 - beta1**t), memory["s"] / (1 - beta2**t)
    decayed = w * (1 - rate * optimizer.get("weight_decay", 0.0))
    return decayed - rate * mean / (math.sqrt(square) + optimizer["epsilon"])


def _flat(array: Any) -> Vector:
    if not isinstance(array, list):
        return [array]
    return [entry for row in array for entry in (row if isinstance(row, list) else [row])]


def _like(array: Any, entries: Vector) -> Any:
    if not isinstance(array, list):
        return entries[0]
    if not isinstance(array[0], list):
        return entries
    width = len(array[0])
    return [entries[at : at + width] for at in range(0, len(entries), width)]
