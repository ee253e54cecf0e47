"""The functions that formulas use beside the operators."""

from collections.abc import Callable
from fractions import Fraction
from math import floor

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.boxes import (
    Box,
    Enclosed,
    Root,
    Scripts,
    Sign,
    enumeration,
)
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import Expression, Function, Letter, Number


def elementwise(
    name: str,
    rule: ElementwiseRule,
    *,
    write: Callable[..., Box] | None = None,
    is_prefix: bool = False,
) -> Function:
    """Return a function of entries, from a rule of elements."""

    def apply(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return arithmetic.map(rule, *matrices)

    return Function(name, apply, write, is_prefix=is_prefix)


def defined(
    name: str, formula: Callable[..., Expression], *letters: Letter, written: int | None = None
) -> Function:
    """Return the function that a formula defines.

    Args:
        name: what it is called.
        formula: `formula(*arguments)`, its value.
        letters: one for each argument.
        written: how many of its arguments are written.

    >>> from gradgrade.oracle.arithmetic.rational import Rational
    >>> square = defined("square", lambda z: z**2, Letter("z"))
    >>> square.apply(Rational(), Rational().matrix([[3]]))
    [[Fraction(9, 1)]]
    """
    value = formula(*letters)

    def apply(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return evaluate(value, dict(zip(letters, matrices, strict=True)), arithmetic)

    return Function(name, apply, written=written)


def _stacked(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.stack(*matrices)


def _pi(arithmetic: Arithmetic) -> Matrix:
    """Return π from the density of the normal distribution at 0, 1/√(2π)."""

    def from_density(numbers: Arithmetic, zero: Element) -> Element:
        density = numbers.normal_density(zero)
        return 1 / (2 * density * density)

    return arithmetic.map(from_density, arithmetic.matrix([[0]]))


def _cos(arithmetic: Arithmetic, angle: Matrix) -> Matrix:
    def in_half_turns(numbers: Arithmetic, angle: Element, pi: Element) -> Element:
        return numbers.cos_pi(angle / pi)

    return arithmetic.map(in_half_turns, angle, _pi(arithmetic))


half = Number(Fraction(1, 2))
exp = elementwise(
    "exp", lambda numbers, z: numbers.exp(z), write=lambda z: Scripts(Sign("e"), above=z)
)
ln = elementwise("ln", lambda numbers, z: numbers.log(z), is_prefix=True)
sqrt = elementwise("√", lambda numbers, z: numbers.sqrt(z), write=Root)
magnitude = elementwise("abs", lambda _, z: abs(z), write=lambda z: Enclosed(z, "|", "|"))
sign = elementwise("sign", lambda numbers, z: 1 + numbers.below(z, -2))
larger = elementwise("max", lambda numbers, a, b: a + numbers.positive_part(b - a))
smaller = elementwise("min", lambda numbers, a, b: numbers.minimum(a, b))
whole_part = elementwise(
    "floor", lambda _, z: Fraction(floor(z)), write=lambda z: Enclosed(z, "⌊", "⌋")
)
tanh = elementwise("tanh", lambda numbers, z: numbers.tanh(z))
sech = elementwise("sech", lambda numbers, z: numbers.sech(z))
sigmoid = defined("σ", lambda z: 1 / (1 + exp(-z)), Letter("z"))
erf = elementwise(
    "erf", lambda numbers, z: 2 * numbers.normal_distribution(z * numbers.sqrt(2 + 0 * z)) - 1
)
normal_distribution = elementwise("Φ", lambda numbers, z: numbers.normal_distribution(z))
normal_density = elementwise("φ", lambda numbers, z: numbers.normal_density(z))
pi = Function("π", _pi, lambda: Sign("π"))()
cos = Function("cos", _cos, is_prefix=True)
sequence = Function("", _stacked, enumeration)
