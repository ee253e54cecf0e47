"""Documents refuse what is bad in them, and say so by the name of its field."""

import copy
import json
import re
from typing import Any

import pytest

from gradgrade.problems import (
    Answers,
    DocumentError,
    Exercise,
    ProblemSet,
)
from tests.problems.documents.spoiled import EXERCISE, MODELS, SET, assert_refused, changed
from tests.strategies import dense, written_exercise

# (path, refused values); the last name in the path must be in the message.
REFUSED: list[tuple[tuple[str | int, ...], list[Any]]] = [
    (("schema",), ["gradgrade/problem-set/2", "", None, 1, "gradgrade/exercise/1"]),
    (("name",), ["", "Week 3", "week_3", "ü", 3, None, "x" * 101, ["x"]]),
    (("title",), [3, None, "x" * 301]),
    (("due",), ["soon", True, [], 1733011200, "1733011200", "2026-12-01", "2026-12-01T23:59:00"]),
    (("due",), ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]),
    (("due",), ["1969-12-31T23:59:59Z", "2999-12-31T23:59:59-01:00", "3000-01-01T00:00:00Z"]),
    (("late_until",), ["soon", True, []]),
    # Late is what comes after a moment at which it is due.
    (("late_until",), ["2026-12-01T23:59:00Z"]),
    (("late_penalty",), [-0.1, 1.1, "half", True]),
    (("attempts",), [0, -1, 1.5, "3", True]),
    (("feedback",), ["all", "", None, 1]),
    (("exercises",), [[], None, {}, "x"]),
    (("colour",), ["blue", None]),
    (("exercises", 0, "name"), ["", "A", None, 5]),
    (("exercises", 0, "title"), [5, None]),
    (
        ("exercises", 0, "points"),
        [0, -1, "ten", True, None, [1], 1_000_000.01, 21474837, 1e300],
    ),
    (("exercises", 0, "inputs"), [0, -1, 2.5, "2", True, None, 10**9]),
    (("exercises", 0, "layers"), [[], None, "dense", 3]),
    (("exercises", 0, "layers", 0, "type"), ["round", None, 1]),
    (("exercises", 0, "layers", 0, "units"), [0, -1, 1.5, "2", True, None, 10**9]),
    (("exercises", 0, "layers", 0, "activation"), ["sigmiod", "", None, 1]),
    (("exercises", 0, "layers", 0, "bias"), ["yes", True, None]),
    (("exercises", 0, "layers", 0, "colour"), ["blue"]),
    (("exercises", 0, "layers", 0, "alpha"), [0.1, "1", True]),
    (("exercises", 0, "loss", "threshold"), [1, 0, "1"]),
    (("exercises", 0, "optimizer", "momentum"), [0.9, 2, "1"]),
    (("exercises", 0, "loss"), [None, "mse", 1, []]),
    (("exercises", 0, "loss", "name"), ["mse", None, 1]),
    (("exercises", 0, "loss", "reduction"), ["median", 1]),
    (("exercises", 0, "optimizer"), [None, 1]),
    (("exercises", 0, "optimizer", "name"), ["adamant", 1]),
    (("exercises", 0, "optimizer", "learning_rate"), [0, -0.1, "0.1", True, None, [0.1]]),
    (("exercises", 0, "regularization", "l2"), [-1, "1", True, [1]]),
    (("exercises", 0, "regularization", "l3"), [1]),
    (("exercises", 0, "freeze"), [1, [1], [["W1"]]]),
    (("exercises", 0, "iterations"), [0, -1, 1.5, "2", True, None, 10**6]),
    (("exercises", 0, "convention"), ["columns", None, 1]),
    (("exercises", 0, "arithmetic"), ["float32", None, 1]),
    (("exercises", 0, "batch"), [0, -1, 1.5, "2", True, 10**6]),
    (("exercises", 0, "ask"), [[], None, 5, [5], [{"points": 1}]]),
    (
        ("exercises", 0, "tolerance"),
        [
            *("fine", None, {}, -0.1, {"decimals": -1}, {"decimals": 1.5}, {"significant": 0}),
            *({"relative": -1}, {"relative": -1, "absolute": 0}, {"decimals": 3, "x": 1}),
        ],
    ),
    (("exercises", 0, "rounding"), [{}, {"decimals": 3, "significant": 3}, {"decimals": -1}, -3]),
    (("exercises", 0, "draw", "weights", "step"), [0, -1, "1", True, None]),
    (("exercises", 0, "draw", "weights", "low"), ["1", True, None]),
    (("exercises", 0, "draw", "weights"), [{"low": 1, "high": 0, "step": 1}, None, 3]),
    (
        ("exercises", 0, "draw", "weights"),
        [{"low": 0, "high": 1, "step": 1e-9}, {"low": 0, "high": 1, "step": 1e-300}],
    ),
    (("exercises", 0, "draw", "wieghts"), [{"low": 0, "high": 1, "step": 1}]),
    (
        ("exercises", 0, "given", "W1"),
        ["x", True, None, [], [[]], [[1, 2], [3]], [[1, "2"]], [[True]], {"a": 1}, [[None]]],
    ),
]

