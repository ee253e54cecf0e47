"""How a mistake is written is what its rule makes, wherever it is known how."""

import random
from fractions import Fraction

import pytest

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Matrix
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import OracleError
from gradgrade.problems.catalogue import load
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.templates.template import compile_template
from tests.catalogue import CATALOGUE
from tests.examples import spread
from tests.oracle.derivation.formulas.held import (
    DIGITS,
    RELATIVE,
    drawn_given,
    entries,
    spoken_of,
)

LARGEST = 60
"""So many steps have the structures that are tried; longer ones repeat the same."""

TOLD = 0.9
"""Of so many of the mistakes it is known how they are written."""


def structures() -> dict[str, Derivation]:
    """Each structure of the catalogue once."""
    found = {}
    for name, exercise in CATALOGUE:
        derivation = compile_template(load(name), exercise).derivation
        if len(derivation.steps) <= LARGEST:
            found[derivation] = exercise
    return {exercise: derivation for derivation, exercise in found.items()}


STRUCTURES = structures()


def rewritten(right: Derivation, mistake: Mistake) -> list[Step]:
    """The steps that a mistake changes and says how."""
    return [
        step
        for step in mistake.derivation.steps
        if step.name in right.by_name and step.formula is not right.by_name[step.name].formula
    ]


def walked(derivation: Derivation, arithmetic: Reference) -> dict[Name, Matrix]:
    """Every value from drawn givens."""
    draw = random.Random(1)
    known = {each.name: arithmetic.matrix(drawn_given(each, draw)) for each in derivation.givens}
    for step in derivation.steps:
        known[step.name] = step.rule(arithmetic, *(known[name] for name in step.reads))
    return known


def written(
    derivation: Derivation, step: Step, known: dict[Name, Matrix], arithmetic: Reference
) -> list[Fraction]:
    """What a formula comes to; of what is shown for the truth it speaks by the same name."""
    true = {name: known.get(name.part("true"), matrix) for name, matrix in known.items()}
    formula, is_row = derivation.formula(step), derivation.convention == "row"
    read = {name: true[name] for name in spoken_of(formula) if name in true}
    if is_row:
        read = {name: arithmetic.transpose(matrix) for name, matrix in read.items()}
    value = evaluate(formula, read, arithmetic, convention=derivation.convention)
    value = arithmetic.transpose(value) if is_row else value
    if arithmetic.shape(value) == (1, 1):
        value = arithmetic.add(arithmetic.zeros(*arithmetic.shape(known[step.name])), value)
    return entries(value, arithmetic)


@pytest.mark.parametrize("exercise", spread(list(STRUCTURES)))
def test_a_mistakes_formula_is_what_its_rule_makes(exercise):
    right = STRUCTURES[exercise]
    for mistake in mistakes(right):
        steps = rewritten(right, mistake)
        arithmetic = Reference(digits=DIGITS)
        try:
            known = walked(mistake.derivation, arithmetic) if steps else {}
        except (OracleError, MemoryError):
            continue  # with these numbers it has no value: a logarithm of what is not positive
        for step in steps:
            made = entries(known[step.name], arithmetic)
            value = written(mistake.derivation, step, known, arithmetic)
            assert len(value) == len(made), (mistake.subject, step.name)
            for one, other in zip(value, made, strict=True):
                assert abs(one - other) <= RELATIVE * abs(other), (mistake.subject, step.name)


def test_a_formula_that_is_not_the_mistakes_is_found():
    right = next(iter(STRUCTURES.values()))
    mistake = next(each for each in mistakes(right) if rewritten(right, each))
    step = rewritten(right, mistake)[0]
    arithmetic = Reference(digits=DIGITS)
    known = walked(mistake.derivation, arithmetic)
    wrong = written(right, right.by_name[step.name], known, arithmetic)
    assert wrong != entries(known[step.name], arithmetic)


def test_of_most_mistakes_it_is_known_how_they_are_written():
    told = [
        bool(rewritten(right, mistake))
        for right in STRUCTURES.values()
        for mistake in mistakes(right)
    ]
    assert sum(told) >= TOLD * len(told)
