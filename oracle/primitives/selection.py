"""Primitives that choose: larger and smaller ones, conditions, and what no gradient passes.

A comparison is 1 where it holds and 0 where it does not, and nothing where both sides are equal:
there its gradient has no one value.
"""

from __future__ import annotations

from dataclasses import replace

from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.formulas.functions import (
    hadamard,
    larger,
    magnitude,
    sign,
    smaller,
    where,
)
from gradgrade.oracle.derivation.steps import unchanged
from gradgrade.oracle.primitives.elementwise import Slope, each_entry, elementwise_operation
from gradgrade.oracle.primitives.primitive import Operand, Operation, Primitive, check_mask


def absolute(z: Operand) -> Operation:
    """Return |z|; its slope is the sign of z."""
    return elementwise_operation(
        z,
        value=each_entry(lambda _, z: abs(z)),
        formula=magnitude,
        slopes=(
            Slope(
                (0,),
                each_entry(lambda numbers, up, z: up * (1 + numbers.below(z, -2))),
                lambda up, z: hadamard(up, sign(z)),
            ),
        ),
    )


def maximum(left: Operand, right: Operand) -> Operation:
    """Return the larger of two, which is passed the gradient."""
    return elementwise_operation(
        left,
        right,
        value=each_entry(lambda numbers, a, b: -numbers.minimum(-a, -b)),
        formula=larger,
        slopes=(
            Slope((0, 1), each_entry(_passed_where_larger), _written_where_larger),
            Slope((1, 0), each_entry(_passed_where_larger), _written_where_larger),
        ),
    )


def minimum(left: Operand, right: Operand) -> Operation:
    """Return the smaller of two, which is passed the gradient."""
    return elementwise_operation(
        left,
        right,
        value=each_entry(lambda numbers, a, b: numbers.minimum(a, b)),
        formula=smaller,
        slopes=(
            Slope((1, 0), each_entry(_passed_where_larger), _written_where_larger),
            Slope((0, 1), each_entry(_passed_where_larger_first), _written_where_smaller),
        ),
    )


def clip(z: Operand, low: Operand, high: Operand) -> Operation:
    """Return z held between two bounds; it is passed the gradient where it lies between them.

    Raises:
        ValueError: the bounds are no numbers.
    """
    if low.constant is None or high.constant is None:
        raise ValueError("the bounds of clip are numbers: clip(x, -1, 1)")
    return elementwise_operation(
        z,
        low,
        high,
        value=each_entry(
            lambda numbers, z, low, high: numbers.minimum(-numbers.minimum(-z, -low), high)
        ),
        formula=lambda z, low, high: smaller(larger(z, low), high),
        slopes=(
            Slope(
                (0, 1, 2),
                each_entry(
                    lambda numbers, up, z, low, high: (
                        up * _holds(numbers, z, low) * _holds(numbers, high, z)
                    )
                ),
                lambda up, z, low, high: hadamard(up, where(z > low, 1, 0), where(z < high, 1, 0)),
            ),
            None,
            None,
        ),
    )


def greater(left: Operand, right: Operand) -> Operation:
    """Return 1 where left > right and 0 where it is less."""
    return elementwise_operation(
        left,
        right,
        value=each_entry(_holds),
        formula=lambda a, b: where(a > b, 1, 0),
        slopes=(None, None),
    )


def less(left: Operand, right: Operand) -> Operation:
    """Return 1 where left < right and 0 where it is greater."""
    return elementwise_operation(
        left,
        right,
        value=each_entry(lambda numbers, a, b: _holds(numbers, b, a)),
        formula=lambda a, b: where(a < b, 1, 0),
        slopes=(None, None),
    )


def where_holds(mask: Operand, then: Operand, otherwise: Operand) -> Operation:
    """Return the one where a mask is 1, the other where it is 0; each is passed its part.

    Raises:
        ValueError: the first operand is no condition.
    """
    check_mask(mask)
    return elementwise_operation(
        mask,
        then,
        otherwise,
        value=each_entry(lambda numbers, m, a, b: numbers.choose(m, a, b)),
        formula=lambda m, a, b: hadamard(m, a) + hadamard(1 - m, b),
        slopes=(
            None,
            Slope((0,), lambda numbers, up, m: numbers.multiply(up, m), hadamard),
            Slope(
                (0,), each_entry(lambda _, up, m: up * (1 - m)), lambda up, m: hadamard(up, 1 - m)
            ),
        ),
    )


def stop_gradient(z: Operand) -> Operation:
    """Return z itself, through which nothing is derived."""
    operation = elementwise_operation(z, value=unchanged, formula=lambda z: z, slopes=(None,))
    return replace(operation, is_held=True)


def _holds(numbers: Arithmetic, greater: Element, less: Element) -> Element:
    """Return 1 where one is greater than the other, 0 where it is less."""
    return 1 + numbers.below(greater - less, -1)


def _passed_where_larger(numbers: Arithmetic, up: Element, own: Element, other: Element) -> Element:
    return up * _holds(numbers, own, other)


def _passed_where_larger_first(
    numbers: Arithmetic, up: Element, left: Element, right: Element
) -> Element:
    """Return what the second of a minimum is passed: where the first is the larger."""
    return up * _holds(numbers, left, right)


def _written_where_larger(up: Expression, own: Expression, other: Expression) -> Expression:
    return hadamard(up, where(own > other, 1, 0))


def _written_where_smaller(up: Expression, left: Expression, right: Expression) -> Expression:
    return hadamard(up, where(left > right, 1, 0))


SELECTION = (
    Primitive(name="abs", operands=(1, 1), bind=absolute, source="numpy.abs"),
    Primitive(name="maximum", operands=(2, 2), bind=maximum, source="numpy.maximum"),
    Primitive(name="minimum", operands=(2, 2), bind=minimum, source="numpy.minimum"),
    Primitive(name="clip", operands=(3, 3), bind=clip, source="numpy.clip"),
    Primitive(name="where", operands=(3, 3), bind=where_holds, source="numpy.where"),
    Primitive(name="greater", operands=(2, 2), bind=greater, source="numpy.greater"),
    Primitive(name="greater_equal", operands=(2, 2), bind=greater, source="numpy.greater_equal"),
    Primitive(name="less", operands=(2, 2), bind=less, source="numpy.less"),
    Primitive(name="less_equal", operands=(2, 2), bind=less, source="numpy.less_equal"),
    Primitive(
        name="stop_gradient",
        operands=(1, 1),
        bind=stop_gradient,
        source="jax.lax.stop_gradient; torch.Tensor.detach",
        definition="def stop_gradient(x):\n    return x\n",
    ),
)
