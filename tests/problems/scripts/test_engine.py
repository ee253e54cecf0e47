"""A program written for a student's engine."""

import pytest

from gradgrade.problems import DocumentError, ProblemSet, generate

SET = """
schema = "gradgrade/problem-set/1"
name = "engines"
[[exercises]]
name = "exercise"
type = "program"
arrays = { x = [2], ids = { shape = [1], integers = [0, 1] } }
program = '''
u = x[ids] * 2
L = np.sum(relu(u) + maximum(u, 1.0), axis=0, keepdims=False)
'''
differentiate = "L"
ask = ["L", "du", "dx"]
[exercises.code.engine]
"""

FUNCTIONS = 'functions = { relu = "F.relu({})", maximum = "{}.maximum({})" }\n'


def script(text: str) -> str:
    exercise = generate(ProblemSet.from_toml(text), "exercise", student="1", secret=b"0")
    assert exercise.code is not None
    return exercise.code.script


def test_a_program_is_written_over_nodes():
    assert script(SET + FUNCTIONS + 'data = "{}.numpy()"\ngradient = "grad_of({})"\n') == (
        "x_ = Value(x)\n"
        "u_ = x_[ids] * 2\n"
        "L_ = (F.relu((u_)) + (u_).maximum((1.0))).sum(axis=0, keepdims=False)\n"
        "L_.backward()\n"
        "L = L_.numpy()\n"
        "du = grad_of(u_)\n"
        "dx = grad_of(x_)\n"
    ).replace("(F.relu((u_)) + (u_).maximum((1.0)))", "(F.relu(u_) + u_.maximum(1.0))")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SET.replace('differentiate = "L"', 'upstream = ["L"]'), "write differentiate"),
        (SET + 'value = "Value"\n', "has no place for the node: write {}"),
        (SET + 'operators = ["tanh"]\n', "no two nodes are ever put together"),
        (SET + 'operators = ["*", "@"]\n', "of matrices no number comes: add sum"),
        (SET.replace('"dx"]', '{ shape = "dx" }]'), "is nothing that an engine has"),
        (
            SET.replace(".engine]", "]\nscript = 'L = f(x)'\n[exercises.code.engine]"),
            "leave it out",
        ),
    ],
)
def test_what_has_no_form_in_nodes_is_refused(wrong: str, told: str):
    with pytest.raises(DocumentError, match=told):
        script(wrong)


def test_an_engine_is_of_a_program():
    network = """
schema = "gradgrade/problem-set/1"
name = "engines"
[[exercises]]
name = "exercise"
inputs = 1
layers = [{ type = "dense", units = 1 }]
loss = { name = "half_squared_error" }
ask = ["loss"]
[exercises.code.engine]
"""
    with pytest.raises(DocumentError, match='write type = "program"'):
        script(network)
