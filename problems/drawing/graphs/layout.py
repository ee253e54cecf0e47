"""A chart laid out: columns from left to right, or turned, from top to bottom.

Every edge leaves its vertex along the columns for as long as what stands at it needs, and only then
bends: what is written and what crosses never meet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from gradgrade.problems.drawing.geometry import Rectangle
from gradgrade.problems.drawing.graphs.chart import Chart, Tag, Vertex
from gradgrade.problems.drawing.graphs.columns import Bend, Columns, Stop, in_columns
from gradgrade.problems.drawing.graphs.rows import in_rows
from gradgrade.problems.drawing.picture import (
    LINE_HEIGHT,
    Arrow,
    Box,
    Circle,
    Group,
    Item,
    Label,
    Picture,
    framed,
)
from gradgrade.problems.drawing.text import width

RADIUS = 18.0
MARGIN = 6.0
PADDING = 10.0
"""Between a box and what stands in it, and around tags."""

BETWEEN = 8.0
"""Between vertices of a column, with what stands at their edges."""

CLEAR_OF_BEND = 9.0
"""How far a wire that passes a column stands off what is beside it."""

TAG_HEIGHT, SLOT_HEIGHT, BAR_HEIGHT = 18.0, 22.0, 6.0
BAR_WIDTH = 58.0
LEAST_SLOT = 50.0
SHORTEST_BEND, WIDEST_BEND = 40.0, 90.0
STEEPNESS = 0.45
"""How long a bend is for what it leads across."""

APART = 9.0
"""Between two edges into a box, or from one vertex to one circle."""

STRONGER = 1.06


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A form.

    Args:
        is_turned: whether columns run from top to bottom.
        least_stub: how long an edge runs along at least before it bends.
        apart: from the middle of a vertex to that of the next one at least.
        least_width: of the whole drawing.
    """

    is_turned: bool
    least_stub: float
    apart: float
    least_width: float

    def point(self, along: float, across: float) -> tuple[float, float]:
        return (across, along) if self.is_turned else (along, across)


WIDE = _Form(is_turned=False, least_stub=34, apart=64, least_width=0)
TURNED = _Form(is_turned=True, least_stub=18, apart=44, least_width=344)


def lay_out_chart(chart: Chart, *, is_turned: bool) -> Picture:
    """Return a chart as a picture.

    Args:
        chart: what to draw.
        is_turned: whether it runs from top to bottom, for narrow windows.
    """
    form = TURNED if is_turned else WIDE
    columns = in_columns(chart)
    placed = _Placed(
        chart=chart,
        form=form,
        columns=columns,
        across=in_rows(columns, lambda stop: _extents(chart, stop, form)),
    )
    return framed(
        tuple(placed.items()),
        title=chart.title,
        description=chart.description,
        margin=MARGIN,
        least_width=form.least_width,
    )


def _extents(chart: Chart, stop: Stop, form: _Form) -> tuple[float, float]:
    """Return how far a stop reaches across, before and behind where it stands."""
    if isinstance(stop, Bend):
        return CLEAR_OF_BEND, CLEAR_OF_BEND
    vertex = chart.vertices[stop]
    wide, high = _half_size(vertex)
    half = wide if form.is_turned else high
    half_apart = form.apart / 2
    if form.is_turned:
        tags = max(map(_tag_width, (*vertex.above, *vertex.below)), default=0.0)
        behind = max(half, tags + PADDING if tags else 0.0)
        return max(half, half_apart) + BETWEEN / 2, max(behind, half_apart) + BETWEEN / 2
    above = sum(map(_tag_height, vertex.above)) + 2
    below = sum(map(_tag_height, vertex.below)) + 4
    return (
        max(half + BETWEEN / 2, above + BETWEEN / 2, half_apart),
        max(half + BETWEEN / 2, below + BETWEEN / 2, half_apart),
    )


def _half_size(vertex: Vertex) -> tuple[float, float]:
    """Return half of a vertex's width and height."""
    widest = max(map(width, vertex.lines))
    match vertex.kind:
        case "given":
            return widest / 2 + 5, 11.0
        case "operation":
            return max(RADIUS, widest / 2 + 6), RADIUS
        case "line":
            return widest / 2 + PADDING, len(vertex.lines) * LINE_HEIGHT / 2 + 6


def _tag_width(tag: Tag) -> float:
    wide = width(tag.text) * STRONGER
    if tag.is_slot:
        return max(wide + 12, LEAST_SLOT)
    return max(wide, BAR_WIDTH) if tag.share is not None else wide


