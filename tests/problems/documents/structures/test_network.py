"""Networks in documents: given upstream gradients in place of a loss, and initial states."""

import pytest

from gradgrade.problems import Exercise, ProblemSet, generate, grade
from tests.problems.documents.structures.issued import right


@pytest.mark.parametrize(
    ("layers", "inputs"),
    [
        ('[{ type = "dense", units = 3, activation = "relu" }]', "2"),
        ('[{ type = "convolution", filters = 2, kernel = [2, 2] }]', "[1, 3, 3]"),
        ('[{ type = "max_pooling", size = [2, 2] }]', "[1, 4, 4]"),
        ('[{ type = "batch_normalization" }]', "3\nbatch = 4"),
        ('[{ type = "lstm", units = 2 }, { type = "last_step" }]', "[2, 2]"),
    ],
)
def test_a_network_is_given_the_gradient_of_its_output_in_place_of_a_loss(layers, inputs):
    problem_set = ProblemSet.from_toml(
        f"""
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "backward"
inputs = {inputs}
layers = {layers}
upstream = true
ask = ["all"]
"""
    )
    exercise = generate(problem_set, "backward", student="ada", secret=b"0")
    last = f"da{len(exercise.layers)}"
    assert last in exercise.given
    assert last not in [part.name for part in exercise.ask]
    assert grade(exercise, right(exercise)).outcome == "correct"


@pytest.mark.parametrize(
    ("layer", "states"),
    [
        ('{ type = "recurrent", units = 2, initial_state = true }', ["dh0_1"]),
        ('{ type = "lstm", units = 2, initial_state = true }', ["dh0_1", "dc0_1"]),
    ],
)
@pytest.mark.parametrize(
    "rest",
    [
        "upstream = true\nbatch = 2",
        'loss = "half_squared_error"\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 2',
    ],
)
def test_a_recurrent_layer_is_given_its_initial_state(layer, states, rest):
    problem_set = ProblemSet.from_toml(
        f"""
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "cell"
inputs = [2, 2]
layers = [{layer}, {{ type = "last_step" }}]
{rest}
ask = ["all"]
"""
    )
    exercise = generate(problem_set, "cell", student="ada", secret=b"0")
    asked = {part.name.partition("@")[0] for part in exercise.ask}
    assert set(states) <= asked
    assert {state.removeprefix("d") for state in states} <= set(exercise.given)
    assert grade(exercise, right(exercise)).outcome == "correct"
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_a_layer_without_an_initial_state_says_nothing_of_one():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "cell"
inputs = [2, 2]
layers = [{ type = "lstm", units = 1 }]
loss = "half_squared_error"
ask = ["dx"]
"""
    )
    exercise = generate(problem_set, "cell", student="ada", secret=b"0")
    assert "initial_state" not in exercise.to_json()
