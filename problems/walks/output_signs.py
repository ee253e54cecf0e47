"""The way back through max(z, 0) by the sign of the output, as students take it who keep a alone.

`delta = da * (a > 0)` is what `da * (z > 0)` is, and from a student's own a that was wrong it
follows where z was not asked. It is no route of the derivation: no honest answer differs by it, so
that no tolerance hangs on it.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import PullBack, Value
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.networks.lines import Activated
from gradgrade.oracle.programs.lines import Line

STEEP = 2.0**100
"""So many times what is not 0 in a computation is above 1."""


@kept_with_argument
def by_signs_of_outputs(derivation: Derivation) -> tuple[Derivation, ...]:
    """Return the derivation with max(z, 0) passed back by the sign of a; none where there is none.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, activation="relu"),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> (by_output,) = by_signs_of_outputs(derivation)
    >>> list(map(str, by_output.by_name[Name("z", 1).gradient].reads))
    ['da1', 'a1']
    """
    steps = tuple(_by_signs(derivation))
    return (derivation.replacing(*steps),) if steps else ()


@kept_with_argument
def rectified(derivation: Derivation) -> frozenset[Name]:
    """Return what is max(z, 0): of it a 0 is exact, and not what was rounded to it."""
    lines = (step.role for step in derivation.steps if isinstance(step.role, Value))
    return frozenset(a for _, a in chain.from_iterable(map(_rectifying, lines)))


def _by_signs(derivation: Derivation) -> Iterator[Step]:
    for step in derivation.steps:
        through = step.role.through if isinstance(step.role, PullBack) else ()
        for z, a in chain.from_iterable(map(_rectifying, through)):
            if z in step.reads:
                place = step.reads.index(z)
                reads = (*step.reads[:place], a, *step.reads[place + 1 :])
                rule = partial(_by_sign, place, step.rule)
                yield replace(step, reads=reads, rule=rule, routes=())


def _rectifying(line: Value) -> Iterator[tuple[Name, Name]]:
    """Yield z and a where a line is a = max(z, 0)."""
    if isinstance(line, Activated) and line.activation.name == "relu":
        yield line.z, line.a
    elif isinstance(line, Line) and _is_rectifier(line):
        yield from ((z, line.makes) for z in line.reads if z is not None)


def _is_rectifier(line: Line) -> bool:
    operands = [each.operand.constant for each in line.node.sources]
    if line.node.function == "maximum":
        return operands.count(None) == 1 and 0 in operands
    return line.node.function == "relu"


def _by_sign(place: int, rule: Rule, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    """Follow a rule that asks for the sign of z, with what has that sign where a = max(z, 0)."""
    read = list(matrices)
    read[place] = arithmetic.map(_signed, read[place])
    return rule(arithmetic, *read)


def _signed(_: Arithmetic, a: Element) -> Element:
    return a * STEEP - 1
