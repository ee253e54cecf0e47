"""Where labels stand on the edges between two columns.

Labels stand on their edges in *lanes*: all edges from one source (or to one target, or of a set
of which no two meet) have theirs after the same share of the way, so that the labels of a lane
line up. Which lanes, in which order and over which range, is found by trying: the best has the
largest score.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from gradgrade.problems.drawing.geometry import Rectangle, Segment, clearance, separation

RANGES = ((0.18, 0.82), (0.22, 0.78), (0.27, 0.73), (0.32, 0.68), (0.3, 0.82), (0.18, 0.7))
"""From which share of the way to which other the lanes are spread."""

EDGE_WEIGHT = 1.6
"""A label's halo interrupts a foreign edge that touches its corner, and both stay readable."""

ENOUGH = 1.0
"""The least score with which labels are drawn: none overlaps another, nor a unit or a bias."""

COMFORTABLE = 1.7
"""The score from which on no better placement is looked for: the first one is the most even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An edge with a label.

    Args:
        source: the number of its source.
        target: the number of its target.
        line: where it runs.
        width: of its label.
        height: of its label.
    """

    source: int
    target: int
    line: Segment
    width: float
    height: float

    def label(self, share: float) -> Rectangle:
        """Return its label after a share of the way."""
        return Rectangle(*self.line.at(share), self.width, self.height)


@dataclass(frozen=True, slots=True)
class Placement:
    """The share of the way after which each label stands, and how good that is.

    The score is the least, over all labels, of their separation from other labels and from
    obstacles, and of `EDGE_WEIGHT` times their clearance from other edges.
    """

    shares: tuple[float, ...]
    score: float


def place_labels(edges: Sequence[Labelled], obstacles: Sequence[Rectangle]) -> Placement | None:
    """Return the best placement of the labels of some edges; None: they do not fit.

    Args:
        edges: all edges between two columns.
        obstacles: units, and what is written beside them.

    >>> edge = Labelled(source=0, target=0, line=Segment(0, 0, 100, 0), width=20, height=10)
    >>> place_labels([edge], [Rectangle(0, 0, 36, 36)]).shares
    (0.5,)
    """
    best: Placement | None = None
    for lanes, (low, high) in product(_lanes(edges), RANGES):
        least = ENOUGH if best is None else best.score
        if least < COMFORTABLE:
            shares = _slots(len(set(lanes)), low, high)
            best = _Search(edges, obstacles, lanes, shares).better_than(least) or best
    return best


def _slots(count: int, low: float, high: float) -> list[float]:
    """Return where so many lanes can be; a single one in the middle, or else at an end."""
    if count == 1:
        return [(low + high) / 2, low, high]
    return [low + (high - low) / (count - 1) * slot for slot in range(count)]


def _lanes(edges: Sequence[Labelled]) -> Iterator[list[int]]:
    """Yield the lanes of edges: by source, by target, or, apart from both, in turn."""
    count = 1 + max(max(edge.source, edge.target) for edge in edges)
    yield [edge.source for edge in edges]
    yield [edge.target for edge in edges]
    yield [(edge.source + edge.target) % count for edge in edges]
    yield [(edge.source - edge.target) % count for edge in edges]


class _Search:
    """The orders of some lanes, tried lane by lane; none is followed that cannot be the best."""

    def __init__(
        self,
        edges: Sequence[Labelled],
        obstacles: Sequence[Rectangle],
        lanes: Sequence[int],
        shares: Sequence[float],
    ) -> None:
        self.edges, self.shares = edges, shares
        self.members: Mapping[int, list[int]] = {
            lane: [index for index, each in enumerate(lanes) if each == lane]
            for lane in sorted(set(lanes))
        }
        self.obstacles = obstacles
        self.labels = [[edge.label(share) for share in shares] for edge in edges]
        self.alone: dict[tuple[int, int], float] = {}
        self.together: dict[tuple[int, int, int, int], float] = {}

    def better_than(self, score: float) -> Placement | None:
        """Return the best order whose score is above another; None: there is none."""
        self.best, self.order = score, None
        self._follow((), float("inf"))
        if self.order is None:
            return None
        shares = [0.0] * len(self.edges)
        for lane, slot in zip(self.members, self.order, strict=True):
            for index in self.members[lane]:
                shares[index] = self.shares[slot]
        return Placement(tuple(shares), self.best)

    best: float
    order: tuple[int, ...] | None

    def _follow(self, slots: tuple[int, ...], score: float) -> None:
        """Go on from the slots of the first lanes, as long as that may be the best."""
        if len(slots) == len(self.members):
            self.best, self.order = score, slots
            return
        for slot in range(len(self.shares)):
            if slot in slots or self.best >= COMFORTABLE:
                continue
            least = min(score, self._alone(len(slots), slot))
            for lane, other in enumerate(slots):
                if least <= self.best:
                    break
                least = min(least, self._together(lane, other, len(slots), slot))
            if least > self.best:
                self._follow((*slots, slot), least)

    def _alone(self, lane: int, slot: int) -> float:
        """Return the score of a lane in a slot, other lanes' labels apart.

        Where it is no better than the best order so far, it is not looked at to the end.
        """
        if (lane, slot) not in self.alone:
            least = float("inf")
            for gap in self._gaps(list(self.members.values())[lane], slot):
                least = min(least, gap)
                if least <= self.best:
                    break
            self.alone[lane, slot] = least
        return self.alone[lane, slot]

    def _gaps(self, members: Sequence[int], slot: int) -> Iterator[float]:
        """Yield how far a lane's labels are from all that stands still, the cheapest first."""
        for index in members:
            label = self.labels[index][slot]
            yield from (separation(label, each) for each in self.obstacles)
            yield from (
                separation(label, self.labels[other][slot]) for other in members if other < index
            )
        for index in members:
            label = self.labels[index][slot]
            yield from (
                EDGE_WEIGHT * clearance(label, edge.line)
                for other, edge in enumerate(self.edges)
                if other != index
            )

    def _together(self, lane: int, slot: int, other: int, other_slot: int) -> float:
        """Return how far the labels of two lanes are apart."""
        key = (lane, slot, other, other_slot)
        if key not in self.together:
            members = list(self.members.values())
            self.together[key] = min(
                separation(self.labels[i][slot], self.labels[j][other_slot])
                for i in members[lane]
                for j in members[other]
            )
        return self.together[key]
