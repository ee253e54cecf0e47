"""Variants under another definition: the same numbers, or a refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import Answers, DocumentError, ExerciseError, ProblemSet, grade
from gradgrade.problems.catalogue import load
from gradgrade.problems.generate import ungated
from gradgrade.problems.variants.redefinition import redefine, still_asked
from tests.catalogue import CATALOGUE
from tests.examples import examples
from tests.solved import right_answers
from tests.strategies import definitions, dense, problem_set, variant

ASKED = {"layers": [dense(2, "sigmoid"), dense(1, "sigmoid")], "ask": ["loss", "dW1"]}


def issued(**fields):
    return variant(**(ASKED | fields))


def now(**fields):
    return problem_set(**(ASKED | fields))


@given(definition=definitions(), student=st.integers(0, 999))
@settings(max_examples=examples(40))
def test_under_the_unchanged_set_a_variant_is_what_it_was(definition, student):
    unchanged = problem_set(**definition)
    try:
        exercise = ungated(unchanged, "exercise", student=str(student), secret=b"0")
    except ExerciseError:
        return
    assert redefine(unchanged, exercise).to_json() == exercise.to_json()


@pytest.mark.parametrize(("set_name", "name"), CATALOGUE)
def test_under_the_unchanged_set_a_variant_of_every_kind_is_what_it_was(set_name, name):
    unchanged = load(set_name)
    exercise = ungated(unchanged, name, student="1", secret=b"0")
    assert redefine(unchanged, exercise).to_json() == exercise.to_json()


@given(
    definition=definitions(),
    tolerance=st.sampled_from(["auto", {"decimals": 2}, {"relative": 1e-3, "absolute": 0}]),
    points=st.integers(1, 50),
    ask=st.sampled_from([["loss"], ["gradients"], ["all"]]),
)
@settings(max_examples=examples(40))
def test_under_another_marking_the_id_and_the_numbers_stay(definition, tolerance, points, ask):
    try:
        exercise = ungated(problem_set(**definition), "exercise", student="1", secret=b"0")
    except ExerciseError:
        return
    marking = {"tolerance": tolerance, "points": points, "ask": ask, "carried_forward": 0.5}
    try:
        later = problem_set(**(definition | marking))
        redefined = redefine(later, exercise)
    except DocumentError as error:
        # Everything may be frozen, and then there is no gradient to ask for.
        if "ask" not in str(error):
            raise
        return
    assert (redefined.id, redefined.given) == (exercise.id, exercise.given)
    assert redefined.generator == exercise.generator
    assert float(redefined.points.text) == points
    drawn_now = ungated(later, "exercise", student="2", secret=b"0")
    assert redefined.ask == drawn_now.ask


def test_answers_are_marked_by_the_new_tolerance():
    exercise = issued(tolerance={"relative": 1e-9, "absolute": 0})
    answers = right_answers(exercise) | {"loss": right_answers(exercise)["loss"] + 1e-4}
    assert grade(exercise, answers).outcome != "correct"
    loosened = redefine(now(tolerance={"decimals": 3}), exercise)
    assert grade(loosened, answers).outcome == "correct"


def test_numbers_that_the_set_gives_now_do_not_replace_those_that_were_given():
    exercise = issued(given={"x": [[0.1], [0.2]]})
    assert redefine(now(given={"x": [[0.3], [0.4]]}), exercise).given == exercise.given


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"layers": [dense(2, "tanh"), dense(1, "sigmoid")]}, "layers is another"),
        ({"layers": [dense(2, "sigmoid")]}, "layers is another"),
        ({"inputs": 3}, "inputs is another"),
        ({"batch": 2}, "batch is another"),
        ({"convention": "row"}, "convention is another"),
        ({"arithmetic": "decimal"}, "arithmetic is another"),
        ({"name": "other"}, "no exercise 'exercise'"),
    ],
)
def test_numbers_that_would_mean_something_else_are_refused(changed, words):
    with pytest.raises(DocumentError, match=words):
        redefine(now(**changed), issued())


PROGRAM = {
    "name": "exercise",
    "type": "program",
    "arrays": {"x": [2], "w": [2]},
    "program": "L = sum((x * w) ** 2)",
    "differentiate": "L",
    "ask": ["L", "dx"],
}


def of_program(**fields):
    data = {"schema": "gradgrade/problem-set/1", "name": "set"}
    return ProblemSet.from_data(data | {"exercises": [PROGRAM | fields]})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"program": "L = sum(x * w)"}, "program is another"),
        ({"arrays": {"x": [3], "w": [3]}}, "numbers do not fit|arrays is another"),
        ({"arithmetic": "decimal"}, "arithmetic is another"),
    ],
)
def test_numbers_of_a_program_that_would_mean_something_else_are_refused(changed, words):
    exercise = ungated(of_program(), "exercise", student="1", secret=b"0")
    with pytest.raises(DocumentError, match=words):
        redefine(of_program(**changed), exercise)


def test_a_program_under_another_marking_keeps_its_numbers():
    exercise = ungated(of_program(), "exercise", student="1", secret=b"0")
    loosened = redefine(of_program(tolerance={"decimals": 2}, ask=["dw"]), exercise)
    assert (loosened.id, loosened.given) == (exercise.id, exercise.given)
    assert grade(loosened, right_answers(loosened)).outcome == "correct"


@pytest.mark.parametrize("becomes", ["a network", "a program"])
def test_numbers_of_another_kind_of_exercise_are_refused(becomes):
    network, program = now(), of_program()
    before, after = (program, network) if becomes == "a network" else (network, program)
    exercise = ungated(before, "exercise", student="1", secret=b"0")
    with pytest.raises(DocumentError, match="type is another"):
        redefine(after, exercise)


def test_square_matrices_do_not_pass_for_their_transposes():
    # All shapes fit, and every number would be another's.
    square = {"layers": [dense(2, bias="none")], "batch": 2, "ask": ["loss"]}
    with pytest.raises(DocumentError, match="convention"):
        redefine(problem_set(**square, convention="row"), variant(**square))


def test_targets_that_another_loss_does_not_take_are_refused():
    exercise = issued(given={"y": [[-0.5]]})
    with pytest.raises(DocumentError, match=r"given\.y"):
        redefine(now(loss={"name": "binary_cross_entropy"}), exercise)


def test_an_optimizer_with_another_rate_fits():
    exercise = issued(ask=["W1_new"])
    later = now(ask=["W1_new"], optimizer={"name": "sgd", "learning_rate": 0.5})
    redefined = redefine(later, exercise)
    assert grade(redefined, right_answers(redefined)).outcome == "correct"
    assert grade(redefined, right_answers(exercise)).outcome != "correct"


def test_answers_to_what_is_no_longer_asked_are_left_out():
    exercise = redefine(now(ask=["dW1", "db1"]), issued())
    answers = Answers.of(right_answers(issued()))
    kept = still_asked(exercise, answers)
    assert set(kept.answers) == {"dW1"}
    assert {part.name: part.outcome for part in grade(exercise, kept).parts} == {
        "dW1": "correct",
        "db1": "missing",
    }


def test_an_answer_to_a_quantity_that_there_is_no_more_is_left_out():
    momentum = {"name": "momentum", "learning_rate": 0.1}
    exercise = issued(optimizer=momentum, ask=["loss", "vW1"])
    redefined = redefine(now(ask=["loss"]), exercise)
    assert set(still_asked(redefined, Answers.of(right_answers(exercise))).answers) == {"loss"}


def test_an_answer_under_another_name_of_the_part_is_kept():
    exercise = issued(ask=["loss"])
    assert still_asked(exercise, Answers.of({"loss@1": 0.5})).answers == {"loss": 0.5}


def test_where_two_answers_come_to_the_same_part_its_own_name_counts():
    exercise = issued(iterations=2, ask=["loss@1", "loss@2"])
    once = redefine(now(ask=["loss"]), exercise)
    answers = Answers.of({"loss@1": 1.0, "loss": 2.0})
    assert still_asked(once, answers).answers == {"loss": 2.0}
    assert grade(once, still_asked(once, answers)).outcome in ("correct", "incorrect")
