"""The solution of an exercise: every quantity, asked or not, to as many digits as wished.

Where one has no value (a derivative at a kink) and nothing asked depends on it, the solution is of
what the asked needs, and names what it leaves out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import hypot, inf
from typing import Any, get_args

from gradgrade.oracle.accuracy.tolerance import Significant
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.exact_numbers import Ratio, root_digits, upper_bound
from gradgrade.oracle.nested import Shape, build, flatten
from gradgrade.oracle.proof.bands import Band
from gradgrade.oracle.proof.certify import CertifiedValue, CertifiedValues, certify
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.solution import (
    SOLUTION,
    Check,
    SolutionDocument,
    SolutionValue,
    solution_template,
)
from gradgrade.problems.documents.strict_json import Written
from gradgrade.problems.errors import ExerciseError

DIGITS = 50
LEAST_NORM_AT_SIGHT = 1e-290
"""Below it a double may have lost bits that count."""
AROUND_NORM = (1 - 1e-12, 1 + 1e-12)
"""Far beyond what rounding may move it by."""
MOST_DIGITS = 1000


@dataclass(frozen=True)
class SolvedQuantity:
    """One quantity of a solution, rendered when read."""

    certified: CertifiedValue
    digits: int

    @property
    def shape(self) -> Shape:
        """The shape that the document shows."""
        return self.certified.shape

    @property
    def entries(self) -> tuple[Ratio, ...]:
        """The exact ratios behind the digits, the last index running fastest."""
        return self.certified.entries

    @cached_property
    def value(self) -> Any:
        """Nested decimal strings of exactly `digits` significant digits, or "0"."""
        return self.certified.digits(self.digits)

    @property
    def float64(self) -> Any:
        """Nested doubles, each the nearest to its value."""
        return self.certified.doubles

    @cached_property
    def error_bound(self) -> str:
        """How far a value may be off, proven: its ball's radius and its last digit's rounding."""
        bound = self._bound_at_sight()
        if bound is not None:
            return bound
        largest = max(abs(Fraction(*entry)) for entry in self.entries)
        unit = Significant(significant=self.digits).band(largest.as_integer_ratio())
        rounding = Fraction(*unit) / 2
        return upper_bound(self.certified.error_bound + rounding)

    def _bound_at_sight(self) -> str | None:
        """Write the bound where it is seen that balls are small beside the digits' rounding."""
        length = self.certified.length(self.digits)
        return _bound(length, self.digits, is_exact=self.certified.is_exact)

    def document(self) -> SolutionValue:
        """Return the quantity as a solution document shows it."""
        doubles = [Number.of(double) for double in flatten(self.float64)]
        return SolutionValue(
            value=self.value, float64=build(doubles, self.shape), error_bound=self.error_bound
        )

    def written(self) -> Iterator[str]:
        """Yield what a solution's template is filled with: digits, doubles and the bound."""
        yield from self.certified.flat_digits(self.digits)
        yield from map(repr, self.certified.flat_doubles)
        yield self.error_bound


