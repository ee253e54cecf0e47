r"""Normal deviates, exact: √variance · Φ⁻¹(p), correctly rounded to a decimal grid.

Φ⁻¹(p) = √2 · erf⁻¹(2p − 1). In doubles it is known to within `ERROR`, which is enough to round it
wherever no tie is as near as that. Else the value is enclosed in a ball and rounded only when both
its ends round alike. Either way it is the same on every platform and with every version of every
library.

Source: Wichura (1988), algorithm AS 241, of sixteen digits, which is what the standard library has.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import sqrt
from statistics import NormalDist

from gradgrade.oracle.arithmetic.ball import Ball

FIRST_BITS = 96
HALF = Fraction(1, 2)

ERROR = 2.0**-40
"""How far Φ⁻¹(p) in doubles may be off, for p from 2⁻¹²⁹ to ½: hundreds of times what it is off by.

Rounding p to a double moves it by less than 2⁻⁵² (its slope is at most 1.3/p), and the algorithm
by a few units in the last place of at most 14."""

TOO_COARSE = 1 / 8
"""Of a place's unit, beyond which doubles are too coarse to tell what a value is rounded to."""

SMALLEST, LARGEST = Fraction(1, 2**200), Fraction(2**200)
"""Variances between them, and their roots, are doubles without loss of accuracy."""

_STANDARD = NormalDist()


@dataclass(frozen=True, kw_only=True)
class Normal:
    """A normal variable of mean 0, on a decimal grid.

    Args:
        variance: not negative.
        places: decimals to round to, ties to even.

    >>> Normal(variance=Fraction(1), places=6).deviate(Fraction(975, 1000))
    Decimal('1.959964')
    """

    variance: Fraction
    places: int

    def deviate(self, probability: Fraction) -> Decimal:
        """Return the value below which the variable lies with a probability, above 0 and below 1.

        >>> Normal(variance=Fraction(1), places=4).deviate(Fraction(1, 2))
        Decimal('0.0000')
        """
        if self._scale is not None:
            value = quantile(probability) * self._scale
            nearest = round(value)
            if abs(value - nearest) < 0.5 - 2 * ERROR * self._scale:
                return self._decimal(nearest)
        return self.exact_deviate(probability)

    def exact_deviate(self, probability: Fraction) -> Decimal:
        """Return the same, by balls alone."""
        if probability == HALF or self.variance == 0:
            return self._decimal(0)
        bits = FIRST_BITS
        while True:
            enclosure = Ball(bits=bits).quantile(probability, self.variance) or ()
            ends = {self._decimal(round(Fraction(*end) * 10**self.places)) for end in enclosure}
            if len(ends) == 1:
                return ends.pop()
            bits *= 2

    @cached_property
    def _scale(self) -> float | None:
        """The deviation in units of the last place; None where doubles are too coarse for that."""
        if not SMALLEST < self.variance < LARGEST:
            return None
        scale = sqrt(self.variance) * 10.0**self.places
        return scale if ERROR * scale < TOO_COARSE else None

    def _decimal(self, units: int) -> Decimal:
        # By way of text, since arithmetic on decimals rounds to the caller's context.
        return Decimal(f"{units}e-{self.places}")


def quantile(probability: Fraction) -> float:
    """Return Φ⁻¹(p) to within `ERROR`, for p from 2⁻¹²⁹ to 1 − 2⁻¹²⁹.

    >>> round(quantile(Fraction(975, 1000)), 10)
    1.9599639845
    """
    # Close to 1 a double has no digits left of how close.
    numerator, denominator = probability.as_integer_ratio()
    if 2 * numerator <= denominator:
        return _STANDARD.inv_cdf(numerator / denominator)
    return -_STANDARD.inv_cdf((denominator - numerator) / denominator)
