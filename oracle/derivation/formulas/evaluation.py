"""What a formula is worth, in any arithmetic, on matrices as the convention has them.

Letters of an index take no entry out of a matrix: a formula with free indices holds for every
entry, so that Σ_j (a ∘ b)_j is the sum of a ∘ b over the units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.derivation.formulas.expression import (
    Abbreviated,
    Bracketed,
    Call,
    Entry,
    Equality,
    Expression,
    Hadamard,
    Letter,
    MatrixProduct,
    Named,
    Negative,
    Number,
    Numeral,
    Numerals,
    Power,
    Product,
    Quotient,
    Rearranged,
    Sum,
    Total,
    TotalOfEach,
    Transposed,
    Where,
)
from gradgrade.oracle.derivation.formulas.rewriting import written_out
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Convention

Known = Mapping[Name | Letter, Matrix]
"""The matrices of the quantities, and of the letters that have no value of their own."""


def evaluate(
    formula: Expression,
    known: Known,
    arithmetic: Arithmetic,
    *,
    convention: Convention = "column",
) -> Matrix:
    """Return the value of a formula.

    Args:
        formula: in the convention's own form.
        known: a matrix for every name and letter in it; in row convention, where samples are rows,
            each is the transpose of what a walk knows.
        arithmetic: the number system, active where it must be.
        convention: whether samples are columns or rows.

    Raises:
        KeyError: a name or a letter is not known.
        UndefinedValue: the formula has no value here.

    >>> from gradgrade.oracle.arithmetic.rational import Rational
    >>> a, y, rational = Letter("a"), Letter("y"), Rational()
    >>> known = {a: rational.matrix([[3, 1]]), y: rational.matrix([[1]])}
    >>> evaluate((a - y) ** 2 / 3, known, rational)
    [[Fraction(4, 3), Fraction(0, 1)]]
    """
    return _Evaluation(known, arithmetic, convention == "row").of(formula)


def exact(formula: Expression) -> Fraction:
    """Return the value of a formula of numbers, and of letters that have a value."""
    ((value,),) = evaluate(formula, {}, Rational())
    return Fraction(value)


@dataclass(frozen=True)
class _Evaluation:
    known: Known
    arithmetic: Arithmetic
    is_row: bool

    def of(self, formula: Expression) -> Matrix:
        match formula:
            case Named() | Letter() | Number() | Numeral() | Numerals():
                return self._leaf(formula)
            case Call(function, arguments):
                turned = [self._turned(self.of(each)) for each in arguments]
                return self._turned(function.apply(self.arithmetic, *turned))
            case Rearranged(of, shape):
                return self._turned(self.arithmetic.reshape(self._turned(self.of(of)), *shape))
            case Sum(terms):
                return self._sum(terms)
            case Where():
                return self._where(formula)
            case Equality(left):
                return self.of(left)
            case Abbreviated(of, letter, value):
                return replace(self, known={**self.known, letter: self.of(value)}).of(of)
        return self._of_operands(formula)

    def _of_operands(self, formula: Expression) -> Matrix:
        arithmetic, of = self.arithmetic, self.of
        match formula:
            case Negative(operand):
                return arithmetic.map(lambda _, z: -z, of(operand))
            case Product(left, right) | Hadamard(left, right):
                return arithmetic.multiply(of(left), of(right))
            case MatrixProduct(left, right):
                return arithmetic.dot(of(left), of(right))
            case Quotient(above, below):
                return arithmetic.map(_quotient, of(above), of(below))
            case Power(base, exponent):
                return self._power(of(base), exact(exponent))
            case Transposed(operand):
                return arithmetic.transpose(of(operand))
            case Entry(operand) | Bracketed(operand):
                return of(operand)
            case Total(operand, index):
                return arithmetic.sum(of(operand), self._axis(index))
            case TotalOfEach():
                return of(written_out(formula))
        raise TypeError(f"{formula!r} has no value")

    def _leaf(self, formula: Named | Letter | Number | Numeral | Numerals) -> Matrix:
        match formula:
            case Named(name):
                return self.known[name]
            case Letter(value=count):
                return self.known[formula] if count is None else self.arithmetic.matrix([[count]])
            case Number(value, shape):
                rows, columns = reversed(shape) if self.is_row else shape
                return self.arithmetic.matrix([[value] * columns] * rows)
            case Numeral(text):
                return self.arithmetic.matrix([[Fraction(text)]])
            case Numerals(rows_of_texts):
                return self.arithmetic.matrix([[*map(Fraction, each)] for each in rows_of_texts])

    def _sum(self, terms: tuple[Expression, ...]) -> Matrix:
        first, *others = terms
        total = self.of(first)
        for term in others:
            if isinstance(term, Negative):
                total = self.arithmetic.subtract(total, self.of(term.of))
            else:
                total = self.arithmetic.add(total, self.of(term))
        return total

    def _power(self, base: Matrix, exponent: Fraction) -> Matrix:
        if exponent.denominator == 1:
            return self.arithmetic.map(lambda _, z: z**exponent.numerator, base)
        if exponent.denominator != 2:
            raise TypeError(f"{exponent} is no whole or half power")
        return self.arithmetic.map(lambda numbers, z: numbers.sqrt(z) ** exponent.numerator, base)

    def _where(self, formula: Where) -> Matrix:
        def chosen(
            numbers: Arithmetic, larger: Element, smaller: Element, then: Element, other: Element
        ) -> Element:
            return then + numbers.below(larger - smaller, other - then)

        condition = formula.condition
        sides = (self.of(condition.left), self.of(condition.right))
        ordered = sides if condition.sign == ">" else reversed(sides)
        return self.arithmetic.map(
            chosen, *ordered, self.of(formula.then), self.of(formula.otherwise)
        )

    def _turned(self, matrix: Matrix) -> Matrix:
        """Return a matrix with samples as columns, or one of those as the convention has it."""
        return self.arithmetic.transpose(matrix) if self.is_row else matrix

    def _axis(self, index: str) -> int | None:
        """Return the axis that the letters of an index run along: n samples, j and k units."""
        letters = set(index) - {","}
        if not letters or ("n" in letters and len(letters) > 1):
            return None
        return int((letters == {"n"}) != self.is_row)


def _quotient(numbers: Arithmetic, above: Element, below: Element) -> Element:
    return numbers.divide(above, below)
