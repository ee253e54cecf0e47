"""Mistakes with where training stops: one update too many or too few, or that it never does."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.expression import Number
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.training.stopping import Picked
from gradgrade.problems.misconceptions.base import Misconception, replaced
from gradgrade.problems.misconceptions.rewriting import after, increased, reading, ruled

FAMILY = "stopping"
EXPOSURE = "Train until something holds, and ask for steps and updates."

Off = Callable[[Step, Picked], Step]
"""Puts what is left one update off, of the number of updates, of what is updated, or of others."""


def _counted(by: int) -> Off:
    return lambda step, _: after(step, increased(Fraction(by)))


def _updated_once_more(step: Step, line: Picked) -> Step:
    return _picking(step, line, line.updated)


def _picked_of(by: int) -> Off:
    """Pick what the iteration after has, or the one before; of the outermost, its own."""

    def off(step: Step, line: Picked) -> Step:
        last = len(line.states) - 1
        others = (min(max(at + by, 0), last) for at in range(last + 1))
        return _picking(step, line, [line.states[each] for each in others])

    return off


def _picking(step: Step, line: Picked, states: tuple[Name, ...] | list[Name]) -> Step:
    return reading(step, dict(zip(line.states, states, strict=True))) or step


def _off(by: int, update: Off) -> Callable[[Derivation], Iterator[tuple[str, Derivation]]]:
    """Put the number of updates and what is updated off, each of them alone, or all that is left.

    Args:
        by: how many updates, 1 or −1.
        update: what it makes of what is updated.
    """
    count, others = _counted(by), _picked_of(by)

    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        left = [(step, step.role) for step in derivation.steps if isinstance(step.role, Picked)]
        counts = [count(step, line) for step, line in left if not line.states]
        updates = [update(step, line) for step, line in left if line.updated]
        lines = [others(step, line) for step, line in left if line.states and not line.updated]
        if counts:
            yield "", replaced(derivation, *counts, *updates)
            yield "in the count alone", replaced(derivation, *counts)
        if updates:
            yield "in the parameters alone", replaced(derivation, *updates)
        if lines:
            yield "in all that training leaves", replaced(derivation, *counts, *updates, *lines)

    return changes


def never_stopping(
    derivation: Derivation, changed: Sequence[Step]
) -> Iterator[tuple[str, Derivation]]:
    """Make changes with which the condition never holds: there are as many updates as may be.

    What is not updated is then as it is after the last one, or as that began with it.
    """
    left = [(step, step.role) for step in derivation.steps if isinstance(step.role, Picked)]
    if not left or not changed:
        return
    never = "training never stops"
    for place, lines in ((never, -1), (f"{never}, values before its last update", -2)):
        last = (_of_last(step, line, lines) for step, line in left)
        yield place, replaced(derivation, *changed, *last)


def _of_last(step: Step, line: Picked, lines: int) -> Step:
    """Return what is left of the last iteration, which updates nothing, or of that before it."""
    if line.states:
        return ruled(step, unchanged, reads=(line.states[-1 if line.updated else lines],))
    count = len(line.stops) - 1
    written = Number(Fraction(count))
    return ruled(step, lambda numbers: numbers.matrix([[count]]), reads=(), formula=written)


STOPPING = (
    Misconception(
        code="one_update_too_many",
        title="One update too many",
        explanation=(
            "An iteration looks at the condition before it updates, so the one in which the "
            "condition holds makes no update. You make one more, or count one more."
        ),
        source="field: the condition looked at behind the update",
        family=FAMILY,
        exposure=EXPOSURE,
        ungated=_off(1, _updated_once_more),
    ),
    Misconception(
        code="one_update_too_few",
        title="One update too few",
        explanation=(
            "Training stops in the iteration in which the condition holds, after all updates that "
            "lead to it. You stop one update before, or leave one out of the count."
        ),
        source="field",
        family=FAMILY,
        exposure=EXPOSURE,
        ungated=_off(-1, _picked_of(-1)),
    ),
)
