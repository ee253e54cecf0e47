"""Some variants of a stack are what a stack of theirs is, and nothing of them is walked again."""

from random import Random

import numpy
import pytest

from gradgrade.problems.catalogue import load
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.walks.stacked import Assessment, assess
from tests.catalogue import CATALOGUE
from tests.evidence.draws import KINDS
from tests.examples import spread
from tests.strategies import dense, problem_set

DRAWS, CHOSEN = 6, [1, 2, 5]


def first_draws(template: Template) -> Assessment:
    streams = (Stream(b"stack", attempt) for attempt in range(DRAWS))
    return assess([template.exercise(bytes(32), template.draw(stream)) for stream in streams])


def assert_chosen_are_as_in_a_stack_of_their_own(template: Template) -> None:
    whole = first_draws(template)
    with numpy.errstate(all="ignore"):
        assert whole.bands
        chosen, own = whole.chosen(CHOSEN), assess([whole.exercises[place] for place in CHOSEN])
        for name, estimate in own.estimates.items():
            for each in ("value", "error"):
                found, expected = getattr(chosen.estimates[name], each), getattr(estimate, each)
                numpy.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
        for name, band in own.bands.items():
            numpy.testing.assert_allclose(chosen.bands[name], band, rtol=1e-6)


def test_of_numbers_that_overflow_beside_the_right_ones_nobody_is_warned():
    fields = {"layers": [dense(1)], "rounding": {"decimals": 4}, "tolerance": "auto"}
    whole = first_draws(compile_template(problem_set(**fields, ask=["dW1"]), "exercise"))
    (part,) = whole.exercise.ask
    far = numpy.full_like(whole.values["dW1"], 1.7e308)
    band = whole.band(part, whole.estimates[whole.quantities["dW1"].name], far)
    assert (band >= whole.bands["dW1"]).all()


@pytest.mark.parametrize(("name", "exercise"), spread(CATALOGUE))
def test_chosen_variants_of_the_catalogue_are_what_they_are_in_a_stack_of_their_own(name, exercise):
    assert_chosen_are_as_in_a_stack_of_their_own(compile_template(load(name), exercise))


@pytest.mark.parametrize("kind", ["rounded by hand", *spread(list(KINDS))])
def test_chosen_variants_of_drawn_exercises_are_likewise(kind):
    definition = KINDS[kind](Random(f"stacked {kind}"))
    assert_chosen_are_as_in_a_stack_of_their_own(
        compile_template(problem_set(**definition), "exercise")
    )


def test_rounding_is_walked_for_no_variant_twice_and_for_none_that_is_left_out():
    whole = first_draws(compile_template(load("losses-and-activations"), "which-mean"))
    chosen = whole.chosen(CHOSEN)
    assert whole.reaches is not None
    assert chosen.reaches == tuple(whole.reaches[place] for place in CHOSEN)
    assert chosen.bands
    walked = ["ends" in vars(each) for each in whole.reaches]
    assert walked == [place in CHOSEN for place in range(DRAWS)]
