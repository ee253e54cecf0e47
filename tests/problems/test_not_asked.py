"""What has no value refuses an exercise only where something asked depends on it."""

from typing import Any

import pytest

from gradgrade.oracle.proof.certify import certify
from gradgrade.problems import (
    Exercise,
    ExerciseError,
    SolutionDocument,
    generate,
    grade,
    solve,
)
from gradgrade.problems.variants.report import report_on
from gradgrade.problems.worksheet.worked import work
from tests.solved import right_answers
from tests.strategies import dense, problem_set, variant

# The two largest entries are equal, so that dx has no value; only dx depends on that.
TIED: dict[str, Any] = {
    "inputs": [1, 2, 2],
    "layers": [{"type": "max_pooling", "size": [2, 2]}, {"type": "flatten"}, dense(1, "identity")],
    "batch": 1,
    "convention": "row",
    "tolerance": "auto",
    "given": {"x": [[[[1.0, 1.0], [0.5, 0.2]]]], "W3": [[1.0]], "b3": [0.0], "y": [[0.0]]},
}


def tied(**fields: Any) -> Exercise:
    return variant(**(TIED | fields))


def test_a_tie_that_nothing_asked_depends_on_refuses_nothing():
    exercise = generate(problem_set(**TIED, ask=["dW3"]), "exercise", student="1", secret=b"0")
    assert grade(exercise, {"dW3": [[1]]}).outcome == "correct"
    assert grade(exercise, {"dW3": [[2]]}).outcome == "incorrect"


@pytest.mark.parametrize("ask", [["dx"], ["dW3", "dx"]])
def test_a_tie_that_something_asked_depends_on_refuses_the_exercise(ask):
    with pytest.raises(ExerciseError, match="dx is undefined"):
        tied(ask=ask)


def test_a_kink_refuses_the_gradient_behind_it_and_not_the_one_before():
    kink = {
        "inputs": 1,
        "layers": [dense(2, "relu"), dense(1, "identity")],
        "given": {
            "x": [[1]],
            "y": [[3]],
            "W1": [[1], [1]],
            "b1": [-1, 1],
            "W2": [[1, 2]],
            "b2": [0],
        },
    }
    solution = solve(variant(**kink, ask=["loss", "dW2"]))
    assert solution["dW2"].float64 == [[0.0, 2.0]]
    assert {"delta1", "dW1", "W1_new"} <= set(solution.left_out)
    with pytest.raises(ExerciseError, match="delta1 is undefined"):
        variant(**kink, ask=["dW1"])
    # The second iteration is trained by what has no value in the first.
    with pytest.raises(ExerciseError, match="delta1@1 is undefined"):
        variant(**kink, ask=["loss"], iterations=2)


def test_rounding_by_hand_needs_no_value_of_what_is_not_asked():
    exercise = tied(ask=["dW3"], rounding={"decimals": 2}, arithmetic="decimal")
    assert grade(exercise, {"dW3": [[1.0]]}).outcome == "correct"


def test_a_solution_names_what_it_leaves_out_and_is_whole_where_all_has_a_value():
    exercise = tied(ask=["dW3"])
    document = SolutionDocument.from_json(solve(exercise).to_json())
    assert "dx" in document.left_out
    assert set(document.left_out).isdisjoint(document.values)
    assert "dx" not in {step.made.name for step in work(exercise, digits=5).parts[0].steps}
    untied = TIED["given"] | {"x": [[[[1.0, 0.9], [0.5, 0.2]]]]}
    assert solve(tied(ask=["dW3"], given=untied)).left_out == ()


def test_gradients_are_witnessed_where_no_earlier_gradient_is_derived_beside_them():
    # W1 in use in iteration 2 was trained on x, and does not move where x is moved.
    layers = [dense(2, "tanh"), dense(1, "sigmoid")]
    exercise = variant(inputs=2, layers=layers, iterations=2, ask=["dx"])
    narrowed = certify(exercise.needed(), exercise.givens(), digits=50)
    assert "dW1@2" not in narrowed
    assert narrowed["dx"].doubles == solve(exercise)["dx"].float64


# Images of 0 and 1, in which nearly every maximum is tied

BITMAP: dict[str, Any] = {
    "inputs": [1, 4, 4],
    "layers": [{"type": "max_pooling", "size": [2, 2]}, {"type": "flatten"}, dense(2, "sigmoid")],
    "batch": 2,
    "convention": "row",
    "tolerance": "auto",
    "draw": {"inputs": {"low": 0, "high": 1, "step": 1}},
}


def test_ties_of_a_drawn_bitmap_refuse_nothing_while_nobody_asks_for_its_gradient():
    students = [str(number) for number in range(8)]
    document = problem_set(**BITMAP, ask=["gradients", "updates"])
    found = report_on(document, "exercise", students=students, secret=b"0")
    assert found.variants == len(students)
    assert "kink" not in found.reasons
    exercise = generate(document, "exercise", student="1", secret=b"0")
    assert "dx" in solve(exercise).left_out
    assert grade(exercise, right_answers(exercise)).outcome == "correct"


def test_the_gradient_of_a_drawn_bitmap_is_refused_by_name():
    document = problem_set(**BITMAP, ask=["gradients", "dx"])
    with pytest.raises(ExerciseError, match=r"kink: .*: dx in 100% of the draws"):
        generate(document, "exercise", student="1", secret=b"0")
