"""A scene laid out: everything that is drawn, from the ground up."""

from collections.abc import Iterator, Mapping
from itertools import chain

from gradgrade.problems.drawing.geometry import Rectangle
from gradgrade.problems.drawing.layout.annotations import captions, marked
from gradgrade.problems.drawing.layout.arrangement import BAND, Arranged, arrange, line_between
from gradgrade.problems.drawing.layout.forms import SMALL, Form, Spot, beside, lines_in
from gradgrade.problems.drawing.picture import (
    LINE_HEIGHT,
    Box,
    Circle,
    Group,
    Item,
    Label,
    Line,
    Loop,
    Picture,
    framed,
)
from gradgrade.problems.drawing.scene import Bundle, Edge, Place, Scene, Status
from gradgrade.problems.drawing.text import SIZE

MARGIN = 6.0


def lay_out(scene: Scene, form: Form) -> Picture:
    """Return a scene as a picture.

    Args:
        scene: what to draw.
        form: wide or turned.
    """
    statuses = scene.statuses
    found = arrange(scene, form)
    spots = {spot.node.key: spot for column in found.columns for spot in column}
    network = (
        *chain.from_iterable(
            _band(scene, found, index, form) for index in range(len(scene.bundles))
        ),
        *(_edges(bundle, spots, statuses) for bundle in scene.bundles),
        *_names(scene, found, form),
        *_weights(scene, found, spots, form),
        *_units(found, statuses, form),
        *captions(scene, found.columns, [each is not None for each in found.placements], form),
    )
    items = (*network, *marked(scene.marks, found.columns, network, form))
    return framed(
        items,
        title=scene.title,
        description=scene.description,
        margin=MARGIN,
        least_width=form.least_width,
    )


def _css(name: str, place: Place | None, statuses: Mapping[Place, Status]) -> str:
    if place is None:
        return name
    status = statuses.get(place)
    return " ".join([name, place.css, *([status.css] if status else [])])


def _band(scene: Scene, arranged: Arranged, index: int, form: Form) -> Iterator[Item]:
    """Yield the ground on which a matrix is named."""
    bundle = scene.bundles[index]
    if not bundle.name or arranged.placements[index] is not None:
        return
    area = _between(arranged, index, form)
    yield Group(css=_css("bands", bundle.place, {}), items=(Box(area=area, rounding=4),))


def _between(arranged: Arranged, index: int, form: Form) -> Rectangle:
    """Return what lies between two columns, and as far across as the longer one reaches."""
    before, after = (_bounds(column, form) for column in arranged.columns[index : index + 2])
    if form.is_turned:
        start, end = before.y + before.height / 2, after.y - after.height / 2
        longer = max(before, after, key=lambda each: each.width)
        return Rectangle(longer.x, (start + end) / 2, longer.width, end - start - BAND)
    start, end = before.x + before.width / 2, after.x - after.width / 2
    longer = max(before, after, key=lambda each: each.height)
    return Rectangle((start + end) / 2, longer.y, end - start - BAND, longer.height)


