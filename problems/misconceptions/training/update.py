"""Mistakes in the update of plain descent: its direction, its learning rate, its schedule.

And what mistakes of all optimizers share: which step is whose, and what it reads as what, by the
symbols of its optimizer's rules.
"""

from collections.abc import Callable, Iterator
from operator import add

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Training, Update
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.oracle.training.updates import LEARNING_RATE, ScheduledRate
from gradgrade.problems.misconceptions.base import (
    MOST_PLACES,
    Misconception,
    StepChange,
    changed_steps,
    everywhere,
    layer_by_layer,
    replaced,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    constant,
    entrywise,
    ruled,
    scaled,
)
from gradgrade.problems.misconceptions.training.stopping import never_stopping

FAMILY = "update"
SCHEDULED = "Use a schedule, and more than one iteration."

RATE = "learning_rate"

OptimizerStepChange = Callable[[Step, Training], Step | None]
"""`change(step, training)` returns the mistaken step of an optimizer, or None."""


def read_as(step: Step, training: Training, *symbols: str) -> tuple[int, ...]:
    """Return the positions at which a step of an optimizer reads W, g, state or numbers."""
    return positions(step, {training.symbols.get(symbol) for symbol in symbols})


def in_steps(
    change: OptimizerStepChange, *groups: Group, optimizers: tuple[str, ...] = tuple(OPTIMIZERS)
) -> StepChange:
    """Make a change at the steps of some optimizers that make their state, the update or both."""

    def at(_: Derivation, step: Step) -> Step | None:
        if step.quantity.group not in groups or not isinstance(step.role, Training):
            return None
        return change(step, step.role) if step.role.optimizer in optimizers else None

    return at


def _ascending(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, RATE), scaled(-1))


def _without_rate(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, RATE), constant(1))


def _with_rate_twice(step: Step, training: Training) -> Step | None:
    return before(
        step,
        read_as(step, training, RATE),
        entrywise(lambda _, rate: rate * rate, lambda rate: rate**2),
    )


def _schedule_ignored(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, ScheduledRate):
        return None
    return ruled(step, unchanged, reads=step.reads[:1])


def _schedule_ahead(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, ScheduledRate):
        return None
    schedule = SCHEDULES[step.role.schedule]
    reads = (LEARNING_RATE, *map(Name, schedule.numbers))
    rate = schedule.rate(step.role.iteration + 1, step.role.every)
    return ruled(step, entrywise(rate), reads=reads)


def _not_reset(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    updates = (step.role for step in derivation.steps if isinstance(step.role, Update))
    gradients = [update.symbols["g"] for update in updates]
    later = [name for name in gradients if name in derivation.by_name and name.iteration > 1]
    if later:
        yield "", replaced(derivation, *(_accumulated(derivation.by_name[each]) for each in later))


def _accumulated(step: Step) -> Step:
    before = step.name._replace(iteration=step.name.iteration - 1)
    return after(step, by_operations(add), before)


def _one_left_alone(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Of a program's parameters; those of networks are weights, or biases, which have their own."""
    by_parameter: dict[Name, list[Step]] = {}
    for step in derivation.steps:
        update = step.role
        if isinstance(update, Update) and update.symbols["W"] in step.reads:
            parameter = update.symbols["W"]
            stays = ruled(step, unchanged, reads=(parameter,))
            by_parameter.setdefault(parameter._replace(iteration=0), []).append(stays)
    if len(by_parameter) > 1 and not any(name.layer for name in by_parameter):
        for parameter in list(by_parameter)[:MOST_PLACES]:
            kept = by_parameter[parameter]
            yield f"({parameter})", replaced(derivation, *kept)
            for place, mistaken in never_stopping(derivation, kept):
                yield f"({parameter}, {place})", mistaken


_uphill = in_steps(_ascending, Group.STATE, Group.UPDATE)


def _uphill_without_end(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    changed = [step for step, _ in changed_steps(derivation, (_uphill,))]
    found = never_stopping(derivation, changed)
    return ((f"({place})", mistaken) for place, mistaken in found)


UPDATE = (
    Misconception(
        code="gradients_not_reset",
        title="Gradients accumulated over iterations",
        explanation=(
            "Each iteration has a gradient of its own. You add it to those of the iterations "
            "before, as a program does that never sets its gradients to zero."
        ),
        source="field",
        family=FAMILY,
        exposure="Use more than one iteration.",
        changes=_not_reset,
    ),
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
        changes=everywhere(_uphill),
        ungated=_uphill_without_end,
    ),
    Misconception(
        code="parameter_not_updated",
        title="Parameter not updated",
        explanation=(
            "Every parameter is moved by its own gradient, a bias as much as the weights. You "
            "leave one where it was."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for the updates of several parameters.",
        ungated=_one_left_alone,
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
