"""What is asked and no line, gradient or update says itself is defined wherever it is asked."""

import json
from collections.abc import Callable
from fractions import Fraction

import nbformat
import pytest

from gradgrade.problems import Exercise, ProblemSet, solve
from gradgrade.problems.documents.facts import FactModel
from gradgrade.problems.exports.moodle import write_moodle
from gradgrade.problems.exports.nbgrader import source_files
from gradgrade.problems.exports.notebook import question_notebook
from gradgrade.problems.exports.prairielearn.question import question_files
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet.definitions import definition
from gradgrade.problems.worksheet.formats.html import write_html
from gradgrade.problems.worksheet.formats.latex import write_latex
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.typst import write_typst
from gradgrade.problems.worksheet.page import Page
from gradgrade.problems.worksheet.question_sheet import formula, make_question_sheet

SET = ProblemSet.from_toml(
    """
schema = "gradgrade/problem-set/1"
name = "asked"

[[exercises]]
name = "checked"
type = "program"
arrays = { x = [3], W = [2, 3], b = [2], c = [] }
program = '''
s = tanh(W @ x + b) * c
L = np.sum(s**2)
'''
differentiate = "L"
ask = [
  "s", "L", "dW", "W_new",
  { jacobian = ["s", "x"] }, { jacobian = ["s", "W"] },
  { quotient = "b", h = 0.01 }, { relative_difference = "b", h = 0.01 },
  { quotient = "c", h = 0.125 }, { relative_difference = "c", h = 0.125 },
  { shape = "dW" }, { count = "parameters" },
]
parameters = ["W", "b"]
optimizer = "sgd"
learning_rate = 0.1

[[exercises]]
name = "upstream"
type = "program"
arrays = { x = [3], w = [3] }
program = "out = x * w"
upstream = ["out"]
ask = ["dx", { quotient = "w", h = 0.5 }]

[[exercises]]
name = "network"
inputs = 2
layers = [{ type = "dense", units = 2, activation = "tanh" }]
loss = "squared_error"
ask = ["loss", { quotient = "W1", h = 0.5 }, { shape = "W1" }, { count = "parameters" }]

[[exercises]]
name = "network-upstream"
inputs = 2
layers = [{ type = "dense", units = 2, activation = "tanh" }]
upstream = true
ask = ["dW1", { quotient = "W1", h = 0.5 }]

[[exercises]]
name = "stopped"
type = "program"
arrays = { x = [3], w = [], y = [3] }
program = "L = mean((w * x - y)**2)"
given = { x = [1, 2, 3], w = 0, y = [1, 2, 4] }
differentiate = "L"
ask = ["steps", "w_new"]
parameters = ["w"]
optimizer = "sgd"
learning_rate = 0.05
until = { loss_below = 0.8, at_most = 12 }

[[exercises]]
name = "functions"
type = "program"
arrays = { x = [2], y = [2] }
program = '''
def unit(x):
    z = x * x
    return tanh(z)
p = unit(x)
q = unit(y)
L = sum(p * q)
'''
differentiate = "L"
ask = ["unit.z", "unit_2.z", "dunit_2.z", "p"]

[[exercises]]
name = "momentum"
type = "program"
arrays = { w = [], x = [], y = [] }
program = "L = (w * x - y)**2"
differentiate = "L"
parameters = ["w", "y"]
optimizer = { name = "momentum", learning_rate = 0.5, momentum = 0.9 }
iterations = 2
ask = ["vw@2", "w_new"]

[[exercises]]
name = "adam"
type = "program"
arrays = { w = [], x = [], y = [] }
program = "L = (w * x - y)**2"
differentiate = "L"
parameters = ["w"]
optimizer = { name = "adam", learning_rate = 0.5 }
ask = ["mw", "sw", "w_new"]
"""
)


def of(name: str) -> Exercise:
    return ungated(SET, name, student="1", secret=b"0")


