"""Documents of layers."""

from typing import Any


def layer(kind: str, **fields: Any) -> dict[str, Any]:
    """The document of a layer of any type."""
    return {"type": kind} | fields


def convolution(activation: str = "identity", **fields: Any) -> dict[str, Any]:
    """The document of a convolution layer, of two filters 2 by 2 unless it is said otherwise."""
    return layer("convolution", activation=activation) | {"filters": 2, "kernel": [2, 2]} | fields


FLATTEN, LAST = layer("flatten"), layer("last_step")
