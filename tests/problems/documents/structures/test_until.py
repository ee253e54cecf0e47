"""Training until something holds stops where plain code does, of programs and of networks."""

import pytest

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.walking import evaluate
from gradgrade.problems import Exercise, ProblemSet, generate, grade
from tests.oracle.derivation.formulas.held import difference
from tests.problems.documents.structures.issued import numbers, right, variant


def trained_until(w, x, y, *, rate, bound):
    """Plain Python's descent on mean((w x − y)²), and how many updates it takes."""
    steps = 0
    while True:
        errors = [w * a - b for a, b in zip(x, y, strict=True)]
        loss = sum(each**2 for each in errors) / len(errors)
        if loss < bound:
            return steps, w, loss
        w -= rate * sum(2 * e * a for e, a in zip(errors, x, strict=True)) / len(errors)
        steps += 1


@pytest.mark.parametrize("student", ["ada", "alan", "grace"])
def test_training_stops_where_plain_code_stops(student):
    exercise = variant(
        """
arrays = { x = [3], w = [], y = [3] }
program = "L = mean((w * x - y)**2)"
differentiate = "L"
parameters = ["w"]
optimizer = { name = "sgd", learning_rate = 0.05 }
until = { loss_below = 0.8, at_most = 12 }
ask = ["steps", "w_new", "L"]
""",
        student,
    )
    given = {name: numbers(array) for name, array in exercise.given.items()}
    steps, w, loss = trained_until(given["w"], given["x"], given["y"], rate=0.05, bound=0.8)
    answers = right(exercise)
    assert answers["steps"] == steps
    assert (answers["w_new"], answers["L"]) == (pytest.approx(w), pytest.approx(loss))
    assert grade(exercise, {"steps": steps, "w_new": w, "L": loss}).outcome == "correct"
    assert grade(exercise, {"steps": steps + 1, "w_new": w, "L": loss}).outcome == "partial"


def stopped_early(w, given, *, rate, patience):
    """Plain Python's descent that watches other data, and how many updates it takes."""

    def errors(x, y):
        return [w * a - b for a, b in zip(x, y, strict=True)]

    losses, steps = [], 0
    while True:
        losses.append(sum(each**2 for each in errors(given["xv"], given["yv"])) / len(given["xv"]))
        before, last = losses[:-patience], losses[-patience:]
        if before and min(last) > min(before):
            return steps, w
        x, own = given["x"], errors(given["x"], given["y"])
        w -= rate * sum(2 * e * a for e, a in zip(own, x, strict=True)) / len(x)
        steps += 1


@pytest.mark.parametrize("student", ["ada", "alan", "grace"])
def test_training_stops_early_where_plain_code_does(student):
    exercise = variant(
        """
arrays = { x = [3], w = [], y = [3], xv = [3], yv = [3] }
program = "L = mean((w * x - y)**2)"
differentiate = "L"
parameters = ["w"]
optimizer = { name = "sgd", learning_rate = 0.05 }
until = { patience = 2, validation = { x = "xv", y = "yv" }, at_most = 12 }
ask = ["steps", "w_new"]
""",
        student,
    )
    given = {name: numbers(array) for name, array in exercise.given.items()}
    steps, w = stopped_early(given["w"], given, rate=0.05, patience=2)
    assert right(exercise) == {"steps": steps, "w_new": pytest.approx(w)}
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_a_network_is_given_what_it_is_validated_with():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "early"
inputs = 2
batch = 3
layers = [{ type = "dense", units = 1 }]
loss = "squared_error"
optimizer = { name = "sgd", learning_rate = 0.1 }
until = { patience = 2, at_most = 15 }
ask = ["steps", "updates", "loss"]
"""
    )
    exercise = generate(problem_set, "early", student="ada", secret=b"0")
    assert {"x_validation", "y_validation"} <= set(exercise.given)
    assert grade(exercise, right(exercise)).outcome == "correct"


def test_a_network_stops_where_its_gradient_vanishes():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "vanishing"
inputs = 1
batch = 3
layers = [{ type = "dense", units = 1, bias = "none" }]
loss = "squared_error"
optimizer = { name = "sgd", learning_rate = 0.2 }
until = { gradient_norm_below = 0.2, at_most = 12 }
ask = ["steps", "dW1", "updates"]
"""
    )
    exercise = generate(problem_set, "vanishing", student="ada", secret=b"0")
    answers = right(exercise)
    assert abs(answers["dW1"][0][0]) < 0.2
    assert 1 <= answers["steps"] <= 12
    assert Exercise.from_json(exercise.to_json()) == exercise


@pytest.mark.parametrize(
    "until",
    [
        "{ loss_below = 0.8, at_most = 12 }",
        "{ gradient_norm_below = 0.9, at_most = 12 }",
        '{ patience = 2, validation = { x = "xv", y = "yv" }, at_most = 12 }',
        '{ patience = 1, validation = { y = "yv" }, at_most = 12 }',
    ],
)
@pytest.mark.parametrize("student", ["ada", "alan"])
def test_every_formula_of_training_that_stops_is_what_its_rule_makes(until, student):
    exercise = variant(
        f"""
arrays = {{ x = [3], w = [], y = [3], xv = [3], yv = [3] }}
program = "L = mean((w * x - y)**2)"
differentiate = "L"
parameters = ["w"]
optimizer = {{ name = "sgd", learning_rate = 0.05 }}
until = {until}
ask = ["steps", "w_new"]
""",
        student,
    )
    derivation, reference = exercise.derivation(), Reference(digits=50)
    values = evaluate(derivation, exercise.givens(), reference).matrices
    wrong = {
        str(step.name): difference(derivation, step, dict(values), values[step.name], reference)
        for step in derivation.steps
    }
    assert {name: why for name, why in wrong.items() if why} == {}
    assert {"met@1", "stops@1", "steps"} <= wrong.keys()
