"""Suites as people have them: however they import, are run and draw their inputs."""

import sys

import pytest

from gradgrade.service.audit.auditing import CannotAudit
from gradgrade.service.audit.running import CommandNotFound

from .courses import CLASS, FUNCTIONS, HEAD, LAYERS, SOUND, UNITTEST, audited, only, written

FEW = ("dW1_sign", "a1_zero")

OF_UNITTEST = f"""
import unittest
{HEAD}

class Backward(unittest.TestCase):
    def test_weights(self):
        dx, dW, db = affine_backward(d, affine_forward(x, W, b)[1])
        np.testing.assert_allclose(dW, x.T @ d)
"""


def test_of_unittest(tmp_path):
    suite = written(tmp_path, layers=LAYERS, test_layers=OF_UNITTEST)
    found = audited(suite, FUNCTIONS, *FEW, command=UNITTEST)
    assert only(found).code == "a1_zero"
    assert found.tests is None


def test_in_a_folder_of_their_own_of_a_package_with_import_of_everything(tmp_path):
    suite = written(
        tmp_path,
        course__layers="from .impl import *\nfrom . import impl\n__all__ = impl.__all__\n",
        course__impl=f"__all__ = ['affine_forward', 'affine_backward']\n{LAYERS}",
        course____init__="",
        tests__unit__test_layers=SOUND.replace("from layers", "from course.impl"),
    )
    found = audited(suite, FUNCTIONS, *FEW, module="course.impl")
    assert found.is_sound
    assert found.tests == 2


def test_that_reload_the_module(tmp_path):
    body = "import importlib, layers\nimportlib.reload(layers)\n"
    suite = written(tmp_path, layers=LAYERS, test_layers=body + SOUND)
    assert audited(suite, FUNCTIONS, *FEW).is_sound


def test_with_inputs_that_differ_from_run_to_run(tmp_path):
    drawn = SOUND.replace("default_rng(0)", "default_rng()").replace("1e-12", "1e-10")
    found = audited(written(tmp_path, layers=LAYERS, test_layers=drawn), FUNCTIONS, *FEW)
    assert not found.is_seeded
    assert found.is_sound


def test_that_tell_a_mistake_by_chance(tmp_path):
    body = """
from pathlib import Path

def test_in_every_other_run():
    runs = Path("runs")
    before = len(runs.read_text()) if runs.exists() else 0
    runs.write_text("x" * (before + 1))
    dW = affine_backward(d, affine_forward(x, W, b)[1])[1]
    assert before % 2 or dW.any()
"""
    suite = written(tmp_path, layers=LAYERS, test_layers=HEAD + body)
    survivor = only(audited(suite, FUNCTIONS, "dW1_zero", runs=2))
    assert survivor.kind == "by_chance"
    assert survivor.remedy.startswith("seed the inputs")


def test_of_other_functions_and_inputs_of_other_ranks(tmp_path):
    body = """
def test_of_another_function():
    assert doubled(3) == 6

def test_of_images():
    with np.errstate(all="ignore"):
        assert affine_forward(np.ones((2, 5, 3)), W, b)[0].shape == (2, 5, 4)
"""
    suite = written(tmp_path, layers=LAYERS, test_layers=SOUND + body)
    found = audited(suite, FUNCTIONS, *FEW)
    assert found.is_sound
    assert found.left_out == ()
    (uncovered,) = found.uncovered
    assert (uncovered.called, uncovered.times) == ("affine_forward", 1)
    assert uncovered.reason == "x has 3 axes, and here 2"


def test_that_fail_beside_the_right_module_are_left_out(tmp_path):
    body = """
def test_of_a_cache():
    assert len(affine_forward(x, W, b)[1]) == 2
"""
    found = audited(written(tmp_path, layers=LAYERS, test_layers=SOUND + body), FUNCTIONS, *FEW)
    assert found.left_out == ("test_layers.py::test_of_a_cache",)
    assert found.is_sound


def test_whose_module_is_wrong_are_audited_all_the_same(tmp_path):
    wrong = LAYERS.replace("W.T, x.T @ dout", "W.T, -x.T @ dout")
    assert audited(written(tmp_path, layers=wrong, test_layers=SOUND), FUNCTIONS, *FEW).is_sound


def test_with_a_sitecustomize_of_their_own(tmp_path):
    suite = written(
        tmp_path,
        layers=LAYERS,
        sitecustomize="import sys\nsys.own_was_run = True\n",
        test_layers=f"import sys\n{SOUND}\ndef test_own(): assert sys.own_was_run\n",
    )
    assert audited(suite, FUNCTIONS, *FEW).left_out == ()


def test_of_a_class_whose_attributes_tests_change(tmp_path):
    body = """
def test_layer():
    layer = Linear(3, 4)
    for scale in (1, 2):
        layer.W = scale * W
        close(layer.forward(x), scale * x @ W)
        close(layer.backward(d), scale * d @ W.T)
"""
    suite = written(tmp_path, layers=LAYERS, test_layers=HEAD + body)
    found = audited(suite, CLASS, "dx_sign", "dW1_sign")
    assert only(found).code == "dW1_sign"
    assert only(found).called == ("Linear.backward",)


CHAIN = """
schema = "gradgrade/problem-set/1"
name = "week-4"
[[exercises]]
name = "chain"
inputs = 4
layers = [
  { type = "dense", units = 5, activation = "relu" },
  { type = "dense", units = 3, activation = "softmax" },
]
loss = "cross_entropy"
batch = 6
convention = "row"
ask = ["loss", "gradients"]
[exercises.code]
script = '''
z1, c1 = affine_forward(x, W1, b1)
a1, c2 = relu_forward(z1)
z2, c3 = affine_forward(a1, W2, b2)
loss, delta2 = softmax_loss(z2, np.argmax(y, axis=1))
da1, dW2, db2 = affine_backward(delta2, c3)
delta1 = relu_backward(da1, c2)
dx, dW1, db1 = affine_backward(delta1, c1)
'''
"""

