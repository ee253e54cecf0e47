"""A code for every entry of an answer: right, or in which way it is wrong.

The codes tell what can be seen from the answer and the right one alone; which mistake it was is for
`gradgrade.problems.explanation.diagnose`.
"""

from collections.abc import Mapping
from typing import Any

import numpy

from gradgrade.problems.documents.verdict import EntryCode

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

LEAST_SCALED = 2
"""Entries that must share a factor; one entry alone always has some."""


def find_entry_codes(
    *, answer: Array, right: Array, bands: Array, is_right: Array, shape: tuple[int, ...]
) -> list[EntryCode]:
    """Return the code of each entry of a part.

    Args:
        answer: the submitted entries, in the order of the document.
        right: the expected values.
        bands: how far an answer may lie from each.
        is_right: which entries are accepted.
        shape: of the answer.

    >>> right = numpy.array([1.0, 2.0, 3.0])
    >>> answer = numpy.array([1.0, -2.0, 5.0])
    >>> find_entry_codes(answer=answer, right=right, bands=right * 1e-9, is_right=answer == right,
    ...     shape=(3,))
    ['ok', 'sign', 'wrong']
    """
    kinds: Mapping[EntryCode, Array] = {
        "sign": _is_near(answer, -right, bands),
        "transposed": _are_transposed(answer, right, bands, shape),
        "scale": _are_scaled(answer, right, bands, ~is_right),
    }
    codes: list[EntryCode] = ["ok" if each else "wrong" for each in is_right]
    for code, holds in kinds.items():
        for at in numpy.flatnonzero(holds & ~is_right):
            if codes[at] == "wrong":
                codes[at] = code
    return codes


def _is_near(answer: Array, value: Array, bands: Array) -> Array:
    near: Array = (numpy.abs(answer - value) <= 2 * bands) & (value != 0)
    return near


def _are_transposed(answer: Array, right: Array, bands: Array, shape: tuple[int, ...]) -> Array:
    """Find entries that would be right in the transposed matrix; a lone one is chance."""
    if len(shape) != 2 or shape[0] != shape[1]:
        return numpy.zeros(answer.shape, dtype=bool)
    across = right.reshape(shape).T.ravel()
    near = _is_near(answer, across, bands.reshape(shape).T.ravel())
    return near if near.all() else numpy.zeros(answer.shape, dtype=bool)


def _are_scaled(answer: Array, right: Array, bands: Array, wrong: Array) -> Array:
    """Find the wrong entries that are the right ones times one factor."""
    usable = wrong & (right != 0) & (answer != 0)
    if usable.sum() < LEAST_SCALED:
        return numpy.zeros(answer.shape, dtype=bool)
    factor = float(numpy.median(answer[usable] / right[usable]))
    scaled = usable & _is_near(answer, factor * right, abs(factor) * bands)
    return scaled if scaled.sum() >= LEAST_SCALED else numpy.zeros(answer.shape, dtype=bool)
