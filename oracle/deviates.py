r"""Normal deviates, exact: √variance · Φ⁻¹(p), correctly rounded to a decimal grid.

Φ⁻¹(p) = √2 · erf⁻¹(2p − 1). The value is enclosed in a ball and rounded only when both its ends
round alike, so it is the same on every platform and with every version of every library.
"""

from decimal import Decimal
from fractions import Fraction

from gradgrade.oracle.arithmetic.ball import Ball

FIRST_BITS = 96


def normal_deviate(probability: Fraction, *, variance: Fraction, places: int) -> Decimal:
    """Return the value below which a normal variable of mean 0 lies with a probability.

    Args:
        probability: above 0 and below 1.
        variance: of the normal variable, not negative.
        places: decimals to round to, ties to even.

    >>> normal_deviate(Fraction(1, 2), variance=Fraction(1), places=4)
    Decimal('0.0000')
    >>> normal_deviate(Fraction(975, 1000), variance=Fraction(1), places=6)
    Decimal('1.959964')
    """
    if probability == Fraction(1, 2) or variance == 0:
        return Decimal(f"0e-{places}")
    bits = FIRST_BITS
    while True:
        enclosure = Ball(bits=bits).quantile(probability, variance) or ()
        ends = {_rounded(Fraction(*end), places) for end in enclosure}
        if len(ends) == 1:
            return ends.pop()
        bits *= 2


def _rounded(value: Fraction, places: int) -> Decimal:
    # By way of text, since arithmetic on decimals rounds to the caller's context.
    return Decimal(f"{round(value * 10**places)}e-{places}")
