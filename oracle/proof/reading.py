"""What balls that lie in one row are read as, all at once: doubles, decimals and digits.

What is asked of a ball by itself takes longer to ask than to answer.
"""

from functools import cached_property
from itertools import count
from math import inf, isfinite
from typing import Any, NamedTuple

from gradgrade.oracle.accuracy.tolerance import PROVEN_DIGITS
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.errors import OutOfRange
from gradgrade.oracle.exact_numbers import Decimals, binary64, digits_between

LEAST_DIGITS = 31
"""Doubles are always promised, and are read off balls accurate to 100 bits; see `Ball.doubles`."""

MORE_DIGITS = 5
"""Than are asked for: what the digits are rounded from."""

NINES = "9" * PROVEN_DIGITS
"""What so begins may be rounded to a power of ten."""

MOST_EXPONENT = 29_000
"""Digits of what is beyond it are told, or refused, by ratios."""


class Reading:
    """What the balls of a matrix are read as, entry by entry, each when it is first asked for.

    Args:
        ball: their arithmetic.
        matrix: the balls.

    >>> from flint import arb_mat
    >>> reading = Reading(Ball(bits=192), arb_mat([[0.5, 3]]))
    >>> reading.doubles, reading.digits(3).texts
    ([0.5, 3.0], ['0.500', '3.00'])
    """

    def __init__(self, ball: Ball, matrix: Any) -> None:
        self._ball = ball
        self._matrix = matrix
        self._digits: dict[int, Digits] = {}

    @cached_property
    def doubles(self) -> list[float | None]:
        """The nearest double of each; None where a ball's two ends round differently.

        What is beyond the largest double is infinite.
        """
        low, high = self._ball.doubles(self._matrix)
        if low == high:
            # Adding 0.0 turns −0.0 into +0.0.
            return [entry + 0.0 for entry in low] if 0.0 in low else list(low)
        found: list[float | None] = [entry + 0.0 for entry in high]
        for place, one, other in zip(count(), low, high):
            if one != other:
                entry = self._matrix[divmod(place, self._matrix.ncols())]
                found[place] = _nearest(self._ball, entry)
        return found

    @cached_property
    def are_doubles(self) -> bool:
        """Whether each has a nearest double, and a finite one."""
        told = [each for each in self.doubles if each is not None]
        return len(told) == len(self.doubles) and all(map(isfinite, told))

    @cached_property
    def are_exact(self) -> list[bool]:
        """Whether each is known without a radius."""
        return [entry.is_exact() for entry in self._matrix.entries()]

    def digits(self, digits: int) -> "Digits":
        """Return what each is to so many significant digits."""
        if digits not in self._digits:
            decimals = self._ball.decimals(self._matrix, max(digits, LEAST_DIGITS) + MORE_DIGITS)
            told = [_told(each, digits) for each in decimals]
            self._digits[digits] = Digits(
                [text for text, _ in told], [length for _, length in told]
            )
        return self._digits[digits]


class PartOfReading(Reading):
    """Some of what balls are read as.

    Args:
        whole: all of it.
        place: where the part stands.
    """

    def __init__(self, whole: Reading, place: slice) -> None:
        self._whole = whole
        self._place = place

    @cached_property
    def doubles(self) -> list[float | None]:
        """The nearest doubles, as of the whole."""
        return self._whole.doubles[self._place]

    @cached_property
    def are_doubles(self) -> bool:
        """Whether each has a nearest double, and a finite one."""
        return self._whole.are_doubles or super().are_doubles

    @cached_property
    def are_exact(self) -> list[bool]:
        """Whether each is known without a radius."""
        return self._whole.are_exact[self._place]

    def digits(self, digits: int) -> "Digits":
        """Return what each is to so many significant digits."""
        texts, lengths = self._whole.digits(digits)
        return Digits(texts[self._place], lengths[self._place])


class Digits(NamedTuple):
    """Numbers to so many significant digits.

    Args:
        texts: each rounded; None where its ball does not tell.
        lengths: how many digits each has before the point: 0.00123 has −2, and 0 has −∞. None where
            its ball has a radius of a unit of the digit after the last one or more, and where it
            may be rounded to a power of ten, which has a digit more.
    """

    texts: list[str | None]
    lengths: list[float | None]


def _told(decimals: Decimals, digits: int) -> tuple[str | None, float | None]:
    """Return what a number is to so many digits, and its length; see `Digits`."""
    _, size, radius, exponent = decimals
    if not -MOST_EXPONENT < exponent < MOST_EXPONENT:
        return None, None
    length: float | None = len(size) + exponent
    if size == "0":
        length = None if radius else -inf
    elif len(str(radius)) >= len(size) - digits or size.startswith(NINES):
        length = None
    return digits_between(decimals, digits), length


def _nearest(ball: Ball, entry: Any) -> float | None:
    """Round both ends of a ball that lies at a tie, or beside one; zero is +0.0."""
    try:
        low, high = (binary64(*end) for end in ball.ends(entry))
    except OutOfRange:
        return None
    return low if low == high else None
