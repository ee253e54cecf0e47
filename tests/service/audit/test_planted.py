"""Each weakness that is planted in a suite is found, with its kind, reason and remedy."""

import shutil

import pytest

from tests import ROOT

from .courses import CLASS, FUNCTIONS, HEAD, LAYERS, NET, NETWORK, SOUND, audited, only, written

NET_HEAD = """
import numpy as np
from layers import *

rng = np.random.default_rng(0)

def net_of(scale=1.0, bias=1.0, sizes=(4, 6, 3)):
    net = TwoLayerNet(*sizes)
    for name, each in net.params.items():
        net.params[name] = rng.normal(size=each.shape) * (scale if name[0] == "W" else bias)
    return net

def reference(net, X, y, reg):
    W1, b1, W2, b2 = (net.params[name] for name in ("W1", "b1", "W2", "b2"))
    h = np.maximum(0, X @ W1 + b1)
    p = np.exp(h @ W2 + b2)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean() + reg / 2 * ((W1**2).sum() + (W2**2).sum())
    d = (p - np.eye(p.shape[1])[y]) / len(y)
    dh = d @ W2.T * (h > 0)
    dW1, dW2 = X.T @ dh + reg * W1, h.T @ d + reg * W2
    return loss, {"W1": dW1, "b1": dh.sum(0), "W2": dW2, "b2": d.sum(0)}

def check(net, X, y, reg=0.1, rtol=1e-10, atol=1e-13):
    loss, grads = net.loss(X, y, reg)
    right, expected = reference(net, X, y, reg)
    np.testing.assert_allclose(loss, right, rtol, atol)
    for name in grads:
        np.testing.assert_allclose(grads[name], expected[name], rtol, atol)
"""


FIVE = "rng.normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])"


def net_suite(folder, body):
    return written(folder, layers=NET, test_net=NET_HEAD + body)


def layer_suite(folder, body):
    return written(folder, layers=LAYERS, test_layers=HEAD + body)


def test_one_sample(tmp_path):
    suite = net_suite(
        tmp_path, "def test_one(): check(net_of(), rng.normal(size=(1, 4)), np.array([2]))\n"
    )
    survivor = only(audited(suite, NETWORK, "mean_missing_in_gradient"))
    assert (survivor.kind, survivor.reason) == ("not_told", "one_sample")
    assert survivor.remedy == "call it with two or more samples"
    assert survivor.test


def test_square_sizes(tmp_path):
    body = """
def test_square():
    x, W, b, d = rng.normal(size=(4, 3)), np.eye(3), rng.normal(size=3), rng.normal(size=(4, 3))
    out, cache = affine_forward(x, W, b)
    close(out, x + b)
    close(affine_backward(d, cache)[0], d)
"""
    survivor = only(audited(layer_suite(tmp_path, body), FUNCTIONS, "weights_not_transposed"))
    assert (survivor.kind, survivor.reason) == ("not_told", "square_sizes")
    assert survivor.remedy == "give every size another length"


def test_zero_biases_with_small_weights(tmp_path):
    body = f"def test_zero(): check(net_of(1e-2, 0.0), {FIVE})\n"
    survivor = only(audited(net_suite(tmp_path, body), NETWORK, "bias_left_out"))
    assert (survivor.kind, survivor.reason) == ("not_told", "zero_biases")
    assert "b1 and b2 are 0 in every call and weights are small" in survivor.said


def with_layers(layers):
    return FUNCTIONS.replace('[{ type = "dense", units = 2 }]', layers)


SOFTMAX = """
import numpy as np

def affine_forward(x, W, b):
    e = np.exp(x @ W + b)
    a = e / e.sum(axis=1, keepdims=True)
    return a, (x, W, a)

def affine_backward(da, cache):
    x, W, a = cache
    dz = a * (da - (da * a).sum(axis=1, keepdims=True))
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
"""


def test_upstream_of_ones_under_softmax(tmp_path):
    body = """
def test_ones():
    x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)
    a, cache = affine_forward(x, W, b)
    for each in affine_backward(np.ones((4, 5)), cache):
        assert np.abs(each).max() < 1e-12
"""
    suite = written(tmp_path, layers=SOFTMAX, test_layers=HEAD + body)
    definition = with_layers('[{ type = "dense", units = 4, activation = "softmax" }]')
    survivor = only(audited(suite, definition, "dW1_sign"))
    assert (survivor.kind, survivor.reason) == ("not_told", "constant_upstream")
    assert survivor.remedy.startswith("draw da1 at random")


@pytest.mark.parametrize(
    ("upstream", "reason"),
    [("np.ones_like(a)", "constant_upstream"), ("2 * a", "invariant_loss")],
)
def test_a_loss_that_normalization_leaves_as_it_is(tmp_path, upstream, reason):
    example = ROOT / "examples" / "audit"
    shutil.copy(example / "normalization.py", tmp_path)
    test = f"""
import numpy as np
from normalization import batchnorm_backward, batchnorm_forward

rng = np.random.default_rng(0)

def test_sum_of_squares():
    x = 3 * rng.normal(size=(6, 3))
    a, cache = batchnorm_forward(x, np.ones(3), np.zeros(3), 1e-5)
    dx, dgamma, dbeta = batchnorm_backward({upstream}, cache)
    assert np.abs(dx).max() < 1e-4
"""
    suite = written(tmp_path, test_normalization=test)
    definition = (example / "week-4.toml").read_text("utf-8")
    survivor = only(audited(suite, definition, "dx_sign", module="normalization"))
    assert (survivor.kind, survivor.reason) == ("not_told", reason)
    assert "at random" in survivor.remedy