def _tag_height(tag: Tag) -> float:
    if tag.is_slot:
        return SLOT_HEIGHT
    return TAG_HEIGHT + (BAR_HEIGHT + 2 if tag.share is not None else 0)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    chart: Chart
    form: _Form
    columns: Columns
    across: Mapping[Stop, float]

    def items(self) -> Iterator[Item]:
        """Yield all that is drawn, edges first."""
        centres, stubs = self._along()
        ports = self._ports()
        for index, way in enumerate(self.columns.ways):
            source = self.chart.vertices[self.chart.wires[index].source]
            points = self._points(index, way, centres, stubs, ports)
            arrow = Arrow(points=tuple(self.form.point(*each) for each in points))
            yield Group(css=f"edges {source.css}".strip(), items=(arrow,))
        for column, stops in enumerate(self.columns.stops):
            for stop in stops:
                if isinstance(stop, int):
                    yield from self._vertex(stop, centres[column], stubs[column])

    def _along(self) -> tuple[list[float], list[float]]:
        """Return where the columns' middles are, and where edges that leave them may bend."""
        halves = [self._half_along(stops) for stops in self.columns.stops]
        stubs = [half + self._stub(stops) for half, stops in self._with_halves(halves)]
        bends = [self._bend(column) for column in range(len(halves) - 1)]
        steps = (
            stub + bend + half for stub, bend, half in zip(stubs, bends, halves[1:], strict=False)
        )
        centres = list(accumulate(steps, initial=0.0))
        return centres, [centre + stub for centre, stub in zip(centres, stubs, strict=True)]

    def _with_halves(self, halves: Sequence[float]) -> Iterator[tuple[float, tuple[Stop, ...]]]:
        return zip(halves, self.columns.stops, strict=True)

    def _vertices(self, stops: Sequence[Stop]) -> Iterator[Vertex]:
        return (self.chart.vertices[stop] for stop in stops if isinstance(stop, int))

    def _half_along(self, stops: Sequence[Stop]) -> float:
        side = 1 if self.form.is_turned else 0
        return max((_half_size(each)[side] for each in self._vertices(stops)), default=0.0)

    def _stub(self, stops: Sequence[Stop]) -> float:
        """Return how long the edges of a column run along before they bend."""
        longest = self.form.least_stub
        for vertex in self._vertices(stops):
            tags = (*vertex.above, *vertex.below)
            if self.form.is_turned:
                longest = max(longest, sum(map(_tag_height, tags)) + 8)
            else:
                longest = max([longest, *(_tag_width(each) + 16 for each in tags)])
        return longest

    def _bend(self, column: int) -> float:
        """Return how long the bends between a column and the next one are."""
        steps = (
            abs(self.across[after] - self.across[before])
            for way in self.columns.ways
            for before, after in pairwise(way)
            if before in self.columns.stops[column]
        )
        return min(max(SHORTEST_BEND, STEEPNESS * max(steps, default=0.0)), WIDEST_BEND)

    def _ports(self) -> Mapping[int, float]:
        """Return how far off the middle of its target each wire comes in."""
        wires = self.chart.wires
        ports: dict[int, float] = {}
        for target, vertex in enumerate(self.chart.vertices):
            into = [index for index, wire in enumerate(wires) if wire.target == target]
            into.sort(key=lambda index: self.across[self.columns.ways[index][-2]])
            is_box = vertex.kind == "line"
            for place, index in enumerate(into):
                is_twice = sum(wires[each].source == wires[index].source for each in into) > 1
                middle = (len(into) - 1) / 2
                ports[index] = (place - middle) * APART if is_box or is_twice else 0.0
        return ports

    def _points(
        self,
        index: int,
        way: Sequence[Stop],
        centres: Sequence[float],
        stubs: Sequence[float],
        ports: Mapping[int, float],
    ) -> list[tuple[float, float]]:
        """Return the corners of a wire, along and across."""
        source, target = self.chart.wires[index].source, self.chart.wires[index].target
        side = 1 if self.form.is_turned else 0
        column = self._column(source)
        start = centres[column] + _half_size(self.chart.vertices[source])[side]
        points = [(start, self.across[source]), (stubs[column], self.across[source])]
        for stop in way[1:-1]:
            assert isinstance(stop, Bend)
            half = self._half_along(self.columns.stops[stop.column])
            points.append((centres[stop.column] - half, self.across[stop]))
            points.append((stubs[stop.column], self.across[stop]))
        points.append(self._entry(target, centres[self._column(target)], ports[index], points[-1]))
        return points

    def _column(self, vertex: int) -> int:
        return next(number for number, stops in enumerate(self.columns.stops) if vertex in stops)

    def _entry(
        self, vertex: int, centre: float, port: float, before: tuple[float, float]
    ) -> tuple[float, float]:
        """Return where a wire ends: at the edge of a box, or on a circle in its own direction."""
        of, across = self.chart.vertices[vertex], self.across[vertex]
        wide, high = _half_size(of)
        along_half, across_half = (high, wide) if self.form.is_turned else (wide, high)
        if of.kind == "line" or along_half != across_half:
            return centre - along_half - 1, across + port
        along, over = centre - before[0], across + port - before[1]
        length = (along**2 + over**2) ** 0.5
        # The circle is met in the direction from the port to where the wire bends.
        reach = max((along_half + 1) ** 2 - port**2, 1.0) ** 0.5
        return centre - along / length * reach, across + port - over / length * reach

    def _vertex(self, number: int, centre: float, stub: float) -> Iterator[Item]:
        vertex, across = self.chart.vertices[number], self.across[number]
        half = _half_size(vertex)[1 if self.form.is_turned else 0]
        start = centre + half
        if vertex.end:
            points = (self.form.point(start, across), self.form.point(stub + 14, across))
            yield Group(css=f"edges {vertex.css}".strip(), items=(Arrow(points=points),))
        inside = [*self._shape(vertex, centre, across)]
        if vertex.end:
            x, y = self.form.point(stub + (24 if self.form.is_turned else 19), across)
            side: Literal["start", "middle"] = "middle" if self.form.is_turned else "start"
            inside.append(Label(x=x, y=y, text=vertex.end, css="strong", anchor=side))
        yield Group(css=f"units {vertex.css}".strip(), items=tuple(inside))
        if self.form.is_turned:
            yield from self._tags_beside(vertex, start, across)
        else:
            yield from self._tags_along(vertex, (start + stub) / 2, across)

    def _shape(self, vertex: Vertex, centre: float, across: float) -> Iterator[Item]:
        x, y = self.form.point(centre, across)
        wide, high = _half_size(vertex)
        area = Rectangle(x, y, 2 * wide, 2 * high)
        if vertex.kind == "line":
            yield Box(area=area, rounding=4)
        elif vertex.kind == "operation" and wide == high:
            yield Circle(x=x, y=y, radius=wide)
        elif vertex.kind == "operation":
            yield Box(area=area, rounding=high)
        top = y - LINE_HEIGHT * (len(vertex.lines) - 1) / 2
        for row, text in enumerate(vertex.lines):
            css = "quiet" if row else "strong"
            yield Label(x=x, y=top + row * LINE_HEIGHT, text=text, css=css)

    def _tags_along(self, vertex: Vertex, middle: float, across: float) -> Iterator[Item]:
        """Yield what stands above an edge, upwards, and below it, downwards."""
        y = across - 2
        for tag in vertex.above:
            y -= _tag_height(tag)
            yield from _tag(tag, vertex, middle, y)
        y = across + 4
        for tag in vertex.below:
            yield from _tag(tag, vertex, middle, y)
            y += _tag_height(tag)

    def _tags_beside(self, vertex: Vertex, start: float, across: float) -> Iterator[Item]:
        """Yield what stands at an edge that runs down, at its right."""
        y = start + 3
        for tag in (*reversed(vertex.above), *vertex.below):
            yield from _tag(tag, vertex, across + 7, y, anchor="start")
            y += _tag_height(tag)


