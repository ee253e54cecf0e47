"""From a formula to its layout: parentheses where they are needed, products as people set them."""

from collections.abc import Iterator
from enum import IntEnum
from itertools import chain

from gradgrade.oracle.derivation.formulas.boxes import (
    THIN_SPACE,
    Between,
    Box,
    Enclosed,
    Face,
    Fraction,
    Grid,
    Row,
    Scripts,
    Sign,
    Under,
    enumeration,
    numeral,
    row,
    sentence,
    separated,
    word,
)
from gradgrade.oracle.derivation.formulas.expression import (
    Abbreviated,
    Bracketed,
    Call,
    Comparison,
    Entry,
    Equality,
    Expression,
    Function,
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
    Sized,
    Sum,
    Total,
    TotalOfEach,
    Transposed,
    Where,
    parts,
)
from gradgrade.oracle.derivation.formulas.rewriting import in_next_iteration
from gradgrade.oracle.derivation.formulas.symbols import symbol
from gradgrade.oracle.exact_numbers import DIGITS_OF_DOUBLES

MOST_ALIKE = 4
"""So many terms of a sum are written out that go on from iteration to iteration; of more, some."""


class Binding(IntEnum):
    """How tightly an expression holds together; Σ and ln reach as far to the right as they can."""

    STATEMENT = 0
    SUM = 1
    NEGATIVE = 2
    REACHING = 3
    PRODUCT = 4
    MATRIX_PRODUCT = 5
    POWER = 6
    ATOM = 7


def layout(formula: Expression) -> Box:
    """Return the layout of a formula."""
    return numeral(formula.text) if isinstance(formula, Numeral) else _Writer().of(formula)


