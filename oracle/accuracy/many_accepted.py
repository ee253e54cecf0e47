"""Which doubles many intervals accept, found in doubles: where those tell it, it is certain.

The interval around a number v reaches to v + w. Let d be the nearest double of v, and r what v is
beyond it. Then v + w = d + w + r, of which two sums, each with its own rounding error, leave a
double h and a rest that is known to far more than h's last bit. Unless that rest lies near half of
it, h is the nearest double of v + w, and no double beyond h is reached; see `accepted_doubles`,
which is asked for the others.
"""

import numpy

from gradgrade.oracle.arithmetic.binary64 import Array

ACCURACY = 2.0**-40
"""Of what numbers are beyond their doubles, relative; and 2⁻¹⁰⁰ of the numbers themselves."""

LOWEST, HIGHEST = 2.0**-900, 2.0**900
"""Sizes below and beyond are left to exact numbers."""

NEAR_HALF = 2.0**-20
"""Of a double's last bit: nearer to its half, exact numbers decide."""


def many_accepted(nearest: Array, beyond: Array, band: Array) -> tuple[Array, Array, Array]:
    """Return the smallest and the largest double that each of many intervals accepts.

    Args:
        nearest: d, the nearest doubles of the numbers v that they lie around.
        beyond: r = v − d, to a relative accuracy of 2⁻⁴⁰, or of 2⁻¹⁰⁰ of v; 0 only where v is d.
        band: w, how far they reach on either side.

    Returns:
        The doubles, and where they are told; elsewhere they say nothing.

    >>> from fractions import Fraction
    >>> beyond = float(Fraction(1, 3) - Fraction(1 / 3))
    >>> many_accepted(*(numpy.array([each]) for each in (1 / 3, beyond, 0.25)))
    (array([0.08333333]), array([0.58333333]), array([ True]))
    """
    with numpy.errstate(all="ignore"):
        largest, is_told = _largest(nearest, beyond, band)
        smallest, is_told_too = _largest(-nearest, -beyond, band)
    return -smallest, largest, is_told & is_told_too


def _largest(nearest: Array, beyond: Array, band: Array) -> tuple[Array, Array]:
    """Return the largest double that is reached, and where it is told."""
    total, lost = _sum(nearest, band)
    highest, rest = _sum(total, lost + beyond)
    size, unit = numpy.abs(highest), numpy.spacing(numpy.abs(highest))
    unknown = ACCURACY * (numpy.abs(beyond) + numpy.abs(lost)) + 2.0**-100 * numpy.abs(nearest)
    near = NEAR_HALF * unit
    # Around 0 an interval ends at its band.
    is_exact = (nearest == 0) & (beyond == 0)
    is_nearest = _is_no_power_of_two(highest) & (size > LOWEST) & (size < HIGHEST)
    is_nearest &= (unknown < near) & (numpy.abs(rest) < unit / 2 - near)
    # Below a power of two, that is reached too.
    is_last = _is_no_power_of_two(numpy.nextafter(highest, numpy.inf))
    return highest, (is_exact | is_nearest) & is_last


def _sum(one: Array, other: Array) -> tuple[Array, Array]:
    """Return a sum as it is rounded, and what is lost by that, exactly.

    Source: D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.
    """
    total = one + other
    taken = total - one
    return total, (one - (total - taken)) + (other - taken)


def _is_no_power_of_two(doubles: Array) -> Array:
    mantissas, _ = numpy.frexp(doubles)
    found: Array = numpy.abs(mantissas) != 0.5
    return found
