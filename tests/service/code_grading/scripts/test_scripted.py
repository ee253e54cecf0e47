"""What a script does with a student's file, statement by statement, in the sandbox."""

import pytest

from tests.service.code_grading.conftest import needs_bubblewrap

from .running import LAYER, RIGHT, SCRIPT, executed, exercise_with, outcomes

pytestmark = needs_bubblewrap

ALL = ["a1", "dW1", "db1", "dx"]


def test_a_file_as_a_course_hands_it_out_earns_everything():
    (execution,) = executed(RIGHT, exercise_with())
    assert execution.failures == ()
    assert execution.findings == ()
    assert outcomes(execution) == dict.fromkeys(ALL, "correct")


def test_a_name_from_nowhere_is_no_given():
    # The givens lie over a copy of the student's names: their functions do not find them.
    wrong = RIGHT.replace("np.tanh(x @ W + b)", "np.tanh(x @ W1 + b)")
    (execution,) = executed(wrong, exercise_with())
    assert execution.failure.kind == "exception"
    assert execution.failure.message == "NameError: name 'W1' is not defined"
    assert (execution.failure.line, execution.failure.script_line) == (5, 1)
    assert execution.answers == {}


def test_givens_are_fresh_before_every_statement():
    spoiling = RIGHT + "\ndef step(W, dW):\n    W -= 0.5 * dW\n    return W\n"
    script = f"{SCRIPT}moved = (W1 - step(W1, dW1)) / 0.5\nsame = W1\n"
    script = script.replace("dW1, db1 =", "dW1_, db1 =").replace("dW1)", "dW1_)")
    script = script.replace("moved", "dW1").replace("(W1 - ", "(W1.copy() - ")
    (execution,) = executed(spoiling, exercise_with(script))
    assert outcomes(execution)["dW1"] == "correct"
    assert [(each.code, each.name) for each in execution.findings] == [("input_changed", "W1")]


def test_what_a_script_assigns_itself_it_keeps():
    script = "b1 = b1 + 0\nb1[:] = 0\n" + SCRIPT
    zeroed = RIGHT.replace("x @ W + b)", "x @ W + b)\n    assert not b.any()")
    (execution,) = executed(zeroed, exercise_with(script))
    assert execution.failures == ()


def test_what_was_answered_before_a_failure_keeps_its_points():
    broken = RIGHT.replace("d.sum(axis=0)", "d.summ(axis=0)")
    (execution,) = executed(broken, exercise_with())
    assert outcomes(execution) == {**dict.fromkeys(ALL, "missing"), "a1": "correct"}
    assert execution.failure.names == ("dW1", "db1", "dx")
    assert execution.failure_of("a1") is None
    assert execution.failure_of("dx") is execution.failure


def test_what_was_answered_before_a_timeout_keeps_its_points():
    slow = RIGHT.replace("    x, W, a = cache\n", "    while True: pass\n")
    (execution,) = executed(slow, exercise_with(), wall_seconds=1, cpu_seconds=2)
    assert outcomes(execution) == {**dict.fromkeys(ALL, "missing"), "a1": "correct"}
    assert execution.failure.kind == "timeout"


def test_after_a_failure_what_does_not_depend_on_it_is_run():
    script = """
a1, cache = forward(x, W1, b1)
dW1 = by_weights(da1, cache)
db1 = by_biases(da1, cache)
dx = dW1 @ W1.T
"""
    source = RIGHT.replace("def backward", "def by_biases").replace(
        "return d @ W.T, x.T @ d, d.sum(axis=0)", "return d.sum(axis=0)"
    )
    source += "\ndef by_weights(dout, cache):\n    raise NotImplementedError('TODO')\n"
    (execution,) = executed(source, exercise_with(script))
    assert outcomes(execution) == {
        "a1": "correct",
        "dW1": "missing",
        "db1": "correct",
        "dx": "missing",
    }
    assert len(execution.failures) == 1
    assert execution.failure.names == ("dW1", "dx")


def test_what_a_file_calls_as_an_answer_is_called_is_none():
    (execution,) = executed("a1 = dW1 = db1 = dx = 1.0\n", exercise_with())
    assert execution.answers == {}


def test_a_name_that_is_missed_is_told_with_the_nearest():
    (execution,) = executed(RIGHT.replace("def forward", "def Forward"), exercise_with())
    assert execution.failure.kind == "missing"
    assert execution.failure.message == (
        "the file defines no forward (there is Forward), used in line 1 of the script"
    )


def test_other_parameters_are_told_with_the_line_of_the_function():
    (execution,) = executed(RIGHT.replace("(x, W, b)", "(x, W)"), exercise_with())
    assert "takes 2 positional arguments but 3 were given; defined in line 4" in (
        execution.failure.message
    )
    assert execution.failure.script_line == 1


LAYER_CLASS = """
import numpy as np

class Dense:
    def __init__(self, inputs, units):
        self.W = np.zeros((inputs, units))
        self.b = np.zeros(units)

    def forward(self, x):
        self.x, self.a = x, np.tanh(x @ self.W + self.b)
        return self.a

    def backward(self, dout):
        d = dout * (1 - self.a**2)
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T
"""

LAYER_SCRIPT = """
layer = Dense(n0, n1)
layer.W, layer.b = W1, b1
a1 = layer.forward(x)
dx = layer.backward(da1)
dW1, db1 = layer.dW, layer.db
"""


def test_a_layer_class_is_used_as_a_course_uses_it():
    (execution,) = executed(LAYER_CLASS, exercise_with(LAYER_SCRIPT))
    assert execution.notes == ()
    assert outcomes(execution) == dict.fromkeys(ALL, "correct")


