"""Variants: the same for all time, one for each student, and none that has no answer."""

import hashlib
import json
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import ExerciseError, ProblemSet, catalogue, solve
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.strict_json import canonical
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.generate import numbers_digest, ungated
from gradgrade.problems.templates.template import GENERATOR, GENERATOR_OF_PROGRAMS
from tests.examples import examples
from tests.problems.generated import generated, numbers
from tests.strategies import ARITHMETICS, definitions, dense, problem_set, problem_sets, variant

# Keys


@given(problem_sets(most_iterations=1))
@settings(max_examples=examples(10))
def test_the_same_arguments_give_the_same_bytes(drawn):
    try:
        first = generated(drawn).to_json()
    except ExerciseError:
        return
    assert generated(ProblemSet.from_json(drawn.to_json())).to_json() == first


@pytest.mark.parametrize(
    "arguments", [{"student": "2"}, {"secret": b"1"}, {"course": "other"}, {"student": "1 "}]
)
def test_another_student_secret_or_course_gives_another_variant(arguments):
    layers = [dense(3, "tanh"), dense(2)]
    one = generated(problem_set(layers=layers))
    other = generated(problem_set(layers=layers), **arguments)
    assert one.id != other.id
    assert one.given["W1"] != other.given["W1"]


def test_another_definition_set_or_exercise_gives_another_id():
    document = json.loads(problem_set().to_json())
    texts = [json.dumps(document), json.dumps(document | {"name": "other"})]
    document["exercises"][0]["points"] = 2
    texts.append(json.dumps(document))
    ids = {generated(ProblemSet.from_json(text)).id for text in texts}
    assert len(ids) == 3


def test_the_sets_title_feedback_and_attempts_do_not_change_its_variants():
    document = json.loads(problem_set().to_json())
    other = document | {"title": "Week 3", "attempts": 5, "feedback": "score"}
    one, two = (generated(ProblemSet.from_json(json.dumps(each))) for each in (document, other))
    assert one == two


def test_fifty_students_have_fifty_variants():
    layers = [dense(2, "tanh")]
    exercises = [variant(student=str(student), layers=layers) for student in range(50)]
    assert len({exercise.id for exercise in exercises}) == 50
    assert len({json.dumps(str(exercise.given)) for exercise in exercises}) == 50


def test_an_exercise_tells_its_generator():
    assert variant().generator == GENERATOR
    graphs = catalogue.load("graphs-by-hand")
    program = ungated(graphs, "product-of-a-sum", student="1", secret=b"0")
    assert program.generator == GENERATOR_OF_PROGRAMS


GOLDEN = {
    "mse": (
        {"layers": [dense(3, "tanh"), dense(2)], "batch": 2},
        "b3be4c13de161cce5a61e6f6ff0db6a447e0bef9425469cf5bc3f7f5bf0198cf",
    ),
    "classes": (
        {
            "layers": [dense(3, "relu"), dense(3, "softmax", "shared")],
            "loss": {"name": "cross_entropy", "reduction": "sum"},
            "arithmetic": "decimal",
            "convention": "row",
            "batch": 2,
        },
        "530abc6b775e937a62f34694e8c335c81328ad62d47e1fcdb64105ae9e0fbe29",
    ),
    "regularized": (
        {
            "layers": [dense(2, "sigmoid", "none")],
            "loss": {"name": "binary_cross_entropy", "reduction": "mean_elements"},
            "regularization": {"l2": 0.01},
            "iterations": 2,
            "ask": ["loss@1", "updates"],
        },
        "18c1a3012606aad10475904e666ff3e526d5167bf747cca5cae6f93d4b5c1581",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_these_variants_stay_the_same_for_all_time(name):
    # What changes one of these hashes gives every student another exercise: GENERATOR must rise.
    fields, expected = GOLDEN[name]
    exercise = generated(problem_set(**fields), student="golden")
    drawn = canonical({"id": exercise.id, "given": exercise.given})
    assert hashlib.sha256(drawn.encode()).hexdigest() == expected


def test_numbers_are_the_same_however_they_are_written():
    exercise = variant(layers=[dense(2)])
    longer = {name: nested(array) for name, array in exercise.given.items()}
    assert numbers_digest(exercise.model_copy(update={"given": longer})) == numbers_digest(exercise)
    other = exercise.model_copy(update={"given": exercise.given | {"b1": [Number("0.123")] * 2}})
    assert numbers_digest(other) != numbers_digest(exercise)


def nested(value):
    """The same numbers, each with a zero more."""
    if isinstance(value, list):
        return [nested(each) for each in value]
    return Number(f"{value.text}0" if "." in value.text else f"{value.text}.0")


# Kinks

KINK = {
    "inputs": 1,
    "layers": [dense(1, "relu", "none")],
    "given": {"x": [[1]], "y": [[0]]},
}


@pytest.mark.parametrize("student", [str(each) for each in range(12)])
def test_a_variant_at_a_kink_is_drawn_again(student):
    exercise = variant(student=student, draw={"weights": {"low": 0, "high": 1, "step": 1}}, **KINK)
    assert [float(number.text) for number in numbers(exercise, "W1")] == [1]


def test_an_exercise_of_which_every_draw_is_at_a_kink_cannot_be_issued():
    with pytest.raises(ExerciseError, match=r"'exercise' cannot be issued: .*delta1 .*kink"):
        variant(draw={"weights": {"low": 0, "high": 0, "step": 1}}, **KINK)


def test_a_given_exercise_at_a_kink_cannot_be_issued():
    given = KINK["given"] | {"W1": [[0]]}
    with pytest.raises(ExerciseError, match=r"'exercise' cannot be issued: delta1 .*kink"):
        variant(**(KINK | {"given": given}))


def test_an_exercise_that_leaves_the_range_of_binary64_cannot_be_issued():
    given = {"x": [[1e300], [1e300]], "y": [[0], [0]]}
    with pytest.raises(ExerciseError, match="'exercise' cannot be issued"):
        variant(layers=[dense(2)], given=given)


@given(definitions(most_iterations=2), st.sampled_from(ARITHMETICS))
@settings(max_examples=examples(15))
def test_every_issued_variant_can_be_solved_and_holds_no_solution(fields, arithmetic):
    try:
        exercise = variant(**(fields | {"arithmetic": arithmetic}))
    except ExerciseError:
        return
    document = json.loads(exercise.to_json())
    assert set(solve(exercise)) >= {part["name"] for part in document["ask"]}
    assert {key for part in document["ask"] for key in part} == {
        *("name", "shape", "points", "tolerance")
    }
    assert "values" not in document


# Machines


def shaken(function: Any, noise: numpy.random.Generator) -> Any:
    """An elementary function as another machine has it: other last bits, exact 0 and 1 kept."""

    def computed(argument: Any) -> Any:
        value = function(argument)
        ulps = noise.integers(-1, 2, size=numpy.shape(value)) * numpy.spacing(numpy.abs(value))
        is_exact = (value == 0) | (value == 1) | ~numpy.isfinite(value)
        return numpy.where(is_exact, value, value + ulps)

    return computed


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", GOLDEN)
def test_the_last_bits_of_a_machines_functions_do_not_change_a_variant(name, seed, monkeypatch):
    noise = numpy.random.default_rng(seed)
    for each in ("exp", "expm1", "log", "log1p", "tanh"):
        monkeypatch.setattr(numpy, each, shaken(getattr(numpy, each), noise))
    rules_of.cache.clear()
    try:
        test_these_variants_stay_the_same_for_all_time(name)
    finally:
        rules_of.cache.clear()