def told(name: str) -> dict[str, str]:
    """The definitions of an exercise's parts, by their names."""
    exercise = of(name)
    return {part.name: definition(exercise, part) for part in exercise.ask}


def test_every_kind_of_fact_is_defined_with_its_step_and_its_orientation():
    assert told("checked") == {
        "s": "",
        "L": "",
        "dW": "",
        "W_new": "",
        "jacobian_s_x": "The Jacobian ∂s/∂x: rows are the entries of s, columns the entries of x.",
        "jacobian_s_W": "The Jacobian ∂s/∂W: rows are the entries of s, columns the entries of W, "
        "in numpy's order, that of ravel().",
        "quotient_b": "For each entry of b: (L(entry + h) − L(entry − h)) / (2h) with h = 0.01, "
        "the central difference of L; all else stays as it is given.",
        "relative_difference_b": "For each entry of b: |quotient − gradient| / max(|quotient|, "
        "|gradient|), where gradient is its entry of db and quotient is (L(entry + h) − "
        "L(entry − h)) / (2h) with h = 0.01, the central difference of L; all else stays as it is "
        "given.",
        "quotient_c": "(L(c + h) − L(c − h)) / (2h) with h = 0.125, the central difference of L; "
        "all else stays as it is given.",
        "relative_difference_c": "|quotient − gradient| / max(|quotient|, |gradient|), where "
        "gradient is dc and quotient is (L(c + h) − L(c − h)) / (2h) with h = 0.125, the central "
        "difference of L; all else stays as it is given.",
        "shape_dW": "The lengths of the axes of dW in order, whole numbers.",
        "count_parameters": "The number of entries of W, b together, a whole number.",
    }


@pytest.mark.parametrize("name", [each.name for each in SET.exercises])
def test_whatever_is_a_fact_has_a_definition(name: str):
    exercise = of(name)
    facts = [part for part in exercise.ask if part.fact is not None]
    assert all(definition(exercise, part) for part in facts)
    assert name != "checked" or {kind for part in facts for kind in _kinds(part.fact)} == set(
        range(len(FactModel().facts))
    )


def _kinds(fact: FactModel) -> list[int]:
    return [index for index, stated in enumerate(fact.facts) if stated is not None]


def test_the_formula_of_a_fact_which_may_be_the_answer_is_no_hint():
    exercise = of("checked")
    shown = {part.name for part in exercise.ask if formula(exercise, part) is not None}
    assert shown == {"s", "L", "dW", "W_new"}


def test_a_relative_difference_is_what_its_definition_says():
    solution = solve(of("checked"), digits=20)
    quotients, gradients = (solution[name].float64 for name in ("quotient_b", "db"))
    expected = [
        abs(quotient - gradient) / max(abs(quotient), abs(gradient))
        for quotient, gradient in zip(quotients, gradients, strict=True)
    ]
    assert solution["relative_difference_b"].float64 == pytest.approx(expected, rel=1e-9)


def test_where_gradients_come_from_above_it_is_told_what_l_is():
    assert told("upstream")["quotient_w"].endswith(" L is the sum of all entries of dout * out.")
    network = told("network-upstream")["quotient_W1"]
    assert network.endswith(" L is the sum of all entries of da1 * a1.")
    exercise = of("upstream")
    solution = solve(exercise, digits=20)
    given = exercise.givens()
    # out is linear in w, so that the difference is the derivative: dout * x.
    products = [Fraction(a) * Fraction(b) for a, b in zip(given["dout"], given["x"], strict=True)]
    assert solution["quotient_w"].float64 == pytest.approx([float(each) for each in products])


def test_networks_are_told_of_their_loss():
    found = told("network")
    assert "(loss(entry + h) − loss(entry − h)) / (2h) with h = 0.5" in found["quotient_W1"]
    assert found["count_parameters"] == (
        "The number of entries of all parameters together, a whole number."
    )
    assert found["loss"] == ""


