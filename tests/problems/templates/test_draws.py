"""What a template draws: points of its grids, targets, and what is given as it was written."""

from decimal import Decimal
from fractions import Fraction

import pytest

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import DocumentError, ProblemSet, generate
from gradgrade.problems.documents.number import Number
from gradgrade.problems.templates.template import compile_template
from tests.problems.generated import generated, numbers
from tests.strategies import CONVENTIONS, dense, problem_set, variant

DEFAULT_GRIDS = {
    "W": ("-1", "1", "0.05"),
    "b": ("-1", "1", "0.05"),
    "x": ("-1", "1", "0.1"),
    "y": ("0", "1", "0.05"),
}


def grid_points(low: str, high: str, step: str) -> list[Fraction]:
    first, last, width = map(Fraction, (low, high, step))
    return [first + index * width for index in range(int((last - first) / width) + 1)]


# On the grid


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("student", ["1", "2", "3"])
def test_decimal_variants_lie_exactly_on_the_grid(convention, student):
    exercise = variant(
        student=student,
        layers=[dense(4, "tanh"), dense(3)],
        batch=4,
        arithmetic="decimal",
        convention=convention,
    )
    for name in exercise.given:
        points = set(grid_points(*DEFAULT_GRIDS[name[0]]))
        assert {Fraction(number.text) for number in numbers(exercise, name)} <= points


@pytest.mark.parametrize("student", ["1", "2", "3"])
def test_binary64_variants_are_the_nearest_doubles_of_grid_points_in_shortest_form(student):
    exercise = variant(
        student=student, layers=[dense(4, "tanh"), dense(3)], batch=4, arithmetic="binary64"
    )
    for name in exercise.given:
        texts = {repr(float(point)) for point in grid_points(*DEFAULT_GRIDS[name[0]])}
        assert {number.text for number in numbers(exercise, name)} <= texts


RANGES = [
    ("0.123456789012345678901234567890123456789", "9", "0.1"),
    ("1e20", "1.00000000000000000001e20", "1"),
    ("-1e-20", "1", "0.00001000000000000000000000000000001"),
    ("0", "1e-290", "1e-291"),
]


@pytest.mark.parametrize(("low", "high", "step"), RANGES)
def test_grid_points_are_exact_however_many_digits_the_range_has(low, high, step):
    document = problem_set(
        layers=[dense(2)], arithmetic="decimal", draw={"inputs": {"low": 1, "high": 2, "step": 3}}
    ).to_json()
    text = document.replace(
        '"low": 1,\n          "high": 2,\n          "step": 3',
        f'"low": {low},\n "high": {high},\n "step": {step}',
    )
    assert low in text
    exercise = generated(ProblemSet.from_json(text))
    for number in numbers(exercise, "x"):
        steps = (Fraction(number.text) - Fraction(low)) / Fraction(step)
        assert steps.denominator == 1
        assert Fraction(low) <= Fraction(number.text) <= Fraction(high)


def test_both_ends_of_a_range_are_drawn():
    ends = {"low": 0.25, "high": 0.75, "step": 0.25}
    drawn = {
        number.text
        for student in range(20)
        for number in numbers(
            variant(student=str(student), draw={"inputs": ends}, arithmetic="decimal"), "x"
        )
    }
    assert {Decimal(text) for text in drawn} == {Decimal(x) for x in ("0.25", "0.5", "0.75")}


def test_a_range_that_its_step_does_not_divide_ends_below_its_high():
    grid = {"low": 0, "high": 1, "step": 0.3}
    drawn = {
        Fraction(number.text)
        for student in range(20)
        for number in numbers(
            variant(student=str(student), draw={"inputs": grid}, arithmetic="decimal"), "x"
        )
    }
    assert drawn == {Fraction(i * 3, 10) for i in range(4)}


# Targets


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("student", ["1", "2", "3"])
def test_cross_entropy_has_one_hot_targets(convention, student):
    exercise = variant(
        student=student,
        layers=[dense(4, "softmax")],
        batch=3,
        loss={"name": "cross_entropy"},
        convention=convention,
    )
    y = exercise.given["y"]
    assert shape_of(y) == ((4, 3) if convention == "column" else (3, 4))
    samples = zip(*y, strict=True) if convention == "column" else y
    for sample in samples:
        assert sorted(float(number.text) for number in sample) == [0, 0, 0, 1]


def test_one_hot_targets_reach_every_class():
    classes = set()
    for student in range(30):
        exercise = variant(
            student=str(student), layers=[dense(3, "softmax")], loss={"name": "cross_entropy"}
        )
        classes.add(tuple(float(number.text) for number in numbers(exercise, "y")))
    assert classes == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


def test_binary_cross_entropy_has_targets_0_and_1():
    targets = {
        float(number.text)
        for student in range(20)
        for number in numbers(
            variant(
                student=str(student),
                layers=[dense(3, "sigmoid")],
                loss={"name": "binary_cross_entropy"},
            ),
            "y",
        )
    }
    assert targets == {0, 1}


