"""What is asked of every ball of a large matrix, read at once from where Arb keeps them.

python-flint has no call for it: it makes an object of every entry, which takes ten times as long.
Arb keeps an entry as six words of 64 bits, a midpoint ±m·2^e with the bits of m as a fraction from
1/2 to 1, and a radius n·2^(f − 30): e; twice the number of m's words, plus 1 where it is negative;
two words of m, the lower one first, or where more are; f; and n, which has 30 bits. python-flint
keeps where the entries begin, how many rows and columns there are, and how many entries a row is
apart.

Nobody promises that. So it is read in the versions alone that it was read off, on machines of 64
bits, once it has told what balls of all sorts are in this process. A matrix whose words are not
what they must be is not read, nor are entries that hold anything that this file knows nothing of;
and of every matrix that is, some entries are asked the slow way too. Whoever asks is told what was
not read, and asks for that so.
"""

import ctypes
from collections.abc import Iterator
from functools import cache
from itertools import product
from platform import python_implementation
from typing import Any

import flint
from flint import arb, arb_mat

VERSIONS = frozenset({("0.9.0", "3.6.0")})
"""Of python-flint, and of the FLINT in it."""

LEAST_ENTRIES = 128
"""Of fewer, each is asked by itself, which is sooner."""

WORDS_OF_MATRIX, WORDS_OF_ENTRY = 7, 6
BITS = 53

HALF = 2**63
"""Of a word."""

TOO_CLOSE = 2**20
"""To a half of a double's last bit, in 2⁻⁶⁴ of that bit; 2⁻⁹⁹ of a midpoint are up to 2¹⁸ such."""

ASKED_TWICE = 16
"""So many entries of a matrix, about, are asked the slow way too."""

LOWEST, HIGHEST = -1021, 1023
"""Exponents of midpoints whose doubles have all their bits, and none of which is beyond them."""

NO_EXPONENT = 2**40
"""Words beyond it are no exponents: they say where those are."""


def nearest_doubles(matrix: arb_mat) -> tuple[list[float], list[int]] | None:
    """Return for each entry the nearest double of all numbers within 2^−99 of its midpoint.

    Args:
        matrix: balls of midpoints of up to 128 bits.

    Returns:
        The doubles, row by row, and the places of those that are not told, as near a tie: what
        stands there means nothing. None where the matrix is not read.

    >>> nearest_doubles(arb_mat(1, 2, [1, 2])) is None, LEAST_ENTRIES
    (True, 128)
    """
    if not _is_read(matrix):
        return None
    found = _doubles(matrix)
    if found is None:
        return None
    doubles, left = found
    is_wrong = (
        doubles[place] != float(entry) for place, entry in _some(matrix) if place not in left
    )
    return None if any(is_wrong) else found


def are_accurate(matrix: arb_mat, bits: int) -> bool:
    """Tell whether it is seen that every entry is finite and of this relative accuracy, or exact.

    Where it is not seen, it may be so all the same.
    """
    return (
        _is_read(matrix)
        and _seen_accurate(matrix, bits)
        and all(_is_accurate(entry, bits) for _, entry in _some(matrix))
    )


def _is_read(matrix: arb_mat) -> bool:
    return matrix.nrows() * matrix.ncols() >= LEAST_ENTRIES and _is_understood()


