"""How many digits to type: said in digits, as somebody who types needs it.

It follows from what the exercise says of itself, never from how far off an answer may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.problems import Exercise
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.tolerance import (
    DecimalsTolerance,
    RelativeTolerance,
    SignificantTolerance,
)
from gradgrade.service.web.texts import gettext, ngettext

ALL_DIGITS: Mapping[str, int] = MappingProxyType({"binary64": 17, "binary32": 9})
"""How many significant digits tell every number of a precision from the next."""


def digits_to_type(exercise: Exercise, part: AskedQuantity) -> str:
    """Return how many digits of a part's numbers to type.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> digits_to_type(exercise, exercise.ask[0])
    'Type at least 4 decimals.'
    """
    rule = part.tolerance
    if isinstance(rule, DecimalsTolerance):
        return _decimals(rule.decimals)
    if isinstance(rule, SignificantTolerance):
        return _significant(rule.significant)
    if isinstance(rule, RelativeTolerance):
        return _near(rule) or _all_digits(exercise)
    if exercise.rounding is None:
        return _all_digits(exercise)
    if exercise.rounding.decimals is not None:
        return _decimals(exercise.rounding.decimals)
    return _significant(exercise.rounding.significant or 1)


def _near(rule: RelativeTolerance) -> str:
    """Return how many digits are enough, one more than the last that counts; empty: all are."""
    relative, absolute = rule.relative.decimal(), rule.absolute.decimal()
    if relative > 0:
        # The digits of 0.0…01: where the first stands that is not 0.
        digits = 2 - relative.adjusted()
        return _significant(max(digits, 1)) if digits < ALL_DIGITS["binary64"] else ""
    if absolute > 0:
        return _decimals(max(1 - absolute.adjusted(), 0))
    return ""


def _all_digits(exercise: Exercise) -> str:
    digits = ALL_DIGITS[exercise.precision]
    return gettext(
        "Type all digits your program has, not a rounded print: no number needs more than %(num)s "
        "significant digits.",
        num=digits,
    )


def _decimals(count: int) -> str:
    return ngettext("Type at least %(num)s decimal.", "Type at least %(num)s decimals.", count)


def _significant(count: int) -> str:
    return ngettext(
        "Type at least %(num)s significant digit.",
        "Type at least %(num)s significant digits.",
        count,
    )
