"""Figures of what students reached: how many, how far, how late."""

from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

from gradgrade.problems.documents.points import as_score
from gradgrade.service.course.grades.statistics_document import Figures

TENTHS = 10
PLACES = 4


class Reached(NamedTuple):
    """What a student reached, in hundredths, in how many attempts, and whether it was late."""

    points: int
    attempts: int
    is_late: bool


def summarize(results: Sequence[Reached], *, students: int, max_points: int) -> Figures:
    """Return the figures of the results of those who handed in.

    Args:
        results: one for each of them.
        students: how many there are in all.
        max_points: what can be reached, in hundredths.

    >>> results = [Reached(500, 1, False), Reached(1000, 4, True)]
    >>> reached = summarize(results, students=3, max_points=1000)
    >>> reached.mean, reached.mean_attempts, reached.late, reached.full_marks
    (7.5, 2.5, 0.5, 1)
    """
    points, attempts, late = zip(*results, strict=True) if results else ((), (), ())
    histogram = [0] * TENTHS
    for each in points:
        histogram[_tenth(each, max_points)] += 1
    return Figures(
        students=students,
        submitted=len(results),
        attempts=sum(attempts),
        mean_attempts=_mean(attempts),
        max_score=as_score(max_points),
        mean=_mean([each / 100 for each in points]),
        median=median(points) / 100 if points else None,
        histogram=histogram,
        full_marks=sum(each >= max_points for each in points),
        late=_mean(late),
    )


def _tenth(points: int, max_points: int) -> int:
    """Return the tenth in which points lie; points that an earlier version gave may be too many."""
    return TENTHS - 1 if points >= max_points else TENTHS * points // max_points


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), PLACES) if values else None
