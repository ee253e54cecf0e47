"""What is written round a network: what its columns are called, and its marks.

In the wide form a mark stands at its place: forward quantities above the network, backward ones
below, updates lowest. In the turned form, which is narrow, they stand below in lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from types import MappingProxyType

from gradgrade.problems.drawing.geometry import Rectangle, separation
from gradgrade.problems.drawing.layout.forms import SMALL, Form, Spot
from gradgrade.problems.drawing.picture import LINE_HEIGHT, Box, Group, Item, Label, areas
from gradgrade.problems.drawing.scene import Mark, Phase, Place, Scene, Status
from gradgrade.problems.drawing.text import Run, Text, width, words

PHASES: tuple[Phase, ...] = ("forward", "backward", "update")
PHASE_WORDS: Mapping[Phase, str] = MappingProxyType(
    {"forward": "forward →", "backward": "← backward", "update": "update"}
)
APART = 12.0
BAR_WIDTH, BAR_HEIGHT = 72.0, 6.0
LINE_WIDTH = 340.0
"""How wide the lines of marks are that stand below a turned network."""

STRONGER = 1.06
"""How much wider letters are that are strong."""


def captions(
    scene: Scene, columns: Sequence[Sequence[Spot]], written: Sequence[bool], form: Form
) -> Iterator[Item]:
    """Yield what the columns are called, and the weights between two where there is room.

    Args:
        scene: what is drawn.
        columns: its nodes where they stand.
        written: for each bundle, whether its weights stand on its edges and not its name.
        form: wide or turned.
    """
    edge = _edge(columns, form)
    shown: list[Label] = []
    for column, spots in zip(scene.columns, columns, strict=True):
        shown += _caption(column.caption, spots[0], edge, form)
    taken = [label.area for label in shown]
    for bundle, is_written, (before, after) in zip(
        scene.bundles, written, pairwise(columns), strict=True
    ):
        middle = _along(before[0], form) / 2 + _along(after[0], form) / 2
        x, y = form.point(middle, edge)
        if is_written:
            label = _caption_line(x, y, bundle.name, form)
            if all(separation(label.area, each) >= 1.1 for each in taken):
                shown.append(label)
    if shown:
        yield Group(css="captions", items=tuple(shown))


def _along(spot: Spot, form: Form) -> float:
    return spot.y if form.is_turned else spot.x


def _edge(columns: Sequence[Sequence[Spot]], form: Form) -> float:
    """Return where captions stand: below the network, or at its left."""
    spots = [spot for column in columns for spot in column]
    if form.is_turned:
        return min(spot.x - spot.half_width for spot in spots) - APART
    return max(spot.y + spot.half_height for spot in spots) + 2 * APART


def _caption(lines: tuple[Text, ...], spot: Spot, edge: float, form: Form) -> Iterator[Label]:
    for row, text in enumerate(lines):
        if form.is_turned:
            # The first line is the outermost: turned text is read from the left.
            yield _caption_line(edge - (len(lines) - 1 - row) * LINE_HEIGHT, spot.y, text, form)
        else:
            yield _caption_line(spot.x, edge + row * LINE_HEIGHT, text, form)


def _caption_line(x: float, y: float, text: Text, form: Form) -> Label:
    return Label(x=x, y=y, text=text, css="quiet", size=SMALL, is_turned=form.is_turned)


# Marks


def mark_text(mark: Mark) -> Text:
    """Return a mark as it is written: sign, symbol, and a word where errors began, or a count."""
    if mark.count is not None:
        count = (Run(f" {mark.count}"),) if mark.count else ()
        sign = (Run(f"{mark.status.sign} "),) if mark.count else ()
        return (*sign, *mark.symbol, *count)
    first = "first error: " if mark.status is Status.FIRST else ""
    return (Run(f"{mark.status.sign} {first}"), *mark.symbol)


def gaps_of_captions(scene: Scene) -> list[float]:
    """Return how far each two columns stand apart at least, so that their captions do not meet."""
    widest = [
        max((width(text, size=SMALL) for text in column.caption), default=0.0)
        for column in scene.columns
    ]
    return [(before + after) / 2 + APART for before, after in pairwise(widest)]


def stretch_of_marks(scene: Scene, columns: Sequence[Sequence[Spot]]) -> float:
    """Return how much farther apart columns stand, so that marks beside one another do not meet."""
    stretch = 1.0
    for phase in PHASES:
        widest: dict[float, float] = {}
        for mark in scene.marks:
            if mark.phase == phase:
                x = _centre(mark.place, columns)
                widest[x] = max(widest.get(x, 0.0), _mark_width(mark))
        for (x, one), (other_x, other) in pairwise(sorted(widest.items())):
            stretch = max(stretch, ((one + other) / 2 + APART) / (other_x - x))
    return stretch


def _centre(place: Place, columns: Sequence[Sequence[Spot]]) -> float:
    """Return where the marks of a place stand, in the wide form."""
    centres = [spots[0].x for spots in columns]
    match place.what:
        case "layer":
            return centres[place.number]
        case "weights":
            return (centres[place.number - 1] + centres[place.number]) / 2
        case _:
            return centres[-1] + (centres[-1] - centres[-2]) / 2


def _mark_width(mark: Mark) -> float:
    text = width(mark_text(mark)) * STRONGER
    return max(text, BAR_WIDTH) if mark.count else text


def marked(
    marks: tuple[Mark, ...],
    columns: Sequence[Sequence[Spot]],
    network: Iterable[Item],
    form: Form,
) -> Iterator[Item]:
    """Yield marks round a network that is laid out."""
    covered = list(areas(network))
    by_phase = {phase: [mark for mark in marks if mark.phase == phase] for phase in PHASES}
    if form.is_turned:
        yield from _below(by_phase, covered)
        return
    top = min(each.y - each.height / 2 for each in covered) - APART
    bottom = max(each.y + each.height / 2 for each in covered) + APART
    lines: list[tuple[Phase, float, list[Item]]] = []
    for phase, found in by_phase.items():
        stacks, height = _stacks(found), _line_height(found)
        tallest = max(map(len, stacks.values()), default=0)
        is_above = phase == "forward"
        first = (top - tallest * height if is_above else bottom) + height / 2
        placed = [
            item
            for place, stack in stacks.items()
            for row, mark in enumerate(stack, start=tallest - len(stack) if is_above else 0)
            for item in _mark(mark, _centre(place, columns), first + row * height)
        ]
        if placed:
            # A phase is named in the line that is nearest to the network.
            lines.append((phase, first + (tallest - 1) * height * is_above, placed))
            bottom += 0 if is_above else tallest * height + APART
    left = min(each.x - each.width / 2 for each in covered)
    start = min(
        [left, *(each.x - each.width / 2 - 80 for _, _, found in lines for each in areas(found))]
    )
    for phase, y, placed in lines:
        caption = words(PHASE_WORDS[phase])
        label = Label(x=start, y=y, text=caption, anchor="start", css="quiet", size=SMALL)
        yield Group(css="marks", items=(label, *placed))


def _line_height(marks: Sequence[Mark]) -> float:
    return LINE_HEIGHT + (BAR_HEIGHT + 6 if any(mark.count for mark in marks) else 2)


def _stacks(marks: Sequence[Mark]) -> Mapping[Place, list[Mark]]:
    """Return the marks of each place; what is nearest to the network comes last above it."""
    ordered = sorted(marks, key=lambda mark: (mark.place.what, mark.place.number))
    return {place: list(found) for place, found in groupby(ordered, key=lambda mark: mark.place)}


def _mark(mark: Mark, x: float, y: float) -> Iterator[Item]:
    css = mark.status.css if mark.count is None or mark.count else "quiet"
    yield Group(
        css=f"mark {css} {mark.place.css}",
        items=(Label(x=x, y=y, text=mark_text(mark), css=css),),
    )
    if mark.count:
        y += LINE_HEIGHT / 2 + BAR_HEIGHT / 2 + 2
        track = Rectangle(x, y, BAR_WIDTH, BAR_HEIGHT)
        long = BAR_WIDTH * mark.share
        bar = Rectangle(x - (BAR_WIDTH - long) / 2, y, long, BAR_HEIGHT)
        yield Group(css="bar", items=(Box(area=track, css="track"), Box(area=bar)))


def _below(by_phase: Mapping[Phase, list[Mark]], covered: Sequence[Rectangle]) -> Iterator[Item]:
    """Yield marks in lines, each phase from a line of its own."""
    middle = (
        min(each.x - each.width / 2 for each in covered)
        + max(each.x + each.width / 2 for each in covered)
    ) / 2
    left = middle - LINE_WIDTH / 2
    y = max(each.y + each.height / 2 for each in covered) + APART
    for phase, found in by_phase.items():
        if not found:
            continue
        height = LINE_HEIGHT + 4
        y += height
        caption = words(PHASE_WORDS[phase])
        label = Label(x=left, y=y, text=caption, anchor="start", css="quiet", size=SMALL)
        indent = x = left + 84
        items: list[Item] = [label]
        for mark in found:
            wide = width(mark_text(mark)) * STRONGER
            if x > indent and x + wide > left + LINE_WIDTH:
                x, y = indent, y + height
            css = mark.status.css if mark.count is None or mark.count else "quiet"
            text = Label(x=x, y=y, text=mark_text(mark), anchor="start", css=css)
            items.append(Group(css=f"mark {css} {mark.place.css}", items=(text,)))
            x += wide + APART
        yield Group(css="marks", items=tuple(items))
