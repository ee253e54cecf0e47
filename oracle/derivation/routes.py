"""Routes: a derivation by other ways, or by all at once, which unites what they find."""

from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Protocol

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.steps import Step


class Uniting(Arithmetic, Protocol):
    """A number system that holds what several ways to one quantity find."""

    def unite(self, first: Matrix, *others: Matrix) -> Matrix:
        """Return a matrix that covers all of some."""


def going_every_route(derivation: Derivation) -> Derivation:
    """Return the derivation with steps that go all their routes and unite what they find.

    It is walked in an arithmetic that unites.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.derivation.names import Name
    >>> network = Network(inputs=1, layers=(Dense(units=1, activation="tanh"),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> delta = going_every_route(derivation).by_name[Name("z", 1).gradient]
    >>> list(map(str, delta.reads))
    ['da1', 'z1', 'da1', 'a1']
    """
    # What has no routes is as it goes; a way of one student's is not kept.
    return _united(derivation) if any(step.routes for step in derivation.steps) else derivation


@kept_with_argument
def _united(derivation: Derivation) -> Derivation:
    steps = (_going_every_route(step) for step in derivation.steps if step.routes)
    return derivation.replacing(*steps)


@kept_with_argument
def by_each_route(derivation: Derivation) -> tuple[Derivation, ...]:
    """Return the derivation by way of the first route of every step that has one, and so on.

    In the second one every step that has two routes goes by its second, and the others as they do.
    """
    most = max(len(step.routes) for step in derivation.steps)
    return tuple(_by_route(derivation, index) for index in range(most))


def _by_route(derivation: Derivation, index: int) -> Derivation:
    return derivation.replacing(
        *(
            replace(step, reads=step.routes[index].reads, rule=step.routes[index].rule)
            for step in derivation.steps
            if index < len(step.routes)
        )
    )


def _going_every_route(step: Step) -> Step:
    ways = ((step.reads, step.rule), *((route.reads, route.rule) for route in step.routes))
    ends = accumulate((len(reads) for reads, _ in ways), initial=0)
    spans = [slice(*each) for each in pairwise(ends)]

    def rule(arithmetic: Uniting, *matrices: Matrix) -> Matrix:
        found = (
            way(arithmetic, *matrices[span]) for (_, way), span in zip(ways, spans, strict=True)
        )
        return arithmetic.unite(*found)

    return replace(step, reads=tuple(name for reads, _ in ways for name in reads), rule=rule)
