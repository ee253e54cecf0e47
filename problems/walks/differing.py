"""What two derivations differ in: the steps that are others, and all that they lead to.

Of every mistake that a structure allows it is kept beside the structure, so that explaining an
answer looks at no step that is as it should be. Which steps something leads to is a number with a
bit for each step, the first one's the lowest.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress

from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.routes import by_each_route
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.output_signs import by_signs_of_outputs


@dataclass(frozen=True, eq=False)
class Difference:
    """How a derivation differs from the right one.

    Args:
        changed: the steps that are not the very same as the right one's, by what they make.
        replaced: the bits of those that make what a step of the right one does.
        reached: the bits of the right derivation's steps that make something else here.
    """

    changed: Mapping[Name, Step]
    replaced: int
    reached: int

    def steps(self, right: Derivation) -> dict[Name, Step]:
        """Return the steps that do not make what the right ones do, in no order; see `anew`."""
        are_reached = map(int, reversed(f"{self.reached:b}"))
        kept = compress(zip(right.places, right.steps, strict=True), are_reached)
        return {**dict(kept), **self.changed}


def difference(right: Derivation, other: Derivation) -> Difference:
    """Return how another derivation differs from the right one.

    Args:
        right: the right one.
        other: the one with a mistake, or by way of other routes.
    """
    return _differences(right).get(other) or _told(right, other)


@kept_with_argument
def _differences(derivation: Derivation) -> Mapping[Derivation, Difference]:
    ways = (*by_each_route(derivation), *by_signs_of_outputs(derivation))
    others = (each.derivation for each in mistakes(derivation))
    return {each: _told(derivation, each) for each in (*others, *ways)}


def _told(right: Derivation, other: Derivation) -> Difference:
    own, leading = frozenset(right.steps), leading_to(right)
    changed = {step.name: step for step in other.steps if step not in own}
    reached = 0
    for name in changed:
        reached |= leading.get(name, 0)
    replaced = places(right, changed)
    if len(other.steps) - len(changed) + replaced.bit_count() < len(right.steps):
        reached &= places(right, [step.name for step in other.steps])
    return Difference(changed, replaced, reached)


@kept_with_argument
def leading_to(derivation: Derivation) -> Mapping[Name, int]:
    """Return what each step leads to, itself among it, as the bits of those steps."""
    found: dict[Name, int] = {}
    for place, step in reversed(list(enumerate(derivation.steps))):
        found[step.name] = found.get(step.name, 0) | 1 << place
        for read in step.reads:
            found[read] = found.get(read, 0) | found[step.name]
    return found


@kept_with_argument
def leading_here(derivation: Derivation) -> Mapping[Name, int]:
    """Return which steps lead from the givens to what each one makes, as their bits."""
    return leading_from((), derivation)


def leading_from(names: Collection[Name], derivation: Derivation) -> Mapping[Name, int]:
    """Return which steps lead from some names, and the givens, to what each one makes.

    Args:
        names: of what is known, whichever steps make it.
        derivation: the steps; the bit of each is its place.
    """
    found: dict[Name, int] = {}
    passed_on: dict[Name, int] = {}
    for place, step in enumerate(derivation.steps):
        leading = 1 << place
        for read in step.reads:
            leading |= passed_on.get(read, 0)
        found[step.name] = leading
        if step.name not in names:
            passed_on[step.name] = leading
    return found


def places(derivation: Derivation, names: Collection[Name]) -> int:
    """Return the bits of the steps of a derivation that make some names.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> derivation = derive(
    ...     Network(inputs=1, layers=(Dense(units=1),)), Loss(name="squared_error"), Optimizer()
    ... )
    >>> bin(places(derivation, [Name("loss"), Name("z", 1)]))
    '0b101'
    """
    return sum(1 << derivation.places[name] for name in names if name in derivation.places)


def bits(number: int) -> Iterator[int]:
    """Yield the places of the bits of a number, the lowest first.

    >>> list(bits(0b1101))
    [0, 2, 3]
    """
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
