"""The oracle against PyTorch's double precision autograd, where PyTorch is installed.

Automatic differentiation by others, in another convention of names: row documents are its own. It
rounds each operation to 53 bits, so it is compared to 1e-9 of the largest entry of a quantity:
rounding stays ten thousand times below that in networks of this size, any wrong factor far above.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from tests.strategies import OBJECTIVES, dense, loss_document, variant

torch = pytest.importorskip("torch", reason="PyTorch is no dependency; this compares where it is")
functional = torch.nn.functional

ACCURACY = 1e-9

Tensor = Any


def tensor(numbers: Any) -> Tensor:
    """A leaf of the graph from a document's array."""
    array = numpy.array(numbers, dtype=numpy.float64)
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


# Activations and losses: what PyTorch calls them

TORCH_ACTIVATIONS: Mapping[str, Callable[..., Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softmax": lambda z: functional.softmax(z, dim=1),
}


def cross_entropy(a: Tensor, y: Tensor) -> Tensor:
    return -(y * torch.log(a)).sum()


# The sum over samples and units.
TORCH_LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "half_squared_error": lambda a, y: functional.mse_loss(a, y, reduction="sum") / 2,
    "squared_error": lambda a, y: functional.mse_loss(a, y, reduction="sum"),
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": lambda a, y: functional.binary_cross_entropy(a, y, reduction="sum"),
    "absolute_error": lambda a, y: functional.l1_loss(a, y, reduction="sum"),
    "huber": lambda a, y: functional.huber_loss(a, y, reduction="sum"),
    "root_mean_squared_error": lambda a, y: functional.mse_loss(a, y, reduction="sum"),
}


def test_every_activation_and_loss_is_compared():
    assert set(TORCH_ACTIVATIONS) == set(ACTIVATIONS)
    assert set(TORCH_LOSSES) == set(LOSSES)


# Layers, in the row convention


