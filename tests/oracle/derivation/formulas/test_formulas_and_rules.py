"""Every formula is what its rule makes, in both conventions; and so are those of the records."""

from fractions import Fraction

import pytest

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import Equality, Expression
from gradgrade.oracle.functions.activations import ACTIVATIONS
from tests.oracle.derivation.formulas.held import DIGITS, RELATIVE, entries, hold
from tests.oracle.derivation.formulas.structures import CONVENTIONS, FAMILIES

STRUCTURES = {
    f"{convention} {family.__name__} {name}": derivation
    for convention in CONVENTIONS
    for family in FAMILIES
    for name, derivation in family(convention)
}


@pytest.mark.parametrize("derivation", STRUCTURES.values(), ids=STRUCTURES)
def test_every_formula_is_its_rule(derivation: Derivation):
    found = hold(derivation)
    assert found.not_at_all == {}
    assert found.nearly == {str(step.name) for step in derivation.steps}
    assert found.exactly


NUMBERS = {"alpha": Fraction(3, 10)}


def forms(formula: Expression) -> list[Expression]:
    """The forms of one thing that a formula states."""
    if isinstance(formula, Equality):
        return [*forms(formula.left), *forms(formula.right)]
    return [formula]


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_every_form_of_an_activation_and_of_its_derivative_is_its_rule(activation):
    reference = Reference(digits=DIGITS)
    letters = activation.letters
    z = reference.matrix([[Fraction(-7, 5), Fraction(1, 3)], [Fraction(1, 7), Fraction(-1, 9)]])
    own = [reference.matrix([[NUMBERS[name]]]) for name in activation.numbers]
    known = dict(zip(letters, (z, *own), strict=True))
    held = {activation.formula: activation.apply(reference, z, *own)}
    if activation.derivative_formula:
        ones = reference.matrix([[1, 1], [1, 1]])
        held[activation.derivative_formula] = activation.pull_back(reference, ones, z, *own)
    for formula, made in held.items():
        for form in forms(formula(*letters)):
            value = evaluate(form, known, reference)
            ones = reference.add(reference.zeros(2, 2), value)
            for found, right in zip(
                entries(ones, reference), entries(made, reference), strict=True
            ):
                assert abs(found - right) <= RELATIVE * abs(right)
