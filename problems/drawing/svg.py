"""A picture as SVG: elements with classes and no style of their own, every text escaped."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import hypot
from types import MappingProxyType

from gradgrade.problems.drawing.picture import (
    Arrow,
    Box,
    Circle,
    Group,
    Item,
    Label,
    Line,
    Loop,
    Picture,
)
from gradgrade.problems.drawing.text import Run, Text

BASELINE = 0.36
"""How far below the middle of its letters a line of text stands, by its size."""

HEAD = 7.0
"""How long the head of an arrow is."""

_SHIFTS: Mapping[str, float] = MappingProxyType({"index": 3.0, "power": -4.5})


def write_svg(
    picture: Picture,
    *,
    key: str,
    css: str = "drawing",
    style: str = "",
    has_ground: bool = False,
) -> str:
    """Return a picture as one element.

    Args:
        picture: what to write.
        key: what its ids begin with; another for each drawing of a page.
        css: its classes.
        style: a style sheet of its own, where the page around it has none for drawings.
        has_ground: whether paper lies under it, where nothing is known of what is around it.
    """
    x, y, width, height = map(_number, (picture.left, picture.top, picture.width, picture.height))
    ground = f'<rect class="ground" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{escape(css)}" role="img"'
        f' aria-labelledby="{escape(key)}-title" aria-describedby="{escape(key)}-description"'
        f' viewBox="{x} {y} {width} {height}" width="{width}" height="{height}">'
        f'<title id="{escape(key)}-title">{escape(picture.title)}</title>'
        f'<desc id="{escape(key)}-description">{escape(picture.description)}</desc>'
        f"{f'<style>{escape(style, quote=False)}</style>' if style else ''}"
        f"{ground if has_ground else ''}"
        f"{''.join(map(_item, picture.items))}</svg>"
    )


def _item(item: Item) -> str:
    match item:
        case Group(css=css, items=items):
            return f'<g class="{escape(css)}">{"".join(map(_item, items))}</g>'
        case Circle(x=x, y=y, radius=radius, css=css):
            return (
                f'<circle{_class(css)} cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"/>'
            )
        case Box(area=area, rounding=rounding, css=css):
            left, top = area.x - area.width / 2, area.y - area.height / 2
            corners = f' rx="{_number(rounding)}"' if rounding else ""
            return (
                f'<rect{_class(css)} x="{_number(left)}" y="{_number(top)}"'
                f' width="{_number(area.width)}" height="{_number(area.height)}"{corners}/>'
            )
        case Line(x1=x1, y1=y1, x2=x2, y2=y2, css=css):
            return (
                f'<line{_class(css)} x1="{_number(x1)}" y1="{_number(y1)}"'
                f' x2="{_number(x2)}" y2="{_number(y2)}"/>'
            )
        case Loop():
            return _loop(item)
        case Arrow(points=points):
            return _arrow(points)
        case Label():
            return _label(item)


def _loop(loop: Loop) -> str:
    left, right = _number(loop.x - loop.width / 2), _number(loop.x + loop.width / 2)
    top, bottom = _number(loop.y - loop.height), _number(loop.y)
    # The arrow's head is drawn from its point.
    return f'<path d="M{right} {bottom}V{top}H{left}V{bottom}m-4 -7l4 7l4 -7"/>'


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    (before_x, before_y), (x, y) = points[-2:]
    length = hypot(x - before_x, y - before_y) or 1.0
    along_x, along_y = (x - before_x) / length, (y - before_y) / length
    sides = [
        (x - HEAD * along_x + side * along_y, y - HEAD * along_y - side * along_x)
        for side in (HEAD / 2, -HEAD / 2)
    ]
    lines = "L".join(_point(each) for each in points)
    head = "L".join(_point(each) for each in (sides[0], (x, y), sides[1]))
    return f'<path d="M{lines}M{head}"/>'


def _point(point: tuple[float, float]) -> str:
    return " ".join(map(_number, point))


def _label(label: Label) -> str:
    x, y = label.x, label.y
    turn = ""
    if label.is_turned:
        turn = f' transform="rotate(-90 {_number(x)} {_number(y)})"'
    anchor = "" if label.anchor == "middle" else label.anchor
    css = _class(f"{label.css} {anchor}".strip())
    baseline = _number(y + label.size * BASELINE)
    return f'<text{css} x="{_number(x)}" y="{baseline}"{turn}>{"".join(_runs(label.text))}</text>'


def _runs(text: Text) -> Iterator[str]:
    """Yield runs; each says how far its line lies from that of the run before."""
    before = 0.0
    for run in text:
        line = _SHIFTS.get(run.style, 0.0)
        yield _run(run, line - before)
        before = line


def _run(run: Run, shift: float) -> str:
    moved = f' dy="{_number(shift)}"' if shift else ""
    css = {"plain": "", "italic": "italic", "code": "code"}.get(run.style, "index")
    if not css and not moved:
        return escape(run.text)
    return f"<tspan{_class(css)}{moved}>{escape(run.text)}</tspan>"


def _class(css: str) -> str:
    return f' class="{escape(css)}"' if css else ""


def _number(value: float) -> str:
    """Return a coordinate to a tenth.

    >>> _number(12.0), _number(-0.04), _number(0.25)
    ('12', '0', '0.2')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
