"""The numbers that are put into formulas: the right ones, in the right places, and nothing else."""

import numpy as np
import pytest

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Sized, parts
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.formulas.rewriting import named_in
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems import Exercise, generate, solve
from gradgrade.problems.worksheet.worked import WorkedStep, work
from tests.problems.programs import set_of
from tests.problems.worksheet.worksheets import KINDS, of_kind, two_layers

REFERENCE = Reference(digits=20)


def step_of(exercise: Exercise, name: str) -> WorkedStep:
    (part,) = work(exercise, digits=2).parts
    return next(step for step in part.steps if step.made.name == name)


def has(formula: Expression, *kinds: type[Expression]) -> bool:
    """Whether there is a part of some kinds in a formula."""
    return isinstance(formula, kinds) or any(has(part, *kinds) for part in parts(formula))


def assert_is_its_result(step: WorkedStep, exercise: Exercise, digits: int) -> None:
    assert step.numbers is not None
    with REFERENCE.active():
        value = evaluate(step.numbers, {}, REFERENCE, convention=exercise.convention)
    found = np.array([[float(each) for each in row] for row in REFERENCE.rows(value)])
    (grid,) = step.made.grids
    result = np.array([[float(each) for each in row] for row in grid.rows])
    assert found.shape == result.shape
    within = 50 * 10.0**-digits
    np.testing.assert_allclose(found, result, rtol=within, atol=within)


@pytest.mark.parametrize("convention", ["column", "row"])
@pytest.mark.parametrize("name", ["z1", "z2", "dW1", "dW2", "da1", "dx", "W1_new", "b1_new"])
def test_a_formula_with_its_numbers_is_its_result(convention: str, name: str):
    exercise = two_layers(convention)
    assert_is_its_result(step_of(exercise, name), exercise, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_so_is_every_other_whose_numbers_are_all_there(kind: str):
    exercise = of_kind(kind)
    steps = [step for part in work(exercise, digits=6).parts for step in part.steps]
    complete = [
        step
        for step in steps
        if step.numbers and not has(step.numbers, Named, Sized) and len(step.made.grids) == 1
    ]
    for step in complete:
        assert_is_its_result(step, exercise, 6)
    assert complete


@pytest.mark.parametrize("convention", ["column", "row"])
def test_bias_vectors_stand_as_the_convention_has_them(convention: str):
    (grid,) = step_of(two_layers(convention), "db1").made.grids
    assert (len(grid.rows), len(grid.rows[0])) == ((4, 1) if convention == "column" else (1, 4))


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_that_reads_something_shows_numbers_or_shapes(kind: str):
    steps = [step for part in work(of_kind(kind), digits=6).parts for step in part.steps]
    shown = [step.numbers for step in steps if step.numbers is not None]
    assert len(shown) > len(steps) / 2
    assert not any(list(named_in(numbers)) for numbers in shown)


def test_a_large_matrix_is_named_with_its_shape():
    exercise = two_layers(inputs=7)
    numbers = to_latex(step_of(exercise, "z1").numbers)
    assert r"\underset{4 \times 7}{W_{1}}" in numbers
    assert r"\underset{7 \times 5}{x}" in numbers


def test_the_samples_are_counted_in_the_loss():
    numbers = to_latex(step_of(two_layers(), "loss").numbers)
    assert numbers.startswith(r"\tfrac{1}{5}\sum_n \sum_k")
    assert "(a" not in numbers


def test_the_widest_is_named_where_a_formula_would_not_fit_a_page():
    exercise = two_layers(inputs=6, batch=6)
    (part,) = work(exercise, digits=6).parts
    numbers = next(step.numbers for step in part.steps if step.made.name == "dW1")
    assert to_latex(numbers).startswith(r"\underset{4 \times 6}{\delta_{1}} \, {\begin{bmatrix}")


def test_a_penalty_is_written_out_for_each_matrix():
    exercise = two_layers(regularization={"l2": 0.1}, ask=["loss"])
    numbers = to_latex(step_of(exercise, "l2_penalty").numbers)
    assert numbers.startswith(r"\tfrac{1}{2} \cdot 0.1 \left(\sum")
    assert numbers.count(r"\sum") == 2


CANCELS = """
arrays = { q = [2], k = [2], c = [] }
program = '''
s = q @ k
t = s / np.sqrt(2)
L = exp(t) * c
'''
differentiate = "L"
given = { q = [-1.2, 0.2], k = [0.3, 1.8], c = 3e-18 }
ask = ["s", "t", "L", "dc", "dq"]
"""


def test_what_is_zero_but_for_the_rounding_of_decimals_to_doubles_is_shown_as_zero():
    exercise = generate(set_of(CANCELS), "program", student="1", secret=b"0")
    worked = work(exercise, digits=6)
    (steps,) = (part.steps for part in worked.parts)
    made = {step.made.name: step.made.array for step in steps}
    assert (made["s"], made["t"]) == ("0", "0")
    assert worked.numbers[Name("s")] == "0"
    # The document of the solution has what is proven of the doubles that were given.
    assert float(solve(exercise)["s"].value) != 0


def test_what_is_small_and_well_determined_is_shown_as_it_is():
    exercise = generate(set_of(CANCELS), "program", student="1", secret=b"0")
    assert work(exercise, digits=6).numbers[Name("L")] == "3.000E-18"
