"""Many variants of one structure proven together: their balls are walked, and read, at once.

What is asked of each is what the proof of one alone asks. What does not settle at the first
precision, or at the witness's first step, is left to that: here it is neither proven nor refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from math import prod
from typing import Any

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.stacked_ball import Stack, Stacked, StackedBall
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import given_rows, walk_steps
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.proof.bands import Band
from gradgrade.oracle.proof.certify import CertifiedValues
from gradgrade.oracle.proof.crosscheck import check_reference
from gradgrade.oracle.proof.enclose import Enclosure, bits_of, first_precision
from gradgrade.oracle.proof.joined import MOST_JOINED, Joined
from gradgrade.oracle.proof.reading import LEAST_DIGITS, PartOfReading, Reading
from gradgrade.oracle.proof.witness import agreeing


def certify_together(
    derivation: Derivation,
    givens: Sequence[Mapping[str, Any]],
    *,
    digits: int,
    bands: Sequence[Band | None],
) -> list[CertifiedValues | None]:
    """Prove the values of a derivation for some variants; None for who is to be proven alone.

    Args:
        derivation: what to evaluate.
        givens: of each variant, as for `evaluate`.
        digits: the relative accuracy of every entry, in decimal digits.
        bands: of each, where its doubles should lie; see `certify`.
    """
    digits = max(digits, LEAST_DIGITS)
    sizes = (prod(step.quantity.matrix_shape) for step in derivation.steps)
    if len(givens) < 2 or not 0 < max(sizes, default=0) <= MOST_JOINED:
        return [None] * len(givens)
    given = [given_rows(derivation, each) for each in givens]
    try:
        variants = _Variants(derivation, given, bits=bits_of(digits))
    except OracleError:
        return [None] * len(givens)
    agree = agreeing(derivation, variants.ball, variants.matrices)
    return [
        variants.certified(place, digits, band) if agrees and variants.is_accurate(place) else None
        for place, (agrees, band) in enumerate(zip(agree, bands, strict=True))
    ]


class _Variants:
    """Balls of every quantity of some variants, at the first precision.

    Args:
        derivation: what was walked.
        given: the exact rows of each variant.
        bits: the relative accuracy that is asked of every entry.

    Raises:
        OracleError: a quantity has no value in one of them, or is not decided.
    """

    def __init__(
        self, derivation: Derivation, given: Sequence[Mapping[Name, Rows]], *, bits: int
    ) -> None:
        self.derivation = derivation
        self.given = given
        self.bits = bits
        self.ball = StackedBall(bits=first_precision(bits), count=len(given))
        with self.ball.active():
            known = {name: self.ball.taken([each[name] for each in given]) for name in given[0]}
        self.matrices = walk_steps(derivation.steps, known, self.ball)
        # What only has another name is the same object.
        first = {id(self.matrices[step.name]): step.name for step in reversed(derivation.steps)}
        self._names = tuple(reversed(first.values()))
        self._places = self._found_places()
        with self.ball.active():
            self._entries = self.ball.entries_of_each([self.matrices[each] for each in self._names])
        self._size = len(self._entries[0])
        flat = list(chain.from_iterable(self._entries))
        row = arb_mat(1, len(flat), flat)
        self._reading = Reading(self.ball, row)
        self._are_accurate = self.ball.is_accurate(row, bits)

    def _found_places(self) -> Mapping[Name, slice]:
        """Return where in the entries of a variant those of each quantity stand."""
        sizes = (prod(self.ball.shape(self.matrices[name])) for name in self._names)
        ends = list(accumulate(sizes, initial=0))
        places = {
            id(self.matrices[name]): slice(*each)
            for name, each in zip(self._names, pairwise(ends), strict=True)
        }
        return {step.name: places[id(self.matrices[step.name])] for step in self.derivation.steps}

    def is_accurate(self, place: int) -> bool:
        """Tell whether every entry of a variant is finite and as accurate as was asked."""
        entries = self._entries[place]
        return self._are_accurate or (
            all(map(arb.is_finite, entries))
            and self.bits <= min(map(arb.rel_accuracy_bits, entries))
        )

    def certified(self, place: int, digits: int, band: Band | None) -> CertifiedValues | None:
        """Return the proven values of a variant whose gradients and balls are as they must be."""
        enclosure = Enclosure(
            derivation=self.derivation,
            given=self.given[place],
            bits=self.bits,
            ball=self.ball,
            matrices=_OfVariant(self.matrices, place),
            exceptions={},
            joined=Joined(self._entries[place], self._places, self._names),
        )
        own = slice(place * self._size, (place + 1) * self._size)
        values = CertifiedValues(enclosure, PartOfReading(self._reading, own))
        try:
            if band is None or not band.holds(values.all_doubles()):
                check_reference(enclosure, digits=digits, full=False)
            values.prove_roundings()
        except OracleError:
            return None
        return values


class _OfVariant(Mapping[Name, Any]):
    """The matrices of one of the variants."""

    def __init__(self, matrices: Mapping[Name, Stacked], place: int) -> None:
        self._matrices = matrices
        self._place = place

    def __getitem__(self, name: Name) -> Any:
        matrix = self._matrices[name]
        return matrix.matrices[self._place] if isinstance(matrix, Stack) else matrix

    def __iter__(self) -> Iterator[Name]:
        return iter(self._matrices)

    def __len__(self) -> int:
        return len(self._matrices)
