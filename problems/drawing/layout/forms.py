"""The two forms of a drawing: wide, layers from left to right; and turned, from top to bottom.

A form says how large nodes are, where what belongs to them is written, and which gaps to try. All
else is the same in both: `along` runs from layer to layer, `across` from unit to unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gradgrade.problems.drawing.geometry import Rectangle
from gradgrade.problems.drawing.picture import LINE_HEIGHT, Label
from gradgrade.problems.drawing.scene import Node, Status
from gradgrade.problems.drawing.text import SIZE, Run, Text, width

RADIUS = 18.0
SMALL = 12.0
"""The size of what is written beside units."""

_BESIDE = 8.0
_PADDING = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form.

    Args:
        is_turned: whether layers run from top to bottom.
        gaps: from layer to layer and from unit to unit, to be tried in turn where weights are
            written on edges.
        roomy_gap: the same, to be tried last where more than weights is written there.
        plain_gap: the same where none are.
        most_across: from the first to the last unit, unless they would overlap.
        label_size: how large weights are written.
        least_width: of the whole drawing.
    """

    is_turned: bool
    gaps: tuple[tuple[float, float], ...]
    roomy_gap: tuple[float, float]
    plain_gap: tuple[float, float]
    most_across: float
    label_size: float
    least_width: float

    def point(self, along: float, across: float) -> tuple[float, float]:
        """Return a place as x and y."""
        return (across, along) if self.is_turned else (along, across)


WIDE = Form(
    is_turned=False,
    gaps=((180, 84), (212, 96), (256, 112)),
    roomy_gap=(300, 128),
    plain_gap=(132, 46),
    most_across=600,
    label_size=SIZE,
    least_width=0,
)
TURNED = Form(
    is_turned=True,
    gaps=((136, 88), (164, 100), (196, 124)),
    roomy_gap=(236, 176),
    plain_gap=(108, 56),
    most_across=396,
    label_size=SMALL,
    least_width=344,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A node where it stands, and half of its size.

    Args:
        node: the node.
        x: of its centre.
        y: of its centre.
        half_width: half of its width.
        half_height: half of its height.
        status: what its place is marked with.
    """

    node: Node
    x: float
    y: float
    half_width: float
    half_height: float
    status: Status | None = None

    @property
    def area(self) -> Rectangle:
        """What the node covers."""
        return Rectangle(self.x, self.y, 2 * self.half_width, 2 * self.half_height)


def lines_in(node: Node, form: Form, status: Status | None) -> tuple[Text, ...]:
    """Return the lines that stand in a node; turned, a unit's bias and its mark too."""
    if node.kind != "unit" or not form.is_turned:
        return node.lines
    sign = (Run(f"{status.sign} "),) if status is not None else ()
    name, *values = node.lines
    return ((*sign, *name), *values, *([node.bias] if node.bias else []))


def half_size(node: Node, form: Form) -> tuple[float, float]:
    """Return half of a node's width and height, with room for a mark."""
    lines = lines_in(node, form, Status.WRONG)
    widest = max(map(width, lines))
    if node.kind == "dots":
        return widest / 2, 10
    if node.kind == "box":
        return max(widest / 2 + _PADDING, 40), len(lines) * LINE_HEIGHT / 2 + 8
    if len(lines) == 1:
        return max(RADIUS, widest / 2 + 5), RADIUS
    high = max(21, len(lines) * LINE_HEIGHT / 2 + 5)
    return max(26, width(node.bias, size=SMALL) / 2 + 9, widest / 2 + 5), high


def beside(spot: Spot, form: Form) -> Iterator[Label]:
    """Yield what is written beside a node: its value, its target, and in the wide form its bias."""
    node = spot.node
    if form.is_turned:
        above = spot.y - spot.half_height - SMALL * 0.6 - 3
        below = spot.y + spot.half_height + SMALL * 0.6 + 3
        if node.value:
            yield Label(x=spot.x, y=above, text=node.value)
        if node.target:
            yield Label(x=spot.x, y=below, text=node.target, css="target")
        return
    if node.bias:
        y = spot.y - spot.half_height - SMALL * 0.6 - 2
        yield Label(x=spot.x, y=y, text=node.bias, css="quiet halo", size=SMALL)
    if node.value:
        x = spot.x - spot.half_width - _BESIDE
        yield Label(x=x, y=spot.y, text=node.value, anchor="end")
    if node.target:
        x = spot.x + spot.half_width + 2 * _BESIDE
        yield Label(x=x, y=spot.y, text=node.target, anchor="start", css="target")