class _Writer:
    """Lays formulas out; among the terms of a sum an indexed Σ is small."""

    def __init__(self, *, among_terms: bool = False) -> None:
        self.among_terms = among_terms

    def of(self, formula: Expression) -> Box:
        match formula:
            case Number() | Numeral() | Numerals() | Letter() | Named() | Sized():
                return _leaf(formula)
            case Sum(terms):
                return Row(tuple(chain.from_iterable(self._terms(terms))))
            case Total(of, index):
                return row(*self._sum_sign(index), self._operand(of, Binding.REACHING))
            case TotalOfEach(of):
                return row(*self._sum_sign(""), self._operand(of, Binding.REACHING))
            case Entry(of, index):
                return self._entry(of, index)
            case Rearranged(of):
                return self.of(of)
            case Equality() | Comparison() | Where() | Abbreviated():
                return self._statement(formula)
            case Call():
                return self._call(formula)
        return self._of_operands(formula)

    def _of_operands(self, formula: Expression) -> Box:
        match formula:
            case Negative(of):
                return row(Sign("-"), self._operand(of, Binding.REACHING))
            case Bracketed(of, brackets):
                opening, closing = brackets
                return Enclosed(self.of(of), opening, closing, stretches=True)
            case Product():
                return self._product(formula)
            case Hadamard(left, right):
                operands = self._first(left, Binding.PRODUCT), self._operand(right, Binding.PRODUCT)
                return separated(operands, Between("∘"))
            case MatrixProduct(left, right):
                factors = [self._operand(each, Binding.MATRIX_PRODUCT) for each in (left, right)]
                return separated(factors, Between(THIN_SPACE))
            case Quotient(above, below, True):
                operands = self._first(above, Binding.PRODUCT), self._operand(below, Binding.POWER)
                return separated(operands, Between("/"))
            case Quotient(above, below):
                return Fraction(self.of(above), self.of(below), _is_of_numbers(formula))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Transposed(of):
                return Scripts(self._operand(of, Binding.ATOM), above=Sign("ᵀ"), is_held=True)
        raise TypeError(f"{formula!r} is no formula")

    def _operand(self, formula: Expression, needed: Binding) -> Box:
        inside = self.of(formula)
        if _binding(formula) >= needed:
            return inside
        return Enclosed(inside, stretches=_is_tall(inside))

    def _first(self, formula: Expression, needed: Binding) -> Box:
        """Return an operand that nothing stands before: a minus needs no parentheses there."""
        is_negative = _binding(formula) is Binding.NEGATIVE
        return self._operand(formula, Binding.NEGATIVE if is_negative else needed)

    def _terms(self, terms: tuple[Expression, ...]) -> Iterator[tuple[Box, ...]]:
        writer = _Writer(among_terms=True)
        first, *others = _shortened(terms)
        assert first is not None
        yield (writer._first(first, Binding.REACHING),)
        for term in others:
            if term is None:
                yield Between("+"), Sign("⋯")
                continue
            of = _opposite(term)
            if of is None:
                yield Between("+"), writer._operand(term, Binding.REACHING)
            else:
                yield Between("-"), writer._operand(of, Binding.REACHING)

    def _product(self, formula: Product) -> Box:
        first = self._first(formula.left, Binding.PRODUCT)
        second = self._operand(formula.right, Binding.REACHING)
        if _is_own_name(formula.right) and not isinstance(formula.left, Number):
            # Names that somebody chose would read as one.
            return row(first, Between("·"), second)
        if _stand_close(first, second):
            return row(first, second)
        return row(first, Between("·" if _needs_a_dot(formula.right) else ""), second)

    def _power(self, base: Expression, exponent: Expression) -> Box:
        below, above = self._operand(base, Binding.ATOM), self.of(exponent)
        match below:
            case Scripts(inner, index, None):
                return Scripts(inner, index, row(above))
            case Sign(text) if text[0].isdigit():
                return Scripts(below, above=row(above))
            case Fraction():
                return Scripts(Enclosed(below, stretches=True), above=above)
        return Scripts(below, above=above, is_held=isinstance(below, Scripts | Grid | Under))

    def _entry(self, of: Expression, index: str) -> Box:
        inside = self.of(of)
        if not isinstance(inside, Sign) and not isinstance(of, Bracketed):
            inside = Enclosed(inside)
        return Scripts(inside, _index(index))

    def _sum_sign(self, index: str) -> tuple[Box, Box]:
        if not index:
            return Sign("Σ"), Between()
        sign = Sign("Σ", Face.SMALL if self.among_terms else Face.SIGN)
        return Scripts(sign, _index(index)), Between()

    def _statement(self, formula: Equality | Comparison | Where | Abbreviated) -> Box:
        match formula:
            case Equality(left, right):
                return separated([self.of(left), self.of(right)], Between("="))
            case Comparison(left, sign, right):
                return separated([self.of(left), self.of(right)], Between(sign))
            case Where(condition, then, otherwise):
                cases = ((then, condition), (otherwise, condition.opposite))
                where = (Between(), sentence(" where "), Between())
                boxes = [row(self.of(one), *where, self.of(holds)) for one, holds in cases]
                return separated(boxes, Between(","))
            case Abbreviated(of, letter, value):
                return row(self.of(of), Between(","), self.of(Equality(letter, value)))

    def _call(self, formula: Call) -> Box:
        function, arguments = formula.function, formula.arguments[: formula.function.written]
        written = [self.of(each) for each in arguments]
        if function.write is not None:
            return function.write(*written)
        if function.is_prefix and _binding(arguments[0]) >= Binding.POWER:
            return row(_function_name(function.name), Between(), *written)
        return row(_function_name(function.name), enumeration(*written))


def _shortened(terms: tuple[Expression, ...]) -> Iterator[Expression | None]:
    """Yield terms; of many that go on alike the first two, None for what follows, and the last."""
    at = 0
    while at < len(terms):
        end = at + 1
        while end < len(terms) and in_next_iteration(terms[end - 1], terms[end]):
            end += 1
        if end - at > MOST_ALIKE:
            yield from (terms[at], terms[at + 1], None, terms[end - 1])
        else:
            yield from terms[at:end]
        at = end


def _leaf(formula: Number | Numeral | Numerals | Letter | Named | Sized) -> Box:
    match formula:
        case Number():
            return _number(formula)
        case Letter(letter):
            return Sign(letter) if len(letter) == 1 else word(letter)
        case Named(name, letter, own):
            return Sign(letter) if letter else symbol(name, own)
        case Numeral(text):
            is_one_sign = not set(text) & set("-eE")
            return numeral(text) if is_one_sign else Enclosed(numeral(text))
        case Numerals(rows):
            return Grid(tuple(tuple(map(numeral, each)) for each in rows))
        case Sized(name, shape, own):
            return Under(symbol(name, own), separated([Sign(str(n)) for n in shape], Between("×")))


