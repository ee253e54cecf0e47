"""Every misconception shows somewhere, changes only what it is about, and can be walked."""

import gc
import re
import runpy
from dataclasses import replace
from itertools import groupby, product
from typing import Any
from weakref import ref

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Derivation, Optimizer
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.running_error import RunningError
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.walking import walk
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.networks.layers import BatchNormalization, Dropout
from gradgrade.oracle.training.updates import Updates
from gradgrade.problems.misconceptions import (
    APPROXIMATIONS,
    MISCONCEPTIONS,
    Misconception,
    Mistake,
    mistakes,
    pair,
)
from gradgrade.problems.misconceptions.base import AXES, MOST_PLACES
from tests import ROOT
from tests.examples import examples, spread
from tests.problems.misconceptions.structures import (
    CASES,
    dense,
    numbers,
    program,
    structure,
    walked,
)
from tests.strategies import problem_sets

KNOWN = (*MISCONCEPTIONS, *APPROXIMATIONS)
BY_CODE = {each.code: each for each in KNOWN}
CODES = list(BY_CODE)
STRUCTURES = tuple(dict.fromkeys(CASES.values()))


def changed(right: Derivation, mistaken: Derivation) -> set[str]:
    """The names of what a student would be asked for and gets wrong."""
    expected, found = walked(right), walked(mistaken)
    # An ε of 1e-7 in a logarithm changes an entry by no more than that; rounding, by 1e-15.
    return {
        text
        for text, quantity in right.results.items()
        if not numpy.allclose(found[quantity.name], expected[quantity.name], rtol=1e-9, atol=0)
    }


def is_in_order(derivation: Derivation) -> bool:
    """Whether each step reads only givens and earlier steps."""
    known = {each.name for each in derivation.givens}
    for step in derivation.steps:
        if not known.issuperset(step.reads):
            return False
        known.add(step.name)
    return True


