"""Where nodes stand, and the labels on the edges between them.

Gaps are tried until every label fits; where one does not even in the widest, none of its bundle is
written. Marks move columns apart, and nothing else: a network looks alike with and without them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.problems.drawing.geometry import Segment
from gradgrade.problems.drawing.layout.annotations import gaps_of_captions, stretch_of_marks
from gradgrade.problems.drawing.layout.forms import RADIUS, SMALL, Form, Spot, beside, half_size
from gradgrade.problems.drawing.layout.lanes import Labelled, Placement, place_labels
from gradgrade.problems.drawing.picture import LINE_HEIGHT
from gradgrade.problems.drawing.scene import Bundle, Column, Node, Scene
from gradgrade.problems.drawing.text import width

BETWEEN_LABELS = 5.0
"""How much wider than its text a weight's label is taken to be."""

MOST_OF_ARRANGED = 4 * MEBIBYTE
"""Of networks as they are arranged, unmarked: hundreds of small ones."""

BYTES_OF_SPOT, BYTES_OF_LABEL = 4_000, 800
"""What a node keeps alive with its texts and edges, and what a label does, about."""

BAND = 16.0
"""How much wider a band is than the name on it, and how far it stands off units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """Columns where they stand, and the labels on the edges between them.

    Args:
        columns: the nodes of each.
        placements: of each bundle's labels; None where none are written on its edges.
    """

    columns: tuple[tuple[Spot, ...], ...]
    placements: tuple[Placement | None, ...]

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        labels = sum(len(each.shares) for each in self.placements if each is not None)
        return BYTES_OF_SPOT * sum(map(len, self.columns)) + BYTES_OF_LABEL * labels


def arrange(scene: Scene, form: Form) -> Arranged:
    """Return a scene's nodes where they stand, and where the labels of its edges do.

    Apart columns may stand as marks need it: a label stays after the same share of its edge, and
    whatever was clear of it is no nearer in any direction.
    """
    unmarked = replace(scene, title="", description="", marks=())
    found, statuses = _closest(unmarked, form), scene.statuses
    wider = 1.0 if form.is_turned else stretch_of_marks(scene, found.columns)
    columns = tuple(
        tuple(
            replace(spot, x=spot.x * wider, status=statuses.get(spot.node.place)) for spot in column
        )
        for column in found.columns
    )
    return replace(found, columns=columns)


@kept_within(MOST_OF_ARRANGED)
def _closest(scene: Scene, form: Form) -> Arranged:
    """Return the closest arrangement in which all labels fit that fit in the widest one."""
    fit = tuple(bundle.has_labels for bundle in scene.bundles)
    is_roomy = any(edge.under for bundle in scene.bundles for edge in bundle.edges)
    gaps_to_try = (*form.gaps, *([form.roomy_gap] if is_roomy else []))
    if any(fit):
        widest = _tried(scene, form, gaps_to_try[-1], fit)
        fit = tuple(each is not None for each in widest.placements)
    if not any(fit):
        return _tried(scene, form, form.plain_gap, fit)
    for gaps in gaps_to_try[:-1]:
        found = _tried(scene, form, gaps, fit)
        if all(each is not None for each, does in zip(found.placements, fit, strict=True) if does):
            return found
    return widest


def _tried(
    scene: Scene,
    form: Form,
    gaps: tuple[float, float],
    labelled: tuple[bool, ...],
) -> Arranged:
    """Return the arrangement with these gaps; only some bundles are to have labels."""
    columns = _stood(scene, form, *gaps)
    return Arranged(
        columns=columns,
        placements=tuple(
            _placed(bundle, before, after, form) if is_labelled else None
            for bundle, is_labelled, (before, after) in zip(
                scene.bundles, labelled, pairwise(columns), strict=True
            )
        ),
    )


def _sizes(column: Column, form: Form) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield half the width and height of a column's nodes; its units are of one size."""
    own = {node.key: half_size(node, form) for node in column.nodes}
    units = [own[node.key] for node in column.nodes if node.kind == "unit"]
    for node in column.nodes:
        if node.kind == "unit":
            width, height = map(max, zip(*units, strict=True))
            yield node.key, (width, max(width, height) if height == RADIUS else height)
        else:
            yield node.key, own[node.key]