MORE_LAYERS = """

def relu_forward(z):
    return np.maximum(0, z), z


def relu_backward(da, z):
    return da * (z > 0)


def softmax_loss(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).mean(), d / len(y)


class Net:
    def loss(self, X, y, W1, b1, W2, b2):
        h, c1 = affine_forward(X, W1, b1)
        h, c2 = relu_forward(h)
        scores, c3 = affine_forward(h, W2, b2)
        loss, d = softmax_loss(scores, y)
        d, dW2, db2 = affine_backward(d, c3)
        return loss, (*affine_backward(relu_backward(d, c2), c1)[1:], dW2, db2)
"""

OF_CHAIN = """
def test_each():
    z = rng.normal(size=(5, 4))
    close(affine_forward(x, W, b)[0], x @ W + b)
    close(affine_backward(d, affine_forward(x, W, b)[1])[1], x.T @ d)
    close(relu_backward(d, relu_forward(z)[1]), d * (z > 0))

def test_softmax():
    z, y = rng.normal(size=(5, 4)), np.array([0, 1, 2, 3, 0])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    close(softmax_loss(z, y)[1], (p - np.eye(4)[y]) / 5)

def test_all_together():
    W2, y = rng.normal(size=(4, 3)), np.array([0, 1, 2, 1, 0])
    loss, (dW1, db1, dW2, db2) = Net().loss(x, y, W, b, W2, np.ones(3))
    assert dW1.shape == W.shape
"""


def test_of_functions_that_the_module_itself_puts_together(tmp_path):
    suite = written(tmp_path, layers=LAYERS + MORE_LAYERS, test_layers=HEAD + OF_CHAIN)
    mistakes = ("mean_missing_in_gradient", "relu_mask_reversed", "dW2_sign")
    found = audited(suite, CHAIN, *mistakes)
    assert (found.left_out, found.uncovered, found.never_called) == ((), (), ())
    assert found.is_sound


def test_of_a_class_that_is_given_its_weights_as_it_is_made(tmp_path):
    made = """
class Layer:
    def __init__(self, W, b):
        self.weights, self.shifts = W, b

    def forward(self, x):
        self.x = x
        return x @ self.weights + self.shifts

    def backward(self, d):
        self.grads = {"W": self.x.T @ d, "b": d.sum(axis=0)}
        return d @ self.weights.T
"""
    body = """
def test_layer():
    layer = Layer(W, b=b)
    close(layer.forward(x), x @ W + b)
    close(layer.backward(d), d @ W.T)
    close(layer.grads["W"], x.T @ d)
"""
    script = """
layer = Layer(W1, b1)
a1, dx = layer.forward(x), layer.backward(da1)
dW1, db1 = layer.grads["W"], layer.grads["b"]
"""
    definition = f"{FUNCTIONS.partition('script')[0]}script = '''{script}'''"
    suite = written(tmp_path, layers=LAYERS + made, test_layers=HEAD + body)
    found = audited(suite, definition, "dx_sign", "dW1_sign", "db1_sign")
    assert only(found).code == "db1_sign"


# Exit code 3: there is nothing to go by


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("def test_it(): pass\n", "the tests never import layers"),
        ("import layers\ndef test_it(): pass\n", "the tests never call layers"),
        (
            f"{HEAD}\ndef test_it(): assert affine_forward(x, W, b)[0] is None\n",
            "the tests refuse the right module everywhere",
        ),
        (
            f"{HEAD}\ndef test_it(): affine_forward(x[None], W, b)\n",
            "the tests never call layers as the exercise has it "
            "(affine_forward: x has 3 axes, and here 2)",
        ),
    ],
    ids=["not imported", "not called", "refused", "not covered"],
)
def test_with_nothing_to_go_by(tmp_path, suite, said):
    folder = written(tmp_path, layers=LAYERS, test_layers=suite)
    with pytest.raises(CannotAudit) as refused:
        audited(folder, FUNCTIONS)
    assert str(refused.value).startswith(said)


def test_that_never_end(tmp_path):
    body = f"{HEAD}\ndef test_it():\n    affine_forward(x, W, b)\n    import time; time.sleep(60)\n"
    suite = written(tmp_path, layers=LAYERS, test_layers=body)
    with pytest.raises(CannotAudit, match=r"the tests take over 3 s: write --timeout"):
        audited(suite, FUNCTIONS, timeout=3)


def test_of_a_command_that_is_not_there(tmp_path):
    with pytest.raises(CommandNotFound, match="no-such-program"):
        audited(tmp_path, FUNCTIONS, command=("no-such-program",))


STANDIN = """
class Layer:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def run(self, x, upstream):
        return computed(x=x, W1=self.W, b1=self.b, da1=upstream)
"""


def test_with_a_file_that_stands_in(tmp_path):
    module = LAYERS + "\n\nclass Layer:\n    pass\n"
    body = """
def test_layer():
    made = Layer(W, b).run(x, d)
    close(made["dW1"], x.T @ d)
    close(made["a1"], x @ W + b)
"""
    suite = written(tmp_path, layers=module, standin=STANDIN, test_layers=HEAD + body)
    found = audited(
        suite, FUNCTIONS, "dW1_sign", "a1_zero", "dx_sign", standin=suite / "standin.py"
    )
    assert only(found).code == "dx_sign"
    assert not found.uncovered
    assert sys.executable
