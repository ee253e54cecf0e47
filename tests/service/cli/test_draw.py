"""`gradgrade draw`: the network of an exercise, and what is marked on it."""

import json
from pathlib import Path

import pytest

from gradgrade.problems import Exercise, grade
from gradgrade.problems.drawing.draw import draw_alone
from gradgrade.problems.drawing.marks import marks_of_first_errors
from tests.problems.drawing.drawn import texts
from tests.problems.drawing.test_graphs import program_of_lines
from tests.problems.programs import program
from tests.service.cli.run import assert_refused, run
from tests.solved import right_answers
from tests.strategies import dense, variant


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return variant(layers=[dense(2, "tanh"), dense(1)], ask=["loss", "dW2", "dW1"])


@pytest.fixture
def file(exercise: Exercise, tmp_path: Path) -> Path:
    path = tmp_path / "it.exercise.json"
    path.write_text(exercise.to_json(), encoding="utf-8")
    return path


def statistics(exercise: Exercise, **fields: object) -> str:
    figures = {
        **dict.fromkeys(("students", "submitted", "attempts"), 0),
        **dict.fromkeys(("mean_attempts", "mean", "median", "full_marks", "late")),
        **{"max_score": 1, "histogram": [], "full_marks": 0},
    }
    told = {
        "name": exercise.name,
        "title": "",
        "figures": figures,
        "first_errors": [{"quantity": "dW1", "students": 4}],
        "misconceptions": [],
        "parts": [],
    }
    return json.dumps(
        {
            "schema": "gradgrade/statistics/1",
            "problem_set": exercise.problem_set,
            "title": "",
            "figures": figures,
            "misconceptions": [],
            "exercises": [told],
            **fields,
        }
    )


def test_it_is_printed_or_written_to_a_file(exercise: Exercise, file: Path, tmp_path: Path):
    printed = run("draw", file)
    assert (printed.exit_code, printed.stdout) == (0, draw_alone(exercise))
    written = run("draw", file, "--turned", "--out", tmp_path / "it.svg")
    assert (written.exit_code, written.stdout) == (0, "")
    assert (tmp_path / "it.svg").read_text("utf-8") == draw_alone(exercise, is_turned=True)


def test_a_verdict_is_marked_on_it(exercise: Exercise, file: Path, tmp_path: Path):
    answers = right_answers(exercise)
    answers["dW1"] = [[7, 7], [7, 7]]
    verdict = tmp_path / "verdict.json"
    verdict.write_text(grade(exercise, answers).to_json(), encoding="utf-8")
    shown = texts(run("draw", file, "--verdict", verdict).stdout)
    assert {"✓ L", "✓ ∂L/∂W2", "✗ first error: ∂L/∂W1"} <= set(shown)


def test_first_errors_of_a_course_are_counted_on_it(exercise: Exercise, file: Path, tmp_path: Path):
    counted = tmp_path / "statistics.json"
    counted.write_text(statistics(exercise), encoding="utf-8")
    marks = marks_of_first_errors(exercise, {"loss": 0, "dW2": 0, "dW1": 4})
    assert run("draw", file, "--statistics", counted).stdout == draw_alone(exercise, marks=marks)


def test_what_is_about_something_else_is_refused(exercise: Exercise, file: Path, tmp_path: Path):
    other = variant(student="2", layers=[dense(2, "tanh"), dense(1)], ask=["loss", "dW2", "dW1"])
    verdict = tmp_path / "verdict.json"
    verdict.write_text(grade(other, right_answers(other)).to_json(), encoding="utf-8")
    assert_refused(run("draw", file, "--verdict", verdict), f"it is on exercise {other.id}")
    counted = tmp_path / "statistics.json"
    counted.write_text(statistics(exercise, problem_set="another"), encoding="utf-8")
    assert_refused(run("draw", file, "--statistics", counted), "it is on problem set another")
    both = run("draw", file, "--verdict", verdict, "--statistics", counted)
    assert_refused(both, "give one of them")


def test_a_program_is_drawn_as_its_graph(tmp_path: Path):
    path = tmp_path / "it.exercise.json"
    path.write_text(program("twice").to_json(), encoding="utf-8")
    for options in ((), ("--turned",)):
        drawing = run("draw", str(path), *options).stdout
        assert drawing == draw_alone(program("twice"), is_turned=bool(options))
        assert "∂f/∂q" in texts(drawing)


def test_a_program_of_too_many_lines_is_refused(tmp_path: Path):
    path = tmp_path / "it.exercise.json"
    path.write_text(program_of_lines(60).to_json(), encoding="utf-8")
    assert_refused(run("draw", str(path)), "the program has too many lines to be drawn")