CASES = [
    pytest.param(path, value, id=f"{'.'.join(map(str, path))}={str(value)[:40]}")
    for path, refused in REFUSED
    for value in refused
]


def test_the_set_that_these_tests_spoil_is_accepted():
    assert ProblemSet.from_json(json.dumps(SET)).exercise("exercise").iterations == 2


@pytest.mark.parametrize(("path", "value"), CASES)
def test_a_bad_value_of_a_problem_set_is_refused_by_the_name_of_its_field(path, value):
    assert_refused(ProblemSet, changed(SET, path, value), str(path[-1]))


@pytest.mark.parametrize("field", ["schema", "name", "exercises"])
def test_a_problem_set_without_a_field_is_refused_by_its_name(field):
    document = {name: value for name, value in SET.items() if name != field}
    assert_refused(ProblemSet, document, field)


@pytest.mark.parametrize("field", ["name", "inputs", "layers", "loss", "optimizer", "ask"])
def test_an_exercise_of_a_set_without_a_field_is_refused_by_its_name(field):
    document = copy.deepcopy(SET)
    del document["exercises"][0][field]
    assert_refused(ProblemSet, document, field)


def test_two_exercises_of_one_name_are_refused():
    document = changed(SET, ("exercises",), SET["exercises"] * 2)
    assert_refused(ProblemSet, document, "exercise")


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null"])
@pytest.mark.parametrize("model", MODELS)
def test_a_document_that_is_no_object_is_refused(model, text):
    with pytest.raises(DocumentError, match=f"^{model.kind}: the document must be an object$"):
        model.from_json(text)


@pytest.mark.parametrize("model", MODELS)
def test_a_fault_of_the_text_is_refused_with_the_kind_of_document(model):
    with pytest.raises(DocumentError, match=f"^{model.kind}: not JSON at line 1"):
        model.from_json("{,}")


@pytest.mark.parametrize("key", ["a\nb", "a\u2028b", "x" * 5000])
def test_an_unknown_field_is_refused_in_one_short_line_whatever_it_is_called(key):
    with pytest.raises(DocumentError) as refusal:
        ProblemSet.from_json(json.dumps(SET | {key: 1}))
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 400


# Exercises

