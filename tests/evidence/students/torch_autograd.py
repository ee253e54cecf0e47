"""A program with PyTorch, which differentiates by itself and has the optimizers built in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch.nn import functional

from tests.evidence.students.learning_rate import learning_rate
from tests.evidence.students.task import Task, is_matrix_of_weights
from tests.evidence.students.updates import updated

Tensor = Any

ACTIVATIONS: Mapping[str, Callable[[Tensor, Any], Tensor]] = {
    "identity": lambda z, _: z * 1,
    "sigmoid": lambda z, _: torch.sigmoid(z),
    "tanh": lambda z, _: torch.tanh(z),
    "relu": lambda z, _: functional.relu(z),
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "softplus": lambda z, _: functional.softplus(z),
    "gelu": lambda z, _: functional.gelu(z),
    "silu": lambda z, _: functional.silu(z),
    "softmax": lambda z, _: functional.softmax(z, dim=1),
}

STATES = {
    "adagrad": {"s": "sum"},
    "rmsprop": {"s": "square_avg"},
    "adam": {"m": "exp_avg", "s": "exp_avg_sq"},
    "adamw": {"m": "exp_avg", "s": "exp_avg_sq"},
}


def by_autograd(text: str) -> dict[str, Any]:
    """Work an exercise's document through."""
    torch.set_num_threads(1)
    task = Task.of(text)
    arrays = {name: torch.tensor(array.copy()) for name, array in task.given().items()}
    parameters = {
        name: value.requires_grad_()
        for name, value in arrays.items()
        if name not in ("x", "y", "samples") and not name.startswith("mask_")
    }
    learning = {n: p for n, p in parameters.items() if n not in (task.get("freeze") or ())}
    stepper = _stepper(task, list(learning.values()))
    found: dict[str, Any] = {}
    memories: dict[str, dict[str, Any]] = {name: {} for name in learning}
    for t in range(1, task.iterations + 1):
        run = _Run(task, arrays, t)
        run.loss().backward()
        found |= {f"{name}@{t}": value for name, value in run.found().items()}
        for name, parameter in parameters.items():
            found[f"{name}@{t}"] = parameter.detach().numpy().copy()
            found[f"d{name}@{t}"] = parameter.grad.numpy().copy()
        rate = learning_rate(task["optimizer"], t)
        if stepper is not None:
            for group in stepper.param_groups:
                group["lr"] = rate
            stepper.step()
        else:
            for name, parameter in learning.items():
                new = updated(
                    task["optimizer"],
                    rate,
                    t,
                    found[f"{name}@{t}"],
                    found[f"d{name}@{t}"],
                    memories[name],
                )
                with torch.no_grad():
                    parameter.copy_(torch.tensor(new))
        for name, parameter in learning.items():
            found[f"{name}_new@{t}"] = parameter.detach().numpy().copy()
            for letter, value in _state(task, stepper, parameter, memories[name]).items():
                found[f"{letter}{name}@{t}"] = value
        for parameter in parameters.values():
            parameter.grad = None
    return task.answers(found)


def _stepper(task: Task, parameters: list[Tensor]) -> Any:
    """PyTorch's own optimizer; none of velocities, which it scales otherwise."""
    numbers = task["optimizer"]
    if not parameters:
        return None
    rate = numbers["learning_rate"]
    match numbers["name"]:
        case "sgd":
            return torch.optim.SGD(parameters, lr=rate)
        case "adagrad":
            return torch.optim.Adagrad(parameters, lr=rate, eps=numbers["epsilon"])
        case "rmsprop":
            decay, epsilon = numbers["decay"], numbers["epsilon"]
            return torch.optim.RMSprop(parameters, lr=rate, alpha=decay, eps=epsilon)
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, **_moments(numbers))
        case "adamw":
            decay = numbers["weight_decay"]
            moments = _moments(numbers)
            return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, **moments)
    return None


