"""Names are records: how they are written, and that nothing is read off a text."""

from itertools import combinations, product
from typing import Any

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions import mistakes

WEIGHTS = Name("W", 1)
PART = r"\left(\frac{\partial L}{\partial W_{1}}^{(2)}\right)_{\mathrm{l2}}"

WRITTEN = [
    (WEIGHTS, "W1", "W_{1}"),
    (Name("b", 12, 3).updated, "b12_new@3", r"b_{12}^{\mathrm{new}(3)}"),
    (Name("loss"), "loss", "L"),
    (Name("loss", 0, 10), "loss@10", "L^{(10)}"),
    (Name("Wxh", 2), "Wxh_2", "W_{xh,2}"),
    (Name("Wxh", 2).updated, "Wxh_2_new", r"W_{xh,2}^{\mathrm{new}}"),
    (Name("bi", 2).gradient, "dbi_2", r"\frac{\partial L}{\partial b_{i,2}}"),
    (Name("gamma", 1).state("v"), "vgamma_1", r"V_{\gamma_{1}}"),
    (Name("z", 1).gradient, "delta1", r"\delta_{1}"),
    (Name("z", 1, 2, 3).gradient, "delta_at3_1@2", r"\delta_{3,1}^{(2)}"),
    (Name("zi", 1, time=3).gradient, "delta_i3_1", r"\delta_{i3,1}"),
    (Name("h", 1, time=0), "h0_1", "h_{0,1}"),
    (Name("h", 1, time=2).gradient, "dh2_1", r"\frac{\partial L}{\partial h_{2,1}}"),
    (Name("x", 0, 2).gradient, "dx@2", r"\frac{\partial L}{\partial x}^{(2)}"),
    (Name("W", 1, 2).gradient.part("l2"), "l2_dW1@2", PART),
    (WEIGHTS.state("v").start, "initial_vW1", r"\left(V_{W_{1}}\right)_{\mathrm{0}}"),
    (Name("x", 0, 2).part("sample"), "sample_x@2", r"\left(x^{(2)}\right)_{\mathrm{sample}}"),
    (Name("epsilon"), "epsilon", r"\varepsilon"),
    (Name("epsilon", 2), "epsilon2", r"\varepsilon_{2}"),
    (Name("mask", 2), "mask_2", "M_{2}"),
]


@pytest.mark.parametrize(("name", "text", "formula"), WRITTEN)
def test_names_are_written_as_documents_and_formulas_write_them(name, text, formula):
    assert str(name) == text
    assert str(name.bare) == text.split("@")[0]
    assert to_latex(Named(name)) == formula


RELATED = {
    "itself": lambda name: name,
    "gradient": lambda name: name.gradient,
    "update": lambda name: name.updated,
    "velocity": lambda name: name.state("v"),
    "squares": lambda name: name.state("s"),
    "start": lambda name: name.start,
    "part": lambda name: name.part("v"),
    "other part": lambda name: name.part("gradient"),
    "gradient of update": lambda name: name.updated.gradient,
}


@pytest.mark.parametrize(("first", "second"), list(combinations(RELATED, 2)))
def test_a_gradient_is_never_equal_to_an_update_nor_any_relation_to_another(first, second):
    one, other = RELATED[first](WEIGHTS), RELATED[second](WEIGHTS)
    assert one != other
    assert len({one, other, WEIGHTS}) in (2, 3)
    assert str(one) != str(other)


def test_different_names_have_different_texts():
    names = [
        related(Name(text, layer, iteration))
        for text, layer, iteration in product(("W", "z", "mask"), (1, 11), (0, 1))
        for related in RELATED.values()
    ]
    assert len(set(map(str, names))) == len(names)


@pytest.mark.parametrize("relation", RELATED)
def test_a_derived_name_has_the_layer_and_iteration_of_what_it_is_derived_from(relation):
    derived = RELATED[relation](Name("W", 2, 3))
    assert (derived.layer, derived.iteration) == (2, 3)
    assert derived.gradient.of == derived


# Names that anybody may choose mean nothing by their text.

CHOSEN = {
    "dropout": r"\mathrm{dropout}",
    "delta_x": r"\mathrm{delta\_x}",
    "Wq": r"\mathrm{Wq}",
    "data_dW": r"\mathrm{data\_dW}",
    "initial_value": r"\mathrm{initial\_value}",
    "W_new": r"\mathrm{W\_new}",
    "mask": r"\mathrm{mask}",
    "beta": r"\mathrm{beta}",
    "vW": r"\mathrm{vW}",
    "q": "q",
    "h12": "h_{12}",
}


@pytest.mark.parametrize(("text", "formula"), list(CHOSEN.items()))
def test_a_chosen_name_is_written_as_it_is(text, formula):
    name = Name(text)
    assert str(name) == text
    assert to_latex(Named(name)) == formula
    assert to_latex(Named(name.gradient)) == rf"\frac{{\partial L}}{{\partial {formula}}}"
    assert str(name.gradient) == f"d{text}"


def test_a_chosen_z_is_no_pre_activation():
    assert str(Name("z").gradient) == "dz"
    assert to_latex(Named(Name("zi").gradient)) == r"\frac{\partial L}{\partial \mathrm{zi}}"


@pytest.mark.parametrize("text", ["W1", "dW1", "delta1", "z1", "W1_new", "vW1", "data_dW1", "b1"])
def test_steps_are_told_by_their_roles_and_not_by_what_they_are_called(text):
    """A step of a chosen name, which says nothing of itself, is subject to no mistake."""
    network = Network(inputs=2, layers=(Dense(units=2, activation="tanh"),))
    given = Quantity(Name("y1"), (2, 2), Layout.WEIGHTS, Group.GIVEN)
    loss = derive(network, Loss(name="squared_error"), Optimizer())

    def rule(_: Any, *matrices: Any) -> Any:
        return matrices[0]

    quantity = Quantity(Name(text), (2, 2), Layout.WEIGHTS, Group.INTERNAL)
    alone = Step(quantity, (given.name,), rule, Named(given.name))
    chosen = Derivation(
        givens=(*loss.givens, given),
        steps=(alone, *loss.steps),
        convention="column",
        iterations=1,
    )
    for mistake in mistakes(chosen):
        assert mistake.derivation.by_name[alone.name] is alone, mistake.misconception.code
