"""Calls that together are one operation: a masked softmax, a variance by its definition."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from gradgrade.oracle.nested import Shape
from gradgrade.oracle.programs.nodes.node import Node, Source
from gradgrade.oracle.programs.syntax import (
    Call,
    Constant,
    Expression,
    Indexed,
    Listing,
    Several,
    Span,
    Text,
    Truth,
    Variable,
)

MASKED_OUT = -(10**9)
"""What is written for −∞ where an entry is masked, at the most: e to that power is 0 in code."""


def masked_softmax(of: Call) -> tuple[Expression, Expression, Fraction | None] | None:
    """Return MASK, X and the number of softmax(where(MASK, X, -1e9)); None of anything else.

    The number is None where −∞ is written.
    """
    if of.function != "softmax" or not of.operands:
        return None
    match of.operands[0]:
        case Call(function="where", operands=(mask, x, Constant() as other), options=options):
            is_out = other.is_negative_infinity or _masks_out(other.value)
            return (mask, x, other.value) if is_out and not options else None
    return None


def masked_line(node: Node | None) -> tuple[Source, Fraction] | None:
    """Return mask and number of a line where(MASK, X, -1e9); None of any other."""
    if node is None or node.function != "where":
        return None
    mask, _, other = node.sources
    number = other.operand.constant
    return (mask, number) if number is not None and _masks_out(number) else None


def _masks_out(number: Fraction | None) -> bool:
    return number is not None and number <= MASKED_OUT


def squared_deviations(of: Call) -> tuple[Variable, Call] | None:
    """Return x and the inner mean of mean((x − mean(x))**2), a variance; None of anything else.

    Whoever is asked for the line may compute it by any form of the variance.
    """
    match of:
        case Call(
            function="mean",
            operands=(Call(function="power", operands=(off, Constant(value=exponent))), *_),
        ) if exponent == 2:
            pass
        case Call(function="mean", operands=(Call(function="multiply", operands=(off, twin)), *_)):
            if _bare(off) != _bare(twin):
                return None
        case _:
            return None
    match off:
        case Call(
            function="subtract",
            operands=(
                Variable() as x,
                Call(function="mean", operands=(Variable() as same, *_)) as mean,
            ),
        ) if x.name == same.name:
            return x, mean
    return None


def is_variance(shape: Shape, *, inner: Mapping[str, object], outer: Mapping[str, object]) -> bool:
    """Tell whether inner means come back to the entries that they are means of.

    Args:
        shape: of x in mean((x − mean(x))**2).
        inner: the options of the inner mean.
        outer: those of the outer one.
    """
    if not shape:
        return False
    axes = _axes(shape, inner)
    is_repeated = bool(inner.get("keepdims")) or axes == tuple(range(len(axes)))
    return is_repeated and axes == _axes(shape, outer)


def _axes(shape: Shape, options: Mapping[str, object]) -> tuple[int, ...]:
    """Return the axes of a mean, in order; a fault of theirs is for whoever binds it."""
    axis = options.get("axis")
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(each % len(shape) for each in axes if isinstance(each, int)))


def _bare(of: Expression | Span | Listing | None) -> object:
    """Return what an expression or an index says, wherever it stands."""
    match of:
        case Constant():
            return of.value, of.is_negative_infinity
        case Variable():
            return of.name
        case Truth() | Text():
            return of.value
        case Several():
            return tuple(map(_bare, of.members))
        case Call():
            options = {name: _bare(value) for name, value in of.options.items()}
            return of.function, tuple(map(_bare, of.operands)), options
        case Indexed():
            return _bare(of.of), [_bare(each) for each in of.indices]
        case Span():
            return "slice", [_bare(each) for each in of.ends]
        case Listing():
            return "list", [_bare(each) for each in of.indices]
    return None
