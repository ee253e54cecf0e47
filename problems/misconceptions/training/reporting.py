"""Slips in what is handed in: something else is shown, and what follows from it is right."""

from collections.abc import Callable, Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Update
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.problems.misconceptions.base import REPORTING, Changes, Misconception, shown
from gradgrade.problems.misconceptions.recognition import forward_pass
from gradgrade.problems.misconceptions.rewriting import by_operations, instead, once_more, ruled
from gradgrade.problems.misconceptions.training.update import RATE


def _updates(derivation: Derivation) -> Iterator[tuple[Step, Update]]:
    for step in derivation.steps:
        if isinstance(step.role, Update):
            yield step, step.role


def _shown_of_each_update(change: Callable[[Derivation, Step, Update], Step | None]) -> Changes:
    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        made = (change(derivation, step, update) for step, update in _updates(derivation))
        found = [step for step in made if step]
        if found:
            yield "", shown(derivation, *found)

    return changes


def _times_rate(derivation: Derivation, _: Step, update: Update) -> Step | None:
    gradient = derivation.by_name.get(update.symbols["g"])
    if gradient is None:
        return None
    return instead(gradient, _product, gradient.name, update.symbols[RATE])


_product = by_operations(lambda gradient, rate: rate * gradient)


def _moved_by(_: Derivation, step: Step, update: Update) -> Step:
    return instead(step, _difference, step.name, update.symbols["W"])


_difference = by_operations(lambda after, before: after - before)


def _loss_after_update(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    losses, copies = list[Step](), list[Step]()
    for loss in derivation.steps:
        if loss.quantity.group is Group.LOSS:
            own = _forward_after_update(derivation, loss)
            copies += own
            losses += [ruled(loss, unchanged, reads=(last.name,)) for last in own[-1:]]
    if losses:
        yield "", shown(derivation, *losses, helping=tuple(copies))


def _forward_after_update(derivation: Derivation, loss: Step) -> tuple[Step, ...]:
    """Return the forward pass of a loss's iteration once more, with the updated parameters."""
    renamed = {
        update.symbols["W"]: step.name
        for step, update in _updates(derivation)
        if step.name.iteration == loss.name.iteration
    }
    return once_more(forward_pass(derivation, loss), "after", renamed)


REPORTED = (
    Misconception(
        code="gradient_times_rate",
        title="Learning rate in the gradient",
        explanation=(
            "What is asked for is the gradient. You give the gradient times the learning rate, "
            "which is the step of the update."
        ),
        source="field",
        family=REPORTING,
        exposure="Ask for gradients, and use a learning rate other than one.",
        changes=_shown_of_each_update(_times_rate),
    ),
    Misconception(
        code="step_for_parameter",
        title="The change for the new value",
        explanation=(
            "What is asked for is the parameter after its update. You give by how much it moves."
        ),
        source="field",
        family=REPORTING,
        exposure="Ask for the updates, of parameters that are not zero.",
        changes=_shown_of_each_update(_moved_by),
    ),
    Misconception(
        code="loss_after_update",
        title="Loss after the update",
        explanation=(
            "The loss of an iteration is that of its forward pass, before the update. You give "
            "the loss of the updated network."
        ),
        source="field",
        family=REPORTING,
        exposure="Ask for the loss, and use a learning rate that moves it.",
        changes=_loss_after_update,
    ),
)