def _tag(
    tag: Tag,
    vertex: Vertex,
    x: float,
    top: float,
    *,
    anchor: Literal["start", "middle"] = "middle",
) -> Iterator[Item]:
    """Yield what stands at an edge, its top and its middle or its left side given."""
    place = vertex.place.css if vertex.place else ""
    wide = _tag_width(tag)
    if anchor == "start" and (tag.is_slot or tag.share is not None):
        x, anchor = x + wide / 2, "middle"
    y = top + (SLOT_HEIGHT if tag.is_slot else TAG_HEIGHT) / 2
    items: list[Item] = []
    if tag.is_slot:
        items.append(Box(area=Rectangle(x, y, wide, SLOT_HEIGHT - 2), rounding=3))
    style = tag.css.removeprefix("mark ") if tag.css.startswith("mark ") else ""
    items.append(Label(x=x, y=y, text=tag.text, css=style, anchor=anchor))
    if tag.share is not None:
        y += TAG_HEIGHT / 2 + BAR_HEIGHT / 2
        long = BAR_WIDTH * tag.share
        track = Box(area=Rectangle(x, y, BAR_WIDTH, BAR_HEIGHT), css="track")
        bar = Box(area=Rectangle(x - (BAR_WIDTH - long) / 2, y, long, BAR_HEIGHT))
        items.append(Group(css="bar", items=(track, bar)))
    yield Group(css=f"{tag.css} {place}".strip(), items=tuple(items))
