"""Sum, difference, product, quotient, power and change of sign, entry by entry.

The gradient of an operand is summed over the axes along which it was repeated.
"""

from __future__ import annotations

from fractions import Fraction

from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.formulas.expression import Expression, Number
from gradgrade.oracle.derivation.formulas.functions import hadamard, sqrt
from gradgrade.oracle.primitives.elementwise import Slope, elementwise_operation
from gradgrade.oracle.primitives.primitive import VALUE, Operand, Operation, Primitive

MOST_EXPONENT = 64

_UNCHANGED = Slope((), lambda _, up: up, lambda up: up)
_NEGATED = Slope((), lambda _, up: -up, lambda up: -up)


def add(left: Operand, right: Operand) -> Operation:
    """Return left + right."""
    return elementwise_operation(
        left,
        right,
        value=lambda _, a, b: a + b,
        formula=lambda a, b: a + b,
        slopes=(_UNCHANGED, _UNCHANGED),
    )


def subtract(left: Operand, right: Operand) -> Operation:
    """Return left − right."""
    return elementwise_operation(
        left,
        right,
        value=lambda _, a, b: a - b,
        formula=lambda a, b: a - b,
        slopes=(_UNCHANGED, _NEGATED),
    )


def negative(of: Operand) -> Operation:
    """Return −of."""
    return elementwise_operation(
        of, value=lambda _, a: -a, formula=lambda a: -a, slopes=(_NEGATED,)
    )


def multiply(left: Operand, right: Operand) -> Operation:
    """Return left ∘ right: each operand's gradient is the upstream one times the other."""
    return elementwise_operation(
        left,
        right,
        value=lambda _, a, b: a * b,
        formula=_product,
        slopes=(
            Slope((1,), lambda _, up, b: up * b, _product),
            Slope((0,), lambda _, up, a: up * a, _product),
        ),
    )


def divide(left: Operand, right: Operand) -> Operation:
    """Return left / right; ∂/∂right is −left / right², or −(left / right) / right."""
    return elementwise_operation(
        left,
        right,
        value=lambda numbers, a, b: numbers.divide(a, b),
        formula=lambda a, b: a / b,
        slopes=(
            Slope(
                (1,),
                lambda numbers, up, b: numbers.divide(up, b),
                lambda up, b: up / b,
                ((1,), lambda numbers, up, b: up * numbers.divide(1 + 0 * b, b)),
            ),
            Slope(
                (0, 1),
                lambda numbers, up, a, b: -numbers.divide(up * a, b * b),
                lambda up, a, b: -(hadamard(up, a) / b**2),
                ((VALUE, 1), lambda numbers, up, value, b: -numbers.divide(up * value, b)),
                # By hand the local derivative is worked out and rounded first.
                ((VALUE, 1), lambda numbers, up, value, b: -up * numbers.divide(value, b)),
                ((0, 1), lambda numbers, up, a, b: -up * numbers.divide(a, b * b)),
            ),
        ),
    )


def power(base: Operand, exponent: Operand) -> Operation:
    """Return base to a constant power, whole or half: ∂/∂base is n baseⁿ⁻¹.

    Raises:
        ValueError: the exponent is none of these, or too large.
    """
    n = exponent.constant
    if n is None:
        raise ValueError("the exponent is a number: x ** 2, x ** -1, x ** 0.5")
    if n.denominator not in (1, 2) or abs(n) > MOST_EXPONENT:
        raise ValueError(
            f"an exponent is whole or half, at most {MOST_EXPONENT} (got {float(n):g})"
        )
    return elementwise_operation(
        base,
        Operand(shape=(), constant=n),
        value=lambda numbers, a, _: _to_power(numbers, a, n),
        formula=lambda a, _: _written_power(a, n),
        slopes=(
            Slope(
                (0,),
                lambda numbers, up, a: up * _times(numbers, n, _to_power(numbers, a, n - 1), a),
                lambda up, a: hadamard(up, Number(n) * _written_power(a, n - 1)),
            ),
            None,
        ),
    )


def _product(left: Expression, right: Expression) -> Expression:
    return hadamard(left, right)


def _to_power(numbers: Arithmetic, a: Element, n: Fraction) -> Element:
    if n == 0:
        return 1 + 0 * a
    size = abs(n)
    whole = a ** int(size) if size >= 1 else None
    if size.denominator == 2:
        root = numbers.sqrt(a)
        whole = root if whole is None else whole * root
    return whole if n > 0 else numbers.divide(1 + 0 * a, whole)


def _times(_: Arithmetic, n: Fraction, value: Element, like: Element) -> Element:
    """Return n · value, with n as a number that every arithmetic multiplies exactly."""
    return (
        (n.numerator * value) / n.denominator + 0 * like
        if n.denominator != 1
        else (n.numerator * value)
    )


def _written_power(a: Expression, n: Fraction) -> Expression:
    if n == 1:
        return a
    if n.denominator == 1:
        return a ** Number(n)
    if n == Fraction(1, 2):
        return sqrt(a)
    return a ** Number(n)


FOUR_OPERATIONS = (
    Primitive(name="add", operands=(2, 2), bind=add, source="numpy.add, the operator +"),
    Primitive(name="subtract", operands=(2, 2), bind=subtract, source="numpy.subtract"),
    Primitive(name="multiply", operands=(2, 2), bind=multiply, source="numpy.multiply"),
    Primitive(name="divide", operands=(2, 2), bind=divide, source="numpy.divide"),
    Primitive(name="power", operands=(2, 2), bind=power, source="numpy.power, the operator **"),
    Primitive(name="negative", operands=(1, 1), bind=negative, source="numpy.negative"),
)