def _moments(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {"betas": (numbers["beta1"], numbers["beta2"]), "eps": numbers["epsilon"]}


def _state(task: Task, stepper: Any, parameter: Tensor, memory: dict[str, Any]) -> dict[str, Any]:
    if stepper is None:
        return dict(memory)
    kept = stepper.state[parameter]
    letters = STATES.get(task["optimizer"]["name"], {})
    return {letter: kept[name].numpy().copy() for letter, name in letters.items()}


class _Run:
    """One forward pass, which keeps what has a name."""

    def __init__(self, task: Task, arrays: Mapping[str, Tensor], t: int) -> None:
        self.task, self.arrays = task, arrays
        self.samples = task.samples(t)
        self.x = arrays["x"][self.samples].clone().requires_grad_()
        self.named: dict[str, Tensor] = {"x": self.x}
        self.states: dict[int, list[Tensor]] = {}
        self.pre_activations: dict[int, list[Tensor]] = {}

    def keep(self, name: str, value: Tensor) -> Tensor:
        value.retain_grad()
        self.named[name] = value
        return value

    def own(self, name: str, index: int) -> Tensor:
        return self.arrays[f"{name}{index}"]

    def loss(self) -> Tensor:
        a = self.x
        for index, layer in self.task.layers():
            a = self.keep(f"a{index}", LAYERS[layer["type"]](self, layer, index, a))
        self.named["loss"] = self._data_loss(a, self.arrays["y"][self.samples]) + self._penalty()
        return self.named["loss"]

    def _data_loss(self, a: Tensor, y: Tensor) -> Tensor:
        loss = self.task["loss"]
        over = {"mean": len(a), "mean_elements": a.numel(), "sum": 1}.get(loss.get("reduction"), 1)
        match loss["name"]:
            case "half_squared_error":
                return functional.mse_loss(a, y, reduction="sum") / 2 / over
            case "squared_error":
                return functional.mse_loss(a, y, reduction="sum") / over
            case "cross_entropy":
                return -(y * torch.log(a)).sum() / over
            case "binary_cross_entropy":
                # The built-in one divides by 1e-12 at the least, where a saturated unit has less.
                return -(y * torch.log(a) + (1 - y) * torch.log1p(-a)).sum() / over
            case "absolute_error":
                return functional.l1_loss(a, y, reduction="sum") / over
            case "huber":
                threshold = float(loss["threshold"])
                return functional.huber_loss(a, y, reduction="sum", delta=threshold) / over
        return torch.sqrt(functional.mse_loss(a, y))

    def _penalty(self) -> Tensor:
        strengths = self.task.get("regularization") or {}
        weights = [value for name, value in self.arrays.items() if is_matrix_of_weights(name)]
        total: Tensor = 0.0
        for w in weights:
            total = total + (strengths.get("l2") or 0) / 2 * (w * w).sum()
            total = total + (strengths.get("l1") or 0) * w.abs().sum()
        return total

    def found(self) -> dict[str, Any]:
        """Values and gradients by their names."""
        found = {name: value.detach().numpy() for name, value in self.named.items()}
        for name, value in self.named.items():
            if name != "loss" and value.grad is not None:
                gradient = f"delta{name[1:]}" if name[0] == "z" else f"d{name}"
                found[gradient] = value.grad.numpy()
        for index, steps in self.pre_activations.items():
            found[f"z{index}"] = _stacked(steps)
            found[f"delta{index}"] = _stacked(each.grad for each in steps)
        # ∂L/∂h_t counts the way through later steps, which that of the stacked states does not.
        for index, steps in self.states.items():
            found[f"da{index}"] = _stacked(each.grad for each in steps)
        return found


def _activated(run: _Run, layer: Any, index: int, z: Tensor) -> Tensor:
    return ACTIVATIONS[layer["activation"]](run.keep(f"z{index}", z), layer.get("alpha"))


def _dense(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    if layer["bias"] == "ones":
        a = torch.cat([a, torch.ones(len(a), 1, dtype=a.dtype)], dim=1)
    z = a @ run.own("W", index)
    if layer["bias"] in ("per_unit", "shared"):
        z = z + run.own("b", index)
    return _activated(run, layer, index, z)


def _convolution(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    stride, padding = tuple(layer["stride"]), tuple(layer["padding"])
    z = functional.conv2d(a, run.own("W", index), None, stride, padding)
    if layer["bias"] == "per_unit":
        z = z + run.own("b", index)[:, None, None]
    if layer["bias"] == "shared":
        z = z + run.own("b", index)
    return _activated(run, layer, index, z)


def _pooling(pool: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def pooled(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
        return pool(a, tuple(layer["size"]), tuple(layer.get("stride") or layer["size"]))

    return pooled


def _batch_normalization(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    scale, shift = run.own("gamma_", index), run.own("beta_", index)
    return functional.batch_norm(a, None, None, scale, shift, True, eps=layer["epsilon"])


def _layer_normalization(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    scale, shift = run.own("gamma_", index), run.own("beta_", index)
    return functional.layer_norm(a, a.shape[1:], scale, shift, layer["epsilon"])


def _dropout(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    mask = run.own("mask_", index)
    mask = mask[run.samples] if len(mask) > 1 else mask
    return a * mask / (1 - layer["rate"])


def _recurrent(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    h = torch.zeros(len(a), layer["units"], dtype=a.dtype)
    pre_activations, states = [], []
    for t in range(a.shape[1]):
        z = a[:, t] @ run.own("Wxh_", index) + h @ run.own("Whh_", index)
        z = z + run.own("bh_", index) if layer["bias"] == "per_unit" else z
        h = torch.tanh(z)
        z.retain_grad()
        h.retain_grad()
        pre_activations.append(z)
        states.append(h)
    run.states[index], run.pre_activations[index] = states, pre_activations
    return torch.stack(states, dim=1)


def _lstm(run: _Run, layer: Any, index: int, a: Tensor) -> Tensor:
    h = c = torch.zeros(len(a), layer["units"], dtype=a.dtype)
    states = []
    functions = {"i": torch.sigmoid, "f": torch.sigmoid, "g": torch.tanh, "o": torch.sigmoid}
    for t in range(a.shape[1]):
        gates = {
            gate: function(
                a[:, t] @ run.own(f"Wx{gate}_", index)
                + h @ run.own(f"Wh{gate}_", index)
                + run.own(f"b{gate}_", index)
            )
            for gate, function in functions.items()
        }
        c = gates["f"] * c + gates["i"] * gates["g"]
        h = gates["o"] * torch.tanh(c)
        h.retain_grad()
        states.append(h)
    run.states[index] = states
    return torch.stack(states, dim=1)


def _stacked(steps: Iterable[Tensor]) -> Any:
    return torch.stack([each.detach() for each in steps], dim=1).numpy()


LAYERS: Mapping[str, Callable[..., Tensor]] = {
    "dense": _dense,
    "convolution": _convolution,
    "max_pooling": _pooling(functional.max_pool2d),
    "average_pooling": _pooling(functional.avg_pool2d),
    "batch_normalization": _batch_normalization,
    "layer_normalization": _layer_normalization,
    "dropout": _dropout,
    "recurrent": _recurrent,
    "lstm": _lstm,
    "flatten": lambda run, layer, index, a: torch.flatten(a, 1) * 1,
    "last_step": lambda run, layer, index, a: a[:, -1] * 1,
}
