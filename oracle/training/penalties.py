r"""Penalties on the weights that can be part of a loss.

l2: (λ/2) Σ W², whose gradient is λ W; l1: λ Σ |W|, whose gradient is λ sign(W), undefined at 0.
Each applies to all weights, frozen ones too, and to no bias.

Source: seed 001 names regularization, seed 003 L2; the ½ is of the convention that makes the
gradient λ W.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import (
    Expression,
    Letter,
    TotalOfEach,
)
from gradgrade.oracle.derivation.formulas.functions import half, magnitude, sign


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """A penalty on weights.

    Args:
        name: its name in documents, and of its factor λ among the givens.
        value_name: the name of the penalty among the steps.
        value: `value(arithmetic, λ, *weights)`, summed over all weights.
        gradient: `gradient(arithmetic, λ, W)`, for one layer's weights.
        formula: `formula(λ, *weights)`, the value.
        gradient_formula: `gradient_formula(λ, W)`, the gradient.
    """

    name: str
    value_name: str
    value: Callable[..., Matrix]
    gradient: Callable[[Arithmetic, Matrix, Matrix], Matrix]
    formula: Callable[..., Expression]
    gradient_formula: Callable[[Expression, Expression], Expression]


def add_all(arithmetic: Arithmetic, first: Matrix, *others: Matrix) -> Matrix:
    """Return the sum of its arguments."""
    for other in others:
        first = arithmetic.add(first, other)
    return first


def _l1(arithmetic: Arithmetic, factor: Matrix, *weights: Matrix) -> Matrix:
    sums = (arithmetic.sum(arithmetic.map(lambda _, w: abs(w), each)) for each in weights)
    return arithmetic.multiply(factor, add_all(arithmetic, *sums))


def _l1_gradient(arithmetic: Arithmetic, factor: Matrix, weights: Matrix) -> Matrix:
    def factor_with_sign(numbers: Arithmetic, w: Element, factor: Element) -> Element:
        return factor + numbers.below(w, -2 * factor)

    return arithmetic.map(factor_with_sign, weights, factor)


def _l2(arithmetic: Arithmetic, factor: Matrix, *weights: Matrix) -> Matrix:
    sums = (arithmetic.sum(arithmetic.multiply(each, each)) for each in weights)
    return arithmetic.divide_by(arithmetic.multiply(factor, add_all(arithmetic, *sums)), 2)


def _l2_gradient(arithmetic: Arithmetic, factor: Matrix, weights: Matrix) -> Matrix:
    return arithmetic.multiply(factor, weights)


_W = Letter("W")

_ALL = (
    Penalty(
        name="l1",
        value_name="l1_penalty",
        value=_l1,
        gradient=_l1_gradient,
        formula=lambda factor, *weights: factor * TotalOfEach(magnitude(_W), _W, weights),
        gradient_formula=lambda factor, w: factor * sign(w),
    ),
    Penalty(
        name="l2",
        value_name="l2_penalty",
        value=_l2,
        gradient=_l2_gradient,
        formula=lambda factor, *weights: half * factor * TotalOfEach(_W**2, _W, weights),
        gradient_formula=lambda factor, w: factor * w,
    ),
)

PENALTIES: Mapping[str, Penalty] = MappingProxyType({each.name: each for each in _ALL})
