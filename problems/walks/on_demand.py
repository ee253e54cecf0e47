"""Walks on demand: what a step makes is worked out when it is first asked for, and once.

One walk stands on another: it has the steps that make something else there, and reads the rest of
the walk below. So what two of many derivations have in common is walked once for all of them, and
of each no more than what it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step

NOTHING: Mapping[Name, Matrix] = MappingProxyType({})


@dataclass(frozen=True)
class Way:
    """How a walk comes to a quantity.

    Args:
        steps: which it takes.
        own: the values put in place of what steps make that it goes on from.
    """

    steps: frozenset[Step] = frozenset()
    own: frozenset[Name] = frozenset()

    @cached_property
    def made(self) -> frozenset[Name]:
        """What its steps make."""
        return frozenset(step.name for step in self.steps)


NO_WAY = Way()
"""The way to what is known."""


class WalkOnDemand:
    """Values of a derivation in one arithmetic.

    Args:
        steps: by what they make, those that make something else than in the walk below.
        below: the walk for everything else; None for the lowest, where all is known.
        known: what is known from the start.
        own: values that steps read in place of what other steps make.
        arithmetic: of the values.
        taking: told of each step that is taken.
    """

    def __init__(
        self,
        *,
        steps: Mapping[Name, Step],
        below: WalkOnDemand | None,
        known: Mapping[Name, Matrix] = NOTHING,
        own: Mapping[Name, Matrix] = NOTHING,
        arithmetic: Arithmetic,
        taking: Callable[[Step], None],
    ) -> None:
        self.steps = steps
        self.below = below
        self.own = own
        self.arithmetic = arithmetic
        self.taking = taking
        self._made = dict(known)
        self._ways: dict[Name, Way] = {}

    def upon(
        self, steps: Mapping[Name, Step], *, own: Mapping[Name, Matrix] | None = None
    ) -> WalkOnDemand:
        """Return a walk that stands on this one."""
        return WalkOnDemand(
            steps=steps,
            below=self,
            own=self.own if own is None else own,
            arithmetic=self.arithmetic,
            taking=self.taking,
        )

    def read(self, name: Name) -> Matrix:
        """Return what steps read under a name."""
        return self.own[name] if name in self.own else self.made(name)

    def made(self, name: Name) -> Matrix:
        """Return what a step makes, whatever is put in its place.

        Raises:
            OracleError: it has no value here.
        """
        walk = self._holding(name)
        waiting = [] if name in walk._made else [name]
        while waiting:
            if waiting[-1] in walk._made:
                waiting.pop()
                continue
            step = walk.steps[waiting[-1]]
            missing = [each for each in step.reads if walk._is_missing(each)]
            if missing:
                waiting.extend(missing)
                continue
            self.taking(step)
            read = [walk.read(each) for each in step.reads]
            walk._made[step.name] = step.rule(walk.arithmetic, *read)
        return walk._made[name]

    def way(self, target: Name) -> Way:
        """Return how this walk comes to a quantity; nothing is walked."""
        walk = self._holding(target)
        waiting = [target] if target in walk.steps else []
        while waiting:
            name = waiting[-1]
            if name in walk._ways:
                waiting.pop()
                continue
            step = walk.steps[name]
            read = [each for each in step.reads if each not in walk.own]
            missing = [each for each in read if each in walk.steps and each not in walk._ways]
            if missing:
                waiting.extend(missing)
                continue
            ways = [way for each in read if (way := walk.way(each)) is not NO_WAY]
            walk._ways[name] = Way(
                frozenset((step,)).union(*(each.steps for each in ways)),
                frozenset(each for each in step.reads if each in walk.own).union(
                    *(each.own for each in ways)
                ),
            )
        return walk._ways.get(target, NO_WAY)

    def _holding(self, name: Name) -> WalkOnDemand:
        """Return the walk of this one and those below that makes a quantity."""
        walk = self
        while name not in walk.steps and walk.below is not None:
            walk = walk.below
        return walk

    def _is_missing(self, name: Name) -> bool:
        """Tell whether this walk itself has yet to make what a step reads."""
        return name in self.steps and name not in self.own and name not in self._made


def lowest(
    known: Mapping[Name, Matrix], arithmetic: Arithmetic, taking: Callable[[Step], None]
) -> WalkOnDemand:
    """Return the walk in which all is known, for others to stand on."""
    return WalkOnDemand(steps={}, below=None, known=known, arithmetic=arithmetic, taking=taking)


def led_to(derivation: Derivation, own: Mapping[Name, Matrix]) -> dict[Name, Step]:
    """Return the steps of a derivation that some values lead to, in order."""
    found: dict[Name, Step] = {}
    leading = set(own)
    for step in derivation.steps:
        if not leading.isdisjoint(step.reads):
            found[step.name] = step
            leading.add(step.name)
    return found
