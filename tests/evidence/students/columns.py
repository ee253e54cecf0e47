"""A program of arrays in the column convention: samples are columns, z = W a + b; dense networks.

It takes the mean over the samples at the very end of each gradient, as ∂L/∂W = δ aᵀ / N.
"""

import json
from typing import Any

import numpy

from tests.evidence.students.forms import TEXTBOOK
from tests.evidence.students.learning_rate import learning_rate
from tests.evidence.students.updates import updated

Array = Any  # numpy types its operators as Any too


def by_columns(text: str) -> dict[str, Any]:
    """Work an exercise's document through."""
    document = json.loads(text)
    arrays = {name: numpy.array(array) for name, array in document["given"].items()}
    found: dict[str, Array] = {}
    memories: dict[str, dict[str, Array]] = {}
    with numpy.errstate(all="ignore"):
        for t in range(1, document["iterations"] + 1):
            named, gradients = _iteration(document, arrays, t)
            found |= {f"{name}@{t}": value for name, value in named.items()}
            for name, gradient in gradients.items():
                found[f"{name}@{t}"], found[f"d{name}@{t}"] = arrays[name], gradient
                if name in document["freeze"]:
                    continue
                memory = memories.setdefault(name, {})
                rate = learning_rate(document["optimizer"], t)
                new = updated(document["optimizer"], rate, t, arrays[name], gradient, memory)
                found |= {f"{each}{name}@{t}": value for each, value in memory.items()}
                arrays = arrays | {name: new}
                found[f"{name}_new@{t}"] = new
    return {
        part["name"]: found[
            part["name"] if "@" in part["name"] else f"{part['name']}@{document['iterations']}"
        ].tolist()
        for part in document["ask"]
    }


def _iteration(
    document: dict[str, Any], arrays: dict[str, Array], t: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    x, y = arrays["x"], arrays["y"]
    if document["stochastic"]:
        pick = int(document["given"]["samples"][t - 1]) - 1
        x, y = x[:, [pick]], y[:, [pick]]
    read, pre, post = _forward(document, arrays, x)
    named = {f"z{index}": value for index, value in pre.items()}
    named |= {f"a{index}": value for index, value in post.items() if index}
    loss, count, da = _loss(document["loss"], post[len(document["layers"])], y)
    gradients = {}
    for index, layer in reversed(list(enumerate(document["layers"], start=1))):
        named[f"da{index}"] = da / count
        delta = _delta(layer, pre[index], post[index], da)
        named[f"delta{index}"] = delta / count
        gradients[f"W{index}"] = delta @ read[index].T / count
        if layer["bias"] == "per_unit":
            gradients[f"b{index}"] = delta.sum(axis=1) / count
        if layer["bias"] == "shared":
            gradients[f"b{index}"] = delta.sum() / count
        da = (arrays[f"W{index}"].T @ delta)[: len(post[index - 1])]
    named["dx"] = da / count
    return named | {"loss": loss + _penalize(document, arrays, gradients)}, gradients


def _forward(
    document: dict[str, Any], arrays: dict[str, Array], x: Array
) -> tuple[dict[int, Array], dict[int, Array], dict[int, Array]]:
    """What each layer reads, its pre-activations and its activations; activation 0 is x."""
    read, pre, post = {}, {}, {0: x}
    for index, layer in enumerate(document["layers"], start=1):
        read[index] = post[index - 1]
        if layer["bias"] == "ones":
            read[index] = numpy.vstack([read[index], numpy.ones(read[index].shape[1])])
        pre[index] = arrays[f"W{index}"] @ read[index]
        if layer["bias"] == "per_unit":
            pre[index] = pre[index] + arrays[f"b{index}"][:, None]
        if layer["bias"] == "shared":
            pre[index] = pre[index] + arrays[f"b{index}"]
        if layer["activation"] == "softmax":
            powers = numpy.exp(pre[index] - pre[index].max(axis=0))
            post[index] = powers / powers.sum(axis=0)
        else:
            value, _ = TEXTBOOK.activations[layer["activation"]]
            post[index] = value(pre[index], layer.get("alpha"))
    return read, pre, post


def _delta(layer: dict[str, Any], z: Array, a: Array, da: Array) -> Array:
    if layer["activation"] != "softmax":
        _, slope = TEXTBOOK.activations[layer["activation"]]
        return da * slope(z, a, layer.get("alpha"))
    # The whole Jacobian of each sample: ∂a_k/∂z_j = a_k ([k = j] − a_j).
    jacobians = numpy.einsum("kn,kj->nkj", a, numpy.eye(len(a))) - numpy.einsum("kn,jn->nkj", a, a)
    return numpy.einsum("nkj,kn->jn", jacobians, da)


def _penalize(
    document: dict[str, Any], arrays: dict[str, Array], gradients: dict[str, Array]
) -> Array:
    """The penalties; their slopes are added to the gradients."""
    strengths = document["regularization"] or {}
    l1, l2 = (strengths.get(each) or 0 for each in ("l1", "l2"))
    penalty = 0.0
    for name in gradients:
        if name.startswith("W"):
            w = arrays[name]
            gradients[name] = gradients[name] + (l2 * w + l1 * numpy.sign(w))
            penalty += l2 * (w**2).sum() / 2 + l1 * numpy.abs(w).sum()
    return penalty


def _loss(loss: dict[str, Any], a: Array, y: Array) -> tuple[Array, int, Array]:
    """The data's loss, by what gradients are divided, and the sum's derivative by a."""
    term, slope = TEXTBOOK.losses[loss["name"]]
    terms, da = term(a, y, loss.get("threshold")), slope(a, y, loss.get("threshold"))
    if loss["name"] == "root_mean_squared_error":
        return numpy.sqrt(numpy.mean(terms)), 1, da / a.size / (2 * numpy.sqrt(numpy.mean(terms)))
    if loss["reduction"] == "mean":
        return numpy.mean(terms.sum(axis=0)), a.shape[1], da
    if loss["reduction"] == "mean_elements":
        return numpy.mean(terms), a.size, da
    return numpy.sum(terms), 1, da
