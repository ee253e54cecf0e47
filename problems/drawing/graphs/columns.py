"""In which column each vertex stands, and which of a column above which.

Columns count the longest path; what is given stands as far right as it can. A wire that passes
columns has a bend in each of them, which takes room as a vertex does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gradgrade.problems.drawing.graphs.chart import Chart, Wire

SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Bend:
    """Where a wire passes a column."""

    wire: int
    column: int


Stop = int | Bend
"""What stands in a column: a vertex, by its number, or a bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns from left to right, each from above.

    Args:
        stops: of each column.
        ways: of each wire, from its source to its target.
    """

    stops: tuple[tuple[Stop, ...], ...]
    ways: tuple[tuple[Stop, ...], ...]

    @property
    def neighbours(self) -> Mapping[Stop, tuple[list[Stop], list[Stop]]]:
        """What each stop is connected with: before it, and after it."""
        found: dict[Stop, tuple[list[Stop], list[Stop]]] = {
            stop: ([], []) for column in self.stops for stop in column
        }
        for way in self.ways:
            for before, after in pairwise(way):
                found[before][1].append(after)
                found[after][0].append(before)
        return found


def in_columns(chart: Chart) -> Columns:
    """Return a chart's vertices in columns, with as few crossings as a few sweeps find."""
    numbers = column_numbers(chart)
    ways = tuple(_way(index, wire, numbers) for index, wire in enumerate(chart.wires))
    visited = list(_visited(chart, ways))
    stops: list[list[Stop]] = [[] for _ in range(max(numbers) + 1)]
    for stop in visited:
        stops[numbers[stop] if isinstance(stop, int) else stop.column].append(stop)
    best = found = Columns(stops=tuple(map(tuple, stops)), ways=ways)
    fewest = _crossings(best)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        found = _swept(found, is_forward=sweep % 2 == 0)
        crossings = _crossings(found)
        if crossings < fewest:
            best, fewest = found, crossings
    return best


def column_numbers(chart: Chart) -> list[int]:
    """Return the column of each vertex.

    >>> from gradgrade.problems.drawing.graphs.chart import Vertex
    >>> x, y, z = (Vertex(kind="given", lines=()) for _ in range(3))
    >>> q, f = (Vertex(kind="operation", lines=()) for _ in range(2))
    >>> wires = (Wire(0, 3), Wire(1, 3), Wire(3, 4), Wire(2, 4))
    >>> column_numbers(Chart(title="", description="", vertices=(x, y, z, q, f), wires=wires))
    [0, 0, 1, 1, 2]
    """
    count = len(chart.vertices)
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for wire in chart.wires:
        sources[wire.target].append(wire.source)
        targets[wire.source].append(wire.target)
    numbers = [0] * count
    for vertex in range(count):
        numbers[vertex] = 1 + max((numbers[each] for each in sources[vertex]), default=-1)
    for vertex, of in enumerate(chart.vertices):
        if of.kind == "given" and targets[vertex]:
            numbers[vertex] = min(numbers[each] for each in targets[vertex]) - 1
    return numbers


def _way(index: int, wire: Wire, numbers: Sequence[int]) -> tuple[Stop, ...]:
    between = range(numbers[wire.source] + 1, numbers[wire.target])
    return (wire.source, *(Bend(index, column) for column in between), wire.target)


def _visited(chart: Chart, ways: Sequence[tuple[Stop, ...]]) -> Iterator[Stop]:
    """Yield all stops from the results back, what a vertex reads in the order of its operands."""
    into: list[list[int]] = [[] for _ in chart.vertices]
    is_read = [False] * len(chart.vertices)
    for index, wire in enumerate(chart.wires):
        into[wire.target].append(index)
        is_read[wire.source] = True
    seen: set[Stop] = set()
    for result in (vertex for vertex, read in enumerate(is_read) if not read):
        waiting: list[Stop] = [result]
        while waiting:
            stop = waiting.pop()
            if stop in seen:
                continue
            seen.add(stop)
            yield stop
            if isinstance(stop, int):
                waiting += [each for wire in reversed(into[stop]) for each in ways[wire][:-1]]


def _swept(columns: Columns, *, is_forward: bool) -> Columns:
    """Return columns, each ordered by where what it is connected with stands before or after it."""
    neighbours = columns.neighbours
    stops = list(columns.stops)
    order = range(1, len(stops)) if is_forward else range(len(stops) - 2, -1, -1)
    for column in order:
        beside = stops[column - 1 if is_forward else column + 1]
        places = {stop: place for place, stop in enumerate(beside)}
        own = {stop: place for place, stop in enumerate(stops[column])}

        def middle(
            stop: Stop, places: Mapping[Stop, int] = places, own: Mapping[Stop, int] = own
        ) -> float:
            found = [places[each] for each in neighbours[stop][0 if is_forward else 1]]
            return sum(found) / len(found) if found else own[stop]

        stops[column] = tuple(sorted(stops[column], key=middle))
    return Columns(stops=tuple(stops), ways=columns.ways)


def _crossings(columns: Columns) -> int:
    """Return how often wires cross between columns that are side by side."""
    place = {stop: place for column in columns.stops for place, stop in enumerate(column)}
    pairs: list[list[tuple[int, int]]] = [[] for _ in columns.stops]
    column_of = {stop: number for number, each in enumerate(columns.stops) for stop in each}
    for way in columns.ways:
        for before, after in pairwise(way):
            pairs[column_of[before]].append((place[before], place[after]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for found in pairs
        for index, one in enumerate(found)
        for other in found[:index]
    )
