"""Balls narrow enough for every entry: the derivation walked at rising precision.

The walk starts at the asked precision plus guard bits, and is repeated with a word more, then with
twice as many, until every entry, tiny ones included, has the asked relative accuracy. Three things
never settle so, or not at once, and have their own proofs: an entry of whose digits too many
cancel, all of them where it is exactly 0 (0.1 + 0.2 − 0.3), is found as a fraction where the steps
are rational, which must lie in its ball; elsewhere a ball within ±2⁻¹⁰⁷⁵ proves that the nearest
double is 0; and a kink that a ball straddles is decided by fractions, or not at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.lists import Rows
from gradgrade.oracle.arithmetic.reference import BITS_PER_DIGIT
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import take, walk_steps
from gradgrade.oracle.errors import NotCertified, Undecided
from gradgrade.oracle.proof.joined import MOST_JOINED, Joined, joined
from gradgrade.oracle.proof.rational_values import RationalValues

HIGHEST_BITS = 2**14
LEAST_GUARD_BITS = 48
"""Of a hundred thousand entries one loses 17 bits more than most, and what trains loses them again;
a word more of each costs less than to walk twice."""

WORD = 64
FIRST_RISE = WORD
"""Bits more, where those to start from do not suffice: what is lost is seldom half of them."""

LEAST_TOLD_BITS = 2
"""The relative accuracy of a ball from which on it is certain not to hold 0."""

BEYOND_DOUBT = 4
"""Bits more than asked with which a ball is accurate however that is rounded when it is asked."""

Exceptions = Mapping[tuple[int, int], Fraction]
"""Entries of a matrix, by row and column, that are known otherwise than by their ball."""


@dataclass(frozen=True)
class Enclosure:
    """Proven enclosures of every quantity of a derivation.

    Args:
        derivation: what was walked.
        given: the exact rows that it was walked from.
        bits: the relative accuracy of every entry but the exceptions.
        ball: the arithmetic, at the precision that sufficed.
        matrices: the balls.
        exceptions: by name, the entries found exactly, or proven to round to 0 and taken for it.
        joined: the small ones of them as one, but for those that had to be asked alone.
        zeros: by name the exact rows of what fractions know to be 0 in some entries, which the
            balls are too.
    """

    derivation: Derivation
    given: Mapping[Name, Rows]
    bits: int
    ball: Ball
    matrices: Mapping[Name, Any]
    exceptions: Mapping[Name, Exceptions]
    joined: Joined
    zeros: Mapping[Name, Rows] = field(default_factory=dict)

    def known(self, name: Name, entry: tuple[int, int]) -> Fraction | None:
        """Return what an entry is known to be by fractions, where that is not left to its ball."""
        row, column = entry
        if name in self.zeros and not self.zeros[name][row][column]:
            return Fraction(0)
        return self.exceptions.get(name, {}).get(entry)


def bits_of(digits: int) -> int:
    """Return the bits that carry so many decimal digits.

    >>> bits_of(50)
    167
    """
    return ceil(digits * BITS_PER_DIGIT)


def first_precision(bits: int) -> int:
    """Return the precision to start from: guard bits added, in whole words, which cost the least.

    >>> first_precision(100), first_precision(167)
    (192, 256)
    """
    return -(-(bits + LEAST_GUARD_BITS) // WORD) * WORD


def rising_precisions(first: int) -> Iterator[int]:
    """Yield the precisions to try in turn: a word more, and then always twice the first's.

    >>> list(rising_precisions(192))
    [192, 256, 384, 768, 1536, 3072, 6144, 12288, 16384]
    """
    yield first
    if first + FIRST_RISE < min(2 * first, HIGHEST_BITS):
        yield first + FIRST_RISE
    while 2 * first < HIGHEST_BITS:
        first *= 2
        yield first
    yield HIGHEST_BITS


def enclose(
    derivation: Derivation,
    given: Mapping[Name, Rows],
    *,
    bits: int,
    precision: int | None = None,
) -> Enclosure:
    """Walk a derivation in balls until every entry of every result is accurate to `bits`.

    Args:
        derivation: what to walk.
        given: exact rows, from `given_rows`.
        bits: the relative accuracy to reach.
        precision: to start from; what `bits` take, where none is given.

    Raises:
        UndefinedValue: a derivative stands exactly at a kink.
        NotCertified: the highest precision did not suffice; names the quantity and the entry.
    """
    precisions = rising_precisions(precision or first_precision(bits))
    precision = next(precisions)
    # Asked only once a ball does not settle; they raise where a kink is exactly met.
    fractions = RationalValues(derivation, given)
    zeros: Mapping[Name, Rows] = {}
    while True:
        ball, matrices = Ball(bits=precision), dict[Name, Any]()
        try:
            matrices = _walked(derivation, given, ball, zeros)
            return _judged(derivation, given, ball, matrices, bits, zeros, fractions)
        except Undecided as error:
            problem = str(error)
        if precision >= HIGHEST_BITS:
            raise NotCertified(f"not settled at {precision} bits: {problem}")
        if matrices and _all_are_told_from_zero(ball, matrices):
            precision = next(precisions)
            continue
        known = {name: rows for name, rows in fractions.all().items() if not all(map(all, rows))}
        # To put in what is 0 already changes nothing.
        if zeros or not known or (matrices and _are_zero(ball, matrices, known)):
            precision = next(precisions)
        zeros = known


def _walked(
    derivation: Derivation, given: Mapping[Name, Rows], ball: Ball, zeros: Mapping[Name, Rows]
) -> dict[Name, Any]:
    """Walk at one precision, exact zeros put in where fractions are known to be 0."""

    def amend(name: Name, matrix: Any) -> Any:
        if name not in zeros:
            return matrix
        for row, values in zip(ball.rows(matrix), zeros[name], strict=True):
            for entry, value in zip(row, values, strict=True):
                if not value:
                    check_in_ball(name, ball, entry, value)
        return ball.with_zeros(matrix, zeros[name])

    return walk_steps(derivation.steps, take(given, ball), ball, amend=amend if zeros else None)


def check_in_ball(name: Name, ball: Ball, entry: Any, known: Fraction) -> None:
    """Compare what fractions know an entry to be with its ball: two arithmetics must agree.

    Raises:
        NotCertified: they do not.
    """
    if not ball.contains(entry, known.as_integer_ratio()):
        raise NotCertified(f"fractions and balls disagree about {name}")


def _all_are_told_from_zero(ball: Ball, matrices: Mapping[Name, arb_mat]) -> bool:
    """Tell whether no ball holds 0 but those that are: fractions know of no other 0 then."""
    return all(
        ball.is_accurate(matrix, LEAST_TOLD_BITS)
        if matrix.nrows() * matrix.ncols() > MOST_JOINED
        else all(map(_is_told_from_zero, matrix.entries()))
        for matrix in {id(matrix): matrix for matrix in matrices.values()}.values()
    )


def _is_told_from_zero(entry: arb) -> bool:
    is_told = entry.rel_accuracy_bits() >= LEAST_TOLD_BITS and entry.is_finite()
    return bool(is_told or entry.is_zero())


def _are_zero(ball: Ball, matrices: Mapping[Name, Any], known: Mapping[Name, Rows]) -> bool:
    """Tell whether all that fractions know to be 0 is exactly that in balls."""
    return all(
        value or entry.is_zero()
        for name, rows in known.items()
        for row, values in zip(ball.rows(matrices[name]), rows, strict=True)
        for entry, value in zip(row, values, strict=True)
    )


def _judged(
    derivation: Derivation,
    given: Mapping[Name, Rows],
    ball: Ball,
    matrices: Mapping[Name, Any],
    bits: int,
    zeros: Mapping[Name, Rows],
    fractions: RationalValues,
) -> Enclosure:
    """Return the enclosure if every entry is accurate, or known otherwise.

    Raises:
        Undecided: one is neither.
    """
    names = [step.name for step in derivation.steps]
    small = joined(matrices, names)
    doubtful = set() if ball.is_accurate(small.matrix, bits) else _doubtful(small, matrices, bits)
    exceptions = {}
    # What only has another name is the same object.
    accurate = {id(matrices[name]) for name in small.names} - doubtful
    for name in names:
        matrix = matrices[name]
        if id(matrix) in accurate:
            continue
        is_told = name not in small.places and ball.is_accurate(matrix, bits)
        found = {} if is_told else _exceptions(name, ball, matrix, bits, fractions)
        if found:
            exceptions[name] = found
        else:
            accurate.add(id(matrix))
    if doubtful:
        small = small.only(name for name in small.names if id(matrices[name]) not in doubtful)
    put_in = {name: zeros[name] for name in names if name in zeros}
    return Enclosure(derivation, given, bits, ball, matrices, exceptions, small, put_in)


def _doubtful(small: Joined, matrices: Mapping[Name, Any], bits: int) -> set[int]:
    """Return which small matrices are not accurate beyond doubt, and so are asked one by one."""
    return {
        id(matrices[name])
        for name in small.names
        if any(
            entry.rel_accuracy_bits() < bits + BEYOND_DOUBT or not entry.is_finite()
            for entry in small.entries[small.places[name]]
        )
    }


def _exceptions(
    name: Name, ball: Ball, matrix: Any, bits: int, fractions: RationalValues
) -> Exceptions:
    """Return the entries that need another proof than their ball.

    Raises:
        Undecided: an entry has none at this precision.
        NotCertified: what it is known to be is not in its ball.
    """
    exceptions = {}
    for i, row in enumerate(ball.rows(matrix)):
        for j, entry in enumerate(row):
            if entry.is_finite() and entry.rel_accuracy_bits() >= bits:
                continue
            known = fractions.of(name)
            if known is not None:
                check_in_ball(name, ball, entry, known[i][j])
                exceptions[i, j] = known[i][j]
            elif ball.rounds_to_zero(entry):
                exceptions[i, j] = Fraction(0)
            else:
                raise Undecided(f"{name}, row {i + 1}, column {j + 1}, is not accurate enough")
    return exceptions
