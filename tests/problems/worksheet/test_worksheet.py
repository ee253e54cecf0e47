"""The worked solution as text: every formula readable, every value there."""

import re
from functools import cache
from itertools import product

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, REDUCTIONS
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.problems import ExerciseError, generate, solve
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.answers import blank_answers
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.problems.worksheet.formulas.plain import plain

OBJECTIVES = tuple(product(LOSSES, REDUCTIONS, (1, 2)))


def formulas(
    loss: str,
    reduction: str,
    iterations: int,
    *,
    activation: str = "tanh",
    bias: str = "per_unit",
    convention: str = "column",
    penalties: tuple[str, ...] = (),
) -> set[str]:
    """The formulas of two dense layers."""
    layers = (Dense(units=2, activation=activation, bias=bias),) * 2
    derivation = derive(
        Network(inputs=2, layers=layers, convention=convention),
        Loss(name=loss, reduction=reduction),
        Optimizer(),
        batch=2,
        iterations=iterations,
        penalties=penalties,
    )
    return {step.formula for step in derivation.steps}


@cache
def every_formula() -> frozenset[str]:
    """Every formula that a derivation of dense layers makes.

    No formula depends on an activation and on how parameters are laid out or penalized at once.
    """
    found = set()
    for objective, activation in product(OBJECTIVES, ACTIVATIONS):
        found |= formulas(*objective, activation=activation)
    for objective, bias, convention, penalties in product(
        OBJECTIVES, ("per_unit", "shared", "none"), ("column", "row"), ((), tuple(PENALTIES))
    ):
        found |= formulas(*objective, bias=bias, convention=convention, penalties=penalties)
    network = Network(inputs=1, layers=(Dense(units=1),))
    for optimizer in OPTIMIZERS:
        derivation = derive(
            network, Loss(name="squared_error"), Optimizer(name=optimizer), iterations=2
        )
        found |= {step.formula for step in derivation.steps}
    for activation in ACTIVATIONS.values():
        found |= {activation.formula, activation.derivative_formula}
    return frozenset(found)


def test_no_formula_keeps_a_backslash_or_a_brace():
    for formula in every_formula():
        text = plain(formula)
        assert text, formula
        assert not set(text) & set("\\{}"), formula
        assert "\n" not in text, formula
        assert text == " ".join(text.split()), formula


def test_parentheses_of_every_formula_still_match():
    for formula in every_formula():
        text = plain(formula)
        for opening, closing in ("()", "[]"):
            assert text.count(opening) == text.count(closing), text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\frac{\partial L}{\partial W_{1}}", "∂L/∂W1"),
        (r"\delta_{2} = \frac{\partial L}{\partial a_{2}} \circ \sigma'(z_{2})", None),
        (r"z_{1} = W_{1} \, x + b_{1}", "z1 = W1 x + b1"),
        (r"W_{1}^{\mathrm{new}} = W_{1} - \eta g", "W1_new = W1 - η g"),
        (r"W_{1}^{\mathrm{new}(3)}", "W1_new@3"),
        (r"W_{1}^{(2)}", "W1@2"),
        (r"\frac{\partial L}{\partial W_{1}}^{(2)}", "∂L/∂W1@2"),
        (r"{a_{1}}^{\mathsf{T}} \, \delta_{2}", "a1ᵀ δ2"),
        (r"W_{xh,1}", "Wxh_1"),
        (r"V_{W_{1}}", "V_W1"),
        (r"\tfrac{1}{2} (a - y)^2", "½ (a - y)²"),
        (r"\tfrac{1}{NK}\left(a_{2} - y\right)", "1/(NK) (a2 - y)"),
        (r"\frac{1}{1 + e^{-z}}", "1/(1 + e^(-z))"),
        (r"\frac{e^{z_k}}{\sum_j e^{z_j}}", "(e^z_k)/(Σ_j e^z_j)"),
        (r"\frac{1 - y}{1 - a} - \frac{y}{a}", "(1 - y)/(1 - a) - y/a"),
        (r"\lambda_1 \operatorname{sign}(W_{2})", "λ1 sign(W2)"),
        (r"\sqrt{s} + \sqrt{s + \epsilon}", "√s + √(s + ε)"),
        (r"\hat{m}^{10}", "m\u0302¹⁰"),
        (r"1 \text{ where } z > 0,\ 0 \text{ where } z < 0", "1 where z > 0, 0 where z < 0"),
        (r"2 \begin{bmatrix} 1 & -2 \\ 3 & 4 \end{bmatrix}", "2 [1 -2; 3 4]"),
        (r"\underset{3 \times 4}{W_{1}}", "W1[3 × 4]"),
        (r"\tanh\left(x\right)", "tanh(x)"),
        (r"\begin{cases} z & z > 0 \\ 0 & z < 0 \end{cases}", "z z > 0; 0 z < 0"),
        (r"\unheardof{x}", "unheardofx"),
    ],
)
def test_formulas_as_plain_text(formula: str, text: str | None):
    assert plain(formula) == (text or "δ2 = ∂L/∂a2 ∘ σ'(z2)")


