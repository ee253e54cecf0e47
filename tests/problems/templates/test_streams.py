"""Draws: keyed, named and counted, so that none moves another."""

import hashlib
import hmac

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradgrade.problems.templates.streams import Stream, keyed_digest

KEYS = st.binary(min_size=1, max_size=40)


@given(KEYS, st.text(max_size=9), st.integers(0, 2**40), st.integers(1, 10**9), st.integers(0, 99))
def test_a_draw_lies_below_its_bound_and_is_the_same_again(key, name, index, bound, attempt):
    draw = Stream(key, attempt).below(bound, name, index)
    assert 0 <= draw < bound
    assert Stream(key, attempt).below(bound, name, index) == draw


@given(st.binary(min_size=1, max_size=200))
@example(b"key")
@example(bytes(64))
@example(b"k" * 65)
def test_a_draw_is_the_fraction_of_the_range_that_its_digest_says(key):
    parts = (b"W1", (0).to_bytes(8, "big"), (5).to_bytes(8, "big"))
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    digest = hmac.new(key, message, hashlib.sha256).digest()
    expected = int.from_bytes(digest, "big") * 41 // 2**256
    assert Stream(key).below(41, "W1", 5) == expected


def test_draws_do_not_depend_on_other_draws():
    alone, among_others = Stream(b"key"), Stream(b"key")
    expected = [alone.below(41, "W1", index) for index in range(20)]
    found = []
    for index in range(20):
        among_others.below(7, "b1", index)
        among_others.below(1000, "a later quantity", index)
        found.append(among_others.below(41, "W1", index))
    assert found == expected
    assert [alone.below(41, "W1", index) for index in reversed(range(20))] == expected[::-1]


@given(KEYS, st.text(max_size=9), st.integers(1, 10**9), st.integers(0, 9), st.integers(0, 99))
def test_draws_made_together_are_those_made_one_by_one(key, name, bound, count, attempt):
    stream = Stream(key, attempt)
    expected = [stream.below(bound, name, index) for index in range(count)]
    assert stream.each_below(bound, name, count) == expected


GOLDEN = [24, 0, 987, 955, 341, 167]
GOLDEN_AGAIN = [576, 791, 433]


def test_these_draws_stay_for_all_time():
    stream = Stream(b"key")
    assert [stream.below(1000, "W1", index) for index in range(6)] == GOLDEN
    assert [Stream(b"key", 1).below(1000, "W1", index) for index in range(3)] == GOLDEN_AGAIN


@pytest.mark.parametrize(
    "others",
    [
        (Stream(b"other"), "W1", 0),
        (Stream(b"key", 1), "W1", 0),
        (Stream(b"key"), "W2", 0),
        (Stream(b"key"), "W1", 1),
    ],
)
def test_another_key_attempt_name_or_index_gives_another_draw(others):
    stream, name, index = others
    bound = 2**200
    assert stream.below(bound, name, index) != Stream(b"key").below(bound, "W1", 0)


@given(KEYS, st.lists(st.binary(max_size=5), max_size=5), st.lists(st.binary(max_size=5)))
def test_different_parts_never_have_the_same_digest(key, parts, others):
    assert (keyed_digest(key, *parts) == keyed_digest(key, *others)) == (parts == others)


def test_all_values_of_a_small_range_are_drawn_about_equally_often():
    stream, draws = Stream(b"key"), 6000
    counts = [0] * 6
    for index in range(draws):
        counts[stream.below(6, "die", index)] += 1
    # Chi-squared with 5 degrees of freedom lies above 25.7 once in 10⁴ keys; this key is fixed.
    assert sum((count - draws / 6) ** 2 / (draws / 6) for count in counts) < 25.7
