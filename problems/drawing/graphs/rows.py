"""How far across its column each vertex stands: near what it is connected with, and apart."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from gradgrade.problems.drawing.graphs.columns import Columns, Stop

SWEEPS = 12

Extents = Callable[[Stop], tuple[float, float]]
"""How far a stop reaches before and behind where it stands."""


def in_rows(columns: Columns, extents: Extents) -> Mapping[Stop, float]:
    """Return where each stop stands across its column.

    Args:
        columns: the columns, their order fixed.
        extents: of each stop.
    """
    neighbours = columns.neighbours
    gaps = [_gaps(column, extents) for column in columns.stops]
    places: dict[Stop, float] = {}
    for column, apart in zip(columns.stops, gaps, strict=True):
        middle = sum(apart) / 2
        places |= {stop: sum(apart[: row + 1]) - middle for row, stop in enumerate(column)}
    for sweep in range(SWEEPS):
        is_forward = sweep % 2 == 1
        numbers = range(len(gaps)) if is_forward else reversed(range(len(gaps)))
        for number in numbers:
            column = columns.stops[number]
            wanted = [
                _middle(places, neighbours[stop][0 if is_forward else 1], places[stop])
                for stop in column
            ]
            places |= zip(column, apart_in_order(wanted, gaps[number]), strict=True)
    return places


def apart_in_order(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return places in order, each so far from the one before, nearest to those wanted.

    Args:
        wanted: where each would stand alone.
        gaps: how far each stands from the one before it at least; the first is not looked at.

    >>> apart_in_order([0, 0], [0, 10])
    [-5.0, 5.0]
    """
    offsets = [sum(gaps[1 : index + 1]) for index in range(len(gaps))]
    pools: list[list[float]] = []
    for place, offset in zip(wanted, offsets, strict=True):
        pools.append([place - offset])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    levels = [fmean(pool) for pool in pools for _ in pool]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _gaps(column: Sequence[Stop], extents: Extents) -> list[float]:
    """Return how far each stop stands from the one before it."""
    reached = [extents(stop) for stop in column]
    return [0.0, *(before[1] + after[0] for before, after in pairwise(reached))]


def _middle(places: Mapping[Stop, float], beside: Sequence[Stop], own: float) -> float:
    return fmean(places[each] for each in beside) if beside else own
