"""Hints are how an exercise is presented: no number, no id and no document depends on them."""

import pytest

from gradgrade.problems import DocumentError, ProblemSet, generate
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.redefinition import redefine

TEXT = """
schema = "gradgrade/problem-set/1"
name = "week"
{of_set}

[[exercises]]
name = "first"
inputs = 2
layers = [{{ type = "dense", units = 1, activation = "sigmoid" }}]
loss = "half_squared_error"
ask = "gradients"
{of_exercise}

[[exercises]]
name = "second"
inputs = 2
layers = [{{ type = "dense", units = 1 }}]
ask = "a1"
"""


def written(*, of_set: str = "", of_exercise: str = "") -> ProblemSet:
    return ProblemSet.from_toml(TEXT.format(of_set=of_set, of_exercise=of_exercise))


@pytest.mark.parametrize(
    ("of_set", "of_exercise", "shown"),
    [
        ("", "", ("none", "none")),
        ('hints = "formulas"', "", ("formulas", "formulas")),
        ("", 'hints = "formulas"', ("formulas", "none")),
        ('hints = "formulas"', 'hints = "none"', ("none", "formulas")),
        ('hints = "Formulas"', "", ("formulas", "formulas")),
    ],
)
def test_an_exercise_says_what_is_shown_else_its_set_does(of_set, of_exercise, shown):
    read = written(of_set=of_set, of_exercise=of_exercise)
    assert (read.hints_of("first"), read.hints_of("second")) == shown
    assert ProblemSet.from_json(read.to_json()) == read


def test_a_variant_is_the_same_with_hints_and_without():
    plain = written()
    hinted = written(of_set='hints = "formulas"', of_exercise='hints = "formulas"')
    made = [generate(each, "first", student="1", secret=b"0").to_json() for each in (plain, hinted)]
    assert made[0] == made[1]
    assert compile_template(plain, "first") is compile_template(hinted, "first")


def test_a_variant_that_was_issued_without_hints_is_still_that_of_its_set():
    issued = generate(written(), "first", student="1", secret=b"0")
    assert redefine(written(of_exercise='hints = "formulas"'), issued) == issued


def test_hints_that_there_are_not_are_refused_with_their_line():
    with pytest.raises(DocumentError, match=r'line 4: hints: "all" .*none.*formulas'):
        written(of_set='hints = "all"')