REFUSED_IN_EXERCISES: list[tuple[tuple[str | int, ...], list[Any]]] = [
    (("schema",), ["gradgrade/exercise/2", None]),
    (("id",), ["xyz", "0" * 15, "0" * 17, "0" * 15 + "A", 1, None]),
    (("problem_set",), ["", "A B", None]),
    (("points",), [0, -1, "1"]),
    (("batch",), [0, 2.5, None]),
    (("given",), [None, [], 1]),
    (("given", "x"), [1, [[1]], [[1], [2], [3]], [[1], [2, 3]], [[1], ["2"]]]),
    (("given", "W1"), [[[1, 2]], [[1, 2, 3], [4, 5, 6]], [1, 2, 3, 4]]),
    (("given", "b1"), [1, [1], [[1], [2]]]),
    (("given", "W9"), [[[1]]]),
    (("given", "learning_rate"), [0.1]),
    (("ask",), [[], None]),
    (("ask", 0, "name"), ["dW9", "x", "W1", "", 1, None, "data_loss"]),
    (("ask", 0, "shape"), [[2], [[1]], None, "()", [1.5]]),
    (("ask", 0, "points"), ["1", None, True]),
    (("ask", 0, "tolerance"), ["automatic", None, {}, {"decimals": -1}]),
    (("generator",), [1, None]),
    (("colour",), ["blue"]),
]


def test_the_exercise_that_these_tests_spoil_is_accepted():
    assert Exercise.from_json(json.dumps(EXERCISE)).batch == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(path, value, id=f"{'.'.join(map(str, path))}={str(value)[:40]}")
        for path, refused in REFUSED_IN_EXERCISES
        for value in refused
    ],
)
def test_a_bad_value_of_an_exercise_is_refused_by_the_name_of_its_field(path, value):
    name = "ask" if path[:1] == ("ask",) else str(path[-1])
    assert_refused(Exercise, changed(EXERCISE, path, value), name)


@pytest.mark.parametrize("name", ["x", "y", "W1", "b1", "W2", "b2"])
def test_an_exercise_without_a_given_is_refused_by_its_name(name):
    document = copy.deepcopy(EXERCISE)
    del document["given"][name]
    assert_refused(Exercise, document, name)


@pytest.mark.parametrize("second", ["loss", "loss@1"])
def test_an_exercise_that_asks_the_same_twice_is_refused(second):
    part = EXERCISE["ask"][0]
    assert_refused(Exercise, EXERCISE | {"ask": [part, part | {"name": second}]}, "ask")


@pytest.mark.parametrize(
    ("loss", "arithmetic", "targets"),
    [
        ("cross_entropy", "decimal", [[0.5], [0.4]]),
        ("cross_entropy", "decimal", [[1.5], [-0.5]]),
        ("cross_entropy", "decimal", [[0.3333333333333333], [0.6666666666666666]]),
        ("cross_entropy", "binary64", [[0.5], [0.500000000000002]]),
        ("binary_cross_entropy", "decimal", [[1.1], [0]]),
        ("binary_cross_entropy", "binary64", [[-1e-300], [0]]),
    ],
)
def test_targets_that_do_not_suit_the_loss_are_refused(loss, arithmetic, targets):
    document = EXERCISE | {"loss": {"name": loss}, "arithmetic": arithmetic}
    document = changed(document, ("layers", 1, "activation"), "sigmoid")
    assert_refused(Exercise, changed(document, ("given", "y"), targets), "given.y")


@pytest.mark.parametrize(
    ("arithmetic", "targets"),
    [
        ("decimal", [[0.1], [0.9]]),
        ("decimal", [[0.3333333333333333], [0.6666666666666667]]),
        ("binary64", [[0.3333333333333333], [0.6666666666666666]]),
        ("binary64", [[0.1], [0.9000000000000015]]),
    ],
)
def test_targets_that_sum_to_1_in_their_arithmetic_are_accepted(arithmetic, targets):
    document = EXERCISE | {"loss": {"name": "cross_entropy"}, "arithmetic": arithmetic}
    document = changed(document, ("layers", 1, "activation"), "softmax")
    Exercise.from_json(json.dumps(changed(document, ("given", "y"), targets)))


