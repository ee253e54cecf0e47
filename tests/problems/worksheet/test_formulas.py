"""What a worked solution prints of a step is what the step makes: its formula, and its numbers."""

import re

import numpy as np
import pytest

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import Named, Sized
from gradgrade.oracle.derivation.formulas.rewriting import named_in
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet.worked import WorkedStep, work
from tests.oracle.derivation.formulas.held import hold
from tests.problems.programs import PROGRAMS, program, set_of
from tests.problems.worksheet.test_numbers import has
from tests.problems.worksheet.worksheets import KINDS, of_kind, two_layers

REFERENCE = Reference(digits=30)

CHECKED = """
program = '''
s = tanh(W @ x + b)
L = sum(s**2) * c
'''
arrays = { x = [3], W = [2, 3], b = [2], c = [] }
differentiate = "L"
parameters = ["W", "b"]
optimizer = { name = "sgd", learning_rate = 0.1 }
ask = [
  "s", "L", "dW", { jacobian = ["s", "x"] }, { quotient = "W", h = 1e-2 },
  { jacobian = ["L", "x"] }, { relative_difference = "W", h = 1e-2 },
  { quotient = "c", h = 1e-4 }, { shape = "dW" }, { count = "parameters" },
]
"""


def checked_network(convention: str) -> Exercise:
    """A network whose weights, biases and inputs are checked by differences."""
    facts = [
        {"quotient": "W1", "h": 0.01},
        {"relative_difference": "W1", "h": 0.01},
        {"quotient": "b1", "h": 0.01},
        {"quotient": "x", "h": 0.01},
    ]
    return two_layers(convention, batch=2, inputs=2, ask=["loss", "dW1", "db1", "dx", *facts])


def exercise_of(kind: str) -> Exercise:
    """An exercise by what it is called below."""
    if kind in PROGRAMS:
        return program(kind)
    if kind == "checked program":
        return ungated(set_of(CHECKED), "program", student="1", secret=b"0")
    return checked_network(kind.split()[-1]) if kind.startswith("checked") else of_kind(kind)


CHECKS = ("checked program", "checked network column", "checked network row")


@pytest.mark.parametrize("kind", [*CHECKS, *PROGRAMS, *KINDS])
def test_every_formula_of_a_solution_is_the_rule_of_its_step(kind: str):
    derivation = exercise_of(kind).derivation()
    found = hold(derivation)
    assert found.not_at_all == {}
    assert found.nearly == {str(step.name) for step in derivation.steps}


@pytest.mark.parametrize("kind", [*CHECKS, *PROGRAMS[:-1]])
def test_the_numbers_that_are_printed_come_to_the_result_that_is_printed(kind: str):
    exercise = exercise_of(kind)
    steps = [step for part in work(exercise, digits=8).parts for step in part.steps]
    whole = [step for step in steps if shows_all_of_its_numbers(step, exercise)]
    assert len(whole) > len(steps) / 3
    for step in whole:
        found, made = printed(step, exercise)
        np.testing.assert_allclose(found, made, rtol=1e-3, atol=1e-4, err_msg=step.made.name)


@pytest.mark.parametrize("kind", CHECKS)
def test_what_is_moved_is_the_entry_that_is_told_as_documents_count_them(kind: str):
    exercise = exercise_of(kind)
    (part,) = work(exercise, digits=8).parts
    weights = "W" if "W" in exercise.given else "W1"
    given = [float(each.text) for each in flatten(exercise.given[weights])]
    moved = {
        step.made.name: [float(each) for each in flatten(step.made.array)]
        for step in part.steps
        if re.fullmatch(rf"(plus|minus) h in entry \d+_{weights}", step.made.name)
    }
    for number in range(1, len(given) + 1):
        for sign, by in (("plus", 0.01), ("minus", -0.01)):
            expected = list(given)
            expected[number - 1] += by
            found = moved.pop(f"{sign} h in entry {number}_{weights}")
            assert found == pytest.approx(expected)
    assert not moved


@pytest.mark.parametrize("kind", CHECKS)
def test_no_two_steps_have_one_name(kind: str):
    names = [step.name for step in exercise_of(kind).derivation().steps]
    assert len(set(names)) == len(names)


def shows_all_of_its_numbers(step: WorkedStep, exercise: Exercise) -> bool:
    """Whether no array in it is only named; indices stand for rows that they pick."""
    if step.numbers is None or has(step.numbers, Named, Sized):
        return False
    return not any(exercise.picks(str(name), 1) for name in named_in(step.formula))


def printed(step: WorkedStep, exercise: Exercise) -> tuple[np.ndarray, np.ndarray]:
    """What the numbers of a step come to, and its result, entry by entry."""
    with REFERENCE.active():
        value = evaluate(step.numbers, {}, REFERENCE, convention=exercise.convention)
    found = np.array([float(each) for row in REFERENCE.rows(value) for each in row])
    rows = [row for grid in step.made.grids for row in grid.rows]
    made = np.array([float(each) for row in rows for each in row])
    return np.broadcast_to(found, made.shape) if found.size == 1 else found, made
