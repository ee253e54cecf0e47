"""Students who work by hand: in decimals, shortening what they write down, each in their way."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
)
from typing import Any

import mpmath

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import take, walk
from gradgrade.oracle.exact_numbers import Exact
from tests.oracle.students import some_way

WORKING = Context(prec=120, Emin=-99999, Emax=99999)
LONG = Context(prec=2000)
MP = mpmath.mp.clone()
MP.dps = 60

Shorten = Callable[[Decimal], Decimal]
"""What a student does with a result before writing it down."""


def to_decimals(places: int, how: str) -> Shorten:
    """Keep so many digits behind the point."""
    unit = Decimal(1).scaleb(-places)
    return lambda value: value.quantize(unit, how, LONG)


def to_significant(digits: int, how: str) -> Shorten:
    """Keep so many digits from the first that is not 0."""
    context = Context(prec=digits, rounding=how, Emin=-99999, Emax=99999)
    return context.plus


def habits(shortening: Callable[[int, str], Shorten], digits: int) -> list[list[Shorten]]:
    """What students choose from at each operation: always one, or whatever comes."""
    truncate, half_up, half_even = (
        shortening(digits, how) for how in (ROUND_DOWN, ROUND_HALF_UP, ROUND_HALF_EVEN)
    )
    whole: Shorten = Decimal
    # As calculators show them, and as whoever keeps a digit or two more for safety.
    longer = [
        shortening(digits + more, how)
        for more in (1, 2, 4, 7)
        for how in (ROUND_DOWN, ROUND_HALF_UP)
    ]
    return [
        *([truncate], [half_up], [half_even], [whole], [truncate, half_up, whole]),
        *([each] for each in longer),
        [truncate, half_up, whole, *longer],
    ]


@dataclass(frozen=True, slots=True)
class Written:
    """A number on a student's paper."""

    value: Decimal
    student: "ByHand"

    def __neg__(self) -> "Written":
        return Written(self.value.copy_negate(), self.student)

    def __abs__(self) -> "Written":
        return Written(self.value.copy_abs(), self.student)

    def __add__(self, other: Any) -> "Written":
        return self._with(WORKING.add, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Written":
        return self + -self.student.given(other)

    def __rsub__(self, other: Any) -> "Written":
        return -self + other

    def __mul__(self, other: Any) -> "Written":
        return self._with(WORKING.multiply, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Written":
        return self._with(WORKING.divide, other)

    def __rtruediv__(self, other: Any) -> "Written":
        return self.student.given(other) / self

    def __pow__(self, exponent: int) -> "Written":
        power = self.student.given(1)
        for _ in range(exponent):
            power = power * self
        return power

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Written) else other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < (other.value if isinstance(other, Written) else other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > (other.value if isinstance(other, Written) else other))

    def _with(self, operation: Callable[[Decimal, Decimal], Decimal], other: Any) -> "Written":
        operand = self.student.given(other).value
        result = operation(self.value, operand)
        # What changes nothing is no operation to anybody.
        if result in (self.value, operand):
            return Written(result, self.student)
        return self.student.write(result)


class ByHand(ListArithmetic):
    """A student with pen and calculator.

    Args:
        seed: of what this student does.
        habit: what to choose from when a result is written down.
    """

    def __init__(self, *, seed: int, habit: list[Shorten]) -> None:
        self.generator = random.Random(seed)
        self.habit = habit
        self.zero, self.one = self.given(0), self.given(1)

    def given(self, number: Exact | Written) -> Written:
        """Take a number as it stands."""
        return number if isinstance(number, Written) else Written(Decimal(number), self)

    def write(self, value: Decimal) -> Written:
        """Write a result down."""
        return Written(self.generator.choice(self.habit)(value), self)

    def matrix(self, rows: Rows) -> Rows:
        return [list(map(self.given, row)) for row in rows]

    def sum_of(self, elements: Any) -> Written:
        terms = list(elements)
        if self._coin():
            self.generator.shuffle(terms)
        return sum(terms, self.zero)

    def softmax(self, matrix: Rows) -> Rows:
        return self._over_columns(matrix, lambda _, power, total: power / total)

    def log_softmax(self, matrix: Rows) -> Rows:
        return self._over_columns(matrix, lambda z, _, total: z - self.log(total))

    def _over_columns(self, matrix: Rows, rule: Callable[..., Written]) -> Rows:
        columns = []
        for column in zip(*matrix, strict=True):
            largest = max(column)
            shifted = [each - largest for each in column] if self._coin() else column
            powers = list(map(self.exp, shifted))
            total = self.sum_of(powers)
            columns.append([rule(*each, total) for each in zip(shifted, powers, strict=True)])
        return self.transpose(columns)

    def exp(self, z: Written) -> Written:
        return self._function(MP.exp, z)

    def expm1(self, z: Written) -> Written:
        return self.exp(z) - 1

    def log(self, z: Written) -> Written:
        return self._function(MP.log, z)

    def log1p(self, z: Written) -> Written:
        return self.log(1 + z)

    def sqrt(self, z: Written) -> Written:
        return self._function(MP.sqrt, z)

    def normal_distribution(self, z: Written) -> Written:
        return (1 + self._function(MP.erf, z / self.sqrt(self.given(2)))) / 2

    def normal_density(self, z: Written) -> Written:
        return self.exp(-(z * z) / 2) / self.sqrt(2 * self._pi)

    def cos_pi(self, z: Written) -> Written:
        return self._function(MP.cos, z * self._pi)

    def tanh(self, z: Written) -> Written:
        return self._function(MP.tanh, z)

    def sech(self, z: Written) -> Written:
        return Written(self._whole(MP.sech, z), self)

    def sigmoid(self, z: Written) -> Written:
        return 1 / (1 + self.exp(-z))

    def below(self, z: Written, height: Any) -> Written:
        # At a kink they take one side, where the ends hold both.
        return self.zero if z > 0 else self.given(height)

    def _function(self, function: Callable[[Any], Any], z: Written) -> Written:
        return self.write(self._whole(function, z))

    def _whole(self, function: Callable[[Any], Any], z: Written) -> Decimal:
        return Decimal(MP.nstr(function(MP.mpf(str(z.value))), 60))

    @property
    def _pi(self) -> Written:
        return self.given(Decimal(MP.nstr(MP.pi, 60)))

    def _coin(self) -> bool:
        return self.generator.random() < 0.5


def worked_by_hand(
    derivation: Derivation, given: dict[Name, Rows], *, seed: int, habit: list[Shorten]
) -> dict[Name, list[list[Decimal]]]:
    """What one student writes down for each step."""
    student = ByHand(seed=seed, habit=habit)
    walked = walk(some_way(derivation, student.generator), take(given, student), student)
    return {name: [[each.value for each in row] for row in rows] for name, rows in walked.items()}