def test_an_attribute_that_is_set_and_was_not_there_is_told():
    other = LAYER_CLASS.replace("self.W", "self.weights")
    (execution,) = executed(other, exercise_with(LAYER_SCRIPT))
    (note,) = execution.notes
    assert note.startswith("line 2 of the script sets layer.W, which Dense did not have")
    assert "weights" in note
    assert outcomes(execution)["a1"] == "incorrect"


def test_an_attribute_that_is_missed_is_told_with_those_there_are():
    other = LAYER_CLASS.replace("self.dW", "self.grad")
    (execution,) = executed(other, exercise_with(LAYER_SCRIPT))
    assert "'Dense' object has no attribute 'dW'; it has W, a, b" in execution.failure.message
    assert outcomes(execution) == {
        "a1": "correct",
        "dW1": "missing",
        "db1": "missing",
        "dx": "correct",
    }


def test_biases_may_be_columns_and_names_a_courses_own():
    definition = LAYER.replace('"row"', '"column"')
    source = """
import numpy as np
def forward(X, weights, bias):
    assert bias.shape == (2, 1)
    a = np.tanh(weights @ X + bias)
    return a, (X, weights, a)
def backward(dout, cache):
    X, weights, a = cache
    d = dout * (1 - a**2)
    return weights.T @ d, d @ X.T, d.sum(axis=1, keepdims=True)
"""
    script = """
a1, cache = forward(X, weights, bias)
dx, gradW, gradb = backward(da1, cache)
"""
    code = (
        "column_biases = true\n"
        'rename = { x = "X", W1 = "weights", b1 = "bias", dW1 = "gradW", db1 = "gradb" }\n'
    )
    (execution,) = executed(source, exercise_with(script, definition=definition, code=code))
    assert outcomes(execution) == dict.fromkeys(ALL, "correct")


def test_sizes_and_numbers_stand_beside_the_givens():
    definition = """
inputs = 2
layers = [{ type = "dense", units = 2, activation = "sigmoid" }, { type = "dense", units = 1 }]
loss = { name = "half_squared_error" }
regularization = { l2 = 0.25 }
optimizer = { name = "sgd", learning_rate = 0.5 }
batch = 3
convention = "row"
ask = ["loss"]
"""
    source = "def told(*values):\n    print(*map(repr, values))\n    return 0.0\n"
    script = "loss = told(N, n0, n1, n2, learning_rate, l2)\n"
    (execution,) = executed(source, exercise_with(script, definition=definition))
    assert execution.stdout.split() == ["3", "2", "2", "1", "0.5", "0.25"]


def test_values_of_several_iterations_are_bound_by_at():
    definition = """
inputs = 1
layers = [{ type = "dense", units = 1, bias = "none" }]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.5 }
iterations = 2
batch = 1
convention = "row"
ask = ["loss@1", "loss@2"]
"""
    source = """
def train(x, y, W, rate, steps):
    losses = []
    for _ in range(steps):
        error = x @ W - y
        losses.append(0.5 * float((error**2).sum()))
        W = W - rate * x.T @ error
    return losses
"""
    script = "loss_at_1, loss_at_2 = train(x, y, W1, learning_rate, 2)\n"
    (execution,) = executed(source, exercise_with(script, definition=definition))
    assert outcomes(execution) == {"loss@1": "correct", "loss@2": "correct"}


def test_one_number_is_a_float_of_pythons():
    definition = """
type = "program"
arrays = { x = [], y = [] }
program = \"\"\"
u = x * y
L = np.tanh(u) + x * y * y
\"\"\"
differentiate = "L"
ask = ["L", "dx", "dy"]
"""
    source = """
import math
class Value:
    def __init__(self, data, parents=()):
        assert type(data) is float, type(data)
        self.data, self.grad, self.parents = data, 0.0, parents
    def __add__(self, other):
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))
    def __mul__(self, other):
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))
    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))
    def backward(self, upstream=1.0):
        self.grad += upstream
        for parent, local in self.parents:
            parent.backward(upstream * local)
"""
    script = """
u, v = Value(x), Value(y)
out = (u * v).tanh() + u * v * v
out.backward()
L, dx, dy = out.data, u.grad, v.grad
"""
    (execution,) = executed(source, exercise_with(script, definition=definition))
    assert outcomes(execution) == {"L": "correct", "dx": "correct", "dy": "correct"}


@pytest.mark.parametrize(
    "value", ["'text'", "None", "object()", "[[1], [1, 2]]", "np.zeros(0)", "lambda: 0"]
)
def test_what_is_no_array_is_left_out_and_the_others_stay(value):
    odd = RIGHT.replace("d.sum(axis=0)", value)
    (execution,) = executed(odd, exercise_with())
    assert sorted(execution.answers) == ["a1", "dW1", "dx"]


def test_a_key_that_is_missed_is_told_with_those_there_are():
    source = """
import numpy as np
def train(x, W, b, dout):
    a = np.tanh(x @ W + b)
    d = dout * (1 - a**2)
    return a, {"dw1": x.T @ d, "db1": d.sum(axis=0), "dx": d @ W.T}
"""
    script = """
a1, grads = train(x, W1, b1, da1)
dW1, db1, dx = grads["dW1"], grads["db1"], grads["dx"]
"""
    (execution,) = executed(source, exercise_with(script))
    assert execution.failure.message == "KeyError: 'dW1'; there is 'dw1', 'db1', 'dx'"
    assert outcomes(execution)["a1"] == "correct"
