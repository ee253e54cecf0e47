"""Values that stand: the reference's, once a walk at twice the precision agrees with it.

Cancellation costs digits that cannot be foreseen, so the precision is doubled until every entry
carries the asked digits. An entry that never settles yet lies below half the smallest binary64
is an exact zero that rounding hid (0.1 + 0.2 − 0.3), and is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from oracle.arithmetic.reference import Reference
from oracle.derivation import Derivation, Values, evaluate
from oracle.errors import OracleError
from oracle.exact import Ratio
from oracle.nested import flatten

SPARE_DIGITS = 5
DOUBLINGS = 6
SMALLEST = Fraction(1, 2**1075)


class NotSettled(OracleError):
    """A quantity did not settle at the highest precision."""


@dataclass(frozen=True, slots=True)
class SettledValue:
    """A quantity's entries, the last index running fastest, and how far they may be off."""

    entries: tuple[Ratio, ...]
    error_bound: Fraction


def settle(
    derivation: Derivation, givens: Mapping[str, Any], *, digits: int
) -> dict[str, SettledValue]:
    """Evaluate a derivation so that every entry carries `digits` correct digits.

    Args:
        derivation: what to evaluate.
        givens: as for `evaluate`.
        digits: relative accuracy of every entry, tiny ones included.

    Returns:
        For each name of a solution its value, entries in the order of a document.

    Raises:
        NotSettled: an entry neither settles nor vanishes; the message names its quantity.
        UndefinedValue: a quantity has no value here.

    >>> from oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> givens = {"x": [[2]], "y": [[1]], "W1": [[3]], "learning_rate": 0.5}
    >>> settle(derivation, givens, digits=50)["W1_new"].entries
    ((-2, 1),)
    """
    failure: NotSettled | None = None
    rough = evaluate(derivation, givens, Reference(digits=digits + SPARE_DIGITS))
    for doubling in range(1, DOUBLINGS + 1):
        precise = Reference(digits=(digits + SPARE_DIGITS) * 2**doubling)
        fine = evaluate(derivation, givens, precise)
        try:
            return {text: _agreed(text, rough, fine, digits) for text in fine}
        except NotSettled as error:
            failure, rough = error, fine
    assert failure is not None
    raise failure


def _agreed(text: str, rough: Values, fine: Values, digits: int) -> SettledValue:
    ratio = fine.arithmetic.ratio
    entries, bound = [], Fraction(0)
    for before, after in zip(flatten(rough[text]), flatten(fine[text]), strict=True):
        value = Fraction(*ratio(after))
        error = abs(Fraction(*ratio(before)) - value)
        if error * 10**digits > abs(value):
            if abs(value) + error >= SMALLEST:
                raise NotSettled(f"{text} did not settle to {digits} digits")
            value, error = Fraction(0), Fraction(0)
        entries.append((value.numerator, value.denominator))
        bound = max(bound, error)
    return SettledValue(tuple(entries), bound)
