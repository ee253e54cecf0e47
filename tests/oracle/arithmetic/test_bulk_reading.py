"""What is read of a whole matrix at once is what python-flint says of each entry, or nothing."""

import pytest
from flint import arb, arb_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic import bulk_reading
from gradgrade.oracle.arithmetic.ball import ROUNDING_BITS, Ball
from gradgrade.oracle.arithmetic.bulk_reading import (
    BITS,
    VERSIONS,
    are_accurate,
    nearest_doubles,
)
from tests.examples import examples

ROWS, COLUMNS = 32, 32

EXPONENTS = st.integers(-1100, 1100)
MANTISSAS = st.one_of(
    st.integers(-(2**ROUNDING_BITS), 2**ROUNDING_BITS),
    st.integers(-(2 ** (BITS + 2)), 2 ** (BITS + 2)),
    st.builds(
        lambda size, more, off: (size << more) + off,
        st.integers(2**BITS, 2 ** (BITS + 1)),
        st.integers(0, 60),
        st.integers(-1, 1),
    ),
    # Beside ties, about so far as what is asked reaches: 2^−99 of themselves.
    st.builds(
        lambda half, place, sign: ((2 * half + 1) << 66) + (sign << place),
        st.integers(2 ** (BITS - 1), 2**BITS),
        st.integers(0, 40),
        st.sampled_from([1, -1]),
    ),
)
MIDPOINTS = st.builds(lambda mantissa, exponent: arb((mantissa, exponent)), MANTISSAS, EXPONENTS)


def matrix_of(*entries: arb) -> arb_mat:
    """A matrix that is large enough, the last entry of which is repeated."""
    more = [entries[-1]] * (ROWS * COLUMNS - len(entries))
    return arb_mat(ROWS, COLUMNS, [*more, *entries])


def one_among(entry: arb, place: int) -> arb_mat:
    """A matrix of thirds with another entry at a place."""
    with Ball(bits=ROUNDING_BITS).active():
        entries = [arb(each) / 3 for each in range(ROWS * COLUMNS)]
    entries[place] = entry
    return arb_mat(ROWS, COLUMNS, entries)


PLACES = st.integers(0, ROWS * COLUMNS - 1)


def test_large_matrices_are_read_with_what_is_installed():
    assert nearest_doubles(matrix_of(arb(3))) == ([3.0] * ROWS * COLUMNS, [])
    assert are_accurate(matrix_of(arb(3)), 100)


@given(st.lists(MIDPOINTS, min_size=1, max_size=40))
@settings(max_examples=examples(200))
def test_doubles_are_those_of_python_flint_or_left(midpoints):
    matrix = matrix_of(*midpoints)
    found = nearest_doubles(matrix)
    assert found is not None
    doubles, left = found
    for place, entry in enumerate(matrix.entries()):
        assert place in left or doubles[place] == float(entry)


@given(st.lists(MIDPOINTS, min_size=1, max_size=40))
@settings(max_examples=examples(200))
def test_both_ends_of_what_is_left_are_those_that_are_asked_one_by_one(midpoints):
    matrix, ball = matrix_of(*midpoints), Ball(bits=192)
    at_once = ball.doubles(matrix)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_reading, "LEAST_ENTRIES", 2**40)
        assert nearest_doubles(matrix) is None
        one_by_one = ball.doubles(matrix)
    assert list(map(list, at_once)) == list(map(list, one_by_one))


@given(MIDPOINTS.filter(lambda each: 1e-300 < abs(each) < 1e300))
@settings(max_examples=examples(200))
def test_doubles_are_told_where_all_numbers_around_a_midpoint_have_the_same(midpoint):
    with Ball(bits=2 * ROUNDING_BITS).active():
        low, high = (float(midpoint * (1 + sign * arb((1, -96)))) for sign in (1, -1))
        near_low, near_high = (float(midpoint * (1 + sign * arb((1, -99)))) for sign in (1, -1))
    found = nearest_doubles(matrix_of(midpoint))
    assert found is not None
    if low == high:
        assert found[1] == []
    if near_low != near_high:
        assert found[1] != []