# Given values


def test_given_values_are_kept_and_the_others_drawn():
    given = {"W1": [[0.5, -0.25], [0.125, 1]], "b2": [0.3]}
    layers = [dense(2, "tanh"), dense(1)]
    first, second = (variant(student=s, layers=layers, given=given) for s in ("1", "2"))
    for exercise in (first, second):
        for name, array in given.items():
            kept = [float(number.text) for number in numbers(exercise, name)]
            assert kept == list(flatten(array))
    assert first.given["W2"] != second.given["W2"]


def test_decimal_given_values_keep_their_text():
    text = problem_set(arithmetic="decimal", given={"x": [[1], [7]]}).to_json()
    exercise = generated(ProblemSet.from_json(text.replace("[[1], [7]]", "[[1.50], [70e-1]]")))
    assert exercise.given["x"] == [[Number("1.50")], [Number("70e-1")]]


def test_binary64_given_values_are_written_in_shortest_form():
    text = problem_set(given={"x": [[1], [7]]}).to_json()
    long = "0.1000000000000000055511151231257827"
    exercise = generated(ProblemSet.from_json(text.replace("[[1], [7]]", f"[[{long}], [70e-1]]")))
    assert exercise.given["x"] == [[Number("0.1")], [Number("7.0")]]


@pytest.mark.parametrize(
    ("convention", "given"),
    [
        ("column", {"x": [[1, 2, 3], [4, 5, 6]]}),
        ("row", {"x": [[1, 2], [3, 4], [5, 6]]}),
        ("column", {"y": [[1, 2, 3], [4, 5, 6]]}),
        ("row", {"y": [[1, 2], [3, 4], [5, 6]]}),
    ],
)
def test_the_batch_is_that_of_the_given_samples(convention, given):
    assert variant(convention=convention, given=given).batch == 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch": 2, "given": {"x": [[1], [2]]}}, "batch has 2, given.x has 1"),
        ({"given": {"x": [[1], [2]], "y": [[1, 2], [3, 4]]}}, "given.x has 1, given.y has 2"),
        ({"given": {"W1": [[1]]}}, "given.W1"),
        ({"given": {"W7": [[1]]}}, "given.W7"),
        ({"given": {"y": [[1], [2], [3]]}}, "given.y"),
        ({"freeze": ["W3"]}, 'freeze, item 1: "W3"'),
        ({"freeze": ["w9"]}, 'freeze, item 1: "W9"'),
        ({"ask": ["dW9"]}, 'ask, item 1: "dW9"'),
        ({"ask": ["everything"]}, 'ask, item 1: "everything"'),
        ({"ask": ["x"]}, 'ask, item 1: "x"'),
        ({"ask": ["dW1@2"]}, 'ask, item 1: "dW1@2"'),
        ({"ask": ["loss", "loss@2"], "iterations": 2}, "ask"),
        ({"ask": [{"name": "loss", "points": 2}], "points": 1}, "points"),
        ({"ask": ["updates"], "freeze": ["W1", "b1"]}, "ask"),
        ({"loss": {"name": "cross_entropy"}, "given": {"y": [[1], [1]]}}, "given.y"),
    ],
)
def test_a_definition_that_does_not_hold_together_is_refused(fields, message):
    with pytest.raises(DocumentError) as refusal:
        variant(**fields)
    assert "'exercise'" in str(refusal.value)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_exercise_that_is_not_in_the_set_is_refused():
    with pytest.raises(DocumentError, match="has no exercise 'other'; it has exercise"):
        generate(problem_set(), "other", student="1", secret=b"0")


# How many


def variety(**fields):
    return compile_template(problem_set(**fields), "exercise").variety


ALL_BUT_X = {"W1": [[0.3, -0.2]], "b1": [0.1], "y": [[0.5]]}


def test_few_variants_are_counted_and_a_million_is_enough():
    draw = {"inputs": {"low": 0.5, "high": 2, "step": 0.25}}
    few = {"layers": [{"type": "dense", "units": 1, "activation": "tanh"}], "draw": draw}
    assert variety(**few, given=ALL_BUT_X) == 7**2
    assert variety(**few, given=ALL_BUT_X | {"x": [[0.5], [1]]}) == 1
    wide = {"inputs": {"low": 0, "high": 9.99, "step": 0.01}}
    assert variety(**few | {"draw": wide}, given=ALL_BUT_X) is None
    almost = {"inputs": {"low": 0, "high": 9.98, "step": 0.01}}
    assert variety(**few | {"draw": almost}, given=ALL_BUT_X) == 999**2


def test_one_hot_targets_are_counted_by_samples():
    layers = [{"type": "dense", "units": 3, "activation": "softmax"}]
    given = {"W1": [[0.1, 0.2]] * 3, "b1": [0.1] * 3, "x": [[0.5, 1], [1, 2]]}
    loss = {"name": "cross_entropy"}
    assert variety(layers=layers, given=given, loss=loss, batch=2) == 3**2
