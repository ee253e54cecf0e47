"""Some variants of a stack are what a stack of theirs is, and nothing of them is walked again."""

import numpy
import pytest

from gradgrade.problems.catalogue import load
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.walks.stacked import Assessment, assess
from tests.catalogue import CATALOGUE
from tests.examples import spread

DRAWS, CHOSEN = 6, [1, 2, 5]


def first_draws(problem_set: str, exercise: str) -> Assessment:
    template = compile_template(load(problem_set), exercise)
    streams = (Stream(b"stack", attempt) for attempt in range(DRAWS))
    return assess([template.exercise(bytes(32), template.draw(stream)) for stream in streams])


@pytest.mark.parametrize(("problem_set", "exercise"), spread(CATALOGUE))
def test_chosen_variants_are_what_they_are_in_a_stack_of_their_own(problem_set, exercise):
    whole = first_draws(problem_set, exercise)
    with numpy.errstate(all="ignore"):
        assert whole.bands
        chosen, own = whole.chosen(CHOSEN), assess([whole.exercises[place] for place in CHOSEN])
        for name, estimate in own.estimates.items():
            for each in ("value", "error"):
                found, expected = getattr(chosen.estimates[name], each), getattr(estimate, each)
                numpy.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
        for name, band in own.bands.items():
            numpy.testing.assert_allclose(chosen.bands[name], band, rtol=1e-6)


def test_rounding_is_walked_for_no_variant_twice_and_for_none_that_is_left_out():
    whole = first_draws("losses-and-activations", "which-mean")
    chosen = whole.chosen(CHOSEN)
    assert whole.reaches is not None
    assert chosen.reaches == tuple(whole.reaches[place] for place in CHOSEN)
    assert chosen.bands
    walked = ["ends" in vars(each) for each in whole.reaches]
    assert walked == [place in CHOSEN for place in range(DRAWS)]
