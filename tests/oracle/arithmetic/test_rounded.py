"""Students who round or truncate by hand are within the ends, and the ends are not far apart."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.accuracy.honest_bands import rounding_ends
from gradgrade.oracle.arithmetic.rounded import Rounded
from gradgrade.oracle.arithmetic.rounding import ToDecimals, ToSignificant
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.routes import going_every_route
from gradgrade.oracle.derivation.walking import Rows, given_rows, take, walk
from gradgrade.oracle.errors import Undecided, UndefinedValue
from gradgrade.oracle.functions.losses import REDUCTIONS
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from tests.examples import examples
from tests.oracle.by_hand import Shorten, habits, to_decimals, to_significant, worked_by_hand
from tests.oracle.drawn import Case, cases, deep, dense, image, normalized, numbered, sequence

HABITS = {"decimals": to_decimals, "significant": to_significant}
ways = st.sampled_from([("decimals", 1), ("decimals", 3), ("decimals", 5), ("significant", 4)])
# Most of the others divide by what by hand is rounded to 0.
OPTIMIZERS_BY_HAND = ("sgd", "momentum", "nesterov", *OPTIMIZERS)

LOW, HIGH = attrgetter("low"), attrgetter("high")

# The ends are outward by some 30 digits, not by none.
SLACK = Fraction(1, 10**30)


def outside(case: Case, ends: dict[Name, Any], habit: list[Shorten], seed: int) -> set[str]:
    """The quantities of which a student has an entry that the ends do not hold."""
    written = worked_by_hand(case.derivation, case.given, seed=seed, habit=habit)
    return {
        str(step.name)
        for step in case.derivation.steps
        for rows in zip(ends[step.name][0], written[step.name], ends[step.name][1], strict=True)
        for low, value, high in zip(*rows, strict=True)
        if not low - SLACK <= Fraction(value) <= high + SLACK
    }


@given(
    case=cases(
        kinds=[dense, deep, image, sequence, normalized],
        scales=[0.3, 1, 3],
        optimizers=OPTIMIZERS_BY_HAND,
    ),
    way=ways,
    seed=st.integers(0, 2**32),
)
@settings(max_examples=examples(40))
def test_students_who_round_in_any_way_are_within_the_ends(case: Case, way: Any, seed: int):
    name, digits = way
    try:
        ends = rounding_ends(case.derivation, case.given, **{name: digits})
    except (Undecided, UndefinedValue):
        assume(False)
        raise
    for habit in habits(HABITS[name], digits):
        try:
            written = outside(case, ends, habit, seed)
        except InvalidOperation:  # 0/0 on paper: such a student has nothing to hand in
            continue
        assert written == set()


# Of the seeds' worked examples


def ends_of(
    derivation: Derivation, givens: dict[str, Any], **digits: int
) -> Callable[[str], list[tuple[Fraction, Fraction]]]:
    """The ends of every entry, by the names of documents."""
    ends = rounding_ends(derivation, given_rows(derivation, givens), **digits)

    def entries(text: str) -> list[tuple[Fraction, Fraction]]:
        quantity = derivation.results[text]
        return [
            pair
            for rows in zip(*ends[quantity.name], strict=True)
            for pair in zip(*rows, strict=True)
        ]

    return entries


def two_two_two() -> Callable[[str], list[tuple[Fraction, Fraction]]]:
    """Seed 004, to the five decimals that it prints."""
    layers = (Dense(units=2, activation="sigmoid", bias="shared"),) * 2
    network = Network(inputs=2, layers=layers)
    derivation = derive(
        network, Loss(name="half_squared_error"), Optimizer(), freeze=frozenset({"b1", "b2"})
    )
    tenths = [Decimal(n) / 10 for n in range(10)]
    givens = {
        "x": [[tenths[1]], [tenths[5]]],
        "y": [[Decimal("0.05")], [Decimal("0.95")]],
        "W1": [[tenths[1], tenths[3]], [tenths[2], tenths[4]]],
        "b1": Decimal("0.25"),
        "W2": [[tenths[5], tenths[6]], [tenths[7], tenths[8]]],
        "b2": Decimal("0.35"),
        "learning_rate": tenths[6],
    }
    return ends_of(derivation, givens, decimals=5)


def house_price() -> Callable[[str], list[tuple[Fraction, Fraction]]]:
    """Seed 002, to three decimals."""
    layers = (Dense(units=2, activation="sigmoid"), Dense(units=1))
    network = Network(inputs=2, layers=layers)
    derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    givens = {
        "x": [[Decimal("-0.32")], [Decimal("-0.66")]],
        "y": [[Decimal("-0.54")]],
        "W1": [[Decimal("0.2"), Decimal("0.15")], [Decimal("0.5"), Decimal("0.6")]],
        "b1": [Decimal("0.1"), Decimal("0.25")],
        "W2": [[Decimal("0.3"), Decimal("0.2")]],
        "b2": [Decimal("0.4")],
        "learning_rate": Decimal("0.2"),
    }
    return ends_of(derivation, givens, decimals=3)


def test_the_truncated_figures_of_seed_004_are_within_the_ends():
    ends = two_two_two()
    printed = {
        "a1": ["0.60108", "0.61538"],
        "a2": ["0.73492", "0.77955"],
        "loss": ["0.24908"],
        "dW2": ["0.08020", "0.08211", "-0.01760", "-0.01802"],
        "W1_new": ["0.09933", "0.29667", "0.19919", "0.39597"],
        "W2_new": ["0.45187", "0.55073", "0.71056", "0.81081"],
    }
    for name, figures in printed.items():
        for figure, (low, high) in zip(figures, ends(name), strict=True):
            assert low <= Fraction(figure) <= high


def test_the_rounded_figures_of_seed_002_are_within_the_ends():
    ends = house_price()
    printed = {"a1": ["0.484", "0.424"], "a2": ["0.630"], "dW2": ["0.566", "0.496"]}
    for name, figures in printed.items():
        for figure, (low, high) in zip(figures, ends(name), strict=True):
            assert low <= Fraction(figure) <= high


@pytest.mark.parametrize(("ends", "places"), [(two_two_two, 5), (house_price, 3)])
def test_the_ends_of_the_seeds_are_a_few_last_digits_apart(ends: Any, places: int):
    found = ends()
    for name in ("a1", "a2", "loss", "delta2", "dW2", "delta1", "dW1", "W1_new", "W2_new"):
        for low, high in found(name):
            assert 0 < high - low <= Fraction(6, 10**places)


# What is exact


def test_what_nobody_would_round_is_not_widened():
    rounded = Rounded(ToDecimals(2))
    x = rounded.matrix([[Decimal("0.12345"), 0], [1, Decimal("-0.5")]])
    one, zero = rounded.matrix([[1]]), rounded.zeros(1, 1)
    for same in (
        rounded.transpose(rounded.transpose(x)),
        rounded.multiply(x, one),
        rounded.add(x, zero),
        rounded.subtract(x, zero),
        rounded.divide_by(x, 1),
        rounded.reshape(x, 2, 2),
        rounded.stack(*(rounded.rows_between(x, row, row + 1) for row in range(2))),
    ):
        assert [[each.low for each in row] for row in same] == [
            [each.low for each in row] for row in x
        ]
        assert all(each.low == each.high for row in same for each in row)


def test_a_result_with_no_further_digits_is_not_widened():
    rounded = Rounded(ToDecimals(2))
    quarter = rounded.multiply(rounded.matrix([[0.5]]), rounded.matrix([[-0.5]]))[0][0]
    assert (quarter.low, quarter.high) == (Decimal("-0.25"), Decimal("-0.25"))


def test_sums_of_numbers_with_as_many_digits_are_not_widened():
    rounded = Rounded(ToDecimals(2))
    terms = [Decimal(n) / 100 for n in range(-7, 30)]
    [[total]] = rounded.sum(rounded.matrix([terms]))
    assert total.low == total.high == sum(terms)


@given(
    st.decimals(-100, 100, places=8),
    st.integers(0, 9),
    st.sampled_from([ToDecimals, ToSignificant]),
)
def test_ends_are_what_truncating_and_rounding_to_as_many_digits_or_more_reach(
    value: Decimal, digits: int, kind: type[ToDecimals | ToSignificant]
):
    digits = digits if kind is ToDecimals else digits + 1
    shortening = to_decimals if kind is ToDecimals else to_significant
    reached = [
        shorten(value) for more in range(12) for [shorten] in habits(shortening, digits + more)[:3]
    ]
    assert kind(digits).lowest(value) == min(value, *reached)
    assert kind(digits).highest(value) == max(value, *reached)


def test_a_sum_that_is_rounded_again_to_fewer_digits_is_within_its_ends():
    rounded = Rounded(ToDecimals(4))
    [[total]] = rounded.sum(
        rounded.matrix([[Decimal("0.12344995"), Decimal("0.1"), Decimal("0.2")]])
    )
    # To 7 decimals, then to 5, then to 4.
    assert total.low <= Decimal("0.4234") < Decimal("0.4235") <= total.high


# What nobody can decide


def relu(bias: str) -> tuple[Derivation, dict[Name, Rows]]:
    """A unit whose pre-activation is its bias."""
    network = Network(inputs=1, layers=(Dense(units=1, activation="relu"),))
    derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    given = numbered(derivation).given
    own = {Name("x"): [[0]], Name("b", 1): [[Decimal(bias)]]}
    return derivation, given | own


def test_a_kink_that_rounding_may_cross_is_undecided_and_named():
    network = Network(inputs=1, layers=(Dense(units=1, activation="relu", bias="none"),))
    derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    given = numbered(derivation).given
    given |= {Name("x"): [[Decimal("0.05")]], Name("W", 1): [[Decimal("0.1")]]}
    with pytest.raises(Undecided, match=r"^delta1: .*rounded to 0"):
        rounding_ends(derivation, given, decimals=2)
    assert rounding_ends(derivation, given, decimals=4)


def test_a_kink_that_is_met_exactly_is_undefined():
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined: .*kink"):
        rounding_ends(*relu("0"), decimals=2)
    assert rounding_ends(*relu("0.01"), decimals=2)


def test_the_ends_of_some_names_are_those_that_all_have():
    derivation, given = relu("1")
    every = rounding_ends(derivation, given, decimals=2)
    names = [Name("loss"), Name("b", 1).gradient]
    assert rounding_ends(derivation, given, decimals=2, of=names) == {n: every[n] for n in names}


@pytest.mark.parametrize("digits", [{}, {"decimals": 2, "significant": 3}])
def test_how_students_round_must_be_said_in_one_way(digits: dict[str, int]):
    with pytest.raises(ValueError, match="either decimals or significant"):
        rounding_ends(*relu("1"), **digits)


# What must be rejected, so that the tests above mean something


class WithoutTruncation(ToDecimals):
    """Rounding that forgets that students truncate."""

    def truncated(self, value: Decimal) -> Decimal:
        return value


class WithoutRounding(ToDecimals):
    """Rounding that forgets that students round."""

    def farthest(self, value: Decimal) -> Decimal:
        return value


class WithoutMoreDigits(ToDecimals):
    """Rounding that forgets that students keep more digits than they must."""

    def farthest(self, value: Decimal) -> Decimal:
        nearest = value.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP, self.whole)
        return max(value, nearest, key=abs)


def ends_by(case: Case, rounding: ToDecimals) -> dict[Name, Any]:
    """The ends by a rounding of any kind, in the order of `rounding_ends`."""
    arithmetic = Rounded(rounding)
    walked = walk(going_every_route(case.derivation), take(case.given, arithmetic), arithmetic)
    return {
        name: tuple([[Fraction(end(e)) for e in row] for row in rows] for end in (LOW, HIGH))
        for name, rows in walked.items()
    }


@pytest.mark.parametrize(
    ("rounding", "chosen"),
    [
        (WithoutTruncation, slice(0, 1)),
        (WithoutRounding, slice(1, 2)),
        (WithoutMoreDigits, slice(5, None)),
    ],
)
def test_ends_that_leave_out_a_habit_reject_students_who_have_it(
    rounding: type[ToDecimals], chosen: slice
):
    narrow = Network(inputs=1, layers=(Dense(units=1, activation="sigmoid", bias="none"),) * 2)
    wide = Network(inputs=3, layers=(Dense(units=4, activation="sigmoid"), Dense(units=2)))
    drawn = [
        numbered(derive(network, Loss(name="squared_error"), Optimizer()))
        for network in (narrow, wide)
    ]
    assert any(
        outside(case, ends_by(case, rounding(4)), each, 0)
        for case in drawn
        for each in habits(to_decimals, 4)[chosen]
    )
    honest = [
        outside(each, ends_by(each, ToDecimals(4)), how, 0)
        for each in drawn
        for how in habits(to_decimals, 4)[chosen]
    ]
    assert not any(honest)


@pytest.mark.parametrize("digits", [2, 4])
def test_the_bands_of_a_root_mean_square_do_not_depend_on_how_its_reduction_is_said(digits: int):
    network = Network(inputs=2, layers=(Dense(units=3, activation="tanh"), Dense(units=3)))
    losses = [Loss(name="root_mean_squared_error", reduction=each) for each in REDUCTIONS]
    derivations = [derive(network, each, Optimizer(), batch=2) for each in losses]
    given = numbered(derivations[0], are_decimals=True).given
    ends = [rounding_ends(each, given, significant=digits) for each in derivations]
    assert ends[0] == ends[1] == ends[2]
