"""Mistakes with normalization: statistics taken for constants, or by another formula."""

from fractions import Fraction
from operator import add

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Normalized
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.programs.statistics import EPSILON_OUTSIDE, unbiased
from gradgrade.problems.misconceptions.recognition import lines_passed, positions, rows_and_columns
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    constant,
    root_scaled,
    ruled,
)

FAMILY = "normalization"
INNER = "Put a layer before it, and ask for that layer's gradients."


def _normalized(step: Step) -> Normalized | None:
    """Return the normalization through which a step passes the gradient of its input back."""
    lines = (each for each in lines_passed(step) if isinstance(each, Normalized))
    return next((line for line in lines if line.deviation in step.reads), None)


def _layer(step: Step) -> int:
    line = _normalized(step)
    return line.deviation.layer if line else step.name.layer


def _constant_statistics(derivation: Derivation, step: Step) -> Step | None:
    line = _normalized(step)
    if line is None:
        return None
    grouped = rows_and_columns(derivation, line.normalized)
    shape = step.quantity.matrix_shape

    def rule(
        arithmetic: Arithmetic, da: Matrix, gamma: Matrix, _: Matrix, deviation: Matrix
    ) -> Matrix:
        g = arithmetic.multiply(arithmetic.reshape(da, *grouped), gamma)
        dx = arithmetic.map(lambda _, g, deviation: g / deviation, g, deviation)
        return arithmetic.reshape(dx, *shape)

    return ruled(step, rule, reads=step.reads[:4])


def _constant_deviation(_: Derivation, step: Step) -> Step | None:
    line = _normalized(step)
    return before(step, positions(step, {line.normalized}), constant(0)) if line else None


def _unbiased(_: Derivation, step: Step) -> Step | None:
    """The variance grows with the square of x: √(n / (n − 1)) x has the unbiased one of x."""
    line = step.role
    if not isinstance(line, Normalized) or step.name != line.deviation or line.count < 2:
        return None
    return before(step, (0,), root_scaled(Fraction(line.count, line.count - 1)))


def _epsilon_outside(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Normalized):
        return None
    epsilon = step.role.epsilon
    without = before(step, positions(step, {epsilon}), constant(0))
    if without is None:
        return None
    return after(without, by_operations(add), epsilon)


NORMALIZATION = (
    Misconception(
        code="normalization_statistics_constant",
        title="Mean and variance taken for constants",
        explanation=(
            "Mean and variance depend on every entry that they are taken over, so the gradient "
            "has a way through each of them. You divide by the deviation alone."
        ),
        source="Ioffe, Szegedy (2015)",
        family=FAMILY,
        exposure=INNER,
        changes=layer_by_layer(_constant_statistics, layer_of=_layer),
    ),
    Misconception(
        code="normalization_variance_constant",
        title="Variance taken for a constant",
        explanation=(
            "The gradient goes back through the mean and through the variance. You leave out the "
            "way through the variance."
        ),
        source="Ioffe, Szegedy (2015)",
        family=FAMILY,
        exposure=INNER,
        changes=layer_by_layer(_constant_deviation, layer_of=_layer),
    ),
    Misconception(
        code="unbiased_variance",
        title="Unbiased variance",
        explanation=(
            "Normalization divides the sum of squares by how many entries there are. You divide by "
            "one less, the unbiased estimate of statistics."
        ),
        source="Ioffe, Szegedy (2015)",
        family=FAMILY,
        exposure="Use few samples, or few units where it normalizes over those.",
        changes=layer_by_layer(_unbiased),
        ungated=unbiased,
    ),
    Misconception(
        code="epsilon_outside_root",
        title="ε outside the root",
        explanation=(
            "Normalization adds ε to the variance, under the root. You add it to the root."
        ),
        source="Ioffe, Szegedy (2015)",
        family=FAMILY,
        exposure="Give ε a value that shows beside the variance.",
        changes=layer_by_layer(_epsilon_outside),
        ungated=EPSILON_OUTSIDE,
    ),
)