class Solution(Mapping[str, SolvedQuantity]):
    """The solved quantities of an exercise by name, in the derivation's order.

    Args:
        exercise: what is solved.
        digits: significant decimal digits of every entry.
        check: how the variants that it is one of are checked, as its document says.
        band: where its doubles should lie; see `certify`.
        derivation: the exercise's, where whoever asks has it.
        certified: its proven values, likewise.
    """

    def __init__(
        self,
        exercise: Exercise,
        digits: int,
        *,
        check: Check = "full",
        band: Band | None = None,
        derivation: Derivation | None = None,
        certified: CertifiedValues | None = None,
    ) -> None:
        self.exercise = exercise
        self.digits = digits
        self.check = check
        self.derivation = derivation or exercise.derivation()
        self._is_whole = True
        if certified is not None:
            self.certified = certified
            return
        try:
            self.certified = certify(self.derivation, exercise.givens(), digits=digits, band=band)
        except UndefinedValue:
            # What has no value may be what nobody asked for, nor needs for what is asked.
            self.derivation = exercise.needed()
            self._is_whole = False
            self.certified = certify(self.derivation, exercise.givens(), digits=digits)

    def __getitem__(self, name: str) -> SolvedQuantity:
        """Return a quantity; with one iteration `NAME@1` is an alias."""
        quantity = self.derivation.find(name)
        if quantity is None:
            raise KeyError(name)
        text = name if name in self.certified else str(quantity.name)
        return SolvedQuantity(self.certified[text], self.digits)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self.certified)

    def __len__(self) -> int:
        """Count them."""
        return len(self.certified)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names of what nothing asked depends on, where one of them has no value."""
        if self._is_whole:
            return ()
        return tuple(name for name in self.exercise.derivation().results if name not in self)

    def gradient_norms(self) -> dict[str, str]:
        """Return the Euclidean norm of each layer's parameter gradients, to 4 digits.

        Norms that shrink from the last layer to the first show a vanishing gradient, norms that
        grow an exploding one. With several iterations they are the last one's.
        """
        return {
            str(layer): _norm(self.certified, names)
            for layer, names in _gradients_by_layer(self.derivation).items()
        }

    def document(self) -> SolutionDocument:
        """Return the solution as a document."""
        return SolutionDocument(
            schema_=SOLUTION,
            exercise=self.exercise.id,
            digits=self.digits,
            gradient_norms=self.gradient_norms(),
            values={name: solved.document() for name, solved in self.items()},
            left_out=list(self.left_out),
            check=None if self.check == "full" else self.check,
        )

    def to_json(self) -> str:
        """Write the solution's document: the very text of `document`'s, sooner."""
        written = [self.exercise.id, str(self.digits), *self.gradient_norms().values()]
        at_once = _written_at_once(self.certified, self.digits)
        if at_once is None:
            for certified in self.certified.values():
                written += SolvedQuantity(certified, self.digits).written()
        else:
            written += at_once
        written.append(Written.of(list(self.left_out)))
        return _templates(self.derivation)[self.check] % tuple(written)


def _written_at_once(values: CertifiedValues, digits: int) -> list[str] | None:
    """Return what `SolvedQuantity.written` yields of all values, where all is told at sight."""
    texts, told = values.reading.digits(digits)
    lengths = [each for each in told if each is not None]
    if None in texts or len(lengths) < len(told) or not values.reading.are_doubles:
        return None
    doubles = list(map(repr, values.reading.doubles))
    are_exact, convention = values.reading.are_exact, values.enclosure.derivation.convention
    written = list[str]()
    for quantity in values.quantities:
        place = values.places.get(quantity.name)
        if place is None:
            return None
        bound = _bound(max(lengths[place]), digits, is_exact=all(are_exact[place]))
        if bound is None:
            return None
        written += quantity.in_document_order(texts[place], convention)
        written += quantity.in_document_order(doubles[place], convention)
        written.append(bound)
    return written


def _bound(length: float | None, digits: int, *, is_exact: bool) -> str | None:
    """Write how far digits may be off whose balls are narrow, the largest of such a length.

    That is half a unit of the last digit, 5 of the next place; with a ball of up to 1 of that place
    it is 6 at the most, rounded up. What is known to be 0 is not off. None where neither is seen.
    """
    if length == -inf:
        return "0"
    if length is None or length > digits + 1:
        return None
    return f"{5 if is_exact else 6}e{int(length) - digits - 1:+}"


@kept_with_argument
def _templates(derivation: Derivation) -> Mapping[Check, str]:
    """Return the text of all solutions of a structure, by how they are checked."""
    shapes = {
        name: each.document_shape(derivation.convention)
        for name, each in derivation.results.items()
    }
    layers = tuple(map(str, _gradients_by_layer(derivation)))
    return {check: solution_template(shapes, layers, check) for check in get_args(Check)}


@kept_with_argument
def _gradients_by_layer(derivation: Derivation) -> Mapping[int, list[str]]:
    """Return the names of the parameters' gradients, by their layers in order."""
    found: dict[int, list[str]] = {}
    for name in derivation.members({Group.GRADIENT}):
        found.setdefault(derivation.results[name].name.layer, []).append(name)
    return dict(sorted(found.items()))


def _norm(values: CertifiedValues, names: Sequence[str]) -> str:
    """Return the Euclidean norm of the entries of some quantities, to 4 digits."""
    at_sight = _norm_at_sight([entry for name in names for entry in values.doubles(name)])
    if at_sight is not None:
        return at_sight
    return root_digits(sum((values[name].sum_of_squares for name in names), Fraction(0)), 4)


def _norm_at_sight(doubles: Sequence[float]) -> str | None:
    """Write the norm where doubles tell it: each is the nearest to its entry, and so is theirs."""
    norm = hypot(*doubles)
    if not LEAST_NORM_AT_SIGHT < norm < inf:
        return None
    low, high = (f"{norm * share:.3e}" for share in AROUND_NORM)
    return str(Decimal(low)) if low == high else None


def solve(exercise: Exercise, *, digits: int = DIGITS) -> Solution:
    """Solve an exercise.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every entry, 1 to 1000.

    Returns:
        A mapping from names to quantities with `value`, `float64` and `error_bound`.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity that something asked depends on is undefined, or any leaves
            binary64's range or cannot be proven.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> solve(exercise, digits=10)["loss"].value
    '0.2490895415'
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise ExerciseError(f"digits must be from 1 to {MOST_DIGITS} (got {digits})")
    return Solution(exercise, digits)
