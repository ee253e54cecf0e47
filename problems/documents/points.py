"""Points, counted in hundredths so that they add up."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import DocumentError


def hundredths(points: Number) -> int:
    """Return points as a whole number of hundredths.

    Raises:
        DocumentError: they have more than two decimals.

    >>> hundredths(Number("2.5"))
    250
    """
    return _hundredths(points.text)


@lru_cache(maxsize=1024)
def _hundredths(text: str) -> int:
    """Few texts are ever points, and each is met with every mark."""
    count = 100 * Fraction(Number(text).decimal())
    if count.denominator != 1:
        raise DocumentError(f"points: {text} has more than two decimals; write at most two")
    return int(count)


def as_points(count: int) -> Number:
    """Return a number of hundredths as points, whole ones without decimals.

    >>> as_points(250), as_points(300)
    (Number('2.5'), Number('3'))
    """
    whole, rest = divmod(count, 100)
    return Number(f"{whole}.{rest:02}".rstrip("0") if rest else str(whole))


def as_score(count: int) -> int | float:
    """Return a number of hundredths as a plain number of points, whole ones as an int.

    >>> as_score(250), as_score(300)
    (2.5, 3)
    """
    whole, rest = divmod(count, 100)
    return count / 100 if rest else whole


def hundredths_of(score: int | float) -> int:
    """Return a plain number of points, exact to a hundredth, as a whole number of hundredths.

    >>> hundredths_of(2.5), hundredths_of(0.29)
    (250, 29)
    """
    return round(100 * score)


def split(total: int, parts: int) -> list[int]:
    """Split hundredths equally, the remainder to the first parts, a hundredth each.

    >>> split(1000, 3)
    [334, 333, 333]
    """
    share, remainder = divmod(total, parts)
    return [share + (index < remainder) for index in range(parts)]


def allot(total: int, wanted: Sequence[int | None]) -> list[int]:
    """Give each part the hundredths that it wants, and split the rest over the others.

    Raises:
        DocumentError: what is wanted does not add up to the total.

    >>> allot(1000, [300, None, None])
    [300, 350, 350]
    """
    given = sum(each for each in wanted if each is not None)
    open_parts = sum(each is None for each in wanted)
    if given > total or (given < total and not open_parts):
        raise DocumentError(
            f"ask: the parts' points add up to {as_points(given).text}, "
            f"the exercise's are {as_points(total).text}: change these or those"
        )
    shares = iter(split(total - given, open_parts) if open_parts else ())
    return [next(shares) if each is None else each for each in wanted]
