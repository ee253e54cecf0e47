"""Mistakes with optimizers that have state: forms confused, squares and their root, averages.

And what is changed in their steps, and at which of them.
"""

from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import as_expression
from gradgrade.oracle.derivation.formulas.functions import sqrt
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import State, Training
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions.base import Changes, Misconception, everywhere, in_turn
from gradgrade.problems.misconceptions.programs.lines import at_place
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    before,
    by_operations,
    constant,
    entrywise,
    magnitudes,
    ruled,
)
from gradgrade.problems.misconceptions.training.update import (
    OptimizerStepChange,
    in_steps,
    read_as,
)

FAMILY = "optimizer"
STATE, UPDATE_STEP = Group.STATE, Group.UPDATE
WITH_MEAN = ("adam", "adamw")
WITH_ROOT = ("adagrad", "rmsprop", *WITH_MEAN)
AVERAGING = ("rmsprop", *WITH_MEAN)
DECAYS = ("decay", "beta1", "beta2")
SQUARE_CORRECTION = "beta2_correction"
SMALL_GRADIENTS = "Give ε a value that shows beside the gradients."


def number_for(number: int, *symbols: str) -> OptimizerStepChange:
    """Put a number for what is read as some symbols."""
    return lambda step, training: before(step, read_as(step, training, *symbols), constant(number))


def at(change: OptimizerStepChange, group: Group, *optimizers: str) -> Changes:
    """Make a change at all steps of some optimizers that make their state, or the update."""
    return everywhere(in_steps(change, group, optimizers=optimizers))


def placed(place: str, change: OptimizerStepChange, group: Group, *optimizers: str) -> Changes:
    """Make a change at the same steps, which is told by a place of its own."""
    return at_place(place, in_steps(change, group, optimizers=optimizers))


def at_all(change: OptimizerStepChange, *optimizers: str) -> Changes:
    """Make a change at all steps of some optimizers, of their state and of the update."""
    return everywhere(in_steps(change, STATE, UPDATE_STEP, optimizers=optimizers))


def names_read(step: Step, training: Training, *symbols: str) -> list[Name]:
    """Return the names of what a step reads as some symbols."""
    return [step.reads[position] for position in read_as(step, training, *symbols)]


def epsilon_inside(*, is_corrected: bool = True) -> OptimizerStepChange:
    """√(s / c) + ε becomes √(s / c + ε), for which s takes ε c in; √((s + ε) / c) where it is not.

    ε is 0 outside then.
    """

    def change(step: Step, training: Training) -> Step | None:
        squares, epsilon = (read_as(step, training, symbol) for symbol in ("s", "epsilon"))
        corrections = names_read(step, training, SQUARE_CORRECTION) if is_corrected else []
        added = by_operations(_with_epsilon)
        without = before(step, epsilon, constant(0))
        if without is None:
            return None
        return before(without, squares, added, training.symbols["epsilon"], *corrections)

    return change


def _with_epsilon(s: Any, epsilon: Any, *corrections: Any) -> Any:
    for each in corrections:
        epsilon = epsilon * each
    return s + epsilon


def _state_forgotten(derivation: Derivation, step: Step) -> Step | None:
    if derivation.iterations == 1 or not isinstance(step.role, State):
        return None
    return before(step, read_as(step, step.role, step.role.letter), constant(0))


def _without_root(step: Step, training: Training) -> Step | None:
    """√(s / c) becomes s / c: the root is taken of the square."""
    corrections = names_read(step, training, SQUARE_CORRECTION)
    return before(step, read_as(step, training, "s"), by_operations(_squared), *corrections)


def _squared(s: Any, *corrections: Any) -> Any:
    squared = s * s
    for each in corrections:
        squared = squared / each
    return squared


def _without_root_and_epsilon(step: Step, training: Training) -> Step | None:
    """√(s / c) + ε becomes s / c."""
    rootless = _without_root(step, training)
    return rootless and before(rootless, read_as(step, training, "epsilon"), constant(0))


def _undivided(step: Step, training: Training) -> Step | None:
    """√(s / c) + ε becomes 1: c is put for s, or 1 where nothing corrects it, and 0 for ε."""
    corrections = names_read(step, training, SQUARE_CORRECTION)
    rooted = before(step, read_as(step, training, "s"), _first_or_one, *corrections)
    return rooted and before(rooted, read_as(step, training, "epsilon"), constant(0))


_first_or_one = Written(
    lambda arithmetic, _, *corrections: (corrections or [arithmetic.matrix([[1]])])[0],
    lambda _, *corrections: (corrections or [as_expression(1)])[0],
)


