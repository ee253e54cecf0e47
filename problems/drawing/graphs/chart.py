"""What of a computation graph is drawn: vertices, wires between them, and what stands at these.

A chart knows no coordinate and no program. A value stands above the edges that leave its vertex,
the gradient by it below.
"""

from dataclasses import dataclass
from typing import Literal

from gradgrade.problems.drawing.scene import Place, Status
from gradgrade.problems.drawing.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What stands above or below an edge.

    Args:
        text: what is written.
        css: its classes.
        is_slot: whether it stands in a box: it is asked.
        share: how long the bar below it is, from 0 to 1; None where it has none.
    """

    text: Text
    css: str = ""
    is_slot: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """A given, an operation, or in a large graph a line.

    Args:
        kind: a given is a name alone, an operation a circle, a line a box.
        lines: what stands in it.
        place: the quantity that it makes; None where that has no name.
        above: its value, from the edge upwards.
        below: its gradient, from the edge downwards.
        end: what is written where its edge ends, if nothing reads it.
        status: the worst that is marked at it.
    """

    kind: Literal["given", "operation", "line"]
    lines: tuple[Text, ...]
    place: Place | None = None
    above: tuple[Tag, ...] = ()
    below: tuple[Tag, ...] = ()
    end: Text = ()
    status: Status | None = None

    @property
    def css(self) -> str:
        """The classes of its place and its status."""
        place = [self.place.css] if self.place else []
        return " ".join([*place, *([self.status.css] if self.status else [])])


@dataclass(frozen=True, slots=True)
class Wire:
    """A use of a vertex by another one, by their numbers; two uses are two wires."""

    source: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A computation graph.

    Args:
        title: what it shows, in few words.
        description: the same for who cannot see it.
        vertices: each after what it reads, but that what is given comes first.
        wires: those into one vertex in the order of its operands.
    """

    title: str
    description: str
    vertices: tuple[Vertex, ...]
    wires: tuple[Wire, ...]
