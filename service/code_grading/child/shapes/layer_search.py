"""Which of a student's classes make a layer: by their methods, their sizes and their names.

A class that takes its sizes is a layer, one that takes none an activation apart. A class named
after the activation is preferred to one that is told of it.
"""

import inspect
from types import MappingProxyType
from typing import Any

from ..failure import Failure
from ..importing.loader import loader_of

METHODS = ("forward", "backward", "update")

SIZE_IN = ("size_in", "n_in", "input_size", "in_features", "inputs", "fan_in")
SIZE_OUT = ("size_out", "n_out", "output_size", "out_features", "outputs", "units", "fan_out")

# Words that a class's name may have for an activation, next to the activation's own.
SYNONYMS = MappingProxyType({"identity": ("identity", "linear"), "silu": ("silu", "swish")})


def layer_classes(module: Any) -> list[type]:
    """Return the module's own classes with all three methods."""
    return [each for each in _own_classes(module) if all(hasattr(each, name) for name in METHODS)]


def choose(module: Any, activation: str) -> tuple[type, type | None]:
    """Return the class for a layer, and the class of its activation where that stands apart.

    Raises:
        Failure: the module has none.
    """
    layers = [each for each in layer_classes(module) if _has_sizes(each)]
    if not layers:
        raise Failure("missing", "no layer class takes size_in and size_out")
    named = [each for each in layers if _is_named(each, activation)]
    if named:
        return named[0], None
    takers = [each for each in layers if "activation" in inspect.signature(each).parameters]
    if takers:
        return takers[0], None
    others = [each for each in _own_classes(module) if not _has_sizes(each)]
    apart = [each for each in others if _is_named(each, activation)]
    if apart:
        return layers[0], apart[0]
    raise Failure("missing", f"no class for the activation {activation}")


def construct(layer_class: type, spec: dict[str, Any], size_in: int) -> Any:
    """Return a layer of a class, told of its sizes and its activation as far as it asks."""
    arguments = {}
    for name in inspect.signature(layer_class).parameters:
        if name in SIZE_IN:
            arguments[name] = size_in
        elif name in SIZE_OUT:
            arguments[name] = spec["units"]
        elif name in ("activation", "alpha") and name in spec:
            arguments[name] = spec[name]
    return layer_class(**arguments)


def _own_classes(module: Any) -> list[type]:
    """Return the student's own classes that can go forward and backward."""
    return [
        each
        for each in vars(module).values()
        if inspect.isclass(each)
        and loader_of(each.__module__) is not None
        and all(callable(getattr(each, name, None)) for name in METHODS[:2])
    ]


def _is_named(each: type, activation: str) -> bool:
    name = each.__name__.lower().replace("_", "")
    words = SYNONYMS.get(activation, (activation.replace("_", ""),))
    if activation == "relu" and "leaky" in name:
        return False
    return any(word in name for word in words)


def _has_sizes(each: type) -> bool:
    try:
        names = inspect.signature(each).parameters
    except (TypeError, ValueError):
        return False
    return any(name in names for name in SIZE_IN) and any(name in names for name in SIZE_OUT)
