"""Gradients by differences of the loss, which come as near to the right ones as their h is small.

No gate asks whether a variant shows them, and an answer is compared with them only where it is
nearly right: every entry of a parameter takes a forward pass of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, product

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
        forward = {loss: forward_pass(derivation, loss) for loss, _, _ in of_loss}
        count = sum(len(forward[loss]) * len(_entries(gradient)) for loss, gradient, _ in of_loss)
        if not 0 < count <= MOST_STEPS_OF_DIFFERENCES:
            return
        signs = (1, -1) if is_central else (1,)
        nudged = [
            [_nudged_losses(derivation, forward[loss], parameter, sign) for sign in signs]
            for loss, _, parameter in of_loss
        ]
        for each in digits:
            h, steps, passes = Fraction(1, 10**each), list[Step](), list[Step]()
            for (loss, gradient, _), made in zip(of_loss, nudged, strict=True):
                above, below = made[0].losses, made[1].losses if is_central else [loss.name]
                steps.append(_quotients(gradient, above, below, 2 * h if is_central else h))
                passes += chain.from_iterable(each.by(h) for each in made)
            with_passes = replace(derivation, steps=(*derivation.steps, *passes))
            yield f"(h = 1e-{each})", replaced(with_passes, *steps)

    return changes


@dataclass(frozen=True)
class _Nudged:
    """Forward passes with one entry of a parameter changed, entry by entry.

    Args:
        nudging: for each entry, the step that changes it, by how much.
        copies: the steps that go on from each of them, whatever it is changed by.
    """

    nudging: list[Callable[[Fraction], Step]]
    copies: list[tuple[Step, ...]]

    @property
    def losses(self) -> list[Name]:
        """What they lead to."""
        return [each[-1].name for each in self.copies]

    def by(self, h: Fraction) -> Iterator[Step]:
        """Yield all their steps, entries being changed by so much."""
        for nudge, copies in zip(self.nudging, self.copies, strict=True):
            yield nudge(h)
            yield from copies


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
    derivation: Derivation, forward: Sequence[Step], parameter: Name, sign: int
) -> _Nudged:
    """Return a forward pass with each entry of a parameter in turn raised or lowered."""
    whole = quantity_of(derivation, parameter)
    nudging, copies = list[Callable[[Fraction], Step]](), list[tuple[Step, ...]]()
    for row, column in product(*map(range, whole.matrix_shape)):
        copy = f"{parameter}_{row}_{column}_{'above' if sign > 0 else 'below'}"
        quantity = Quantity(parameter.part(copy), whole.shape, whole.layout, Group.INTERNAL)
        nudging.append(partial(_nudged, quantity, parameter, (row, column), sign))
        copies.append(once_more(forward, copy, {parameter: quantity.name}))
    return _Nudged(nudging, copies)


def _nudged(
    quantity: Quantity, parameter: Name, place: tuple[int, int], sign: int, h: Fraction
) -> Step:
    nudge = _nudging(*place, quantity.matrix_shape, sign * h)
    return Step(quantity, (parameter,), nudge, Named(parameter))


def _nudging(row: int, column: int, shape: tuple[int, int], by: Fraction) -> Rule:
    """Return the rule that adds a number to one entry of a matrix."""
    rows, columns = shape

    def rule(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        alone = [[int((i, j) == (row, column)) for j in range(columns)] for i in range(rows)]
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
