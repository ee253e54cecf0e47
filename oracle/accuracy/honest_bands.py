r"""Bands: how far from the true value a student may land who does everything right.

In code: the derivation is walked in running-error arithmetic, and whoever computes in that
precision is within C·u·S + floor, the floor for what underflows. By hand: the same derivation is
walked in intervals that every rounding to so many digits widens. Every step is walked by all of its
routes, and what goes on covers them all: a student may take any.

Source: Higham (2002), section 3.3, for the first; for the second the figures that seeds 002 and 004
print.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Matrix
from gradgrade.oracle.arithmetic.binary64 import Array
from gradgrade.oracle.arithmetic.rounded import Rounded
from gradgrade.oracle.arithmetic.rounded_intervals import Interval
from gradgrade.oracle.arithmetic.rounding import OfSums, Shortening, ToDecimals, ToSignificant
from gradgrade.oracle.arithmetic.running_error import (
    BINARY32,
    BINARY64,
    CONSTANT,
    Estimate,
    RunningError,
)
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import SENSITIVITIES, Group
from gradgrade.oracle.derivation.roles import Averaged
from gradgrade.oracle.derivation.routes import going_every_route
from gradgrade.oracle.derivation.walking import Rows, take, walk, walk_steps

__all__ = [
    "CONSTANT",
    "FLOORS",
    "PRECISIONS",
    "UNITS",
    "estimates",
    "honest_bands",
    "rounding_ends",
]

Ends = tuple[list[list[Fraction]], list[list[Fraction]]]

PRECISIONS = MappingProxyType({"binary64": BINARY64, "binary32": BINARY32})
UNITS = MappingProxyType({name: each.unit for name, each in PRECISIONS.items()})
FLOORS = MappingProxyType({name: each.smallest for name, each in PRECISIONS.items()})


def estimates(
    derivation: Derivation,
    given: Mapping[Name, Rows | Array],
    *,
    givens_are_rounded: bool,
    precision: str = "binary64",
) -> dict[Name, Estimate]:
    """Walk a derivation, by every route, for values and their running errors.

    Args:
        derivation: what to walk.
        given: for each given its exact rows, or an array of shape (…, rows, columns) whose leading
            axes are a stack of variants; those of different givens are broadcast.
        givens_are_rounded: whether the document's numbers are decimals, which code rounds.
        precision: what students compute in; in `"binary32"` every given is rounded.

    Returns:
        An estimate for every given and every step. One that no stacked given reaches has no
        leading axes.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> given = {Name("x"): [[2]], Name("y"): [[1]], Name("W", 1): [[3]]}
    >>> walked = estimates(
    ...     derivation, given | {Name("learning_rate"): [[0.5]]}, givens_are_rounded=False
    ... )
    >>> walked[Name("W", 1).updated].value, walked[Name("W", 1).updated].error > 2
    (array([[-2.]]), array([[ True]]))
    """
    arithmetic = RunningError(
        givens_are_rounded=givens_are_rounded or precision == "binary32",
        precision=PRECISIONS[precision],
    )
    known = take(given, arithmetic)
    return walk(going_every_route(derivation), known, arithmetic)


def honest_bands(estimate: Estimate, *, precision: str) -> Array:
    """Return C·u·S + floor for every entry: no honest student in that precision is farther off.

    >>> import numpy
    >>> estimate = Estimate(numpy.array([[3.0]]), numpy.array([[1.0]]))
    >>> honest_bands(estimate, precision="binary64")
    array([[1.77635684e-15]])
    """
    return CONSTANT * UNITS[precision] * estimate.error + FLOORS[precision]


def rounding_ends(
    derivation: Derivation,
    given: Mapping[Name, Rows],
    *,
    decimals: int | None = None,
    significant: int | None = None,
    of: Collection[Name] | None = None,
) -> dict[Name, Ends]:
    """Walk a derivation, by every route, for what rounding each intermediate value can reach.

    Whoever rounds or truncates to the stated digits after any operations, or after none, is within
    the ends.

    Args:
        derivation: what to walk.
        given: the exact rows of every given; they are taken as they are.
        decimals: how many digits behind the point are kept; or, in its place,
        significant: how many digits from the first that is not 0.
        of: the names whose ends are wanted; None for those of every given and every step.

    Returns:
        By name the rows of the lowest and of the highest entries.

    Raises:
        Undecided: rounding may cross a kink or make a denominator 0; the message names the step.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> given = {Name("x"): [[Fraction(1, 8)]], Name("y"): [[1]], Name("W", 1): [[3]]}
    >>> ends = rounding_ends(derivation, given | {Name("learning_rate"): [[1]]}, decimals=2)
    >>> ends[Name("z", 1)]
    ([[Fraction(37, 100)]], [[Fraction(19, 50)]])
    """
    shortening = _shortening(decimals, significant)
    arithmetic, times = Rounded(shortening), _averaged_over(derivation)
    of_sums = arithmetic if times == 1 else Rounded(OfSums(shortening, times=times))
    walked = _walk_both(derivation, take(given, arithmetic), arithmetic, of_sums)
    wanted = walked if of is None else of
    return {name: _ends(walked[name], shortening) for name in wanted}


def _walk_both(
    derivation: Derivation, known: Mapping[Name, Matrix], forward: Rounded, backward: Rounded
) -> dict[Name, Matrix]:
    """Walk gradients in one arithmetic, and all else in another.

    Who averages last has all derivatives of the loss as many times as large until then.
    """
    values, gradients = dict(known), set[Name]()
    for step in going_every_route(derivation).steps:
        if step.quantity.group in SENSITIVITIES or (
            step.quantity.group is Group.INTERNAL and not gradients.isdisjoint(step.reads)
        ):
            gradients.add(step.name)
        arithmetic = backward if step.name in gradients else forward
        read = {name: arithmetic.retaken(values[name]) for name in step.reads}
        values[step.name] = walk_steps((step,), read, arithmetic)[step.name]
    return values


def _averaged_over(derivation: Derivation) -> int:
    """Return what the sum of the loss's terms is divided by."""
    averaged = (step.role.count for step in derivation.steps if isinstance(step.role, Averaged))
    return max(averaged, default=1)


def _shortening(decimals: int | None, significant: int | None) -> Shortening:
    match decimals, significant:
        case int(digits), None:
            return ToDecimals(digits)
        case None, int(digits):
            return ToSignificant(digits)
    raise ValueError(
        "either decimals or significant digits must be given "
        f"(got decimals={decimals!r}, significant={significant!r})"
    )


def _ends(rows: list[list[Interval]], shortening: Shortening) -> Ends:
    """Return the ends of what is handed in: divided by N at last, it is shortened once more."""
    low = [[Fraction(shortening.lowest(entry.low)) for entry in row] for row in rows]
    high = [[Fraction(shortening.highest(entry.high)) for entry in row] for row in rows]
    return low, high
