"""What is drawn, whatever it looks like: nodes in columns, edges with labels, and marks.

A scene knows no coordinate, no form and no file. A network becomes one in `networks`; whatever else
is made of nodes and edges can become one too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Literal, NamedTuple

from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.drawing.text import Text


class Place(NamedTuple):
    """A part of a drawing that quantities belong to.

    Args:
        what: of a network a layer, the weights before it, or the loss; of a graph what is given or
            named, with its gradient.
        number: of the layer, or of the quantity.

    >>> Place("weights", 2).css, Place("quantity", 1).css
    ('W2', 'Q1')
    """

    what: Literal["layer", "weights", "loss", "quantity"]
    number: int = 0

    @property
    def css(self) -> str:
        """The class that this part has in drawings."""
        letters = {"layer": "L", "weights": "W", "quantity": "Q"}
        return f"{letters[self.what]}{self.number}" if self.what in letters else self.what


class Status(Enum):
    """What became of a quantity, from the worst: its class, its sign, and its words."""

    FIRST = ("first", "✗", "first error")
    WRONG = ("wrong", "✗", "not right")
    FOLLOWS = ("carry", "↳", "follows from yours")
    MISSING = ("none", "–", "not answered")
    RIGHT = ("right", "✓", "right")

    @property
    def css(self) -> str:
        """The class."""
        return self.value[0]

    @property
    def sign(self) -> str:
        """The sign."""
        return self.value[1]

    @property
    def words(self) -> str:
        """The same in words."""
        return self.value[2]

    @property
    def rank(self) -> int:
        """Which it is from the worst, which is shown where there are several."""
        return list(Status).index(self)


Phase = Literal["forward", "backward", "update"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is marked at a quantity.

    Args:
        name: the quantity's, as documents write it.
        quantity: the same without an iteration.
        symbol: the same as mathematics.
        place: where in the network it belongs.
        phase: which pass makes it.
        status: what became of it in one submission.
        count: how many students first went wrong there; None where none is told.
        share: that count over the largest one.
    """

    name: str
    quantity: Name
    symbol: Text
    place: Place
    phase: Phase
    status: Status
    count: int | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node.

    Args:
        key: what edges call it.
        kind: a unit, a box of several lines, or dots where units are left out.
        place: what it is a part of.
        lines: what stands in it; the first one is its name.
        bias: what is added in it.
        value: what comes into it from outside.
        target: what it is compared with.
        is_given: whether nothing is computed there.
        repeats: what its output goes back into itself for; empty where it does not.
    """

    key: str
    kind: Literal["unit", "box", "dots"]
    place: Place
    lines: tuple[Text, ...] = ()
    bias: Text = ()
    value: Text = ()
    target: Text = ()
    is_given: bool = False
    repeats: Text = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An edge from a node to another, by their keys, and its label; without one where it is empty.

    Args:
        source: where it starts.
        target: where it leads.
        label: its weight.
        under: what is written below that, such as the weight's gradient.
    """

    source: str
    target: str
    label: Text = ()
    under: Text = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The edges between two columns.

    Args:
        edges: each of them.
        place: the weights that they are; None where they have none.
        name: what they are called as a whole where their labels do not fit; empty where they have
            no weights.
        shape: of that whole.
    """

    edges: tuple[Edge, ...]
    place: Place | None = None
    name: Text = ()
    shape: Text = ()

    @property
    def has_labels(self) -> bool:
        """Whether each edge has a label of its own."""
        return any(edge.label for edge in self.edges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Nodes beside one another, and what is written under them."""

    nodes: tuple[Node, ...]
    caption: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Columns in their order, a bundle from each to the next, and marks.

    Args:
        title: what it shows, in few words.
        description: the same for who cannot see it.
        columns: from the input to the output.
        bundles: one fewer than columns.
        marks: in the order of the derivation.
    """

    title: str
    description: str
    columns: tuple[Column, ...]
    bundles: tuple[Bundle, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def statuses(self) -> Mapping[Place, Status]:
        """The worst status at each place, which its nodes or edges have; counts are none."""
        found: dict[Place, Status] = {}
        for mark in self.marks:
            if mark.count is None:
                statuses = (found.get(mark.place, mark.status), mark.status)
                found[mark.place] = min(statuses, key=attrgetter("rank"))
        return found


def told(marks: tuple[Mark, ...]) -> Iterator[str]:
    """Yield what is marked in words, by status, or where students first went wrong."""
    counts = [f"{mark.name} {mark.count}" for mark in marks if mark.count is not None]
    if counts:
        yield f"Students who first went wrong: {', '.join(counts)}."
        return
    for status in Status:
        names = [mark.name for mark in marks if mark.status is status]
        if names:
            yield f"{status.words.capitalize()}: {', '.join(names)}."