def _bounds(column: tuple[Spot, ...], form: Form) -> Rectangle:
    """Return what a column covers, its biases with it."""
    covered = [spot.area for spot in column]
    covered += (each.area for spot in column for each in beside(spot, form) if "halo" in each.css)
    left = min(each.x - each.width / 2 for each in covered)
    right = max(each.x + each.width / 2 for each in covered)
    top = min(each.y - each.height / 2 for each in covered)
    bottom = max(each.y + each.height / 2 for each in covered)
    return Rectangle((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _edges(bundle: Bundle, spots: Mapping[str, Spot], statuses: Mapping[Place, Status]) -> Group:
    lines = (line_between(spots[edge.source], spots[edge.target]) for edge in bundle.edges)
    items = tuple(Line(x1=each.x1, y1=each.y1, x2=each.x2, y2=each.y2) for each in lines)
    return Group(css=_css("edges", bundle.place, statuses), items=items)


def _names(scene: Scene, arranged: Arranged, form: Form) -> Iterator[Item]:
    """Yield the names of matrices whose weights are not written on edges."""
    for index, bundle in enumerate(scene.bundles):
        if bundle.name and arranged.placements[index] is None:
            middle = _between(arranged, index, form)
            above, below = middle.y - LINE_HEIGHT / 2, middle.y + LINE_HEIGHT / 2
            name = Label(x=middle.x, y=above, text=bundle.name, css="strong halo")
            shape = Label(x=middle.x, y=below, text=bundle.shape, css="quiet halo", size=SMALL)
            yield Group(css=_css("weights", bundle.place, {}), items=(name, shape))


def _weights(
    scene: Scene, arranged: Arranged, spots: Mapping[str, Spot], form: Form
) -> Iterator[Item]:
    """Yield the weights on their edges."""
    small = "small" if form.label_size < SIZE else ""
    for bundle, placement in zip(scene.bundles, arranged.placements, strict=True):
        if placement is not None:
            places = [
                line_between(spots[edge.source], spots[edge.target]).at(share)
                for edge, share in zip(bundle.edges, placement.shares, strict=True)
            ]
            labels = tuple(
                label
                for edge, (x, y) in zip(bundle.edges, places, strict=True)
                for label in _label(edge, x, y, f"halo {small}".strip(), form)
            )
            yield Group(css=_css("weights", bundle.place, {}), items=labels)


def _label(edge: Edge, x: float, y: float, css: str, form: Form) -> Iterator[Label]:
    """Yield what stands on an edge: its weight, and what is written below that."""
    up = LINE_HEIGHT / 2 if edge.under else 0
    yield Label(x=x, y=y - up, text=edge.label, css=css, size=form.label_size)
    if edge.under:
        yield Label(x=x, y=y + up, text=edge.under, css=f"{css} gradient", size=form.label_size)


def _units(arranged: Arranged, statuses: Mapping[Place, Status], form: Form) -> Iterator[Item]:
    for column in arranged.columns:
        place = column[-1].node.place
        beside_all = [label for spot in column for label in beside(spot, form)]
        targets = tuple(label for label in beside_all if label.css == "target")
        others = tuple(label for label in beside_all if label.css != "target")
        # A 1 that extends the samples, and a box, are no less of their layer than its units.
        shapes = tuple(item for spot in column for item in _node(spot, form))
        yield Group(css=_css("units", place, statuses), items=(*shapes, *others))
        if targets:
            ticks = (
                ()
                if form.is_turned
                else tuple(
                    Line(
                        x1=spot.x + spot.half_width,
                        y1=spot.y,
                        x2=spot.x + spot.half_width + 12,
                        y2=spot.y,
                    )
                    for spot in column
                    if spot.node.target
                )
            )
            yield Group(css=_css("targets", Place("loss"), statuses), items=(*ticks, *targets))


def _node(spot: Spot, form: Form) -> Iterator[Item]:
    """Yield a node's shape and what stands in it."""
    node = spot.node
    css = "given" if node.is_given else ""
    lines = lines_in(node, form, spot.status)
    if node.repeats:
        # At the right, where nothing comes in in either form.
        x, y = spot.x + spot.half_width - 36, spot.y - spot.half_height
        yield Loop(x=x, y=y, width=52, height=22)
        yield Label(x=x, y=y - 22, text=node.repeats, css="quiet halo", size=SMALL)
    if node.kind == "box":
        yield Box(area=spot.area, rounding=4, css=css)
    elif node.kind == "unit" and spot.half_width == spot.half_height:
        yield Circle(x=spot.x, y=spot.y, radius=spot.half_width, css=css)
    elif node.kind == "unit":
        yield Box(area=spot.area, rounding=min(spot.half_height, spot.half_width), css=css)
    top = spot.y - LINE_HEIGHT * (len(lines) - 1) / 2
    for row, text in enumerate(lines):
        is_small = row > 0
        style = "quiet" if is_small else "strong" if node.kind != "unit" else ""
        if node.kind == "dots":
            style += " halo"
        size = SMALL if is_small else SIZE
        yield Label(x=spot.x, y=top + row * LINE_HEIGHT, text=text, css=style, size=size)
