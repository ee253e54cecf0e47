"""Mistakes in the update of plain descent: its direction, its learning rate, its schedule.

And what mistakes of all optimizers share: which step is whose, and what it reads as what.
"""

from collections.abc import Callable

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.quantities import Group, Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.finding import RATES
from gradgrade.problems.misconceptions.rewriting import (
    before,
    constant,
    entrywise,
    ruled,
    scaled,
    unchanged,
    where,
)

FAMILY = "update"
SCHEDULED = "Use a schedule, and more than one iteration."

OptimizerStepChange = Callable[[Step], Step | None]


def parameter_of(step: Step) -> str:
    """Return the kind of the parameter that a step of an optimizer is about."""
    if step.quantity.group is Group.UPDATE:
        return step.name.kind.removesuffix("_new")
    return step.name.kind[1:]


def read_as(step: Step, symbol: str) -> tuple[int, ...]:
    """Return the positions at which a step of an optimizer reads W, g or a state letter."""
    kind = parameter_of(step)
    if symbol == "W":
        return where(step, kind)
    if symbol == "g":
        return where(step, f"d{kind}")
    return where(step, f"{symbol}{kind}", f"initial_{symbol}{kind}")


def in_steps(
    change: OptimizerStepChange, *groups: Group, optimizers: tuple[str, ...] = tuple(OPTIMIZERS)
) -> StepChange:
    """Make a change at the steps of some optimizers that make their state, the update or both."""

    def at(derivation: Derivation, step: Step) -> Step | None:
        is_meant = step.quantity.group in groups and derivation.optimizer.name in optimizers
        return change(step) if is_meant else None

    return at


def _ascending(step: Step) -> Step | None:
    return before(step, where(step, *RATES), scaled(-1))


def _without_rate(step: Step) -> Step | None:
    return before(step, where(step, *RATES), constant(1))


def _square(_: Arithmetic, rate: Element) -> Element:
    return rate * rate


def _with_rate_twice(step: Step) -> Step | None:
    return before(step, where(step, *RATES), entrywise(_square))


def _schedule_ignored(_: Derivation, step: Step) -> Step | None:
    if step.name.kind != RATES[1]:
        return None
    return ruled(step, unchanged, reads=step.reads[:1])


def _schedule_ahead(derivation: Derivation, step: Step) -> Step | None:
    if step.name.kind != RATES[1]:
        return None
    schedule, every = SCHEDULES[derivation.optimizer.schedule], derivation.optimizer.every
    reads = (Name(RATES[0]), *map(Name, schedule.numbers))
    return ruled(step, entrywise(schedule.rate((step.name.iteration or 1) + 1, every)), reads=reads)


UPDATE = (
    Misconception(
        code="gradient_ascent",
        title="Ascent for descent",
        explanation=(
            "The gradient points to where the loss grows, so the update goes against it. You add "
            "where you should subtract."
        ),
        source="seeds 000 to 004",
        family=FAMILY,
        exposure="Ask for the updates.",
        changes=everywhere(in_steps(_ascending, Group.STATE, Group.UPDATE)),
    ),
    Misconception(
        code="learning_rate_missing",
        title="Learning rate missing",
        explanation=(
            "The step is the gradient times the learning rate. You subtract the whole gradient."
        ),
        source="seed 000",
        family=FAMILY,
        exposure="Use a learning rate other than one, and ask for the updates.",
        changes=layer_by_layer(in_steps(_without_rate, Group.STATE, Group.UPDATE)),
    ),
    Misconception(
        code="learning_rate_twice",
        title="Learning rate applied twice",
        explanation=(
            "The step takes the learning rate once. You multiply by it twice, perhaps once in the "
            "gradient and once in the update."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a learning rate other than one, and ask for the updates.",
        changes=everywhere(in_steps(_with_rate_twice, Group.STATE, Group.UPDATE)),
    ),
    Misconception(
        code="schedule_ignored",
        title="Schedule ignored",
        explanation=(
            "The learning rate of this exercise changes from iteration to iteration. You keep the "
            "one that it starts with."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=SCHEDULED,
        changes=everywhere(_schedule_ignored),
    ),
    Misconception(
        code="schedule_ahead",
        title="Schedule one iteration ahead",
        explanation=(
            "The first iteration uses the learning rate as it is given, and the schedule sets in "
            "after it. You count one iteration too many."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=SCHEDULED,
        changes=everywhere(_schedule_ahead),
    ),
)