class Walk:
    """A forward pass in PyTorch that keeps what has a name."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.named = {
            name: tensor(value)
            for name, value in exercise.givens().items()
            if name in exercise.given and name != "y"
        }

    def keep(self, name: str, value: Tensor) -> Tensor:
        value.retain_grad()
        self.named[name] = value
        return value

    def run(self) -> Tensor:
        a = self.named["x"]
        for index, layer in enumerate(self.exercise.layers, start=1):
            a = self.keep(f"a{index}", LAYERS[layer.type](self, layer, index, a))
        y = tensor(self.exercise.givens()["y"]).detach()
        loss = self.exercise.loss
        total = TORCH_LOSSES[loss.name](a, y)
        if loss.name == "root_mean_squared_error":
            return torch.sqrt(total / a.numel())
        return total / {"mean": len(a), "mean_elements": a.numel(), "sum": 1}[loss.reduction]


def activated(walk: Walk, layer: Any, index: int, z: Tensor) -> Tensor:
    return TORCH_ACTIVATIONS[layer.activation](walk.keep(f"z{index}", z)) * 1


def dense_layer(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    z = a @ walk.named[f"W{index}"]
    if layer.bias != "none":
        z = z + walk.named[f"b{index}"]
    return activated(walk, layer, index, z)


def convolution(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    z = functional.conv2d(
        a,
        walk.named[f"W{index}"],
        walk.named[f"b{index}"],
        stride=tuple(layer.stride),
        padding=tuple(layer.padding),
    )
    return activated(walk, layer, index, z)


def batch_normalization(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    return functional.batch_norm(
        a,
        None,
        None,
        walk.named[f"gamma_{index}"],
        walk.named[f"beta_{index}"],
        training=True,
        eps=float(layer.epsilon.text),
    )


def layer_normalization(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    return functional.layer_norm(
        a,
        a.shape[1:],
        walk.named[f"gamma_{index}"],
        walk.named[f"beta_{index}"],
        eps=float(layer.epsilon.text),
    )


def dropout(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    return a * walk.named[f"mask_{index}"].detach() / (1 - float(layer.rate.text))


def recurrent(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    weights = [walk.named[f"Wxh_{index}"].T, walk.named[f"Whh_{index}"].T]
    if layer.bias != "none":
        bias = walk.named[f"bh_{index}"]
        weights += [bias, torch.zeros_like(bias)]
    start = torch.zeros(1, len(a), layer.units, dtype=torch.float64)
    has_bias = layer.bias != "none"
    output, _ = torch.rnn_tanh(a, start, weights, has_bias, 1, 0.0, True, False, True)
    return output


def lstm(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
    gates = "ifgo"
    by_input = torch.cat([walk.named[f"Wx{gate}_{index}"].T for gate in gates])
    by_state = torch.cat([walk.named[f"Wh{gate}_{index}"].T for gate in gates])
    bias = torch.cat([walk.named[f"b{gate}_{index}"] for gate in gates])
    start = torch.zeros(1, len(a), layer.units, dtype=torch.float64)
    weights = [by_input, by_state, bias, torch.zeros_like(bias)]
    output, _, _ = torch.lstm(a, (start, start), weights, True, 1, 0.0, True, False, True)
    return output


def pooled(pool: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def layer_of(walk: Walk, layer: Any, index: int, a: Tensor) -> Tensor:
        return pool(a, tuple(layer.size), stride=tuple(layer.stride or layer.size))

    return layer_of


LAYERS: Mapping[str, Callable[..., Tensor]] = {
    "dense": dense_layer,
    "convolution": convolution,
    "max_pooling": pooled(functional.max_pool2d),
    "average_pooling": pooled(functional.avg_pool2d),
    "batch_normalization": batch_normalization,
    "layer_normalization": layer_normalization,
    "dropout": dropout,
    "recurrent": recurrent,
    "lstm": lstm,
    "flatten": lambda walk, layer, index, a: torch.flatten(a, 1) * 1,
    "last_step": lambda walk, layer, index, a: a[:, -1],
}


def assert_as_torch(exercise: Exercise) -> None:
    """Assert that all values and gradients are PyTorch's, to its accuracy."""
    walk = Walk(exercise)
    loss = walk.run()
    loss.backward()
    expected = {"loss": loss.detach()}
    for name, value in walk.named.items():
        expected[name] = value.detach()
        if value.grad is not None:
            gradient = f"delta{name[1:]}" if name[0] == "z" else f"d{name}"
            expected[gradient] = value.grad
    compared = set()
    # PyTorch's fused recurrent layers tell ∂L/∂h without the way through later steps.
    recurrent_layers = {
        f"da{index}"
        for index, layer in enumerate(exercise.layers, start=1)
        if layer.type in ("recurrent", "lstm")
    }
    for name, solved in solve(exercise).items():
        if name not in expected or name in recurrent_layers:
            continue
        found, other = numpy.array(solved.float64), expected[name].numpy()
        assert found.shape == other.shape, name
        scale = max(numpy.abs(other).max(), 1e-300)
        # What cancels exactly is rounding of values near 1 there.
        assert numpy.abs(found - other).max() <= ACCURACY * scale + 1e-15, name
        compared.add(name)
    parameters = {name for name in exercise.given if name[0] in "Wbg" or name == "x"}
    assert {f"d{name}" for name in parameters} | {"loss", "a1"} <= compared
    assert {f"da{index}" for index in range(1, len(exercise.layers) + 1)} <= (
        compared | recurrent_layers
    )


@pytest.mark.parametrize("bias", ["per_unit", "shared", "none"])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_dense_layers_are_torchs(activation, bias):
    layers = [dense(4, activation, bias), dense(3, activation, bias)]
    assert_as_torch(variant(layers=layers, inputs=3, batch=3, convention="row"))