def _stood(scene: Scene, form: Form, along: float, across: float) -> tuple[tuple[Spot, ...], ...]:
    """Return the nodes where they stand: those of each column in the middle of the whole."""
    sizes = {key: size for column in scene.columns for key, size in _sizes(column, form)}

    def room(node: Node) -> float:
        """How much of its column a node takes, with what is written above it."""
        has_bias_above = bool(node.bias) and not form.is_turned
        return 2 * sizes[node.key][not form.is_turned] + 8 + (LINE_HEIGHT if has_bias_above else 0)

    most = max(len(column.nodes) for column in scene.columns)
    rooms = [room(node) for each in scene.columns if len(each.nodes) > 1 for node in each.nodes]
    across = max([min(across, form.most_across / most), *rooms])
    extents = [_extent(column, sizes, form) for column in scene.columns]
    places = _places(scene, form, extents, along)
    return tuple(
        tuple(
            Spot(
                node=node,
                x=x,
                y=y,
                half_width=sizes[node.key][0],
                half_height=sizes[node.key][1],
            )
            for row, node in enumerate(column.nodes)
            for x, y in [form.point(places[index], across * (row - (len(column.nodes) - 1) / 2))]
        )
        for index, column in enumerate(scene.columns)
    )


def _extent(column: Column, sizes: Mapping[str, tuple[float, float]], form: Form) -> float:
    """Return half of what a column takes from layer to layer, with biases that stand above."""
    above = [0.0 if form.is_turned else width(node.bias, size=SMALL) / 2 for node in column.nodes]
    return max([*above, *(sizes[node.key][form.is_turned] for node in column.nodes)])


def _places(scene: Scene, form: Form, extents: Sequence[float], along: float) -> list[float]:
    """Return where columns stand: those of units at equal gaps, boxes as near as there is room."""
    captions = gaps_of_captions(scene)
    rooms = [
        max(caption, before + after + _band_needs(bundle, form))
        for caption, bundle, (before, after) in zip(
            captions, scene.bundles, pairwise(extents), strict=True
        )
    ]
    are_units = [
        before.nodes[0].kind == after.nodes[0].kind == "unit"
        for before, after in pairwise(scene.columns)
    ]
    gap = max([along, *(room for room, are in zip(rooms, are_units, strict=True) if are)])
    gaps = (gap if are else room for room, are in zip(rooms, are_units, strict=True))
    return list(accumulate(gaps, initial=0.0))


def _band_needs(bundle: Bundle, form: Form) -> float:
    """Return how much room there is between two columns at least."""
    if not bundle.name:
        return 36
    if form.is_turned:
        return 2 * LINE_HEIGHT + 2 * BAND
    return max(width(bundle.name), width(bundle.shape, size=SMALL)) + 3 * BAND


def _placed(
    bundle: Bundle, before: tuple[Spot, ...], after: tuple[Spot, ...], form: Form
) -> Placement | None:
    """Return where the labels of a bundle stand; None where they do not fit."""
    source = {spot.node.key: (index, spot) for index, spot in enumerate(before)}
    target = {spot.node.key: (index, spot) for index, spot in enumerate(after)}
    edges = [
        Labelled(
            source=source[edge.source][0],
            target=target[edge.target][0],
            line=line_between(source[edge.source][1], target[edge.target][1]),
            width=max(width(each, size=form.label_size) for each in (edge.label, edge.under))
            + BETWEEN_LABELS,
            height=form.label_size * 1.15 + (LINE_HEIGHT if edge.under else 0),
        )
        for edge in bundle.edges
    ]
    spots = (*before, *after)
    obstacles = [spot.area for spot in spots]
    obstacles += (label.area for spot in spots for label in beside(spot, form))
    return place_labels(edges, obstacles)


def line_between(source: Spot, target: Spot) -> Segment:
    """Return where the edge between two nodes runs."""
    return Segment(source.x, source.y, target.x, target.y)