def test_steps_lines_of_functions_and_states_are_defined():
    assert told("stopped")["steps"] == (
        "How many updates are made until training stops, a whole number."
    )
    assert told("functions") == {
        "unit.z": "The line z in call 1 of unit.",
        "unit_2.z": "The line z in call 2 of unit.",
        "dunit_2.z": "The derivative by the line z in call 2 of unit.",
        "p": "",
    }
    assert told("momentum")["vw@2"] == "V of w, as the formulas of the update make it."


def markdown_of_cells(text: str) -> str:
    return nbformat.reads(text, as_version=4).cells[0].source


SHEETS: dict[str, Callable[[Page], str]] = {
    "html": write_html,
    "latex": write_latex,
    "markdown": write_markdown,
    "typst": write_typst,
}
EVERYWHERE: dict[str, Callable[[Exercise], str]] = {
    **{
        name: (lambda exercise, write=write: write(make_question_sheet(exercise)))
        for name, write in SHEETS.items()
    },
    "moodle": lambda exercise: write_moodle([exercise]),
    "prairielearn": lambda exercise: "".join(
        text for name, text in question_files([exercise]).items() if name == "question.html"
    ),
    "notebook": lambda exercise: markdown_of_cells(question_notebook(exercise)),
    "nbgrader": lambda exercise: markdown_of_cells(
        source_files(["ann"], [exercise])[f"source/asked/{exercise.name}.ipynb"]
    ),
}


@pytest.mark.parametrize("form", EVERYWHERE)
def test_definitions_stand_in_every_format_and_export(form: str):
    text = EVERYWHERE[form](of("checked"))
    assert text.count("the central difference of L") == 4
    assert "h = 0.01" in text
    assert "rows are the entries of s, columns the entries of x" in text
    assert "The lengths of the axes of dW in order, whole numbers." in text
    assert "The number of entries of W, b together, a whole number." in text


UPDATES: dict[str, tuple[str, ...]] = {
    "latex": (r"\mu \left(V_{w}\right)_{\mathrm{0}} - \eta", r"\beta_2 \left(S_{w}\right)"),
    "markdown": (r"\mu \left(V_{w}\right)_{\mathrm{0}} - \eta", r"\beta_2 \left(S_{w}\right)"),
    "notebook": (r"\mu \left(V_{w}\right)_{\mathrm{0}} - \eta", r"\beta_2 \left(S_{w}\right)"),
    "nbgrader": (r"\mu \left(V_{w}\right)_{\mathrm{0}} - \eta", r"\beta_2 \left(S_{w}\right)"),
    "html": ("<mi>μ</mi>", "<mi>β</mi>"),
    "typst": ("μ lr", "β"),
    "moodle": ("<mi>μ</mi>", "<mi>β</mi>"),
}


@pytest.mark.parametrize("form", UPDATES)
def test_the_update_of_a_program_stands_in_formulas_as_that_of_a_network_does(form: str):
    for name, written in zip(("momentum", "adam"), UPDATES[form], strict=True):
        text = EVERYWHERE[form](of(name)).replace("&lt;", "<").replace("&gt;", ">")
        update = text.partition("The update")[2].partition("Given")[0]
        assert written in update


def test_in_prairielearn_the_update_stands_on_every_variants_sheet():
    (variant,) = json.loads(question_files([of("momentum")])["variants.json"])
    assert "<h2>The update</h2>" in variant["sheet"]


def test_several_parameters_and_iterations_are_updated_likewise():
    text = write_markdown(make_question_sheet(of("momentum")))
    assert "The other parameters are updated likewise." in text
    assert "Iteration t does the same with what iteration t − 1 leaves" in text
    assert "likewise" not in write_markdown(make_question_sheet(of("adam")))


def test_a_program_that_updates_nothing_has_no_such_section():
    assert "The update" not in write_markdown(make_question_sheet(of("functions")))
