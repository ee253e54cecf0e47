"""Proven values: enclosures, checked by two walks of other kinds, and their correct rounding.

1. `enclose`: balls in which every entry has the asked relative accuracy.
2. `check_reference`: the mpmath reference lies in the balls, its own rounding allowed for. Of one
   variant among many a band may stand for it; see `bands`.
3. `check_gradients`: the witness, which knows no derivative, finds the same gradients.
4. Both ends of every ball round to the same double; and, when they are read, to the same digits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import isfinite, isinf
from typing import Any, TypeVar, cast

from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified, OutOfRange
from gradgrade.oracle.exact_numbers import Ratio, binary64, significant_digits
from gradgrade.oracle.nested import Shape, build
from gradgrade.oracle.proof.bands import Band
from gradgrade.oracle.proof.crosscheck import check_reference
from gradgrade.oracle.proof.enclose import (
    HIGHEST_BITS,
    Enclosure,
    bits_of,
    check_in_ball,
    enclose,
)
from gradgrade.oracle.proof.finer import Finer
from gradgrade.oracle.proof.rational_values import RationalValues
from gradgrade.oracle.proof.reading import LEAST_DIGITS, Reading
from gradgrade.oracle.proof.witness import check_gradients

ALL = slice(None)

MOST_MORE_DIGITS = 64
"""Than are asked for. What lies on a tie however many there are is no double, nor made of some."""

Rounded = TypeVar("Rounded", str, float)
Told = TypeVar("Told")


class _TooCloseToATie(NotCertified):
    """Nothing within reach tells on which side a value lies."""


class CertifiedValue:
    """One quantity with its proof; nested as a document of the derivation's convention shows it.

    Args:
        enclosure: of all of them.
        quantity: which it is.
        reading: what balls are read as, its own among them; without one its own are read.
        place: where its own stand in the reading, row by row.
        finer: narrower balls, shared with the others; without it its own.
    """

    def __init__(
        self,
        enclosure: Enclosure,
        quantity: Quantity,
        reading: Reading | None = None,
        place: slice = ALL,
        *,
        finer: Finer | None = None,
    ) -> None:
        self.enclosure = enclosure
        self.quantity = quantity
        self._matrix = enclosure.matrices[quantity.name]
        self._reading = reading or Reading(enclosure.ball, self._matrix)
        self._place = place
        self._finer = finer or Finer(enclosure)
        self._exceptions = enclosure.exceptions.get(quantity.name, {})

    @cached_property
    def doubles(self) -> Any:
        """The nearest doubles.

        Raises:
            OutOfRange: an entry is beyond the largest double.
            NotCertified: a ball's two ends round differently, however narrow it is.
        """
        return self._document(self.flat_doubles)

    @cached_property
    def flat_doubles(self) -> list[float]:
        """The nearest doubles in the order of documents; what it raises `doubles` raises."""
        flat = self._told(lambda: self._reading.doubles)
        if not flat:
            return self._rounded(binary64)
        if not isfinite(sum(flat)) and any(map(isinf, flat)):
            raise OutOfRange(f"{self.quantity.name} leaves the range of binary64 (about 1.8e308)")
        return self._in_order(flat)

    def digits(self, digits: int) -> Any:
        """Return decimal strings, each the correct rounding to so many significant digits.

        An entry that is proven only to round to the double 0 is "0", and so is one below 2⁻¹²⁰⁰⁰⁰,
        too small to be written out. Where an entry lies on a tie,
        and steps that are not rational hide that, all have as many digits more as it takes until
        none does: a difference of doubles has some, and no more.

        Raises:
            NotCertified: a ball's two ends round differently, however narrow it is.
        """
        return self._document(self.flat_digits(digits))

    def flat_digits(self, digits: int) -> list[str]:
        """Return the same in the order of documents."""
        try:
            return self._digits_in_order(digits)
        except _TooCloseToATie:
            return self._digits_in_order(self._digits_without_ties(digits))

    def _digits_without_ties(self, digits: int) -> int:
        """Return how many digits the entries have that end within some more than are asked for."""
        most = digits + MOST_MORE_DIGITS
        lengths = map(_length_written, self._digits_in_order(most))
        return max((each for each in lengths if digits < each < most), default=digits + 1)

    def _digits_in_order(self, digits: int) -> list[str]:
        texts = self._told(lambda: self._reading.digits(digits).texts)
        if texts:
            return self._in_order(texts)

        def rounding(numerator: int, denominator: int) -> str:
            return significant_digits(numerator, denominator, digits)

        return self._rounded(rounding)

    @property
    def beyond_doubles(self) -> list[float] | None:
        """What `entries` are beyond `flat_doubles`, rounded; see `Ball.beyond`.

        None where an entry is known otherwise than by its ball. It raises what `doubles` raises.
        """
        if self._exceptions:
            return None
        elements = self._in_order(self._matrix.entries())
        return self.enclosure.ball.beyond(elements, self.flat_doubles)

    @cached_property
    def entries(self) -> tuple[Ratio, ...]:
        """An exact ratio within the error bound of each entry, in the order of the document."""
        ball, exceptions = self.enclosure.ball, self._exceptions
        found = [
            exceptions[i, j].as_integer_ratio() if (i, j) in exceptions else ball.ratio(entry)
            for i, row in enumerate(ball.rows(self._matrix))
            for j, entry in enumerate(row)
        ]
        return tuple(self._in_order(found))

    @cached_property
    def error_bound(self) -> Fraction:
        """A proven bound on the distance of every entry from its true value."""
        ball, exceptions = self.enclosure.ball, self._exceptions
        rows = ball.rows(self._matrix)
        bound = Fraction(*ball.largest_radius(chain.from_iterable(rows)))
        for (i, j), taken in exceptions.items():
            low, high = (Fraction(*end) for end in ball.ends(rows[i][j]))
            bound = max(bound, taken - low, high - taken)
        return bound

    def length(self, digits: int) -> float | None:
        """Return how many digits the largest entry has before the point; see `Digits`.

        None where that of an entry is not told.
        """
        return max(self._told(lambda: self._reading.digits(digits).lengths), default=None)

    @property
    def shape(self) -> Shape:
        """The shape that documents show."""
        return self.quantity.document_shape(self.enclosure.derivation.convention)

    @property
    def is_exact(self) -> bool:
        """Whether every entry is known without an error."""
        return not self._exceptions and all(self._reading.are_exact[self._place])

    @property
    def sum_of_squares(self) -> Fraction:
        """The sum of the squares of `entries`."""
        return sum((Fraction(*entry) ** 2 for entry in self.entries), Fraction(0))

    def _told(self, read: Callable[[], Sequence[Told | None]]) -> list[Told]:
        """Return what the entries are read as, row by row; nothing where that is not told of one.

        Of what is known otherwise than by its ball it is not.
        """
        own = (None,) if self._exceptions else read()[self._place]
        return [] if None in own else cast(list[Told], own)

    def _in_order(self, entries: list[Any]) -> list[Any]:
        return self.quantity.in_document_order(entries, self.enclosure.derivation.convention)

    def _document(self, entries: Sequence[Any]) -> Any:
        return build(entries, self.shape)

    def _rounded(self, rounding: Callable[[int, int], Rounded]) -> list[Rounded]:
        enclosure = self.enclosure
        rows = _agreed(_ends(enclosure, self.quantity), rounding)
        if rows is None:
            # The value lies at a tie, or so close that only more precision can tell.
            fractions = RationalValues(enclosure.derivation, enclosure.given)
            exact = fractions.of(self.quantity.name)
            if exact is not None:
                self._check_in_balls(exact)
                rows = _agreed([[_both(each) for each in row] for row in exact], rounding)
            else:
                rows = self._rounded_finer(rounding)
        if rows is None:
            raise _TooCloseToATie(f"{self.quantity.name}: a value lies too close to a tie to round")
        return self._in_order(list(chain.from_iterable(rows)))

    def _check_in_balls(self, exact: Rows) -> None:
        ball = self.enclosure.ball
        for row, values in zip(ball.rows(self._matrix), exact, strict=True):
            for entry, value in zip(row, values, strict=True):
                check_in_ball(self.quantity.name, ball, entry, value)

    def _rounded_finer(self, rounding: Callable[[int, int], Rounded]) -> list[list[Rounded]] | None:
        """Round at rising precision: a saturated unit is off a tie by e^−z, however large z is."""
        rows = None
        # The last is the highest, so that what can be told does not hang on what was met first.
        precision = 2 ** self.enclosure.ball.bits.bit_length()
        while rows is None and precision < HIGHEST_BITS:
            precision = min(2 * precision, HIGHEST_BITS)
            rows = _agreed(_ends(self._finer.at(precision), self.quantity), rounding)
        return rows


# Ratios as they come: what divides both of long integers takes longer than to round them.
Ends = list[list[tuple[Ratio, Ratio]]]


def _length_written(text: str) -> int:
    """Return how many significant digits a decimal has, zeros at its end aside."""
    return len(text.partition("E")[0].lstrip("-0.").replace(".", "").rstrip("0"))


def _ends(enclosure: Enclosure, quantity: Quantity) -> Ends:
    ball = enclosure.ball
    rows = [
        [_both(Fraction(0)) if ball.is_too_small(each) else ball.ends(each) for each in row]
        for row in ball.rows(enclosure.matrices[quantity.name])
    ]
    for (i, j), value in enclosure.exceptions.get(quantity.name, {}).items():
        rows[i][j] = _both(value)
    return rows


def _both(value: Fraction) -> tuple[Ratio, Ratio]:
    """Return the two ends of what is known exactly."""
    return value.as_integer_ratio(), value.as_integer_ratio()


def _agreed(rows: Ends, rounding: Callable[[int, int], Rounded]) -> list[list[Rounded]] | None:
    """Return each entry rounded, or None where an entry's two ends round differently."""
    result = []
    for row in rows:
        rounded = [(rounding(*low), rounding(*high)) for low, high in row]
        if any(low != high for low, high in rounded):
            return None
        result.append([low for low, _ in rounded])
    return result


