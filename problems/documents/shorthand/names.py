"""Names in any letter case, and other names that can mean one thing only."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.problems.documents.faults import folded


def _by_any_spelling(names: Iterable[str], **others: str) -> Mapping[str, str]:
    """Return the names by how each may be written: its own words, and those of others."""
    return MappingProxyType(
        {folded(name): name for name in names}
        | {folded(each): name for name, words in others.items() for each in words.split()}
    )


ACTIVATION_NAMES = _by_any_spelling(
    ACTIVATIONS,
    identity="linear none",
    sigmoid="logistic",
    silu="swish",
    leaky_relu="lrelu",
)
LOSS_NAMES = _by_any_spelling(
    LOSSES,
    cross_entropy="categorical_cross_entropy categorical_crossentropy",
    binary_cross_entropy="bce binary_crossentropy",
    root_mean_squared_error="rmse",
)
OPTIMIZER_NAMES = _by_any_spelling(
    OPTIMIZERS,
    sgd="gd gradient_descent stochastic_gradient_descent",
    nesterov="nag",
)
LAYER_NAMES = _by_any_spelling(
    (
        *("dense", "convolution", "max_pooling", "average_pooling", "dropout"),
        *("batch_normalization", "layer_normalization", "flatten", "last_step"),
        *("recurrent", "lstm"),
    ),
    dense="fully_connected fc linear",
    convolution="conv conv2d convolutional",
    max_pooling="max_pool maxpool2d max_pool2d max_pooling2d",
    average_pooling="avg_pool avgpool2d average_pool avg_pooling",
    batch_normalization="batch_norm bn",
    layer_normalization="layer_norm ln",
    recurrent="rnn simple_rnn",
)

_QUANTITY = re.compile(
    r"(?P<of>d|v|s|m)?"
    r"(?:(?P<stem>w|b|z|a|x|y|delta)_?(?P<layer>\d*)"
    r"|(?P<long>w[xh][ifogh]|b[ifogh]|gamma|beta)_?(?P<of_layer>\d+))"
    r"(?P<new>_?new)?(?P<iteration>@\d+)?",
    re.IGNORECASE | re.ASCII,
)
_GROUPS = ("all", "gradients", "updates", "loss")


def known_name(name: str, names: Mapping[str, str]) -> str:
    """Return the name that another spelling can only mean; any other as it is.

    >>> known_name("Leaky-ReLU", ACTIVATION_NAMES), known_name("relux", ACTIVATION_NAMES)
    ('leaky_relu', 'relux')
    """
    return names.get(folded(name), name)


def quantity_name(name: str) -> str:
    """Return a quantity's name as solutions write it, where it can only mean one; others as are.

    >>> [quantity_name(each) for each in ("dw1", "delta_2", "W1_NEW@2", "DB_3", "Loss", "dwxh1")]
    ['dW1', 'delta2', 'W1_new@2', 'db3', 'loss', 'dWxh_1']
    >>> quantity_name("dz2")
    'delta2'
    """
    if (whole := name.strip(" ")).lower() in _GROUPS:
        return whole.lower()
    found = _QUANTITY.fullmatch(whole)
    if found is None:
        return name
    of = (found["of"] or "").lower()
    stem = (found["stem"] or f"{found['long']}_").lower().replace("w", "W")
    if (of, stem) == ("d", "z"):
        of, stem = "", "delta"
    new = "_new" if found["new"] else ""
    return f"{of}{stem}{found['layer'] or found['of_layer'] or ''}{new}{found['iteration'] or ''}"