def _some(matrix: arb_mat) -> Iterator[tuple[int, arb]]:
    """Yield some entries with their places."""
    count, columns = matrix.nrows() * matrix.ncols(), matrix.ncols()
    for place in range(0, count, -(-count // ASKED_TWICE)):
        yield place, matrix[divmod(place, columns)]


def _is_accurate(entry: arb, bits: int) -> bool:
    return bool(entry.is_finite()) and bool(entry.rel_accuracy_bits() >= bits)


@cache
def _is_understood() -> bool:
    """Tell whether matrices of this process are kept as it is said above."""
    is_machine = (
        python_implementation() == "CPython"
        and ctypes.sizeof(ctypes.c_void_p) == ctypes.sizeof(ctypes.c_long) == 8
        and arb_mat.__basicsize__ == 8 * WORDS_OF_MATRIX
    )
    if not is_machine or (flint.__version__, flint.__FLINT_VERSION__) not in VERSIONS:
        return False
    exact = _midpoints()
    matrix = arb_mat(2, len(exact), [*exact, *(arb(0) for _ in exact)])
    return _doubles(matrix) == (list(map(float, matrix)), []) and all(map(_is_told, _balls()))


def _midpoints() -> list[arb]:
    """Return midpoints of one word and two, of both signs, beside ties on either side."""
    ties = [2**BITS + 1, 2**BITS + 3, 2 ** (BITS + 1) - 1]
    beside = [(each << 40) + off for each in ties for off in (-1, 1)]
    sizes = [1, 3, 2**BITS - 1, 2**64 + 1, 2**127 + 1, 2**128 - 1, *beside]
    return [
        arb((sign * size, exponent))
        for size, sign, exponent in product(sizes, (1, -1), (-900, -3, 0, 700))
    ]


def _balls() -> Iterator[tuple[arb, bool]]:
    """Yield balls, and whether each is accurate to 100 bits by far, or exact; else by far not."""
    for middle, exponent in product((1, -3, 2**300 + 1), (-900, 0, 2**70)):
        exact = arb((middle, exponent))
        bits = exact.mid().man_exp()[1]
        yield exact, abs(exponent) < NO_EXPONENT
        yield arb(exact, arb((1, bits - 110))), abs(exponent) < NO_EXPONENT
        yield arb(exact, arb((1, bits + 300 - 90))), False
    yield from ((arb(0), True), (arb(0, 1e-300), False))
    yield from ((each, False) for each in (arb("inf"), arb("nan"), arb(1, arb("inf"))))


def _is_told(case: tuple[arb, bool]) -> bool:
    ball, is_accurate = case
    return _seen_accurate(arb_mat(2, 1, [1, ball]), 100) == is_accurate


def _words(matrix: arb_mat) -> Any:
    """Return the words of all entries, a row for each of the six; None where they stand elsewhere.

    They may be read as long as the matrix is there.
    """
    import numpy  # Here, since a solve by hand needs none of it.

    rows, columns = matrix.nrows(), matrix.ncols()
    kept = (ctypes.c_uint64 * WORDS_OF_MATRIX).from_address(id(matrix))
    start, *sizes = kept[-4:]
    if sizes != [rows, columns, columns]:
        return None
    words = (ctypes.c_uint64 * (WORDS_OF_ENTRY * rows * columns)).from_address(start)
    return numpy.frombuffer(memoryview(words), dtype=numpy.uint64).reshape(-1, WORDS_OF_ENTRY).T


def _doubles(matrix: arb_mat) -> tuple[list[float], list[int]] | None:
    import numpy

    words = _words(matrix)
    if words is None:
        return None
    exponent, size, low, high = map(numpy.ascontiguousarray, words[:4])
    exponent, length = exponent.view(numpy.int64), size >> 1
    is_long, is_zero = length == 2, (length == 0) & (exponent == 0)
    top, rest = numpy.where(is_long, high, low), numpy.where(is_long, low, 0)
    # What is beyond the bits of a double, in 2⁻⁶⁴ of its last one.
    beyond = (top << BITS) | (rest >> 64 - BITS)
    is_known = (is_long | (length == 1)) & (top >= HALF)
    is_known &= (exponent >= LOWEST) & (exponent <= HIGHEST)
    is_known &= (beyond < HALF - TOO_CLOSE) | (beyond > HALF + TOO_CLOSE)
    whole = ((top >> 64 - BITS) + (beyond > HALF)).astype(numpy.float64)
    # Whatever else stands in the words of what is not known is no exponent.
    power = numpy.where(is_known, exponent - BITS, 0)
    found = numpy.ldexp(numpy.where(size & 1, -whole, whole), power)
    found[is_zero] = 0.0
    return found.tolist(), numpy.flatnonzero(~(is_known | is_zero)).tolist()


def _seen_accurate(matrix: arb_mat, bits: int) -> bool:
    import numpy

    words = _words(matrix)
    if words is None:
        return False
    exponent, size, _, __, radius_exponent, radius = map(numpy.ascontiguousarray, words)
    exponent, radius_exponent = (each.view(numpy.int64) for each in (exponent, radius_exponent))
    is_finite = (size != 0) | (exponent == 0)
    is_exact = (radius == 0) & (radius_exponent == 0)
    # The midpoint is at least 2^(e − 1), and the radius is below 2^f.
    is_narrow = (radius != 0) & (size != 0) & (radius_exponent <= exponent - (bits + 2))
    is_told = (abs(exponent) < NO_EXPONENT) & (abs(radius_exponent) < NO_EXPONENT)
    return bool((is_told & is_finite & (is_exact | is_narrow)).all())
