"""A student with paper and a calculator, who works through a program entry by entry.

Each operation's result is rounded or truncated as the exercise says, or kept to more digits, or
shortened in what is handed in alone; on the way back each local derivative, each product and each
sum likewise. The calculator has keys for e^z, ln, √, σ and tanh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import reduce
from random import Random
from typing import Any

import numpy

from tests.evidence.programs.working import work
from tests.evidence.students.task import Task
from tests.independent.numpy_programs import compiled, execute

Array = Any  # numpy types its operators as Any too

CALCULATOR = Context(prec=30)
ONE, TWO = Decimal(1), Decimal(2)


@dataclass(frozen=True)
class ByHand:
    """A student who rounds.

    Args:
        truncates: whether digits are cut off and not rounded.
        more: how many digits are kept beyond those that must be; none, for all of them.
        is_mixed: whether each result is shortened in a way of its own, to any of those digits.
        local_first: whether the local derivative is worked out and written down before what
            arrives is multiplied by it; else what arrives goes through its factors one by one.
    """

    truncates: bool = False
    more: int | None = 0
    is_mixed: bool = False
    local_first: bool = True

    def __call__(self, text: str) -> dict[str, Any]:
        """Answer an exercise's document."""
        rounding = Task.of(text).get("rounding") or {}
        hand = Hand(self, rounding.get("decimals"), Random(text))
        return work(text, hand.solve)