def test_a_given_that_vanishes_in_binary64_is_refused_by_its_name():
    text = json.dumps(changed(EXERCISE, ("given", "b1"), [1, "TINY"])).replace('"TINY"', "1e-400")
    with pytest.raises(DocumentError, match=r"^exercise: .*\b1e-400\b"):
        Exercise.from_json(text)


@pytest.mark.parametrize("place", ["relative", "absolute"])
def test_a_tolerance_of_astronomic_smallness_is_refused_or_harmless(place):
    tolerance = {"relative": 0.1, "absolute": 0.1, place: "TINY"}
    text = json.dumps(changed(EXERCISE, ("ask", 0, "tolerance"), tolerance))
    try:
        exercise = Exercise.from_json(text.replace('"TINY"', "1e-99999"))
    except DocumentError:
        return
    # Its band must not take a number of 10⁵ digits, which grows with the exponent without end.
    _, denominator = exercise.ask[0].tolerance.rule().band((1, 1))
    assert denominator < 10**1100


# Answers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"dW1": [[1, 2], [3]]}', "dW1"),
        ('{"dW1": []}', "dW1"),
        ('{"dW1": [[], []]}', "dW1"),
        ('{"loss": true}', "loss"),
        ('{"loss": "0.24"}', "loss"),
        ('{"dW1": [[1, null]]}', "dW1"),
        ('{"dW1": {"a": 1}}', "dW1"),
        ('{"loss": NaN}', "NaN"),
        ('{"loss": 1e400}', "1e400"),
        ('{"loss": 1, "loss": 2}', "loss"),
        ('{"schema": "gradgrade/answers/2", "answers": {}}', "schema"),
        ('{"schema": "gradgrade/answers/1"}', "answers"),
        ('{"answers": 3}', "answers"),
        ('{"answers": {}, "exercise": 5}', "exercise"),
        ('{"answers": {}, "student": "me"}', "student"),
        ('{"loss": [[[[[[[[[1]]]]]]]]]}', "nested"),
    ],
)
def test_answers_that_are_no_arrays_of_numbers_are_refused(text, name):
    with pytest.raises(DocumentError) as refusal:
        Answers.from_json(text)
    assert re.match(r"answers(\.|: (?!answers))", str(refusal.value))
    assert re.search(rf"\b{name}\b", str(refusal.value))
    assert "\n" not in str(refusal.value)


def test_null_is_a_part_left_out():
    answers = Answers.from_json('{"loss": null, "dW1": [[1, 2.5]]}')
    assert answers.answers == {"loss": None, "dW1": [[1.0, 2.5]]}


@pytest.mark.parametrize("huge", [10**400, -(10**5000)], ids=["400 digits", "5000 digits"])
def test_an_integer_beyond_binary64_is_refused_from_python(huge):
    with pytest.raises(DocumentError, match=r"^answers\.loss"):
        Answers.of({"loss": huge})


@pytest.mark.parametrize("answers", [[1], "loss", 1, None])
def test_answers_that_are_no_map_are_refused(answers):
    with pytest.raises(DocumentError, match="a map from names"):
        Answers.of(answers)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (["a", 0, 0], '"a" is not a number but text: write one, such as 0.5'),
        ([None, 0, 0], "null is not a number: write one, such as 0.5"),
        ([1, 2], "[1, 2] has 2 numbers, and must have 3 numbers, such as [0.5, 0.5, 0.5]"),
        (..., "this field is missing; write it, such as [0.5, 0.5, 0.5]"),
    ],
)
def test_what_is_given_and_none_is_told_with_what_to_write(array, said):
    document = written_exercise([dense(3), dense(2)]).to_data()
    given = {name: each for name, each in document["given"].items() if name != "b1"}
    document["given"] = given if array is ... else given | {"b1": array}
    with pytest.raises(DocumentError) as caught:
        Exercise.from_data(document)
    (fault,) = caught.value.faults
    assert (fault.field, fault.said) == ("given.b1", said)
