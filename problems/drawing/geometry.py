"""Rectangles and segments, and how far apart they are, measured in the sizes of labels."""

from typing import NamedTuple


class Rectangle(NamedTuple):
    """A rectangle by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


class Segment(NamedTuple):
    """A straight line from one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float

    def at(self, share: float) -> tuple[float, float]:
        """Return the point after a share of the way."""
        x = self.x1 + share * (self.x2 - self.x1)
        return x, self.y1 + share * (self.y2 - self.y1)


def separation(one: Rectangle, other: Rectangle) -> float:
    r"""Return how far apart two rectangles are: from 1 on they do not overlap.

    max(|Δx| / ½(w₁ + w₂), |Δy| / ½(h₁ + h₂))

    >>> separation(Rectangle(0, 0, 20, 10), Rectangle(30, 5, 20, 10))
    1.5
    """
    across = 2 * abs(one.x - other.x) / (one.width + other.width)
    along = 2 * abs(one.y - other.y) / (one.height + other.height)
    return max(across, along)


def clearance(label: Rectangle, edge: Segment) -> float:
    r"""Return how far from a label an edge passes: from 1 on it does not touch it.

    min over the points (x, y) of the edge of max(|x − xₗ| / ½w, |y − yₗ| / ½h)

    It is the least of a convex function that is linear between the points where one of its terms
    is 0 or both are equal, so it lies at one of these.

    >>> clearance(Rectangle(0, 0, 20, 10), Segment(-50, 10, 50, 10))
    2.0
    """
    x, y = (edge.x1 - label.x) * 2 / label.width, (edge.y1 - label.y) * 2 / label.height
    dx = (edge.x2 - edge.x1) * 2 / label.width
    dy = (edge.y2 - edge.y1) * 2 / label.height
    turns = [0.0, 1.0]
    for offset, slope in ((x, dx), (y, dy), (x - y, dx - dy), (x + y, dx + dy)):
        if slope and 0 < -offset / slope < 1:
            turns.append(-offset / slope)
    return min(max(abs(x + t * dx), abs(y + t * dy)) for t in turns)
