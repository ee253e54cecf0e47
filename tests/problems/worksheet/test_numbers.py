"""The numbers that are put into formulas: the right ones, in the right places, and nothing else."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import Exercise
from gradgrade.problems.worksheet.formulas.put_in import put_in
from gradgrade.problems.worksheet.formulas.tokens import tokens_of
from gradgrade.problems.worksheet.worked import WorkedStep, right_side, work
from tests.problems.worksheet.test_worksheet import every_formula
from tests.problems.worksheet.worksheets import KINDS, of_kind, two_layers

MATRIX = re.compile(r"\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}")


def number(text: str) -> float:
    """A numeral of LaTeX."""
    return float(re.sub(r" \\times 10\^\{(-?\d+)\}", r"e\1", text))


def matrix(text: str) -> Any:
    """The inside of a bmatrix."""
    return np.array([[number(each) for each in row.split(" & ")] for row in text.split(r" \\ ")])


def evaluated(formula: str) -> Any:
    """The value of sums and products of matrices."""
    matrices = []

    def name(found: re.Match[str]) -> str:
        matrices.append(matrix(found[1]))
        return f"M[{len(matrices) - 1}]"

    code = MATRIX.sub(name, formula)
    code = re.sub(r"\{(M\[\d+\])\}\^\{\\mathsf\{T\}\}", r"\1.T", code)
    code = re.sub(r"(?<=[\d]) (?=M)", " * ", code.replace(r"\,", "@"))
    assert "\\" not in code, code
    return eval(code, {"M": matrices})


def step_of(exercise: Exercise, name: str) -> WorkedStep:
    (part,) = work(exercise, digits=2).parts
    return next(step for step in part.steps if step.made.name == name)


@pytest.mark.parametrize("convention", ["column", "row"])
@pytest.mark.parametrize("name", ["z1", "z2", "dW1", "dW2", "da1", "dx", "W1_new", "b1_new"])
def test_a_formula_with_its_numbers_is_its_result(convention: str, name: str):
    step = step_of(two_layers(convention), name)
    assert step.numbers is not None
    (grid,) = step.made.grids
    result = np.array([[float(entry) for entry in row] for row in grid.rows])
    found = evaluated(step.numbers)
    assert found.shape == result.shape
    np.testing.assert_allclose(found, result, rtol=0.1, atol=0.02)


@pytest.mark.parametrize("convention", ["column", "row"])
def test_bias_vectors_stand_as_the_convention_has_them(convention: str):
    (grid,) = step_of(two_layers(convention), "db1").made.grids
    assert (len(grid.rows), len(grid.rows[0])) == ((4, 1) if convention == "column" else (1, 4))


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_that_reads_something_shows_numbers_or_shapes(kind: str):
    exercise = of_kind(kind)
    steps = {str(step.name): step for step in exercise.derivation().steps}
    shown = 0
    for part in work(exercise, digits=6).parts:
        for step in part.steps:
            formula = right_side(steps[step.made.name].formula)
            if step.numbers is not None:
                assert step.numbers != formula
                assert re.search(r"bmatrix|underset|\d", step.numbers)
                shown += 1
    assert shown > len(steps) / 2


def test_a_large_matrix_is_named_with_its_shape():
    exercise = two_layers(inputs=7)
    numbers = step_of(exercise, "z1").numbers
    assert numbers is not None
    assert r"\underset{4 \times 7}{W_{1}}" in numbers
    assert r"\underset{7 \times 5}{x}" in numbers


def test_the_samples_are_counted_in_the_loss():
    numbers = step_of(two_layers(), "loss").numbers
    assert numbers is not None
    assert numbers.startswith(r"\tfrac{1}{5}\sum_n \sum_k")
    assert "(a" not in numbers


def test_the_widest_is_named_where_a_formula_would_not_fit_a_page():
    exercise = two_layers(inputs=6, batch=6)
    (part,) = work(exercise, digits=6).parts
    numbers = next(step.numbers for step in part.steps if step.made.name == "dW1")
    assert numbers is not None
    assert numbers.startswith(r"\underset{4 \times 6}{\delta_{1}} \, {\begin{bmatrix}")


def test_a_penalty_is_written_out_for_each_matrix():
    exercise = two_layers(regularization={"l2": 0.1}, ask=["loss"])
    numbers = step_of(exercise, "l2_penalty").numbers
    assert numbers is not None
    assert numbers.startswith(r"\tfrac{1}{2} \cdot 0.1 \left(\sum")
    assert numbers.count(r"\sum") == 2


@pytest.mark.parametrize(
    ("formula", "values", "expected"),
    [
        (r"\frac{\partial L}{\partial W_{1}}", {"W_{1}": "5", "L": "6"}, None),
        (r"W_{1}^{(2)} + W_{1}", {"W_{1}": "5"}, r"W_{1}^{(2)} + 5"),
        (r"W_{1}^{(2)} + W_{1}", {"W_{1}": "5", "W_{1}^{(2)}": "6"}, "6 + 5"),
        (r"W_{1}^{\mathrm{new}} - W_{1}", {"W_{1}": "5"}, r"W_{1}^{\mathrm{new}} - 5"),
        (r"{x}^{\mathsf{T}} y_j", {"x": "2", "y": "3", "T": "9"}, r"{2}^{\mathsf{T}} y_j"),
        (r"\max(x, \mathrm{exp}(x))", {"x": "2", "e": "7"}, r"\max(2, \mathrm{exp}(2))"),
        (r"\beta_1^{3}", {r"\beta_1": "0.9"}, "0.9^{3}"),
        (r"\beta_{1} + \beta_1", {r"\beta_1": "0.9"}, r"\beta_{1} + 0.9"),
        (r"\eta \lambda", {r"\eta": "2", r"\lambda": "3"}, r"2 \cdot 3"),
        (r"2 L", {"L": "3"}, r"2 \cdot 3"),
        (r"12 L", {"L": r"\left(-3\right)"}, r"12 \cdot \left(-3\right)"),
        (r"10 + x", {}, None),
    ],
)
def test_whole_symbols_are_replaced_and_nothing_else(
    formula: str, values: dict[str, str], expected: str | None
):
    assert put_in(formula, values) == (formula if expected is None else expected)


def test_without_values_a_formula_stays_what_it_is():
    for formula in every_formula():
        assert put_in(formula, {}) == formula
        assert "".join(tokens_of(formula)) == formula


@given(st.text(alphabet="ab\\{}_^() 1", max_size=30))
def test_no_text_makes_the_substitution_fail(formula: str):
    assert isinstance(put_in(formula, {"a": "1", "b_{1}": "2"}), str)
