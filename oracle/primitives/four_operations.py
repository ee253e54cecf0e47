"""Sum, difference, product, quotient, power and change of sign, entry by entry.

The gradient of an operand is summed over the axes along which it was repeated.
"""

from __future__ import annotations

from fractions import Fraction

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, Number
from gradgrade.oracle.derivation.formulas.functions import hadamard, sqrt
from gradgrade.oracle.derivation.steps import Rule, unchanged
from gradgrade.oracle.primitives.elementwise import Slope, each_entry, elementwise_operation
from gradgrade.oracle.primitives.primitive import VALUE, Operand, Operation, Primitive

MOST_EXPONENT = 64

TEN = 10

_negated = each_entry(lambda _, a: -a)

_UNCHANGED = Slope((), unchanged, lambda up: up)
_NEGATED = Slope((), _negated, lambda up: -up)


def add(left: Operand, right: Operand) -> Operation:
    """Return left + right."""
    return elementwise_operation(
        left,
        right,
        value=lambda numbers, a, b: numbers.add(a, b),
        formula=lambda a, b: a + b,
        slopes=(_UNCHANGED, _UNCHANGED),
    )


def subtract(left: Operand, right: Operand) -> Operation:
    """Return left − right."""
    return elementwise_operation(
        left,
        right,
        value=lambda numbers, a, b: numbers.subtract(a, b),
        formula=lambda a, b: a - b,
        slopes=(_UNCHANGED, _NEGATED),
    )


def negative(of: Operand) -> Operation:
    """Return −of."""
    return elementwise_operation(of, value=_negated, formula=lambda a: -a, slopes=(_NEGATED,))


def multiply(left: Operand, right: Operand) -> Operation:
    """Return left ∘ right: each operand's gradient is the upstream one times the other."""
    return elementwise_operation(
        left,
        right,
        value=_multiplied,
        formula=hadamard,
        slopes=(Slope((1,), _multiplied, hadamard), Slope((0,), _multiplied, hadamard)),
    )


_OTHER_QUOTIENTS: tuple[tuple[tuple[int, ...], ElementwiseRule], ...] = (
    ((VALUE, 1), lambda numbers, up, value, b: -numbers.divide(up * value, b)),
    # By hand the local derivative is worked out and rounded first.
    ((VALUE, 1), lambda numbers, up, value, b: -up * numbers.divide(value, b)),
    ((0, 1), lambda numbers, up, a, b: -up * numbers.divide(a, b * b)),
)


_BY_ITS_INVERSE: tuple[tuple[int, ...], Rule] = (
    (1,),
    each_entry(lambda numbers, up, b: up * numbers.divide(1 + 0 * b, b)),
)


def divide(left: Operand, right: Operand) -> Operation:
    """Return left / right; ∂/∂right is −left / right², or −(left / right) / right."""
    n = right.constant
    if n is not None and n.denominator == 1 and 1 < n < TEN:
        return _divided_by(int(n), left, right)
    return elementwise_operation(
        left,
        right,
        value=each_entry(lambda numbers, a, b: numbers.divide(a, b)),
        formula=lambda a, b: a / b,
        slopes=(
            Slope(
                (1,),
                each_entry(lambda numbers, up, b: numbers.divide(up, b)),
                lambda up, b: up / b,
                _BY_ITS_INVERSE,
            ),
            Slope(
                (0, 1),
                each_entry(lambda numbers, up, a, b: -numbers.divide(up * a, b * b)),
                lambda up, a, b: -(hadamard(up, a) / b**2),
                *((reads, each_entry(rule)) for reads, rule in _OTHER_QUOTIENTS),
            ),
        ),
    )


def _divided_by(count: int, left: Operand, right: Operand) -> Operation:
    """Return left / n for 2 to 9: of one digit, which nobody rounds, it stays a whole number."""

    def divided(numbers: Arithmetic, matrix: Matrix, *_: Matrix) -> Matrix:
        return numbers.divide_by(matrix, count)

    return elementwise_operation(
        left,
        right,
        value=divided,
        formula=lambda a, b: a / b,
        slopes=(Slope((), divided, lambda up: up / Number(Fraction(count)), _BY_ITS_INVERSE), None),
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
    to_power, to_one_less = _to_power(n), _to_power(n - 1)
    return elementwise_operation(
        base,
        exponent,
        value=lambda numbers, a, _: numbers.map(to_power, a),
        formula=lambda a, _: _written_power(a, n),
        slopes=(
            Slope(
                (0,),
                each_entry(lambda numbers, up, a: up * _times(n, to_one_less(numbers, a), a)),
                lambda up, a: hadamard(up, Number(n) * _written_power(a, n - 1)),
            ),
            None,
        ),
    )


def _multiplied(numbers: Arithmetic, left: Matrix, right: Matrix) -> Matrix:
    return numbers.multiply(left, right)


def _to_power(n: Fraction) -> ElementwiseRule:
    """Return the rule that raises to a power."""
    size, is_half, is_inverse = int(abs(n)), n.denominator == 2, n < 0

    def rule(numbers: Arithmetic, a: Element) -> Element:
        found = numbers.power(a, size) if size else None
        if is_half:
            root = numbers.sqrt(a)
            found = root if found is None else found * root
        if found is None:
            return 1 + 0 * a
        return numbers.divide(1 + 0 * a, found) if is_inverse else found

    return rule


def _times(n: Fraction, value: Element, like: Element) -> Element:
    """Return n · value, with n as a number that every arithmetic multiplies exactly."""
    multiple = n.numerator * value
    return multiple if n.denominator == 1 else multiple / n.denominator + 0 * like


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
