"""Formulas made from formulas: quantities replaced, sums written out, rows for columns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from fractions import Fraction

from gradgrade.oracle.derivation.formulas.expression import (
    Bracketed,
    Call,
    Expression,
    Letter,
    MatrixProduct,
    Named,
    Number,
    Sum,
    Total,
    TotalOfEach,
    parts,
)
from gradgrade.oracle.derivation.names import Name


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


def replaced(formula: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Return a formula with every part that `change` has something for replaced by that."""
    changed = change(formula)
    if changed is not None:
        return changed
    found: dict[str, object] = {}
    for field in fields(formula):  # type: ignore[arg-type]
        value = getattr(formula, field.name)
        if isinstance(value, Expression):
            part = replaced(value, change)
            if part is not value:
                found[field.name] = part
        elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
            several = tuple(replaced(each, change) for each in value)
            if any(new is not old for new, old in zip(several, value, strict=True)):
                found[field.name] = several
    return replace(formula, **found) if found else formula  # type: ignore[type-var]


def _with(formula: Expression, letter: Letter, value: Expression) -> Expression:
    return replaced(formula, lambda part: value if part == letter else None)
