"""Formulas made from formulas: quantities replaced, sums written out, rows for columns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

from gradgrade.oracle.derivation.formulas.expression import (
    ONES,
    Bracketed,
    Call,
    Expression,
    Hadamard,
    Leaf,
    Letter,
    MatrixProduct,
    Named,
    Negative,
    Number,
    Product,
    Quotient,
    Sum,
    Total,
    TotalOfEach,
    Transposed,
    decimal,
    parts,
)
from gradgrade.oracle.derivation.names import Name, OwnNames


def named_in(formula: Expression) -> Iterator[Name]:
    """Yield the name of every quantity that is written in a formula, as often as it is, in order.

    >>> from gradgrade.oracle.derivation.formulas.expression import Function
    >>> a, alpha = Named(Name("a", 1)), Named(Name("alpha", 1))
    >>> leaky = Function("leaky", lambda arithmetic, *matrices: matrices[0], written=1)
    >>> list(map(str, named_in(leaky(a, alpha) + a)))
    ['a1', 'a1']
    """
    match formula:
        case Named(name):
            yield name
        case Call(function, arguments):
            for argument in arguments[: function.written]:
                yield from named_in(argument)
        case _:
            for part in parts(formula):
                yield from named_in(part)


def put_in(formula: Expression, values: Mapping[Name, Expression]) -> Expression:
    """Return a formula with values in the place of quantities, and of letters that have one.

    >>> from gradgrade.oracle.derivation.formulas.expression import Numeral
    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> n, loss = Letter("N", 4), Name("loss")
    >>> to_plain(put_in(1 / n * (Named(loss) + Named(loss, "a")), {loss: Numeral("0.5")}))
    '1/4 (0.5 + 0.5)'
    """

    def value(part: Expression) -> Expression | None:
        match part:
            case Named(name):
                return values.get(name)
            case Letter(_, int(count)):
                return Number(Fraction(count))
        return None

    return replaced(formula, value)


def renamed(formula: Expression, names: Mapping[Name, Name]) -> Expression:
    """Return a formula of other quantities than those that it is of.

    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> a, b = Name("a", 1), Name("b", 1)
    >>> to_plain(renamed(2 * Named(a) + Named(b), {a: b}))
    '2 b1 + b1'
    """

    def other(part: Expression) -> Expression | None:
        return Named(names[part.name]) if isinstance(part, Named) and part.name in names else None

    return replaced(formula, other)


def written_out(formula: Expression) -> Expression:
    """Return a formula in which a sum for a letter that stands for several is a sum for each."""

    def sums(part: Expression) -> Expression | None:
        if not isinstance(part, TotalOfEach):
            return None
        return Bracketed(Sum(tuple(Total(_with(part.of, part.letter, one)) for one in part.each)))

    return replaced(formula, sums)


def in_rows(formula: Expression) -> Expression:
    """Return the formula, of the transposed matrices, of what a formula is of.

    Where samples are rows, every matrix is the transpose of what it is where they are columns: all
    that a formula changes is the order of the factors of its matrix products.

    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> weights, a, b = (Named(Name(text, 1)) for text in "Wab")
    >>> to_plain(in_rows(weights.T @ a + b))
    'a1 W1ᵀ + b1'
    """

    def reversed_product(part: Expression) -> Expression | None:
        if not isinstance(part, MatrixProduct):
            return None
        return MatrixProduct(in_rows(part.right), in_rows(part.left))

    return replaced(formula, reversed_product)


def with_own_names(formula: Expression, own: OwnNames) -> Expression:
    """Return a formula whose quantities are shown as the author of a program calls them.

    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> loss, own = Name("loss"), OwnNames(frozenset({"loss"}), "loss")
    >>> to_plain(Named(loss.gradient)), to_plain(with_own_names(Named(loss.gradient), own))
    ('∂L/∂L', '∂loss/∂loss')
    """

    def called(part: Expression) -> Expression | None:
        return replace(part, own=own) if isinstance(part, Named) else None

    return replaced(formula, called)


def in_next_iteration(term: Expression, other: Expression) -> bool:
    """Tell whether a term is another's of one iteration later, counting on with it if it counts.

    >>> stops = [Named(Name("stops", iteration=count)) for count in (1, 2, 3)]
    >>> in_next_iteration(stops[0], stops[1]), in_next_iteration(stops[0], stops[2])
    (True, False)
    >>> in_next_iteration(1 * stops[1], 2 * stops[2]), in_next_iteration(1 * stops[1], stops[2])
    (True, False)
    """
    moved = _moved_on(term, 0)
    return moved != term and other in (moved, _moved_on(term, 1))


def _moved_on(term: Expression, count: int) -> Expression:
    def next_one(part: Expression) -> Expression | None:
        match part:
            case Named(name) if name.iteration:
                return replace(part, name=name._replace(iteration=name.iteration + 1))
            case Number(value, _, ""):
                return replace(part, value=value + count)
        return None

    return replaced(term, next_one)


def replaced(formula: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Return a formula with every part that `change` has something for replaced by that."""
    changed = change(formula)
    if changed is not None:
        return changed
    if isinstance(formula, Leaf):
        return formula
    old = [getattr(formula, field) for field in formula.__slots__]
    new = [_replaced_in(value, change) for value in old]
    is_same = all(one is other for one, other in zip(old, new, strict=True))
    return formula if is_same else type(formula)(*new)