def _put_for_square(function: Function) -> OptimizerStepChange:
    """A s + B g² becomes A s + B g, or B |g|, where B is what the rule makes of 0 and 1."""

    def change(step: Step, training: Training) -> Step | None:
        if not isinstance(training, State) or training.letter != "s":
            return None
        right = step.rule

        def rule(arithmetic: Arithmetic, s: Matrix, g: Matrix, *numbers: Matrix) -> Matrix:
            nothing, one = (arithmetic.matrix([[number]]) for number in (0, 1))
            weight = right(arithmetic, nothing, one, *numbers)
            before = right(arithmetic, s, nothing, *numbers)
            return arithmetic.add(before, arithmetic.multiply(weight, function(arithmetic, g)))

        return ruled(step, rule)

    return change


def _undecayed_in(letter: str) -> OptimizerStepChange:
    def change(step: Step, training: Training) -> Step | None:
        is_of_letter = isinstance(training, State) and training.letter == letter
        return _undecayed(step, training) if is_of_letter else None

    return change


def _undecayed(step: Step, training: Training) -> Step | None:
    """1 − ρ is left out of (1 − ρ) g, or of (1 − ρ) g²: g is divided by it, or by its root."""
    decays = names_read(step, training, *DECAYS)
    is_of_squares = isinstance(training, State) and training.letter == "s"
    rule = _over_root if is_of_squares else _over
    return before(step, read_as(step, training, "g"), rule, *decays[:1])


_over = entrywise(
    lambda numbers, g, decay: numbers.divide(g, 1 - decay), lambda g, decay: g / (1 - decay)
)
_over_root = entrywise(
    lambda numbers, g, decay: numbers.divide(g, numbers.sqrt(1 - decay)),
    lambda g, decay: g / sqrt(1 - decay),
)


def _exchanged(step: Step, training: Training) -> Step | None:
    return before(step, read_as(step, training, *DECAYS), by_operations(lambda decay: 1 - decay))


OPTIMIZER = (
    Misconception(
        code="state_forgotten",
        title="Optimizer's state forgotten",
        explanation=(
            "What an optimizer remembers goes on from one iteration to the next. You start it from "
            "zero in each."
        ),
        source="field",
        family=FAMILY,
        exposure="Use an optimizer with state, and more than one iteration.",
        changes=everywhere(_state_forgotten),
    ),
    Misconception(
        code="epsilon_inside_root",
        title="ε inside the root",
        explanation=(
            "ε is added to the root of the squares. You add it under the root, where it counts for "
            "much more when gradients are small."
        ),
        source="Kingma, Ba (2015)",
        family=FAMILY,
        exposure=SMALL_GRADIENTS,
        changes=at(epsilon_inside(), UPDATE_STEP, *WITH_ROOT),
    ),
    Misconception(
        code="root_of_squares_missing",
        title="Root of the squares missing",
        explanation=(
            "The step is divided by the root of the accumulated squares, so that its size does not "
            "depend on the gradient's scale. You divide by the squares themselves."
        ),
        source="Duchi, Hazan, Singer (2011)",
        family=FAMILY,
        exposure="Ask for the updates.",
        changes=at(_without_root, UPDATE_STEP, *WITH_ROOT),
        ungated=placed("(and ε)", _without_root_and_epsilon, UPDATE_STEP, *WITH_ROOT),
    ),
    Misconception(
        code="root_division_missing",
        title="Division by the root of the squares missing",
        explanation=(
            "The step is divided by the root of the accumulated squares, so that its size does not "
            "depend on the gradient's scale. You leave that division out."
        ),
        source="Duchi, Hazan, Singer (2011)",
        family=FAMILY,
        exposure="Ask for the updates.",
        changes=at(_undivided, UPDATE_STEP, *WITH_ROOT),
    ),
    Misconception(
        code="gradient_not_squared",
        title="Gradient not squared",
        explanation=(
            "What is accumulated for the root are squares of the gradient. You accumulate the "
            "gradient itself."
        ),
        source="Duchi, Hazan, Singer (2011)",
        family=FAMILY,
        exposure="Ask for the state.",
        changes=at(_put_for_square(lambda _, g: g), STATE, *WITH_ROOT),
        ungated=placed("(its magnitude)", _put_for_square(magnitudes), STATE, *WITH_ROOT),
    ),
    Misconception(
        code="decay_complement_missing",
        title="Factor of the new gradient missing",
        explanation=(
            "A moving average weighs what it has by the decay and what is new by one minus the "
            "decay. You add what is new with its whole weight."
        ),
        source="Tieleman, Hinton (2012); Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Ask for the state.",
        changes=at(_undecayed, STATE, *AVERAGING),
        ungated=in_turn(
            placed("of the mean", _undecayed_in("m"), STATE, *WITH_MEAN),
            placed("of the squares", _undecayed_in("s"), STATE, *WITH_MEAN),
        ),
    ),
    Misconception(
        code="decay_exchanged",
        title="Decay and its complement exchanged",
        explanation=(
            "The decay weighs what the average already has; one minus the decay weighs the new "
            "gradient. You have the two exchanged."
        ),
        source="Tieleman, Hinton (2012); Kingma, Ba (2015)",
        family=FAMILY,
        exposure="Use a decay other than one half, and ask for the state.",
        changes=at(_exchanged, STATE, *AVERAGING),
    ),
)
