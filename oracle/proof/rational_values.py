"""What of a derivation is rational, found exactly: the judge where no ball can decide."""

from collections.abc import Mapping
from functools import cached_property
from itertools import chain

from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import UndefinedValue

MOST_NUMBERS = 5_000
"""Fractions grow with every product: beyond this many given numbers they are not tried."""

MOST_BITS = 20_000
"""Of one of them, beyond which it is not gone on with: in a line of a (1 − a) digits double."""


class RationalValues:
    """As fractions, every quantity whose steps use the four operations alone; found when asked for.

    A quantity with a number of more than `MOST_BITS` is left out, and whatever reads it.

    Args:
        derivation: whose steps are walked, each once at the most.
        given: exact rows, from `given_rows`.

    >>> from decimal import Decimal
    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.derivation.walking import given_rows
    >>> derivation = derive(
    ...     Network(inputs=3, layers=(Dense(units=1, bias="none"),)),
    ...     Loss(name="half_squared_error"), Optimizer())
    >>> tenths = [[Decimal("0.1")], [Decimal("0.2")], [Decimal("-0.3")]]
    >>> given = {"x": tenths, "y": [[0]], "W1": [[1, 1, 1]], "learning_rate": 1}
    >>> fractions = RationalValues(derivation, given_rows(derivation, given))
    >>> fractions.of(derivation.find("z1").name)
    [[Fraction(0, 1)]]
    """

    def __init__(self, derivation: Derivation, given: Mapping[Name, Rows]) -> None:
        self._derivation = derivation
        self._given = given
        self._rational = Rational(most_bits=MOST_BITS)
        self._values = dict[Name, Rows]()
        self._irrational = set[Name]()

    @cached_property
    def _is_tried(self) -> bool:
        return sum(len(rows) * len(rows[0]) for rows in self._given.values()) <= MOST_NUMBERS

    def all(self) -> Mapping[Name, Rows]:
        """Return all of them, by name, and what is given.

        Raises:
            UndefinedValue: a derivative stands exactly at a kink; the message names the quantity.
        """
        if self._is_tried:
            for name in chain(self._given, self._derivation.by_name):
                if not self._is_known(name):
                    self._walk(self._derivation.by_name[name])
        return self._values

    def of(self, name: Name) -> Rows | None:
        """Return one of them, found from what it is computed of alone; None if it is none.

        Raises:
            UndefinedValue: a derivative stands exactly at a kink; the message names the quantity.
        """
        waiting = [name] if self._is_tried and not self._is_known(name) else []
        while waiting:
            step = self._derivation.by_name[waiting[-1]]
            # What reads a quantity that is not rational is not, whatever else it reads.
            if self._irrational.isdisjoint(step.reads):
                unknown = next((each for each in step.reads if not self._is_known(each)), None)
                if unknown is not None:
                    waiting.append(unknown)
                    continue
            self._walk(step)
            waiting.pop()
        return self._values.get(name)

    def _is_known(self, name: Name) -> bool:
        """Tell whether a quantity was found, or is irrational; what is given is taken for it."""
        if name in self._given and name not in self._values:
            self._values[name] = self._rational.matrix(self._given[name])
        return name in self._values or name in self._irrational

    def _walk(self, step: Step) -> None:
        """Evaluate a step all of whose operands are known, or one of them to be irrational."""
        try:
            if not self._irrational.isdisjoint(step.reads):
                raise Irrational
            reads = map(self._values.__getitem__, step.reads)
            self._values[step.name] = step.rule(self._rational, *reads)
        except Irrational:
            self._irrational.add(step.name)
        except UndefinedValue as error:
            raise UndefinedValue(f"{step.name} is undefined: {error}") from None
