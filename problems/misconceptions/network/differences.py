"""Gradients by differences of the loss, which come as near to the right ones as their h is small.

No gate asks whether a variant shows them, and an answer is compared with them only where it is
nearly right: every entry of a parameter takes a forward pass of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Total
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.problems.misconceptions.base import Changes, Misconception, replaced
from gradgrade.problems.misconceptions.recognition import forward_pass, quantity_of
from gradgrade.problems.misconceptions.rewriting import once_more, ruled, scaled

FORWARD, CENTRAL = (3, 4, 5, 6), (3,)
"""h of the field, as negative powers of ten. Of smaller ones a loss's rounding, over h, hides more
than they are off."""

MOST_STEPS_OF_DIFFERENCES = 1_000
"""Of the forward passes that differences are taken of."""

FAMILY = "approximation"
DIGITS = "Ask for more digits of the gradients."


def _by_differences(digits: tuple[int, ...], *, is_central: bool) -> Changes:
    """Put (L(W + h) − L(W)) / h for every gradient, or (L(W + h) − L(W − h)) / 2h."""

    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        of_loss = list(_gradients(derivation))
        count = sum(
            len(forward_pass(derivation, loss)) * len(_entries(gradient))
            for loss, gradient, _ in of_loss
        )
        if not 0 < count <= MOST_STEPS_OF_DIFFERENCES:
            return
        for each in digits:
            h, steps, passes = Fraction(1, 10**each), list[Step](), list[Step]()
            for loss, gradient, parameter in of_loss:
                above, more = _nudged_losses(derivation, loss, parameter, h)
                below, less = [loss.name], list[Step]()
                if is_central:
                    below, less = _nudged_losses(derivation, loss, parameter, -h)
                steps.append(_quotients(gradient, above, below, 2 * h if is_central else h))
                passes += [*more, *less]
            with_passes = replace(derivation, steps=(*derivation.steps, *passes))
            yield f"(h = 1e-{each})", replaced(with_passes, *steps)

    return changes


def _gradients(derivation: Derivation) -> Iterator[tuple[Step, Step, Name]]:
    """Yield the loss, its gradient by a parameter, and the parameter, of every iteration."""
    losses = {s.name.iteration: s for s in derivation.steps if s.quantity.group is Group.LOSS}
    for step in derivation.steps:
        is_gradient = step.quantity.group is Group.GRADIENT and step.name.iteration in losses
        if is_gradient and isinstance(step.role, PullBack | Total):
            yield losses[step.name.iteration], step, step.role.to


def _entries(gradient: Step) -> list[tuple[int, int]]:
    rows, columns = gradient.quantity.matrix_shape
    return list(product(range(rows), range(columns)))


def _quotients(gradient: Step, above: list[Name], below: list[Name], width: Fraction) -> Step:
    """Return the step that makes a gradient of losses above and below, one or as many."""

    def rule(arithmetic: Arithmetic, *losses: Matrix) -> Matrix:
        more, less = losses[: len(above)], losses[len(above) :]
        grown = arithmetic.subtract(arithmetic.stack(*more), arithmetic.stack(*less))
        quotients = scaled(1 / width)(arithmetic, grown)
        return arithmetic.reshape(quotients, *gradient.quantity.matrix_shape)

    return ruled(gradient, rule, reads=(*above, *below))


def _nudged_losses(
    derivation: Derivation, loss: Step, parameter: Name, by: Fraction
) -> tuple[list[Name], list[Step]]:
    """Return the losses with one entry of a parameter changed, entry by entry, and their steps."""
    names, steps, forward = list[Name](), list[Step](), forward_pass(derivation, loss)
    whole = quantity_of(derivation, parameter)
    rows, columns = whole.matrix_shape
    for row, column in product(range(rows), range(columns)):
        copy = f"{parameter}_{row}_{column}_{'above' if by > 0 else 'below'}"
        quantity = Quantity(parameter.part(copy), whole.shape, whole.layout, Group.INTERNAL)
        nudge = _nudging(row, column, whole.matrix_shape, by)
        nudged = Step(quantity, (parameter,), nudge, Named(parameter))
        copies = once_more(forward, copy, {parameter: nudged.name})
        names.append(copies[-1].name)
        steps += [nudged, *copies]
    return names, steps


def _nudging(row: int, column: int, shape: tuple[int, int], by: Fraction) -> Rule:
    """Return the rule that adds a number to one entry of a matrix."""
    rows, columns = shape
    alone = [[int((i, j) == (row, column)) for j in range(columns)] for i in range(rows)]

    def rule(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.add(matrix, scaled(by)(arithmetic, arithmetic.matrix(alone)))

    return rule


DIFFERENCES = (
    Misconception(
        code="forward_difference",
        title="Gradient by a forward difference",
        explanation=(
            "A gradient is a derivative. You take how much the loss grows where a parameter grows "
            "by a small h, over h, which is near to it: it checks a gradient, and is none."
        ),
        source="field",
        family=FAMILY,
        exposure=DIGITS,
        changes=_by_differences(FORWARD, is_central=False),
    ),
    Misconception(
        code="central_difference",
        title="Gradient by a central difference",
        explanation=(
            "A gradient is a derivative. You take how much the loss differs between a parameter "
            "that is larger by a small h and one that is smaller, over twice h, which is near to "
            "it: it checks a gradient, and is none."
        ),
        source="field",
        family=FAMILY,
        exposure=DIGITS,
        changes=_by_differences(CENTRAL, is_central=True),
    ),
)
