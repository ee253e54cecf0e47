"""Every optimizer and schedule by its definition.

Each optimizer takes a step, a parameter, its gradient and its memory, and gives the new parameter
and the new memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mpmath import MPContext, mpf

from tests.independent.nested import Nested, leaves, mapped
from tests.independent.networks.arithmetic import Arithmetic, Document
from tests.independent.networks.forward import Forward


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


def updated(
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
        memory = memories[name] if name in memories else mapped(lambda _: blank, values)
        pairs = mapped(
            lambda w, g, remembered: update(step, w, g, remembered),
            values,
            derivatives[f"d{name}"],
            memory,
        )
        updates[f"{name}_new"] = mapped(lambda pair: pair[0], pairs)
        new_memories[name] = mapped(lambda pair: pair[1], pairs)
    return updates, new_memories


def states(memories: dict[str, Nested]) -> dict[str, Nested]:
    """The optimizer's state, a letter before the name of the parameter."""
    return {
        letter + name: _remembered(memory, letter)
        for name, memory in memories.items()
        for letter in leaves(memory)[0]
    }


def _remembered(memory: Nested, letter: str) -> Nested:
    """One letter of the optimizer's memory of a parameter."""
    return mapped(lambda entry: entry[letter], memory)