def _number(number: Number) -> Box:
    """Return a number: a whole fraction, or where that says nothing the shortest decimal."""
    value = abs(number.value)
    above, below = str(value.numerator), str(value.denominator)
    size: Box
    if number.text:
        size = numeral(number.text)
    elif max(len(above), len(below)) > DIGITS_OF_DOUBLES:
        # Of so many digits it is a double's, and as a fraction says nothing.
        size = numeral(repr(float(value)).removesuffix(".0"))
    else:
        size = Sign(above) if below == "1" else Fraction(Sign(above), Sign(below), True)
    return size if number.value >= 0 else row(Sign("-"), size)


def _binding(formula: Expression) -> Binding:
    match formula:
        case Equality() | Comparison() | Where() | Abbreviated():
            return Binding.STATEMENT
        case Sum():
            return Binding.SUM
        case Negative():
            return Binding.NEGATIVE
        case Number():
            return _binding_of_number(formula)
        case Total() | TotalOfEach() | Call(Function(is_prefix=True)):
            return Binding.REACHING
        case Product() | Hadamard() | Quotient(in_line=True):
            return Binding.PRODUCT
        case MatrixProduct():
            return Binding.MATRIX_PRODUCT
        case Rearranged(of):
            return _binding(of)
        case Power() | Transposed() | Entry():
            return Binding.POWER
    return Binding.ATOM


def _opposite(term: Expression) -> Expression | None:
    """Return what a negative term is written as behind a minus; None of others."""
    match term:
        case Negative(of):
            return of
        case Number(value, shape, text) if value < 0:
            return Number(-value, shape, text)
    return None


def _binding_of_number(number: Number) -> Binding:
    """Return how tightly a number holds together: some have a sign, or a power of ten."""
    if number.value < 0:
        return Binding.NEGATIVE
    match _number(number):
        case Row():
            return Binding.PRODUCT
        case Scripts():
            return Binding.POWER
    return Binding.ATOM


def _is_of_numbers(formula: Expression) -> bool:
    """Tell whether there are numbers and counts alone in it."""
    inside = list(parts(formula))
    if inside:
        return all(map(_is_of_numbers, inside))
    has_value = isinstance(formula, Letter) and formula.value is not None
    return has_value or isinstance(formula, Number)


def _is_tall(inside: Box) -> bool:
    """Tell whether something is taller than a line."""
    match inside:
        case Fraction(_, _, is_small):
            return not is_small
        case Sign(text):
            return text == "Σ"
        case Row(items):
            return any(map(_is_tall, items))
        case Scripts(base):
            return _is_tall(base)
    return False


def _stand_close(first: Box, second: Box) -> bool:
    """Tell whether two factors stand without a space: two letters, a small fraction and its Σ."""
    match first, second:
        case Sign(left), Sign(right):
            return left.isascii() and left.isalpha() and right.isascii() and right.isalpha()
        case Fraction(_, _, True), Enclosed(stretches=True):
            return True
        case Fraction(_, _, True), Row((Sign("Σ") | Scripts(Sign("Σ")), *_)):
            return True
    return False


def _is_own_name(factor: Expression) -> bool:
    """Tell whether a factor begins with a name that the author of a program has chosen."""
    match factor:
        case Product(left) | Hadamard(left) | MatrixProduct(left) | Power(left):
            return _is_own_name(left)
        case Named(name, _, own):
            is_place = name.relations and name.relations[-1].what == "place"
            return own is not None and (is_place or (name.text in own.texts and not name.relations))
    return False


def _needs_a_dot(factor: Expression) -> bool:
    """Tell whether a factor begins with a number or a word, which would run into what is before."""
    match factor:
        case Product(left) | Hadamard(left) | MatrixProduct(left) | Power(left):
            return _needs_a_dot(left)
        case Named():
            begins = layout(factor)
            return isinstance(begins, Sign) and begins.face is Face.WORD
        case Number():
            return not isinstance(_number(factor), Fraction)
    return isinstance(factor, Numeral)


def _index(letters: str) -> Box:
    signs = tuple(map(Sign, letters))
    return signs[0] if len(signs) == 1 else Row(signs)


def _function_name(name: str) -> Box:
    stem = name.removesuffix("'")
    base = Sign(stem) if len(stem) == 1 else Sign(stem, Face.FUNCTION)
    return base if stem == name else row(base, Sign("'"))
