"""The worked solution as text: every formula readable, every value there."""

import re

import pytest

from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.nested import flatten
from gradgrade.problems import ExerciseError, ProblemSet, generate, solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.answers import blank_answers
from gradgrade.problems.exports.notebook import question_notebook
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.problems.worksheet.page import Code, Equation
from gradgrade.problems.worksheet.question_sheet import make_question_sheet, statement
from tests.catalogue import CATALOGUE


@pytest.mark.parametrize(("set_name", "name"), CATALOGUE)
def test_the_worked_solution_has_every_value_in_order(set_name: str, name: str):
    exercise = ungated(load(set_name), name, student="1", secret=b"0")
    text = worked_solution(exercise, digits=12)
    lines = text.splitlines()
    assert lines[0] == exercise.title
    assert all(line == line.rstrip() for line in lines)
    position = 0
    solution = solve(exercise, digits=12)
    derivation = exercise.derivation()
    for step in derivation.steps:
        formula = to_plain(derivation.formula(step))
        symbol = to_plain(derivation.written(step.name))
        if symbol == formula:
            # What is differentiated is the line itself.
            continue
        heading = f"{step.name}:  {symbol} = {formula}"
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


def test_a_sheet_of_an_upstream_gradient_tells_the_forward_pass_alone():
    problem_set = ProblemSet.from_toml(
        'schema = "gradgrade/problem-set/1"\nname = "code"\n[[exercises]]\nname = "layer"\n'
        'inputs = 3\nlayers = [{ type = "dense", units = 2 }]\nupstream = true\n'
        'ask = ["a1", "dW1"]\n'
    )
    exercise = generate(problem_set, "layer", student="1", secret=b"0")
    told = [each.left for each in statement(exercise) if isinstance(each, Equation)]
    assert [to_plain(each) for each in told] == ["id(z)", "z1", "a1", "x", "∂L/∂a1", "W1", "b1"]


def test_a_sheet_and_a_notebook_show_how_code_is_used():
    problem_set = ProblemSet.from_toml(
        'schema = "gradgrade/problem-set/1"\nname = "code"\n[[exercises]]\nname = "layer"\n'
        'inputs = 3\nlayers = [{ type = "dense", units = 2 }]\nupstream = true\n'
        'ask = ["a1"]\n[exercises.code]\nscript = "a1 = forward(x, W1, b1)"\n'
        'solution = "right.py"\n'
    )
    exercise = generate(problem_set, "layer", student="1", secret=b"0")
    assert Code("a1 = forward(x, W1, b1)") in statement(exercise)
    for text in (question_notebook(exercise), write_markdown(make_question_sheet(exercise))):
        assert "a1 = forward(x, W1, b1)" in text
        assert "right.py" not in text