class Hand:
    """Work on one exercise, with so many decimals or with all."""

    def __init__(self, student: ByHand, decimals: int | None, random: Random) -> None:
        self.student, self.decimals, self.random = student, decimals, random

    def short(self, value: Decimal) -> Decimal:
        """Shorten the result of an operation."""
        if self.decimals is None or self.student.more is None:
            return value
        more, truncates = self.student.more, self.student.truncates
        if self.student.is_mixed:
            more, truncates = self.random.randint(0, more), self.random.random() < 0.5
        mode = ROUND_DOWN if truncates else ROUND_HALF_UP
        return value.quantize(Decimal(1).scaleb(-self.decimals - more), mode, CALCULATOR)

    def times(self, *factors: Decimal) -> Decimal:
        """Multiply, one after another."""
        return reduce(lambda a, b: self.short(CALCULATOR.multiply(a, b)), factors)

    def over(self, a: Decimal, b: Decimal) -> Decimal:
        return self.short(CALCULATOR.divide(a, b))

    def solve(
        self, text: str, givens: Mapping[str, Array], upstream: Mapping[str, Array]
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """Run a program, and go back through all that was done."""
        leaves = {name: self._array(value) for name, value in givens.items()}
        lines: dict[str, Array] = {}

        def line(name: str, value: Any) -> Array:
            lines[name] = _each(lambda entry: _copied(self._kept(entry)), value)
            return lines[name]

        execute(compiled(text), {**FUNCTIONS, **leaves}, line)
        arrived: dict[Kept, Decimal] = {}
        for name, weights in upstream.items():
            for entry, weight in zip(_flat(lines[name]), numpy.ravel(weights), strict=True):
                arrived[entry] = Decimal(str(weight))
        self._go_back(arrived)
        zero = Decimal(0)
        return (
            {name: _each(lambda entry: float(entry.value), each) for name, each in lines.items()},
            {
                name: _each(lambda entry: float(arrived.get(entry, zero)), each)
                for name, each in (leaves | lines).items()
            },
        )

    def _array(self, value: Array) -> Array:
        return _each(lambda entry: Kept(self, Decimal(str(entry))), value)

    def _kept(self, entry: Any) -> Kept:
        return entry if isinstance(entry, Kept) else Kept(self, Decimal(str(entry)))

    def _go_back(self, arrived: dict[Kept, Decimal]) -> None:
        for entry in reversed(_in_order(arrived)):
            for parent, factors in entry.parents:
                if entry not in arrived:
                    continue
                passed = self._passed(arrived[entry], factors)
                before = arrived.get(parent)
                arrived[parent] = passed if before is None else self.short(before + passed)

    def _passed(self, arrives: Decimal, factors: Factors) -> Decimal:
        """Return what goes back: the local derivative is a product of factors, some of 1/x."""
        if self.student.local_first:
            return self.times(arrives, self._through(ONE, factors))
        return self._through(arrives, factors)

    def _through(self, value: Decimal, factors: Factors) -> Decimal:
        for factor, is_divided in factors:
            if factor in (ONE, -ONE):
                value = value * factor
            elif value == ONE and not is_divided:
                value = factor
            else:
                value = self.over(value, factor) if is_divided else self.times(value, factor)
        return value


Factors = Sequence[tuple[Decimal, bool]]


class Kept:
    """A number that is written down, and what it was worked out from."""

    __slots__ = ("hand", "parents", "value")

    def __init__(
        self, hand: Hand, value: Decimal, parents: Sequence[tuple[Kept, Factors]] = ()
    ) -> None:
        self.hand, self.value, self.parents = hand, value, parents

    def _made(self, value: Decimal, *parents: tuple[Kept, Factors]) -> Kept:
        return Kept(self.hand, self.hand.short(value), parents)

    def _other(self, other: Any) -> Kept:
        return other if isinstance(other, Kept) else Kept(self.hand, Decimal(str(other)))

    def __add__(self, other: Any) -> Kept:
        other = self._other(other)
        return self._made(self.value + other.value, (self, ()), (other, ()))

    __radd__ = __add__

    def __neg__(self) -> Kept:
        return Kept(self.hand, -self.value, ((self, ((-ONE, False),)),))

    def __sub__(self, other: Any) -> Kept:
        other = self._other(other)
        return self._made(self.value - other.value, (self, ()), (other, ((-ONE, False),)))

    def __rsub__(self, other: Any) -> Kept:
        return self._other(other) - self

    def __mul__(self, other: Any) -> Kept:
        other = self._other(other)
        return self._made(
            CALCULATOR.multiply(self.value, other.value),
            (self, ((other.value, False),)),
            (other, ((self.value, False),)),
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Kept:
        other = self._other(other)
        quotient = self._made(CALCULATOR.divide(self.value, other.value))
        by_right = ((-ONE, False), (quotient.value, False), (other.value, True))
        quotient.parents = ((self, ((other.value, True),)), (other, by_right))
        return quotient

    def __rtruediv__(self, other: Any) -> Kept:
        return self._other(other) / self

    def __pow__(self, exponent: int) -> Kept:
        """A whole power, multiplied out."""
        value = self.hand.times(*[self.value] * exponent)
        lower = [self.value] * (exponent - 1)
        slope = ((self.hand.times(*lower, Decimal(exponent)), False),)
        return Kept(self.hand, value, ((self, slope),))

    def through(self, function: str) -> Kept:
        """Return what a key of the calculator shows."""
        value = self.hand.short(_KEYS[function](self.value))
        slope = _SLOPES[function](self.hand, self.value, value)
        return Kept(self.hand, value, ((self, slope),))


def _copied(entry: Kept) -> Kept:
    """Return the same number as a line of its own."""
    return Kept(entry.hand, entry.value, ((entry, ()),))


def _sigmoid(z: Decimal) -> Decimal:
    return CALCULATOR.divide(ONE, ONE + CALCULATOR.exp(-z))


_KEYS: Mapping[str, Callable[[Decimal], Decimal]] = {
    "exp": CALCULATOR.exp,
    "log": CALCULATOR.ln,
    "sqrt": CALCULATOR.sqrt,
    "sigmoid": _sigmoid,
    "tanh": lambda z: TWO * _sigmoid(TWO * z) - ONE,
}

_SLOPES: Mapping[str, Callable[[Hand, Decimal, Decimal], Factors]] = {
    "exp": lambda _, z, a: ((a, False),),
    "log": lambda _, z, a: ((z, True),),
    "sqrt": lambda hand, z, a: ((hand.times(TWO, a), True),),
    "sigmoid": lambda hand, z, a: ((hand.times(a, ONE - a), False),),
    "tanh": lambda hand, z, a: ((hand.short(ONE - hand.times(a, a)), False),),
}


def _flat(value: Array) -> list[Any]:
    return list(numpy.asarray(value, dtype=object).ravel())


def _each(function: Callable[[Any], Any], value: Array) -> Array:
    """Return an array with a function of every entry; of a number, the number."""
    of = numpy.asarray(value, dtype=object)
    found = numpy.empty(of.shape, dtype=object)
    for index in numpy.ndindex(of.shape):
        found[index] = function(of[index])
    return found if of.ndim else found[()]


def _in_order(ends: Iterable[Kept]) -> list[Kept]:
    """Return all that ends were worked out from, everything behind what it was made of."""
    order: list[Kept] = []
    seen: set[Kept] = set()
    pending = [(end, False) for end in ends]
    while pending:
        entry, is_done = pending.pop()
        if is_done:
            order.append(entry)
        elif entry not in seen:
            seen.add(entry)
            pending.append((entry, True))
            pending.extend((parent, False) for parent, _ in entry.parents)
    return order


def _maximum(left: Any, right: Any) -> Array:
    def value(entry: Any) -> float:
        return float(entry.value if isinstance(entry, Kept) else entry)

    def larger(one: Any, other: Any) -> Any:
        return one if value(one) > value(other) else other

    return numpy.frompyfunc(larger, 2, 1)(left, right)


def _key(function: str) -> Callable[[Array], Array]:
    return lambda z: _each(lambda entry: entry.through(function), z)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _key(name) for name in _KEYS},
    "maximum": _maximum,
    "sum": numpy.sum,
}
"""What the programs for paper call."""
