"""The Jupyter assignment: nbgrader's metadata, and what its cells do when they are run."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, grade, solve
from gradgrade.problems.exports.notebook import answers_notebook, question_notebook
from tests.examples import examples
from tests.problems.worksheet.worksheets import HOSTILE, KINDS, of_kind, titled, two_layers

METADATA = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}


def cells(text: str) -> list[Any]:
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    return list(notebook.cells)


def right_answers(exercise: Exercise) -> dict[str, Any]:
    solution = solve(exercise)
    return {part.name: solution[part.name].float64 for part in exercise.ask}


def run(text: str, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run the code cells in order, a student's answers in the place of the blank ones."""
    scope: dict[str, Any] = {}
    for cell in cells(text):
        if cell.cell_type == "code":
            exec(cell.source, scope)
            if cell.metadata.nbgrader.solution and answers is not None:
                scope["answers"] = answers
    return scope


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [question_notebook, answers_notebook])
def test_a_notebook_is_valid_and_marked_for_nbgrader(kind: str, make: Any):
    exercise = of_kind(kind)
    made = cells(make(exercise))
    marks = [cell.metadata.nbgrader for cell in made]
    for mark in marks:
        assert mark.keys() - {"points"} == METADATA
        assert mark.schema_version == 3
        assert ("points" in mark) == mark.grade
    assert len({mark.grade_id for mark in marks}) == len(marks)
    assert sum(mark.solution for mark in marks) == 1
    assert all(mark.locked != mark.solution for mark in marks)
    points = [mark.points for mark in marks if mark.grade]
    assert points == [float(part.points.text) for part in exercise.ask]


def test_the_blank_assignment_does_not_pass():
    with pytest.raises((AssertionError, TypeError)):
        run(question_notebook(two_layers()))


@pytest.mark.parametrize("convention", ["column", "row"])
def test_right_answers_pass_and_are_graded_right(
    convention: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    exercise = two_layers(convention)
    run(question_notebook(exercise), right_answers(exercise))
    written = json.loads((tmp_path / f"{exercise.id}.answers.json").read_text("utf-8"))
    assert grade(exercise, written).outcome == "correct"


@pytest.mark.parametrize("wrong", [[[0.0]], float("nan"), [[float("inf")] * 5] * 2, "x"])
def test_a_wrong_shape_or_an_entry_that_is_not_finite_does_not_pass(wrong: Any):
    exercise = two_layers()
    with pytest.raises((AssertionError, ValueError)):
        run(question_notebook(exercise), right_answers(exercise) | {"delta2": wrong})


def test_the_givens_are_numpy_arrays_of_the_exercise():
    exercise = two_layers("row")
    cell = next(cell for cell in cells(question_notebook(exercise)) if cell.cell_type == "code")
    scope: dict[str, Any] = {}
    exec(cell.source, scope)
    assert scope["W1"].shape == (3, 4)
    assert scope["x"].tolist() == exercise.givens()["x"]
    assert scope["learning_rate"] == 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_no_expected_value_is_in_what_a_student_fetches(kind: str):
    exercise = of_kind(kind)
    text = question_notebook(exercise)
    given = {entry.text for array in exercise.given.values() for entry in flatten(array)}
    solution = solve(exercise, digits=12)
    values = {
        entry.lstrip("-")
        for part in exercise.ask
        for entry in flatten(solution[part.name].value)
        if len(entry) > 11
    }
    assert values - given
    assert not {value for value in values - given if value[:9] in text}
    assert "HIDDEN" not in text
    assert "BEGIN SOLUTION" not in text


def test_the_instructors_notebook_passes_its_own_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    exercise = two_layers()
    scope = run(answers_notebook(exercise))
    assert scope["answers"] == right_answers(exercise)


@pytest.mark.parametrize("name", ["loss", "delta2", "db1"])
def test_hidden_tests_find_one_wrong_entry(name: str):
    exercise = two_layers()
    answers = right_answers(exercise)
    flat = flatten(answers[name])
    nudged = json.loads(json.dumps(answers[name]).replace(repr(flat[-1]), repr(flat[-1] * 1.01)))
    with pytest.raises(AssertionError, match=name):
        run(answers_notebook(exercise), answers | {name: nudged})


def test_what_nbgrader_strips_is_marked_in_pairs():
    text = answers_notebook(two_layers())
    assert text.count("### BEGIN SOLUTION") == text.count("### END SOLUTION") == 1
    assert text.count("### BEGIN HIDDEN TESTS") == text.count("### END HIDDEN TESTS") == 5


@given(HOSTILE)
@settings(max_examples=examples(30))
def test_a_title_breaks_no_notebook(title: str):
    exercise = titled(title)
    for text in (question_notebook(exercise), answers_notebook(exercise)):
        for cell in cells(text):
            if cell.cell_type == "code":
                compile(cell.source, "cell", "exec")
