"""Masks by a large number, as code has them before a softmax: S + (1 - M) * -1e9.

Of what they mask e to that power is left, which is 0 in code and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradgrade.oracle.programs.syntax import (
    Assignment,
    Call,
    Constant,
    Expression,
    Indexed,
    Variable,
    within,
)

SEEN_AS_ZERO = 800
"""e to the minus it is 0 in code."""


def masks_by_numbers(lines: Iterable[Assignment]) -> Iterator[tuple[str, str]]:
    """Yield what masks so in a program with a softmax, and what to write instead, as texts.

    >>> from gradgrade.oracle.programs.reading import read_program
    >>> list(masks_by_numbers(read_program("P = softmax(S + (1 - M) * -1e9)")))
    [('S + (1 - M) * -1e9', 'softmax(where(M, S, -inf))')]
    """
    calls = [each for line in lines for each in within(line.value) if isinstance(each, Call)]
    if not any(each.function == "softmax" for each in calls):
        return
    for call in calls:
        if (found := _masked_by_a_number(call)) is not None:
            mask, x = map(_text, found)
            yield call.text, f"softmax(where({mask}, {x}, -inf))"


def _masked_by_a_number(of: Call) -> tuple[Expression, Expression] | None:
    """Return mask and operand of S + (1 - M) * -1e9; None of others."""
    match of:
        case Call(function="add", operands=(one, other)):
            # Either may stand first.
            for x, term in ((one, other), (other, one)):
                if (factor := _masked(term, sign=-1)) is not None:
                    return factor, x
        case Call(function="subtract", operands=(x, term)):
            factor = _masked(term, sign=1)
            return None if factor is None else (factor, x)
    return None


def _masked(term: Expression, *, sign: int) -> Expression | None:
    """Return M of (1 - M) * -1e9, or of (1 - M) * 1e9 where that is subtracted."""
    if not isinstance(term, Call) or term.function != "multiply":
        return None
    for factors in (term.operands, term.operands[::-1]):
        match factors:
            case (
                Call(function="subtract", operands=(Constant(value=1), mask)),
                Constant() as number,
            ) if _is_large(number, sign=sign):
                return mask
    return None


def _is_large(number: Constant, *, sign: int) -> bool:
    return number.value is not None and sign * number.value >= SEEN_AS_ZERO


def _text(of: Expression) -> str:
    match of:
        case Variable(name=name):
            # Of a function's own line without the function.
            return name.rpartition(".")[2]
        case Call(text=text) | Indexed(text=text):
            return text
    return "…"
