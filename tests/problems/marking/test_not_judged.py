"""Where no attempt is spent, a verdict tells shapes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import generate, grade
from gradgrade.problems.catalogue import load
from tests.solved import right_answers

EXERCISE = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
RIGHT = right_answers(EXERCISE)
MALFORMED = [[[0.5]], [0.5] * 7, float("nan"), [float("inf")]]

entries = st.floats(allow_nan=False, allow_infinity=False)


def shaped_as(part):
    drawn = entries
    for size in reversed(part.shape):
        drawn = st.lists(drawn, min_size=size, max_size=size)
    return drawn


@pytest.mark.parametrize("malformed", MALFORMED)
@given(data=st.data())
def test_beside_a_malformed_part_the_verdict_does_not_depend_on_well_shaped_entries(
    malformed, data
):
    parts = [part for part in EXERCISE.ask if part.name != "loss"]
    drawn = {part.name: data.draw(shaped_as(part)) for part in parts}
    of_right = grade(EXERCISE, RIGHT | {"loss": malformed})
    assert grade(EXERCISE, drawn | {"loss": malformed}) == of_right
    assert (of_right.outcome, of_right.score, of_right.first_error) == ("invalid", 0, "loss")


def test_what_is_not_judged_has_no_score_no_codes_and_no_mistake():
    wrong = {name: value for name, value in RIGHT.items() if name != "loss"}
    verdict = grade(EXERCISE, wrong | {"loss": [1.0]})
    judged = {part.name: part for part in verdict.parts}
    assert judged.pop("loss").note == "wrong_shape"
    for part in judged.values():
        assert (part.outcome, part.note, part.score) == ("not_judged", "not_judged", 0)
        assert part.entries is None
        assert not part.misconceptions
        assert part.feedback == "Not judged: another part is malformed."


def test_what_is_left_out_is_missing_beside_a_malformed_part():
    verdict = grade(EXERCISE, {"loss": [1.0]})
    assert {part.outcome for part in verdict.parts} == {"invalid", "missing"}