@pytest.mark.parametrize(
    ("compared", "mistake"),
    [
        ("np.allclose(got, right, atol=1e-2)", "dW1_off_1e-3"),
        ("np.linalg.norm(got - right) / np.linalg.norm(got + right) < 1e-2", "dW1_off_1e-3"),
        ("np.allclose(got, right)", "dW1_off_1e-7"),
    ],
    ids=["atol", "norm ratio", "default"],
)
def test_what_is_compared_too_loosely(tmp_path, compared, mistake):
    body = f"""
def test_backward():
    got, right = affine_backward(d, affine_forward(x, W, b)[1])[1], x.T @ d
    assert {compared}
"""
    survivor = only(audited(layer_suite(tmp_path, body), FUNCTIONS, mistake, "dW1_sign"))
    assert (survivor.code, survivor.kind) == (mistake, "told_and_accepted")
    assert survivor.bands > 1e5
    assert "to 1e-12 of the largest" in survivor.remedy


def test_a_gradient_check_of_the_weights_alone(tmp_path):
    body = """
def test_gradient():
    (dx, dW, db), numerical = affine_backward(d, affine_forward(x, W, b)[1]), np.zeros_like(W)
    for at in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[at] = 1e-4
        up, down = (affine_forward(x, W + s, b)[0] for s in (step, -step))
        numerical[at] = ((up - down) * d).sum() / 2e-4
    close(dW, numerical, 1e-8)
"""
    found = audited(layer_suite(tmp_path, body), FUNCTIONS, "db1_zero", "dW1_zero", "dx_sign")
    assert {each.code: each.kind for each in found.survivors} == {
        "db1_zero": "told_and_accepted",
        "dx_sign": "told_and_accepted",
    }


def test_that_the_loss_falls(tmp_path):
    body = """
def test_training():
    X, y, net, losses = rng.normal(size=(8, 4)), rng.integers(0, 3, 8), net_of(0.1, 0.0), []
    for _ in range(60):
        loss, grads = net.loss(X, y, 0.1)
        losses.append(loss)
        for name in grads:
            net.params[name] = net.params[name] - 0.5 * grads[name]
    assert losses[-1] < losses[0]
"""
    found = audited(net_suite(tmp_path, body), NETWORK, "dW2_off_1e-3", "dW1_zero", "residual_sign")
    assert [each.code for each in found.survivors] == ["dW1_zero", "dW2_off_1e-3"]


def test_a_number_that_is_always_the_same(tmp_path):
    body = f"def test_it(): check(net_of(), {FIVE}, reg=0.0)\n"
    survivor = only(audited(net_suite(tmp_path, body), NETWORK, "penalty_missing_in_gradient"))
    assert (survivor.kind, survivor.reason) == ("not_told", "always_the_same")
    assert (survivor.said, survivor.remedy) == (
        "l2 is 0 in every call",
        "call it with another l2 too",
    )


def test_a_backward_pass_that_is_never_called(tmp_path):
    body = "def test_forward(): close(affine_forward(x, W, b)[0], x @ W + b)\n"
    found = audited(layer_suite(tmp_path, body), FUNCTIONS, "dW1_zero", "a1_zero")
    survivor = only(found)
    assert (survivor.code, survivor.kind) == ("dW1_zero", "never_called")
    assert survivor.remedy == "write a test that calls affine_backward"
    assert found.never_called == ("affine_backward",)


def test_a_cache_that_is_kept_between_calls(tmp_path):
    body = """
def test_once():
    close(affine_backward(d, affine_forward(x, W, b)[1])[1], x.T @ d)
"""
    survivor = only(audited(layer_suite(tmp_path, body), FUNCTIONS, "first_cache"))
    assert (survivor.kind, survivor.reason) == ("not_told", "called_once")


def test_a_cache_that_is_kept_and_not_looked_at(tmp_path):
    body = """
def test_twice():
    for scale in (1, 2):
        dx, dW, db = affine_backward(d, affine_forward(scale * x, W, b)[1])
        close(db, d.sum(axis=0))
"""
    survivor = only(audited(layer_suite(tmp_path, body), FUNCTIONS, "first_cache"))
    assert survivor.kind == "told_and_accepted"
    assert "second call" in survivor.remedy


def test_gradients_that_are_added_up_over_calls(tmp_path):
    body = """
def test_once():
    layer = Linear(3, 4)
    layer.W, layer.b = W, b
    layer.forward(x)
    layer.backward(d)
    close(layer.dW, x.T @ d)
"""
    survivor = only(audited(layer_suite(tmp_path, body), CLASS, "added_up"))
    assert (survivor.kind, survivor.reason) == ("not_told", "called_once")
    twice = body + "    layer.backward(d)\n    close(layer.dW, x.T @ d)\n"
    assert audited(layer_suite(tmp_path, twice), CLASS, "added_up").is_sound


def test_inputs_that_are_changed_in_place(tmp_path):
    body = "def test_forward(): close(affine_forward(x, W, b)[0], 1 * x @ W + b)\n"
    before = body.replace("1 * x", "before").replace("(): ", "():\n    before = x.copy(); ")
    survivor = only(audited(layer_suite(tmp_path, before), FUNCTIONS, "in_place"))
    assert survivor.kind == "told_and_accepted"
    assert "compare the inputs with a copy" in survivor.remedy
    assert audited(written(tmp_path, test_layers=SOUND), FUNCTIONS, "in_place").is_sound
