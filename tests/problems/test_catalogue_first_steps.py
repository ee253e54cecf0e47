"""The set `first-steps`: it can be issued to any student, and tells right from wrong."""

from typing import Any

import pytest

from oracle.nested import flatten
from problems import Exercise, generate, solve
from problems.catalogue import load
from problems.grade import Grader

SET = load("first-steps")
STUDENTS = [f"s{number:03}" for number in range(20)]


def each(value: Any, change: Any) -> Any:
    return [each(entry, change) for entry in value] if isinstance(value, list) else change(value)


def answers(exercise: Exercise) -> dict[str, Any]:
    solution = solve(exercise)
    return {part.name: solution[part.name].float64 for part in exercise.ask}


def test_it_has_at_least_eight_exercises_and_gives_no_numbers():
    assert len(SET.exercises) >= 8
    assert not any(definition.given for definition in SET.exercises)
    assert all(definition.title for definition in SET.exercises)


@pytest.mark.parametrize("name", [definition.name for definition in SET.exercises])
def test_every_student_gets_a_variant_that_tells_right_from_wrong(name: str):
    variants = [generate(SET, name, student=student, secret=b"0") for student in STUDENTS]
    givens = {variant.to_json().split('"given"')[1] for variant in variants}
    assert len(givens) == len(STUDENTS)
    for variant in variants:
        right = answers(variant)
        grader = Grader(variant)
        assert grader.grade(right).outcome == "correct"
        for wrong in (lambda entry: -entry, lambda _: 0.0, lambda _: 1.0, lambda e: 2 * e):
            answered = {part: each(value, wrong) for part, value in right.items()}
            assert grader.grade(answered).outcome != "correct"


def test_some_relu_units_are_off_and_some_are_on():
    states = set()
    for student in STUDENTS:
        variant = generate(SET, "relu", student=student, secret=b"0")
        active = [a > 0 for a in flatten(solve(variant)["a1"].float64)]
        assert any(active)
        states |= set(active)
    assert states == {True, False}


def test_the_loss_goes_down_over_two_steps():
    for student in STUDENTS:
        values = answers(generate(SET, "two-steps", student=student, secret=b"0"))
        assert values["loss@2"] < values["loss@1"]


def test_a_frozen_bias_has_a_gradient_and_no_update():
    variant = generate(SET, "weight-decay", student="1", secret=b"0")
    asked = {part.name for part in variant.ask}
    assert "db1" in asked
    assert "b1_new" not in asked
