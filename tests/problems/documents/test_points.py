"""Points add up, to the hundredth, however they are split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import allot, as_points, hundredths, split
from gradgrade.problems.generate import ungated
from tests.strategies import dense, problem_set

TOTALS = st.integers(1, 100_000)
NAMES = ("z1", "a1", "loss", "da1", "delta1", "dW1", "db1", "W1_new", "b1_new")


@given(TOTALS, st.integers(1, 50))
def test_shares_add_up_and_differ_by_a_hundredth_at_most_the_larger_first(total, parts):
    shares = split(total, parts)
    assert sum(shares) == total
    assert len(shares) == parts
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@given(TOTALS)
def test_hundredths_and_points_are_each_others_inverse(total):
    assert hundredths(as_points(total)) == total
    assert Decimal(as_points(total).text) * 100 == total


@pytest.mark.parametrize("text", ["0.001", "1.005", "1e-3", "1.000000000000000000000000000000001"])
def test_points_of_more_than_two_decimals_are_refused(text):
    with pytest.raises(DocumentError, match="more than two decimals"):
        hundredths(Number(text))


@pytest.mark.parametrize(("text", "count"), [("1.50", 150), ("2.500", 250), ("1e2", 10000)])
def test_points_are_read_in_every_form_of_numeral(text, count):
    assert hundredths(Number(text)) == count


@given(st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=1, max_size=12), TOTALS)
def test_parts_get_what_they_want_and_the_others_split_the_rest(wanted, spare):
    total = sum(each or 0 for each in wanted)
    if None in wanted:
        total += spare
    shares = allot(total, wanted)
    assert sum(shares) == total
    assert all(one is None or one == other for one, other in zip(wanted, shares, strict=True))
    rest = [share for share, each in zip(shares, wanted, strict=True) if each is None]
    assert not rest or rest == split(spare, len(rest))


@pytest.mark.parametrize(("total", "wanted"), [(100, [101]), (100, [99]), (100, [60, 41, None])])
def test_wants_that_do_not_add_up_are_refused(total, wanted):
    with pytest.raises(DocumentError, match=r"^ask: the parts' points add up to"):
        allot(total, wanted)


@given(
    asked=st.lists(st.sampled_from([*NAMES, "gradients", "updates", "all"]), min_size=1),
    explicit=st.lists(st.one_of(st.none(), st.integers(1, 300)), min_size=30, max_size=30),
    spare=st.integers(1, 5000),
)
def test_the_points_of_an_exercise_are_those_of_its_parts(asked, explicit, spare):
    asked = list(dict.fromkeys(asked))
    entries = []
    seen: set[str] = set()
    total, has_open = 0, False
    for name, points in zip(asked, explicit, strict=False):
        new = set(members(name)) - seen
        seen |= new
        # Points of what was asked before would be lost, and are refused.
        states_points = bool(new) and points is not None
        entries.append({"name": name, "points": points / 100} if states_points else name)
        if states_points:
            total += points
        has_open |= bool(new) and points is None
    total += spare if has_open else 0
    exercise = ungated(
        problem_set(layers=[dense(2)], ask=entries, points=total / 100),
        "exercise",
        student="1",
        secret=b"0",
    )
    assert sum(hundredths(part.points) for part in exercise.ask) == total
    assert {part.name for part in exercise.ask} == seen
    assert hundredths(exercise.points) == total


def members(name: str) -> tuple[str, ...]:
    """What a group or a name asks of one dense layer."""
    groups = {
        "gradients": ("dW1", "db1"),
        "updates": ("W1_new", "b1_new"),
        "all": (*NAMES, "dx"),
    }
    return groups.get(name, (name,))


def test_the_remainder_goes_to_the_first_parts():
    exercise = ungated(
        problem_set(ask=["z1", "a1", "loss"], points=10), "exercise", student="1", secret=b"0"
    )
    assert [part.points.text for part in exercise.ask] == ["3.34", "3.33", "3.33"]


def test_a_groups_own_points_are_split_over_its_members():
    ask = [{"name": "gradients", "points": 3.01}, "loss", "a1"]
    exercise = ungated(problem_set(ask=ask, points=10), "exercise", student="1", secret=b"0")
    points = {part.name: part.points.text for part in exercise.ask}
    assert points == {"dW1": "1.51", "db1": "1.5", "loss": "3.5", "a1": "3.49"}


def test_a_part_that_is_asked_twice_is_one_part():
    exercise = ungated(
        problem_set(ask=["dW1", "gradients", "dW1@1"]), "exercise", student="1", secret=b"0"
    )
    assert [part.name for part in exercise.ask] == ["dW1", "db1"]
