"""A picture: shapes where they stand, in the drawing's units; a writer turns it into a format."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from gradgrade.problems.drawing.geometry import Rectangle
from gradgrade.problems.drawing.text import SIZE, Text, width

LINE_HEIGHT = 16.0
"""From one line of text to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius: float
    css: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle with round corners."""

    area: Rectangle
    rounding: float = 0.0
    css: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    css: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """An arrow that leaves a point to the right, goes round above, and comes back at the left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """Straight lines from corner to corner, the last one with a head; two corners at least."""

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A line of text, `y` the middle of its letters; turned, it runs upwards."""

    x: float
    y: float
    text: Text
    anchor: Literal["start", "middle", "end"] = "middle"
    css: str = ""
    size: float = SIZE
    is_turned: bool = False

    @property
    def area(self) -> Rectangle:
        """What it covers at the most."""
        wide, high = width(self.text, size=self.size), self.size * 1.2
        shift = {"start": wide / 2, "middle": 0.0, "end": -wide / 2}[self.anchor]
        if self.is_turned:
            return Rectangle(self.x, self.y - shift, high, wide)
        return Rectangle(self.x + shift, self.y, wide, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Shapes with a class in common; what comes later lies on top."""

    css: str
    items: tuple["Item", ...]


Item = Circle | Box | Line | Loop | Arrow | Label | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture: where its corner lies, how large it is, and what it shows."""

    left: float
    top: float
    width: float
    height: float
    title: str
    description: str
    items: tuple[Item, ...]


def areas(items: Iterable[Item]) -> Iterator[Rectangle]:
    """Yield what each shape covers."""
    for item in items:
        match item:
            case Circle(x=x, y=y, radius=radius):
                yield Rectangle(x, y, 2 * radius, 2 * radius)
            case Line(x1=x1, y1=y1, x2=x2, y2=y2):
                middle = ((x1 + x2) / 2, (y1 + y2) / 2)
                yield Rectangle(*middle, abs(x2 - x1), abs(y2 - y1))
            case Loop(x=x, y=y, width=wide, height=high):
                yield Rectangle(x, y - high / 2, wide, high)
            case Arrow(points=points):
                for (x1, y1), (x2, y2) in pairwise(points):
                    yield Rectangle((x1 + x2) / 2, (y1 + y2) / 2, abs(x2 - x1), abs(y2 - y1))
            case Group(items=inner):
                yield from areas(inner)
            case Box(area=area) | Label(area=area):
                yield area


def framed(
    items: tuple[Item, ...], *, title: str, description: str, margin: float, least_width: float
) -> Picture:
    """Return a picture just large enough for its shapes and a margin, and so wide at least."""
    covered = list(areas(items))
    left = min(each.x - each.width / 2 for each in covered) - margin
    right = max(each.x + each.width / 2 for each in covered) + margin
    top = min(each.y - each.height / 2 for each in covered) - margin
    bottom = max(each.y + each.height / 2 for each in covered) + margin
    missing = max(least_width - (right - left), 0) / 2
    return Picture(
        left=left - missing,
        top=top,
        width=right - left + 2 * missing,
        height=bottom - top,
        title=title,
        description=description,
        items=items,
    )
