"""The grader must reject: answers that are nearly right, or right in shape alone."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import Exercise, grade
from gradgrade.problems.grade import Grader
from tests.evidence.mutants import judged_of
from tests.examples import examples
from tests.solved import right_answers
from tests.strategies import dense, exercises, variant

TOLERANCES = [
    "auto",
    {"relative": 1e-9, "absolute": 0},
    {"decimals": 6},
    {"significant": 6},
]


@given(exercises(most_iterations=1))
@settings(max_examples=examples(5))
def test_no_mutant_is_correct_unless_it_is_right(exercise: Exercise):
    assert not judged_of(Grader(exercise), "drawn").passed


@given(st.integers(0, 999), st.sampled_from(TOLERANCES))
@settings(max_examples=examples(8))
def test_no_mutant_is_correct_whatever_the_tolerance(student, tolerance):
    exercise = variant(
        student=str(student),
        layers=[dense(2, "tanh"), dense(2, "sigmoid")],
        batch=3,
        tolerance=tolerance,
        ask=["loss", "delta1", "gradients", "updates"],
    )
    assert not judged_of(Grader(exercise), "tolerance").passed


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_few_mutants_of_an_ordinary_exercise_happen_to_be_right(activation):
    exercise = variant(
        layers=[dense(3, activation), dense(2)],
        inputs=3,
        batch=3,
        convention="row",
        tolerance="auto",
    )
    found = judged_of(Grader(exercise), "ordinary")
    assert not found.right
    assert {"zeros", "sign", "transposed", "off by ten bands", "echo of W1"} <= set(found.mutants)


def test_a_mutant_that_is_the_right_answer_is_counted_apart():
    alone = variant(layers=[dense(2, "tanh"), dense(2)], batch=1, tolerance="auto")
    found = judged_of(Grader(alone), "one sample")
    assert found.right["over the batch"] == len(alone.ask)
    assert not found.passed


@given(exercises(most_iterations=2))
@settings(max_examples=examples(25))
def test_correctly_rounded_answers_get_full_marks(exercise: Exercise):
    verdict = grade(exercise, right_answers(exercise))
    assert verdict.outcome == "correct"
    assert Fraction(str(verdict.score)) == Fraction(str(verdict.max_score)) == 1