CATALOGUE = [(name, definition.name) for name in names() for definition in load(name).exercises]


@pytest.mark.parametrize(("set_name", "name"), CATALOGUE)
def test_the_worked_solution_has_every_value_in_order(set_name: str, name: str):
    exercise = ungated(load(set_name), name, student="1", secret=b"0")
    text = worked_solution(exercise, digits=12)
    lines = text.splitlines()
    assert lines[0] == exercise.title
    assert all(line == line.rstrip() for line in lines)
    position = 0
    solution = solve(exercise, digits=12)
    for step in exercise.derivation().steps:
        heading = f"{step.name}:  {plain(step.formula)}"
        position = lines.index(heading, position)
        if str(step.name) in solution:
            values = list(flatten(solution[str(step.name)].value))
            has_numbers = lines[position + 1].lstrip().startswith("= ")
            shown = " ".join(lines[position + 1 + has_numbers :]).split()
            assert shown[: len(values)] == values


def test_the_worked_solution_shows_the_givens_as_they_are_written():
    exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    text = worked_solution(exercise)
    assert "W1:\n    0.1  0.3\n    0.2  0.4\n" in text
    assert "b1:  b1 = 0.25\n" in text
    assert "learning_rate:  η = 0.6\n" in text


def test_rows_are_aligned():
    exercise = generate(load("first-steps"), "tanh-rows", student="1", secret=b"0")
    *blocks, _ = worked_solution(exercise, digits=30).split("\n\n")
    matrices = [
        [line for line in block.splitlines()[1:] if not line.lstrip().startswith("= ")]
        for block in blocks
        if block.count("\n") > 1
    ]
    assert matrices[1:]
    for rows in matrices[1:]:
        assert len({len(row) for row in rows}) == 1


def test_the_numbers_put_in_stand_below_the_formula():
    exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    text = worked_solution(exercise)
    formula = "z1:  z1 = W1 x + b1\n        = [0.1 0.3; 0.2 0.4] [0.1; 0.5] + 0.25\n"
    assert f"{formula}    0.4100000000\n    0.4700000000\n" in text


def test_a_value_of_many_digits_is_not_cut_short():
    exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    text = worked_solution(exercise, digits=400)
    assert solve(exercise, digits=400)["loss"].value in text


def test_several_iterations_are_told_apart():
    exercise = generate(load("first-steps"), "two-steps", student="1", secret=b"0")
    text = worked_solution(exercise)
    first, second = text.index("Iteration 1"), text.index("Iteration 2")
    assert first < text.index("W1_new@1:  ") < second < text.index("W1_new@2:  ")


@pytest.mark.parametrize("digits", [0, -1, 1001])
def test_digits_out_of_range_are_refused(digits: int):
    exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    with pytest.raises(ExerciseError, match="digits"):
        worked_solution(exercise, digits=digits)


def test_blank_answers_have_the_shapes_that_are_asked():
    exercise = generate(load("first-steps"), "tanh-rows", student="1", secret=b"0")
    blank = blank_answers(exercise)
    assert list(blank["answers"]) == [part.name for part in exercise.ask]
    assert blank["answers"]["z1"] == [[None, None]] * 4
    assert blank["answers"]["loss"] is None
    assert re.fullmatch("[0-9a-f]{16}", blank["exercise"])
