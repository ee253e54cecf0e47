"""The nearest known name to one that is not known: of fields, and of what stands in them."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from gradgrade.problems.documents.faults.writing import as_written

CLOSE = 0.73
"""How alike two names must be for one to be a slip of the other."""

MOST_LISTED = 16
LONGEST_LIKENED = 60
"""Nobody misspells a name so long, and comparing takes the product of lengths."""

_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "learning_rate": "lr eta η step_size rate alpha learningrate",
        "batch": "batch_size samples n_samples minibatch",
        "units": "hidden neurons nodes n_units outputs out_features width size",
        "filters": "channels out_channels n_filters",
        "inputs": "input input_size n_inputs in_features input_shape features",
        "activation": "act activation_function nonlinearity function f",
        "regularization": "reg regularisation penalty regularizer weight_decay",
        "l2": "lambda λ lam lmbda ridge weight_decay",
        "l1": "lasso",
        "loss": "cost cost_function loss_function criterion objective error",
        "optimizer": "optimiser opt updater method",
        "iterations": "epochs epoch n_iterations iters updates",
        "ask": "asked asks question questions quantities outputs parts",
        "tolerance": "tol eps",
        "relative": "rtol rel relative_tolerance",
        "absolute": "atol abs absolute_tolerance",
        "decimals": "decimal decimal_places places",
        "significant": "significant_digits significant_figures sig sigfigs digits",
        "rounding": "round",
        "given": "givens fixed values parameters",
        "draw": "draws random range ranges initializer init",
        "weights": "w kernel",
        "biases": "b bias",
        "targets": "y target labels",
        "low": "min minimum from lower",
        "high": "max maximum to upper",
        "step": "by increment grid",
        "due": "deadline due_date until",
        "attempts": "max_attempts tries",
        "exercises": "exercise problems problem questions question tasks task",
        "points": "marks score mark max_score max_points weight",
        "name": "id slug key type kind",
        "title": "label caption heading",
        "type": "kind layer class",
        "layers": "layer network hidden_layers architecture",
        "kernel": "kernel_size filter_size",
        "size": "pool_size kernel_size window",
        "stride": "strides",
        "padding": "pad",
        "momentum": "beta mu μ",
        "decay": "rho ρ beta",
        "epsilon": "eps ε",
        "beta1": "β1 b1",
        "beta2": "β2 b2",
        "rate": "p probability gamma lambda k",
        "factor": "gamma drop",
        "every": "step_size steps",
        "threshold": "delta δ d",
        "reduction": "reduce average",
        "alpha": "negative_slope slope α",
        "freeze": "frozen fixed",
        "convention": "layout orientation order",
        "arithmetic": "dtype numbers",
        "precision": "dtype float",
        "late_until": "grace cutoff late",
        "late_penalty": "penalty late_factor",
        "feedback": "show",
        "hints": "hint formulas",
        "carried_forward": "follow_through carry error_carried_forward",
        "initialization": "init initializer",
        "he": "he_normal he_init kaiming kaiming_normal",
        "xavier": "glorot glorot_normal glorot_uniform xavier_normal",
        "zero": "zeros",
        "deviation": "std sigma stddev scale",
    }
)
"""What fields are called elsewhere."""


_SEVERAL: Mapping[str, str] = MappingProxyType(
    {
        "mse": 'several losses are called so: write { name = "squared_error", reduction = '
        '"mean_elements" } for the mean over samples and units (PyTorch, Keras), "squared_error" '
        'for the sum over units, or "half_squared_error" with the ½ of textbooks',
        "l2": 'write "squared_error", or "half_squared_error" with the ½ of textbooks',
        "mae": 'write { name = "absolute_error", reduction = "mean_elements" } for the mean over '
        'samples and units (PyTorch, Keras), or "absolute_error" for the sum over units',
        "sse": 'write { name = "squared_error", reduction = "sum" }, or "half_squared_error" with '
        "the ½ of textbooks",
        "nll": 'write "cross_entropy" behind softmax, or "binary_cross_entropy" behind sigmoid',
    }
    | dict.fromkeys(
        ("ce", "logloss"),
        'write "cross_entropy" behind softmax, or "binary_cross_entropy" behind sigmoid',
    )
)
"""What may mean several things, and which."""

_SAME = MappingProxyType({"meansquarederror": "mse", "meanabsoluteerror": "mae", "l1": "mae"})


def folded(name: str) -> str:
    """Return what is equal for names that differ in case, hyphens, underscores and spaces alone.

    >>> folded("Learning-Rate") == folded("learning_rate")
    True
    """
    return re.sub(r"[ _-]", "", name.casefold())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is meant, as far as that can be told.

    >>> nearest("lr", ["name", "learning_rate"]), nearest("colour", ["name", "learning_rate"])
    ('learning_rate', None)
    """
    by_fold = {folded(each): each for each in known}
    wanted = folded(name[:LONGEST_LIKENED])
    if wanted in by_fold:
        return by_fold[wanted]
    for each in by_fold.values():
        if wanted in map(folded, _CALLED.get(each, "").split()):
            return each
    close = get_close_matches(wanted, by_fold, n=1, cutoff=CLOSE)
    return by_fold[close[0]] if close else None


def unlisted(name: object, names: Iterable[str]) -> str:
    """Return what is said of a name that is not among those that there are.

    >>> print(unlisted("sigmiod", ["relu", "sigmoid"]))
    "sigmiod" is not one of relu, sigmoid; did you mean "sigmoid"?
    """
    known = list(names)
    shown = known if len(known) <= MOST_LISTED else [*known[:MOST_LISTED], "…"]
    said = f"{as_written(name)} is not one of {', '.join(shown)}"
    wanted = folded(name[:LONGEST_LIKENED]) if isinstance(name, str) else ""
    wanted = _SAME.get(wanted, wanted)
    if "squared_error" in known and wanted in _SEVERAL:
        return f"{as_written(name)} is no loss here: {_SEVERAL[wanted]}"
    meant = nearest(name, known) if isinstance(name, str) else None
    return f'{said}; did you mean "{meant}"?' if meant else said