@pytest.mark.parametrize(
    "entry",
    [
        arb((2**BITS + 1, -BITS)),
        arb((2**BITS + 3, 0)),
        arb((2 ** (BITS + 59) + 2**59 + 1, 0)),
        arb((1, -1030)),
        arb((1, -1080)),
        arb((1, 1024)),
        arb((1, 2**70)),
        arb((2**200 + 1, 0)),
        arb("inf"),
        arb("-inf"),
        arb("nan"),
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 1, 517, ROWS * COLUMNS - 1])
def test_what_lies_on_a_tie_or_beyond_ordinary_doubles_or_bits_is_asked_by_itself(entry, place):
    found = nearest_doubles(one_among(entry, place))
    assert found is not None
    assert found[1] == [place]
    ball = Ball(bits=192)
    ends, alone = ball.doubles(one_among(entry, place)), ball.doubles(arb_mat(1, 1, [entry]))
    assert [str(each[place]) for each in ends] == [str(each[0]) for each in alone]


@given(MIDPOINTS, st.integers(-1300, 1100), PLACES, st.sampled_from([53, 100, 167, 400]))
@settings(max_examples=examples(200))
def test_accurate_is_said_only_where_python_flint_says_it(midpoint, radius_exponent, place, bits):
    ball = arb(midpoint, arb((1, radius_exponent)))
    with Ball(bits=600).active():
        entries = [arb(each) / 3 for each in range(ROWS * COLUMNS)]
    entries[place] = ball
    accurate = ball.rel_accuracy_bits()
    said = are_accurate(arb_mat(ROWS, COLUMNS, entries), bits)
    assert not said or accurate >= bits
    assert said or accurate < bits + 4


@given(
    MIDPOINTS.filter(lambda each: each != 0),
    st.sampled_from([1, 3, 2**30 - 1]),
    st.integers(-4, 4),
    st.sampled_from([53, 100, 167, 400]),
    PLACES,
)
@settings(max_examples=examples(200))
def test_at_the_edge_of_what_is_accurate_no_more_is_said_than_is_so(
    midpoint, radius, off, bits, place
):
    mantissa, exponent = midpoint.man_exp()
    edge = int(exponent) + int(abs(mantissa)).bit_length() - bits - radius.bit_length() + off
    ball = arb(midpoint, arb((radius, edge)))
    entries = [arb(1)] * (ROWS * COLUMNS)
    entries[place] = ball
    said = are_accurate(arb_mat(ROWS, COLUMNS, entries), bits)
    assert not said or ball.rel_accuracy_bits() >= bits


@pytest.mark.parametrize(
    "ball",
    [
        arb(0, 1e-300),
        arb((1, 2**70)),
        arb("inf"),
        arb("nan"),
        arb(1, arb("inf")),
        arb(arb((1, -(2**70))), arb((1, -(2**70) - 200))),
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 1, 517, ROWS * COLUMNS - 1])
def test_balls_that_are_not_finite_or_of_huge_exponents_are_not_said_to_be_accurate(ball, place):
    assert not are_accurate(one_among(ball, place), 100)
    assert are_accurate(one_among(arb(0), place), 100)


@pytest.fixture
def anew():
    """What is understood is asked anew, before and after."""
    bulk_reading._is_understood.cache_clear()
    yield
    bulk_reading._is_understood.cache_clear()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VERSIONS", frozenset({("0.9.1", "3.6.0")})),
        ("WORDS_OF_MATRIX", 8),
        ("WORDS_OF_ENTRY", 5),
        ("BITS", 52),
        ("NO_EXPONENT", 2**80),
    ],
)
@pytest.mark.usefixtures("anew")
def test_nothing_is_read_in_another_version_or_where_entries_are_kept_otherwise(
    monkeypatch, name, value
):
    monkeypatch.setattr(bulk_reading, name, value)
    matrix = one_among(arb(7), 3)
    assert nearest_doubles(matrix) is None
    assert not are_accurate(matrix, 100)
    ball = Ball(bits=192)
    assert ball.is_accurate(matrix, 100)
    low, high = ball.doubles(matrix)
    assert low == high == list(map(float, matrix))


def test_what_is_read_twice_and_told_otherwise_is_not_read(monkeypatch):
    matrix = one_among(arb(7), 3)
    # Before anything is told otherwise, since it is asked once in a process.
    assert bulk_reading._is_understood()
    monkeypatch.setattr(bulk_reading, "_doubles", lambda _: ([7.0] * ROWS * COLUMNS, []))
    monkeypatch.setattr(bulk_reading, "_seen_accurate", lambda *_: True)
    assert nearest_doubles(matrix) is None
    assert not are_accurate(matrix, 300)


def test_the_versions_are_such_as_the_package_may_be_installed_with():
    assert all(version.startswith(("0.8", "0.9")) for version, _ in VERSIONS)