def simplified(formula: Expression) -> Expression:
    """Return a formula without what a 0, a 1 or a minus put into it makes empty.

    Several numbers that something is multiplied or divided by become one.

    >>> a, b = Named(Name("a", 1)), Named(Name("b", 1))
    >>> from gradgrade.oracle.derivation.formulas.plain import to_plain
    >>> to_plain(simplified(a * Number(Fraction(1)) + b * Number(Fraction(0))))
    'a1'
    >>> half = Number(Fraction(1, 2))
    >>> to_plain(simplified(-(-a) + half * Hadamard(a, 2 * b) - 4 * (half * b) / 4))
    'a1 + a1 ∘ b1 - b1/2'
    """
    if isinstance(formula, Leaf):
        return formula
    made = with_parts(formula, simplified)
    match made:
        case Sum(terms):
            left = tuple(each for each in terms if not _is(each, 0))
            if len(left) < 2:
                return next(iter(left), _NOTHING)
            return made if len(left) == len(terms) else Sum(left)
        case Transposed(of) if _is(of, 0):
            return of
        case Negative(of):
            return _negated(of)
        case Product(left, right) | Hadamard(left, right) | MatrixProduct(left, right) if _is(
            left, 0
        ) or _is(right, 0):
            return _NOTHING
        case Product(of, right) | Hadamard(of, right) | Quotient(of, right) if _is_ones(right):
            return of
        case Quotient(above, below) if _is(above, 0) or _is(below, 1):
            return above
    return _with_one_number(made)


def _negated(of: Expression) -> Expression:
    """Return minus something, without a minus of a minus."""
    match of:
        case Negative(again):
            return again
        case Sum(terms) if all(isinstance(each, Negative) for each in terms):
            return Sum(tuple(each.of for each in terms if isinstance(each, Negative)))
    return of if _is(of, 0) else _with_one_number(Negative(of))


def _is_ones(formula: Expression) -> bool:
    return isinstance(formula, Call) and formula.function is ONES


def _with_one_number(formula: Expression) -> Expression:
    """Return a formula in which the numbers of a product are one; as it is where they are."""
    with_letters = list(_numbers_in(formula, letters=True))
    of_all = prod(with_letters, start=Fraction(1))
    if len(with_letters) > 1 and abs(of_all) == 1:
        # A count and its inverse, as in 4 · 1/N of four samples.
        return _multiple(of_all, _without_numbers(formula, letters=True), by=None)
    match list(_numbers_in(formula)):
        case []:
            return formula
        case [factor] if factor != 1 and (factor != -1 or isinstance(formula, Negative)):
            return formula
        case [_, size] if isinstance(formula, Negative) and size > 0 and size != 1:
            return formula
        case factors:
            factor, rest = prod(factors, start=Fraction(1)), _without_numbers(formula)
            return _multiple(factor, rest, by=_divisor(formula))


def _number(formula: Expression, *, letters: bool) -> Fraction | None:
    """Return the number that a factor is, if it is one; letters may stand for counts."""
    match formula:
        case Number(value, (1, 1)):
            return value
        case Letter(_, int(count)) if letters:
            return Fraction(count)
    return None


def _numbers_in(formula: Expression, *, letters: bool = False) -> Iterator[Fraction]:
    """Yield the numbers that stand as factors in a product or a quotient, signs among them."""
    number = _number(formula, letters=letters)
    if number is not None:
        yield number
        return
    match formula:
        case Negative(of):
            yield Fraction(-1)
            yield from _numbers_in(of, letters=letters)
        case Product(left, right) | Hadamard(left, right):
            yield from _numbers_in(left, letters=letters)
            yield from _numbers_in(right, letters=letters)
        case Quotient(above, below) if by := _number(below, letters=letters):
            yield from _numbers_in(above, letters=letters)
            yield 1 / by


def _without_numbers(formula: Expression, *, letters: bool = False) -> Expression | None:
    """Return a product without those; None where nothing else is in it."""
    if _number(formula, letters=letters) is not None:
        return None
    match formula:
        case Negative(of):
            return _without_numbers(of, letters=letters)
        case Quotient(above, below) if _number(below, letters=letters):
            return _without_numbers(above, letters=letters)
        case Product(left, right) | Hadamard(left, right):
            first = _without_numbers(left, letters=letters)
            second = _without_numbers(right, letters=letters)
            if first is None or second is None:
                return first or second
            return type(formula)(first, second)
    return formula


def _divisor(formula: Expression) -> Number | None:
    """Return a number that a product is divided by, if it is."""
    match formula:
        case Quotient(_, Number(_, (1, 1)) as below):
            return below
        case Negative(of):
            return _divisor(of)
        case Product(left, right) | Hadamard(left, right):
            return _divisor(left) or _divisor(right)
    return None


def _multiple(factor: Fraction, of: Expression | None, *, by: Number | None) -> Expression:
    """Return a multiple of something: as a quotient, where it was one by such a number."""
    if of is None:
        return Number(factor)
    if factor < 0:
        return Negative(_multiple(-factor, of, by=by))
    if factor == 1:
        return of
    if by is not None and by.text:
        return Quotient(of, decimal(1 / factor))
    is_whole = by is not None and factor.numerator == 1
    return Quotient(of, Number(1 / factor)) if is_whole else Number(factor) * of


_NOTHING = Number(Fraction(0))


def _is(formula: Expression, number: int) -> bool:
    return isinstance(formula, Number) and formula.value == number


def with_parts(formula: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return a formula with each of its parts changed; the same one where none is."""
    return replaced(formula, lambda part: None if part is formula else change(part))


def _replaced_in(value: Any, change: Callable[[Expression], Expression | None]) -> Any:
    """Return what a field holds, with its expressions replaced."""
    if isinstance(value, Expression):
        return replaced(value, change)
    if type(value) is not tuple:
        return value
    several = tuple(_replaced_in(each, change) for each in value)
    is_same = all(one is other for one, other in zip(value, several, strict=True))
    return value if is_same else several


def _with(formula: Expression, letter: Letter, value: Expression) -> Expression:
    return replaced(formula, lambda part: value if part == letter else None)
