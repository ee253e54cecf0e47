"""What formulas are written with beside the operators: constructors, and named functions."""

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Literal

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.boxes import (
    Box,
    Enclosed,
    Root,
    Scripts,
    Sign,
    enumeration,
    row,
    sentence,
)
from gradgrade.oracle.derivation.formulas.evaluation import evaluate
from gradgrade.oracle.derivation.formulas.expression import (
    Bracketed,
    Comparison,
    Expression,
    Function,
    Hadamard,
    Letter,
    Number,
    Quotient,
    Sum,
    Where,
    as_expression,
)


def sum_of(*terms: Expression) -> Expression:
    """Return the sum of one or more terms."""
    return Sum(terms) if len(terms) > 1 else terms[0]


def hadamard(first: Expression, *others: Expression) -> Expression:
    """Return first ∘ second, and so on."""
    for other in others:
        first = Hadamard(first, other)
    return first


def in_line(above: Expression | int, below: Expression | int) -> Quotient:
    """Return above / below, written with a slash."""
    return Quotient(as_expression(above), as_expression(below), in_line=True)


def bracketed(of: Expression, brackets: Literal["()", "[]"] = "()") -> Bracketed:
    """Return something in brackets that stand whether they are needed or not."""
    return Bracketed(of, brackets)


def where(condition: Comparison, then: Expression | int, otherwise: Expression | int) -> Where:
    """Return one thing where a condition holds, and another elsewhere."""
    return Where(condition, as_expression(then), as_expression(otherwise))


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


def in_one_entry(
    of: Expression | int, shape: tuple[int, int], place: int, *, number: int
) -> Expression:
    """Return what has something in one entry and 0 in all others.

    Args:
        of: the entry.
        shape: of the matrix.
        place: of the entry, from 0, row by row.
        number: what the entry is called by: its place in a document's array, from 1.

    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> to_plain(Letter("b") - in_one_entry(Letter("h"), (1, 3), 1, number=2))
    'b - h in entry 2'
    """
    rows, columns = shape

    def apply(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        ones = [[int(i * columns + j == place) for j in range(columns)] for i in range(rows)]
        return arithmetic.multiply(arithmetic.matrix(ones), matrix)

    return Function("in entry", apply, lambda of: row(of, sentence(f" in entry {number}")))(of)


def _stacked(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.stack(*matrices)


def _pi(arithmetic: Arithmetic) -> Matrix:
    """Return π from the density of the normal distribution at 0, 1/√(2π)."""

    def from_density(numbers: Arithmetic, zero: Element) -> Element:
        density = numbers.normal_density(zero)
        return 1 / (2 * density * density)

    return arithmetic.map(from_density, arithmetic.matrix([[0]]))


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
cos = elementwise("cos", lambda numbers, z: numbers.cos(z), is_prefix=True)
sin = elementwise("sin", lambda numbers, z: numbers.sin(z), is_prefix=True)
sequence = Function("", _stacked, enumeration)