def test_there_is_a_structure_for_every_misconception_and_no_other():
    assert set(CASES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_misconception_changes_an_answer_in_its_smallest_structure(code):
    found = list(BY_CODE[code].mistakes(CASES[code]))
    assert found
    assert changed(CASES[code], found[0].derivation)


@pytest.mark.parametrize("code", CODES)
def test_a_mistake_shows_what_the_right_derivation_shows_in_the_same_shapes(code):
    for mistake in BY_CODE[code].mistakes(CASES[code]):
        right, found = walked(CASES[code]), walked(mistake.derivation)
        assert set(mistake.derivation.results) == set(CASES[code].results)
        for text, quantity in CASES[code].results.items():
            assert mistake.derivation.results[text] == quantity
            assert found[quantity.name].shape == right[quantity.name].shape, text


@pytest.mark.parametrize("code", CODES)
def test_steps_that_a_mistake_does_not_touch_are_the_same_objects(code):
    right = CASES[code]
    for mistake in BY_CODE[code].mistakes(right):
        steps = mistake.derivation.steps
        touched = [step for step in steps if step is not right.by_name.get(step.name)]
        assert 0 < len(touched) < len(steps)
        assert all(step != right.by_name.get(step.name) for step in touched)
        assert all(not step.routes for step in touched if step.name in right.by_name)


def test_no_two_misconceptions_are_the_same_everywhere():
    found: dict[tuple[Any, ...], set[str]] = {}
    for code, derivation in CASES.items():
        seen = []
        for other in STRUCTURES:
            first = next(BY_CODE[code].mistakes(other), None)
            seen.append(first and _digest(first.derivation))
        found.setdefault(tuple(seen), set()).add(code)
        assert derivation in STRUCTURES
    assert [codes for codes in found.values() if len(codes) > 1] == []


def test_no_two_mistakes_of_an_exercise_have_one_subject():
    for derivation in (*STRUCTURES, program("o = x @ y.T", upstream="o", x=(2, 2), y=(2, 2))):
        subjects = [each.subject for each in mistakes(derivation)]
        assert sorted(subjects) == sorted(set(subjects))


def _digest(derivation: Derivation) -> tuple[float, ...]:
    values = walked(derivation)
    shown = [values[each.name] for each in derivation.results.values()]
    return tuple(round(float(entry), 9) for array in shown for entry in array.ravel())


# The words


def test_codes_are_unique_and_stable_words():
    assert len(BY_CODE) == len(KNOWN) >= 35
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_words_of_a_misconception_teach_and_name_no_number_of_an_exercise(code):
    known = BY_CODE[code]
    assert 5 < len(known.title) <= 60
    assert not known.title.endswith(".")
    for text in (known.explanation, known.exposure):
        assert text.endswith(".")
        assert set(re.findall(r"\d+", text)) <= {"1", "2"}
        assert "  " not in text
    assert 1 <= len(re.findall(r"[.!?](?= |$)", known.explanation)) <= 3
    assert re.search(r"\byou(rs?)?\b", known.explanation, re.IGNORECASE)
    assert known.source
    assert known.family


# Places


def places(derivation: Derivation, code: str) -> list[str]:
    return [mistake.place for mistake in BY_CODE[code].mistakes(derivation)]


def test_a_mistake_can_be_made_in_all_layers_or_in_one():
    deep = structure(dense(2, "tanh"), dense(2, "tanh"), dense(1))
    assert places(deep, "activation_derivative_missing") == ["", "in layer 1", "in layer 2"]
    assert places(deep, "residual_sign") == [""]


def test_a_mistake_in_one_layer_changes_only_what_follows_from_that():
    deep = structure(dense(2, "tanh"), dense(2, "tanh"), dense(1))
    everywhere, first, second = BY_CODE["activation_derivative_missing"].mistakes(deep)
    assert changed(deep, first.derivation) == {*("delta1", "dW1", "db1", "dx", "W1_new", "b1_new")}
    assert "delta2" in changed(deep, second.derivation)
    assert changed(deep, everywhere.derivation) == changed(deep, second.derivation)


def test_where_only_one_layer_has_it_no_place_is_named():
    assert places(structure(dense(2, "tanh"), dense(1)), "activation_derivative_missing") == [""]


def test_places_are_those_of_the_weights_that_are_passed():
    square = structure(dense(2), dense(2), dense(1))
    assert places(square, "weights_not_transposed") == ["", "in layer 1", "in layer 2"]


def test_a_deep_network_names_no_more_places_than_are_told_apart():
    deep = structure(*(dense(1, "tanh") for _ in range(9)), inputs=1)
    assert len(places(deep, "activation_derivative_missing")) == 1 + MOST_PLACES


# Where they apply


def test_a_misconception_is_not_made_where_it_has_no_meaning():
    plain = {each.misconception.code for each in mistakes(structure(dense(1), inputs=1))}
    for code in ("weights_not_transposed", "bias_correction_missing", "kernel_flipped"):
        assert code not in plain
    for code in ("relu_mask_reversed", "frozen_updated", "root_forgotten", "one_path"):
        assert code not in plain


def test_a_mean_of_one_sample_is_a_mistake_in_name():
    one = structure(dense(1), inputs=1)
    (mistake,) = BY_CODE["sum_for_mean"].mistakes(one)
    assert changed(one, mistake.derivation) == set()


def test_all_mistakes_of_a_derivation_are_found_once():
    derivation = structure(dense(2, "tanh"), dense(1))
    assert mistakes(derivation) is mistakes(derivation)
    found = [(each.misconception.code, each.place) for each in mistakes(derivation)]
    assert len(found) == len(set(found))


def test_mistakes_with_an_optimizer_are_found_wherever_parameters_are_updated():
    table = Quantity(Name("embedding"), (2, 2), Layout.FIXED, Group.GIVEN, Kind.WEIGHTS)
    adam = Updates(
        optimizer=Optimizer(name="adam", schedule="step", every=1),
        parameters=(table,),
        frozen=frozenset(),
        iterations=2,
    )
    gradients = [replace(table, name=Name("embedding", 0, t).gradient) for t in (1, 2)]
    numbers = [Quantity(Name(each), (), Layout.FIXED, Group.GIVEN) for each in adam.numbers]
    derivation = Derivation(
        givens=(table, *gradients, *numbers),
        steps=tuple(
            step
            for count in (1, 2)
            for step in (*adam.parameters_of_iteration(count), *adam.of_iteration(count))
        ),
        convention="column",
        iterations=2,
    )
    found = {each.misconception.code for each in mistakes(derivation)}
    assert found >= {"gradient_ascent", "state_forgotten", "first_correction_kept"}
    assert found >= {"schedule_ahead", "epsilon_inside_root", "learning_rate_missing"}
    assert not found & {"weights_not_transposed", "bias_not_updated", "residual_sign"}


@pytest.mark.parametrize("last", [Dropout(), BatchNormalization()])
def test_mistakes_are_found_where_the_last_layer_has_no_pre_activation(last):
    derivation = structure(dense(2, "sigmoid"), last, batch=2)
    found = {each.misconception.code for each in mistakes(derivation)}
    assert "activation_derivative_missing" in found
    assert "output_derivative_for_hidden" not in found


# Walks


@pytest.mark.parametrize("code", CODES)
def test_a_mistake_is_walked_in_running_errors_as_in_binary64(code):
    derivation, arithmetic = CASES[code], RunningError()
    stack = [numbers(derivation, seed) for seed in (1, 2, 3)]
    stacked = {
        name: arithmetic.matrix(numpy.stack([each[name] for each in stack])) for name in stack[0]
    }
    for mistake in BY_CODE[code].mistakes(derivation):
        estimates = walk(mistake.derivation, stacked, arithmetic)
        for quantity in derivation.results.values():
            values = estimates[quantity.name].value
            values = numpy.broadcast_to(values, (3, *quantity.matrix_shape))
            for seed, value in zip((1, 2, 3), values, strict=True):
                expected = walked(mistake.derivation, seed)[quantity.name]
                assert numpy.allclose(value, expected, rtol=1e-9, equal_nan=True), quantity.name


def combined(derivation: Derivation) -> list[tuple[Misconception, Mistake, Derivation]]:
    return [
        (second, first, both.derivation)
        for first, second in spread(list(product(mistakes(derivation), MISCONCEPTIONS)))
        for both in pair(first, second)
    ]


PAIRED = (*STRUCTURES, structure(dense(2, "elu"), dense(1)))
"""An activation with a number of its own among them, which another that is taken for it has not."""


@pytest.mark.parametrize("derivation", PAIRED, ids=range(len(PAIRED)))
def test_two_mistakes_at_once_are_in_order_and_can_be_walked(derivation):
    for second, first, both in combined(derivation):
        assert is_in_order(both), (first.misconception.code, second.code)
        walked(both)


def test_two_scales_are_multiplied_whichever_comes_first():
    derivation = structure(dense(1), inputs=1, loss="squared_error", batch=3)
    codes = ("residual_sign", "two_missing")
    values = []
    for first, second in (codes, codes[::-1]):
        (mistake,) = BY_CODE[first].mistakes(derivation)
        (both,) = pair(mistake, BY_CODE[second])
        assert both.first is mistake
        assert both.second.misconception.code == second
        values.append(walked(both.derivation))
    delta = next(step.name for step in derivation.steps if str(step.name) == "delta1")
    assert numpy.allclose(values[0][delta], values[1][delta])
    assert numpy.allclose(values[0][delta], walked(derivation)[delta] * -0.5)


def test_nothing_is_made_on_top_of_exchanged_axes():
    derivation = structure(dense(2))
    (first,) = BY_CODE["weights_shown_transposed"].mistakes(derivation)
    assert first.misconception.family == AXES
    assert list(pair(first, BY_CODE["residual_sign"])) == []
    (other,) = BY_CODE["residual_sign"].mistakes(derivation)
    assert list(pair(other, first.misconception))


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem_set=problem_sets(most_iterations=3), data=st.data())
def test_any_mistake_of_any_structure_is_in_order_and_can_be_walked(problem_set, data):
    (exercise,) = problem_set.exercises
    derivation = exercise.derive(exercise.batch or 1)
    found = mistakes(derivation)
    givens = numbers(derivation)
    for mistake in found:
        assert is_in_order(mistake.derivation), mistake.misconception.code
        try:
            values = walk(mistake.derivation, givens, Binary64())
        except OracleError:
            continue
        for quantity in derivation.results.values():
            assert values[quantity.name].shape == quantity.matrix_shape
    first = data.draw(st.sampled_from(found))
    second = data.draw(st.sampled_from(MISCONCEPTIONS))
    for both in pair(first, second):
        assert is_in_order(both.derivation)
        walk(both.derivation, givens, Binary64())


# The page


def test_the_page_of_misconceptions_is_what_the_catalogue_makes():
    docs = ROOT / "docs"
    page = runpy.run_path(str(docs / "make_misconceptions.py"))["page"]()
    assert (docs / "misconceptions.md").read_text("utf-8") == page
    assert all(f"`{code}`" in page for code in CODES)


def test_a_family_is_one_stretch_of_the_catalogue():
    families = [name for name, _ in groupby(KNOWN, key=lambda each: each.family)]
    assert len(families) == len(set(families))


def test_what_can_be_done_wrong_in_a_derivation_is_forgotten_with_it():
    derivation = replace(structure(dense(2, "tanh"), dense(1)))
    assert mistakes(derivation) is mistakes(derivation)
    seen = ref(derivation)
    del derivation
    gc.collect()
    assert seen() is None
