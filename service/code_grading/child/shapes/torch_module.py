"""The shape of a torch module: `class Network(torch.nn.Module)` or a function `build(exercise)`.

The module maps inputs (N, n0) to outputs (N, nL), in rows and in float64. The exercise's weights go
into its `torch.nn.Linear`s in their order; the adapter takes the loss, and autograd the gradients.
"""

import sys
from typing import Any

import numpy

from ..answers import Findings
from ..exercise import Exercise, as_rows, oriented
from ..failure import Failure
from . import losses


def is_in(module: Any) -> bool:
    """Whether a module defines a network of torch's."""
    return _builder(module) is not None


def _builder(module: Any) -> Any:
    if callable(getattr(module, "build", None)):
        return module.build
    torch = sys.modules.get("torch")
    network = getattr(module, "Network", None)
    if torch is None or not isinstance(network, type):
        return None
    return network if issubclass(network, torch.nn.Module) else None


def answer(module: Any, exercise: Exercise) -> tuple[dict[str, Any], Findings]:
    """Return what the student's network and autograd make.

    Raises:
        Failure: torch is missing, or the network has not as many `Linear`s as the exercise layers.
    """
    _check_supported(exercise)
    try:
        import torch  # type: ignore[import-not-found, unused-ignore]  # it may be missing
    except ImportError:
        raise Failure("unsupported", "torch is not installed here") from None
    torch.set_num_threads(1)
    network = _builder(module)(exercise).double()
    linears = [each for each in network.modules() if isinstance(each, torch.nn.Linear)]
    if len(linears) != len(exercise["layers"]):
        have, need = len(linears), len(exercise["layers"])
        raise Failure("wrong_type", f"the network has {have} Linear modules, not {need}")
    parameters = _set_parameters(exercise, linears, torch)
    sums: dict[str, Any] = {}
    for number, linear in enumerate(linears, start=1):
        linear.register_forward_hook(_keep(sums, f"z{number}"))
    x, y = (torch.tensor(as_rows(exercise, name)) for name in ("x", "y"))
    rate, frozen, answers = exercise["optimizer"]["learning_rate"], exercise["freeze"], {}
    for iteration in range(1, exercise["iterations"] + 1):
        made = _gradients(exercise, network, parameters, sums, (x, y), torch)
        with torch.no_grad():
            for name, parameter in parameters.items():
                if name not in frozen:
                    parameter -= rate * made[f"d{name}"].reshape(parameter.shape)
                    made[f"{name}_new"] = parameter.detach().clone()
        for name, value in made.items():
            array = value.detach().numpy()
            if name.lstrip("d").startswith("W"):
                array = array.T  # a Linear's weights are (out, in)
            turned = oriented(exercise, array)
            answers[name] = answers[f"{name}@{iteration}"] = turned
    return answers, []


def _gradients(
    exercise: Exercise,
    network: Any,
    parameters: dict[str, Any],
    sums: dict[str, Any],
    samples: tuple[Any, Any],
    torch: Any,
) -> dict[str, Any]:
    """Return sums, outputs, loss and every gradient of one pass."""
    x, y = samples[0].clone().requires_grad_(), samples[1]
    network.zero_grad()
    output = network(x)
    if not isinstance(output, torch.Tensor) or output.shape != y.shape:
        raise Failure("wrong_type", f"the network's output must have shape {list(y.shape)}")
    loss = losses.loss(exercise, output, y, torch)
    wanted = {f"d{name}": parameter for name, parameter in parameters.items()}
    wanted |= {f"delta{name[1:]}": z for name, z in sums.items()}
    last = len(exercise["layers"])
    wanted |= {"dx": x, f"da{last}": output}
    found = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
    gradients = {
        name: torch.zeros_like(tensor) if gradient is None else gradient
        for (name, tensor), gradient in zip(wanted.items(), found, strict=True)
    }
    return {**sums, f"a{last}": output, "loss": loss, **gradients}


def _keep(sums: dict[str, Any], name: str) -> Any:
    def hook(module: Any, inputs: Any, output: Any) -> None:
        sums[name] = output

    return hook


def _set_parameters(exercise: Exercise, linears: list[Any], torch: Any) -> dict[str, Any]:
    """Put the given weights into the network, and return its tensors by their names."""
    parameters = {}
    with torch.no_grad():
        for number, linear in enumerate(linears, start=1):
            has_bias = f"b{number}" in exercise["given"]
            if (linear.bias is not None) != has_bias:
                word = "no bias" if linear.bias is None else "a bias"
                raise Failure("wrong_type", f"Linear {number} has {word}, unlike the exercise")
            weights = as_rows(exercise, f"W{number}").T
            if tuple(linear.weight.shape) != weights.shape:
                have = list(linear.weight.shape)
                raise Failure("wrong_type", f"Linear {number} has weights of shape {have}")
            linear.weight.copy_(torch.tensor(weights.copy()))
            parameters[f"W{number}"] = linear.weight
            if has_bias:
                linear.bias.copy_(torch.tensor(numpy.array(exercise["given"][f"b{number}"])))
                parameters[f"b{number}"] = linear.bias
    return parameters


def _check_supported(exercise: Exercise) -> None:
    layers, optimizer = exercise["layers"], exercise["optimizer"]
    if exercise["loss"] is None or optimizer is None:
        raise Failure("unsupported", "a torch module is for loss and optimizer; use solve")
    if (
        any(layer["type"] != "dense" or layer.get("bias") == "shared" for layer in layers)
        or exercise.get("regularization")
        or exercise.get("stochastic")
        or optimizer["name"] != "sgd"
        or optimizer.get("schedule")
    ):
        raise Failure("unsupported", "a torch module is for dense layers and plain sgd; use solve")
