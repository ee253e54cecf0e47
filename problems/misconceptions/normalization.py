"""Mistakes with normalization: statistics taken for constants, or by another formula."""

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.quantities import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.layers.normalization import EPSILON
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.finding import rows_and_columns
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    constant,
    root_scaled,
    ruled,
    where,
)

FAMILY = "normalization"
DEVIATION, NORMALIZED = "deviation_{}", "normalized_{}"
INNER = "Put a layer before it, and ask for that layer's gradients."


def _read(step: Step, kind: str) -> Name | None:
    return next((name for name in step.reads if name.kind == kind), None)


def _layer(step: Step) -> int:
    name = _read(step, DEVIATION)
    return name.layer if name else step.name.layer


def _is_way_back(step: Step) -> bool:
    return bool(_read(step, DEVIATION) and _read(step, NORMALIZED))


def _constant_statistics(derivation: Derivation, step: Step) -> Step | None:
    normalized = _read(step, NORMALIZED)
    if not _is_way_back(step) or normalized is None:
        return None
    grouped = rows_and_columns(derivation, normalized)
    shape = step.quantity.matrix_shape

    def rule(
        arithmetic: Arithmetic, da: Matrix, gamma: Matrix, _: Matrix, deviation: Matrix
    ) -> Matrix:
        g = arithmetic.multiply(arithmetic.reshape(da, *grouped), gamma)
        dx = arithmetic.map(lambda _, g, deviation: g / deviation, g, deviation)
        return arithmetic.reshape(dx, *shape)

    return ruled(step, rule, reads=step.reads[:4])


def _constant_deviation(_: Derivation, step: Step) -> Step | None:
    return before(step, where(step, NORMALIZED), constant(0)) if _is_way_back(step) else None


def _unbiased(derivation: Derivation, step: Step) -> Step | None:
    """The variance grows with the square of x: √(n / (n − 1)) x has the unbiased one of x."""
    if step.name.kind != DEVIATION:
        return None
    normalized = rows_and_columns(derivation, step.name._replace(kind=NORMALIZED))
    rows, columns = step.quantity.matrix_shape
    count = normalized[0] * normalized[1] // (rows * columns)
    return before(step, (0,), root_scaled(Fraction(count, count - 1))) if count > 1 else None


def _epsilon_outside(_: Derivation, step: Step) -> Step | None:
    epsilon = _read(step, EPSILON)
    without = before(step, where(step, EPSILON), constant(0))
    if epsilon is None or without is None:
        return None
    return after(without, lambda numbers, root, epsilon: numbers.add(root, epsilon), epsilon)


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
    ),
)
