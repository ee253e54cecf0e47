"""A starter defines all that a script uses: running it fails for want of work, not of names."""

import pytest

from gradgrade.problems import generate
from gradgrade.problems.scripts.starter import starter_of

from .scripts import problem_set

SCRIPTS = {
    "functions": "a1, cache = forward(x, W1, b1)\ndx, dW1, db1 = backward(da1, cache)\n",
    "a layer": """layer = Linear(n0, n1)
layer.W, layer.b = W1, b1
a1 = layer.forward(x)
dx = layer.backward(da1)
dW1, db1 = layer.dW, layer.db
""",
    "a network": """net = Net(n0, n1)
net.params["W1"], net.params["b1"] = W1, b1
a1, grads = net.loss(x, da1)
dW1, db1, dx = grads["W1"], grads["b1"], grads["x"]
""",
    "values of values": """u, v = Value(x), Value(W1)
out = (u * v).tanh() + b1
out.backward()
a1, dW1, db1, dx = out.data, v.grad, v.grad, u.grad
""",
    "values": """u, v = Value(x), Value(W1)
out = u * v + b1
out.backward()
a1, dW1, db1, dx = out.data, v.grad, v.grad, u.grad
""",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_starter_lacks_only_the_work(script):
    exercise = generate(problem_set(script), "layer", student="1", secret=b"0")
    names = {}
    exec(starter_of(exercise), names)
    names |= {"n0": 3, "n1": 2, "x": None, "W1": None, "b1": None, "da1": None}
    with pytest.raises(NotImplementedError, match="TODO"):
        exec(script, names)


def test_a_starter_shows_the_script_and_what_a_function_returns():
    exercise = generate(problem_set(SCRIPTS["functions"]), "layer", student="1", secret=b"0")
    text = starter_of(exercise)
    assert "#     dx, dW1, db1 = backward(da1, cache)" in text
    assert '"""Return dx, dW1, db1."""' in text
    assert "def backward(da1, cache):" in text


def test_a_method_of_a_result_is_one_of_the_class_and_what_is_filled_is_a_mapping():
    def text(which: str) -> str:
        return starter_of(generate(problem_set(SCRIPTS[which]), "layer", student="1", secret=b"0"))

    assert "def tanh(self):" in text("values of values")
    assert "self.params = {}" in text("a network")
