"""The cost of an exercise is that of its steps, and known before it is checked as a whole."""

import pytest

from gradgrade.oracle.arithmetic.counting import Counting
from gradgrade.oracle.derivation import costs
from gradgrade.problems import DocumentError, generate, self_check
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.templates.cost import Workload, cost_of
from gradgrade.problems.templates.template import compile_template
from tests.catalogue import CATALOGUE
from tests.strategies import dense, problem_set, variant

DEFINITIONS = [
    pytest.param(each, id=f"{problem_set.name}/{each.name}")
    for problem_set in (*map(load, names()), self_check.battery())
    for each in problem_set.exercises
    if (problem_set.name, each.name) in CATALOGUE or problem_set.name not in names()
]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_rule_and_route_can_be_counted_and_makes_its_quantitys_shape(definition):
    derivation = definition.derive(getattr(definition, "batch", None) or 2)
    sizes = {each.name: each.matrix_shape for each in derivation.givens}
    for step in derivation.steps:
        for way in (step, *step.routes):
            found = way.rule(Counting(), *[sizes[name] for name in way.reads])
            assert tuple(found) == step.quantity.matrix_shape, step.name
        sizes[step.name] = step.quantity.matrix_shape


def test_a_set_and_what_is_drawn_of_it_have_one_cost():
    fields = {"layers": [dense(3, "tanh"), dense(2)], "batch": 4, "iterations": 2}
    exercise = variant(**fields, ask=["loss"])
    template = compile_template(problem_set(**fields, ask=["loss"]), "exercise")
    workload = Workload.of(exercise.to_data())
    assert workload.cost == cost_of(template) == costs.cost_of(exercise.derivation())


def test_layers_that_do_not_fit_together_have_no_cost():
    data = variant(layers=[dense(3)]).to_data()
    data["layers"] = [{"type": "flatten"}, {"type": "max_pooling", "size": [2, 2]}]
    with pytest.raises(DocumentError, match=r"^exercise: layer 2: an input of shape"):
        Workload.of(data).check(most=10**9)


def test_more_than_the_most_is_refused_with_both():
    data = variant(layers=[dense(3)]).to_data()
    cost = Workload.of(data).cost
    Workload.of(data).check(most=cost)
    with pytest.raises(DocumentError, match=f"its cost is {cost}, the most is {cost - 1}"):
        Workload.of(data).check(most=cost - 1)


def test_a_program_has_a_cost_before_it_is_checked_as_a_whole():
    exercise = generate(load("layers-backward"), "affine-backward", student="1", secret=b"0")
    assert Workload.of(exercise.to_data()).cost == costs.cost_of(exercise.derivation())