@pytest.mark.parametrize(
    ("loss", "reduction"), [(loss, each) for loss in LOSSES for each in OBJECTIVES[loss]]
)
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_losses_are_torchs(loss, reduction, activation):
    exercise = variant(
        layers=[dense(3, "tanh"), dense(3, activation)],
        batch=4,
        convention="row",
        loss=loss_document(loss, reduction),
    )
    assert_as_torch(exercise)


NETWORKS: Mapping[str, dict[str, Any]] = {
    "convolution": {
        "inputs": [2, 5, 4],
        "layers": [
            {
                "type": "convolution",
                "filters": 3,
                "kernel": [2, 3],
                "stride": [2, 1],
                "padding": [1, 1],
                "activation": "gelu",
            },
            {"type": "flatten"},
            dense(2),
        ],
    },
    "max pooling": {
        "inputs": [1, 5, 6],
        "layers": [
            {"type": "convolution", "filters": 2, "kernel": [2, 2], "activation": "tanh"},
            {"type": "max_pooling", "size": [2, 3], "stride": [1, 2]},
            {"type": "flatten"},
            dense(2),
        ],
    },
    "average pooling": {
        "inputs": [2, 5, 4],
        "layers": [
            {"type": "average_pooling", "size": [2, 2]},
            {"type": "convolution", "filters": 2, "kernel": [1, 2], "activation": "elu"},
            {"type": "flatten"},
            dense(1),
        ],
    },
    "recurrent": {
        "inputs": [4, 3],
        "layers": [{"type": "recurrent", "units": 3}, {"type": "last_step"}, dense(2)],
    },
    "recurrent without a bias": {
        "inputs": [3, 2],
        "layers": [{"type": "recurrent", "units": 2, "bias": "none"}, {"type": "flatten"}],
    },
    "lstm": {
        "inputs": [4, 3],
        "layers": [{"type": "lstm", "units": 3}, {"type": "last_step"}, dense(2)],
    },
    "stacked": {
        "inputs": [3, 2],
        "layers": [{"type": "lstm", "units": 2}, {"type": "recurrent", "units": 3}],
    },
    "batch normalization": {
        "layers": [dense(3), {"type": "batch_normalization"}, dense(2, "tanh")],
        "batch": 5,
    },
    "batch normalization of channels": {
        "inputs": [1, 3, 4],
        "layers": [
            {"type": "convolution", "filters": 2, "kernel": [2, 2]},
            {"type": "batch_normalization", "epsilon": 0.01},
            {"type": "flatten"},
            dense(1),
        ],
    },
    "layer normalization": {
        "layers": [dense(4), {"type": "layer_normalization"}, dense(2, "tanh")]
    },
    "dropout": {"layers": [dense(5, "tanh"), {"type": "dropout", "rate": 0.4}, dense(2)]},
}


@pytest.mark.parametrize("network", NETWORKS)
def test_layers_are_torchs(network):
    assert_as_torch(variant(**{"batch": 3} | NETWORKS[network], convention="row"))


TORCH_OPTIMIZERS: Mapping[str, Callable[[list[Tensor]], Any]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    # V := μV − ηg is η times PyTorch's buffer, of the other sign: the same path at constant η.
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1),
}


@pytest.mark.parametrize("optimizer", TORCH_OPTIMIZERS)
def test_optimizers_and_their_defaults_are_torchs(optimizer):
    exercise = variant(
        layers=[dense(3, "tanh"), dense(2)],
        batch=3,
        convention="row",
        iterations=4,
        optimizer={"name": optimizer, "learning_rate": 0.1},
    )
    walk = Walk(exercise)
    names = ("W1", "b1", "W2", "b2")
    stepper = TORCH_OPTIMIZERS[optimizer]([walk.named[name] for name in names])
    for _ in range(exercise.iterations):
        stepper.zero_grad()
        walk.run().backward()
        stepper.step()
    solution = solve(exercise)
    for name in names:
        found = solution[f"{name}_new"].float64
        expected = walk.named[name].detach().numpy()
        assert numpy.allclose(list(flatten(found)), expected.ravel(), rtol=ACCURACY, atol=1e-12)
