"""What numpy has in the arrays of a program: True and False, whole numbers, or doubles.

Of True and False its + is "or", its square has 8 bits and its exp 11; whole numbers wrap, and have
no negative power. What would be another thing than of the same doubles is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, prod
from types import MappingProxyType

from gradgrade.oracle.primitives.exponentials import EXPONENTIALS
from gradgrade.oracle.primitives.functions import FUNCTIONS
from gradgrade.oracle.primitives.moving import MOVING
from gradgrade.oracle.primitives.primitive import DOUBLES, TRUTHS, Holds, Kind, Operand
from gradgrade.oracle.programs.bounds import MOST_WHOLE

_COMPARING = frozenset({"greater", "greater_equal", "less", "less_equal"})

_CHOOSING = frozenset(
    {
        *("stop_gradient", "abs", "relu", "clip"),
        *("max", "min", "maximum", "minimum", "where"),
        *("entries", "listed", "rows", "picked"),
        *(each.name for each in MOVING),
    }
)
"""What makes of its operands none of another kind."""

_OF_NUMBERS = frozenset({"add", "subtract", "negative", "power", "matmul", "dot"}).union(
    each.name for each in (*FUNCTIONS, *EXPONENTIALS)
)
"""What is another thing of True and False than of 1 and 0."""

_OF_PYTHON = frozenset({"add", "subtract", "multiply", "divide", "negative", "power"})
"""What Python makes of its own numbers by itself: exactly, where they are whole."""

_OF_ARRAYS = frozenset({"concatenate", "stack"})
"""What makes an array of a number before it is put beside doubles; others make a double of it."""

_CHOSEN: Mapping[str, slice] = MappingProxyType(
    {"where": slice(1, None), "rows": slice(1), "picked": slice(1), "power": slice(1)}
)
"""Which operands the result is made of; all of them where nothing is said."""


def kind_of(function: str, operands: Sequence[Operand]) -> Kind:
    """Return what numpy has in the result of an operation.

    Args:
        function: what it is called in the table of primitives, or `same`.
        operands: what it is given.

    Raises:
        ValueError: it is another thing than of doubles.

    >>> x = Operand(shape=(3,), kind=TRUTHS)
    >>> two = Operand(shape=(), kind=Kind(holds=Holds.WHOLE, most=2))
    >>> kind_of("multiply", [x, x]).holds.name, kind_of("multiply", [x, two]).most
    ('TRUTHS', 2)
    """
    if function == "same":
        return operands[0].kind
    if function in _OF_PYTHON and all(each.kind.is_pythons for each in operands):
        return _of_python(function, operands)
    chosen = operands[_CHOSEN.get(function, slice(None))]
    holds = max(each.kind.holds for each in chosen)
    if holds is Holds.TRUTHS and function in _OF_NUMBERS:
        raise ValueError(
            "numpy takes no comparison for a number here: write where(x > 0, 1.0, 0.0) for one"
        )
    if holds is not Holds.DOUBLES or function in _OF_ARRAYS:
        _whole(max(each.kind.most for each in chosen))
    if function in _COMPARING:
        return TRUTHS
    if function in _CHOOSING or function in ("multiply", "outer"):
        is_mask = all(each.kind.is_mask for each in chosen)
        if holds is not Holds.WHOLE:
            return Kind(holds=holds, most=int(holds is Holds.TRUTHS), is_mask=is_mask)
    if holds is Holds.DOUBLES:
        return DOUBLES
    return _of_whole_numbers(function, operands, [each.kind.most for each in chosen])


def _of_whole_numbers(function: str, operands: Sequence[Operand], most: Sequence[int]) -> Kind:
    """Return the kind of what is made of whole numbers, or counted of True and False."""
    match function:
        case "add" | "subtract":
            return _whole(sum(most))
        case "multiply" | "outer":
            return _whole(prod(most))
        case "matmul" | "dot":
            return _whole(prod(most) * operands[0].shape[-1])
        case "sum" | "cumsum":
            return _whole(most[0] * prod(operands[0].shape))
        case "power" if operands[1].kind.holds is Holds.WHOLE:
            if (n := _exponent(operands)) < 0:
                raise ValueError(
                    f"numpy has no negative power of whole numbers: write {n}.0 for {n}"
                )
            return _whole(most[0] ** n)
        case _ if function in _CHOOSING or function == "negative":
            return _whole(max(most))
    return DOUBLES


def _of_python(function: str, operands: Sequence[Operand]) -> Kind:
    """Return the kind of what an operator makes of Python's own numbers, which do not wrap."""
    most = [each.kind.most for each in operands]
    is_whole = all(each.kind.holds is Holds.WHOLE for each in operands)
    match function:
        case "divide":
            is_whole, largest = False, 0
        case "power":
            is_whole &= _exponent(operands) >= 0
            largest = most[0] ** _exponent(operands) if is_whole else 0
        case "multiply":
            largest = prod(most)
        case _:
            largest = sum(most)
    holds = Holds.WHOLE if is_whole else Holds.DOUBLES
    # How far beyond the bound it is matters to nothing, and powers of powers are long.
    return Kind(holds=holds, most=min(largest, MOST_WHOLE + 1), is_pythons=True)


def _exponent(operands: Sequence[Operand]) -> int:
    assert operands[1].constant is not None
    return floor(operands[1].constant)


def _whole(most: int) -> Kind:
    """Return the kind of whole numbers, held to how large they may be."""
    if most > MOST_WHOLE:
        raise ValueError(
            "whole numbers may be larger than 2**53 here, and numpy's wrap: make them doubles, "
            "2.0 for 2 and 1.0 * n for n"
        )
    return Kind(holds=Holds.WHOLE, most=most)