class CertifiedValues(Mapping[str, CertifiedValue]):
    """The proven values of a derivation, by the names of documents, in order.

    Args:
        enclosure: their balls.
        reading: of those of them that are joined, where whoever asks has it.

    Attributes:
        reading: what the small matrices are read as, all at once.
        places: where in it the entries of each of them stand, row by row.
    """

    def __init__(self, enclosure: Enclosure, reading: Reading | None = None) -> None:
        self.enclosure = enclosure
        self.reading = reading or Reading(enclosure.ball, enclosure.joined.matrix)
        self.places = enclosure.joined.places
        self._values: dict[Name, CertifiedValue] = {}
        self._finer = Finer(enclosure)

    def all_doubles(self) -> list[float]:
        """Return the nearest doubles of all steps, each in the order of documents.

        Raises:
            OutOfRange: an entry is beyond the largest double.
            NotCertified: a ball's two ends round differently, however narrow it is.
        """
        quantities = (step.quantity for step in self.enclosure.derivation.steps)
        return list(chain.from_iterable(map(self._doubles, quantities)))

    def doubles(self, text: str) -> list[float]:
        """Return those of a quantity, in the order of documents; it raises what that does."""
        return self._doubles(self.enclosure.derivation.results[text])

    def _doubles(self, quantity: Quantity) -> list[float]:
        if quantity.name not in self.places or not self.reading.are_doubles:
            return self._value(quantity).flat_doubles
        own: list[Any] = self.reading.doubles[self.places[quantity.name]]
        return quantity.in_document_order(own, self.enclosure.derivation.convention)

    def prove_roundings(self) -> None:
        """Read the doubles that were not read with those of others: that is the proof."""
        # What is too large for a double is told of by itself.
        read = self.places if self.reading.are_doubles else {}
        for step in self.enclosure.derivation.steps:
            if step.name not in read:
                self._value(step.quantity).flat_doubles  # noqa: B018 - reading is what is asked

    @property
    def quantities(self) -> Iterable[Quantity]:
        """What the values are of, in order."""
        return self.enclosure.derivation.results.values()

    def __getitem__(self, text: str) -> CertifiedValue:
        """Return a quantity."""
        return self._value(self.enclosure.derivation.results[text])

    def _value(self, quantity: Quantity) -> CertifiedValue:
        name = quantity.name
        if name not in self._values:
            shared = (self.reading, self.places[name]) if name in self.places else ()
            self._values[name] = CertifiedValue(
                self.enclosure, quantity, *shared, finer=self._finer
            )
        return self._values[name]

    def __contains__(self, text: object) -> bool:
        """Tell whether there is a quantity of this name."""
        return text in self.enclosure.derivation.results

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of `Derivation.results`."""
        return iter(self.enclosure.derivation.results)

    def __len__(self) -> int:
        """Count them."""
        return len(self.enclosure.derivation.results)


def certify(
    derivation: Derivation,
    givens: Mapping[str, Any],
    *,
    digits: int,
    full: bool = False,
    band: Band | None = None,
) -> CertifiedValues:
    """Prove the values of a derivation.

    Args:
        derivation: what to evaluate.
        givens: as for `evaluate`.
        digits: the relative accuracy of every entry, in decimal digits.
        full: check large networks as thoroughly as small ones: every entry by the reference and
            every parameter by the witness.
        band: where the doubles should lie; if they do, the reference is not walked.

    Returns:
        Values whose doubles and digits are correctly rounded.

    Raises:
        UndefinedValue: a quantity has no value here; the message names it.
        OutOfRange: a value is beyond the largest double.
        NotCertified: a proof failed; the message names the quantity.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> givens = {"x": [[2]], "y": [[1]], "W1": [[3]], "learning_rate": 0.1}
    >>> certify(derivation, givens, digits=50)["W1_new"].doubles
    [[2.0]]
    """
    given = given_rows(derivation, givens)
    digits = max(digits, LEAST_DIGITS)
    enclosure = enclose(derivation, given, bits=bits_of(digits))
    values = CertifiedValues(enclosure)
    if band is None or not band.holds(values.all_doubles()):
        check_reference(enclosure, digits=digits, full=full)
    check_gradients(enclosure, full=full)
    values.prove_roundings()
    return values
