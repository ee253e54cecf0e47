"""What of a derivation is rational, found exactly: the judge where no ball can decide."""

from collections.abc import Mapping
from fractions import Fraction

from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import take
from gradgrade.oracle.errors import UndefinedValue

MOST_NUMBERS = 5_000
"""Fractions grow with every product: beyond this many given numbers they are not tried."""

MOST_BITS = 20_000
"""Of one of them, beyond which it is not gone on with: in a line of a (1 − a) digits double."""


def rational_values(derivation: Derivation, given: Mapping[Name, Rows]) -> dict[Name, Rows]:
    """Return, as fractions, every quantity whose steps use the four operations alone.

    A quantity with a number of more than `MOST_BITS` is left out, and whatever reads it.

    Raises:
        UndefinedValue: a derivative stands exactly at a kink; the message names the quantity.

    >>> from decimal import Decimal
    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.derivation.walking import given_rows
    >>> derivation = derive(
    ...     Network(inputs=3, layers=(Dense(units=1, bias="none"),)),
    ...     Loss(name="half_squared_error"), Optimizer())
    >>> tenths = [[Decimal("0.1")], [Decimal("0.2")], [Decimal("-0.3")]]
    >>> given = {"x": tenths, "y": [[0]], "W1": [[1, 1, 1]], "learning_rate": 1}
    >>> rational_values(derivation, given_rows(derivation, given))[derivation.find("z1").name]
    [[Fraction(0, 1)]]
    """
    if sum(len(rows) * len(rows[0]) for rows in given.values()) > MOST_NUMBERS:
        return {}
    rational = Rational(most_bits=MOST_BITS)
    values: dict[Name, list[list[Fraction]]] = take(given, rational)
    for step in derivation.steps:
        if all(name in values for name in step.reads):
            try:
                values[step.name] = step.rule(rational, *[values[name] for name in step.reads])
            except Irrational:
                continue
            except UndefinedValue as error:
                raise UndefinedValue(f"{step.name} is undefined: {error}") from None
    return values
