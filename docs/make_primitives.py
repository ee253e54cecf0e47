"""Write `primitives.md` from the oracle's own table: `python docs/make_primitives.py`."""

import inspect
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from gradgrade.oracle.derivation.formulas.expression import Expression, Letter, Named, Number
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.primitives import (
    exponentials,
    four_operations,
    functions,
    moving,
    products,
    reductions,
    selection,
)
from gradgrade.oracle.primitives.exponentials import EXPONENTIALS, MASKED_SOFTMAX
from gradgrade.oracle.primitives.four_operations import FOUR_OPERATIONS
from gradgrade.oracle.primitives.functions import FUNCTIONS
from gradgrade.oracle.primitives.moving import MOVING
from gradgrade.oracle.primitives.primitive import MASK, VALUE, Operand, Operation, Primitive
from gradgrade.oracle.primitives.products import PRODUCTS
from gradgrade.oracle.primitives.reductions import REDUCTIONS
from gradgrade.oracle.primitives.selection import SELECTION
from gradgrade.oracle.primitives.table import BY_SYNTAX
from gradgrade.oracle.programs.bounds import MOST_AXES

FAMILIES = (
    (four_operations, FOUR_OPERATIONS),
    (functions, FUNCTIONS),
    (selection, SELECTION),
    (products, PRODUCTS),
    (reductions, REDUCTIONS),
    (exponentials, (*EXPONENTIALS, MASKED_SOFTMAX)),
    (moving, (*MOVING, *(each for each in BY_SYNTAX.values() if each is not MASKED_SOFTMAX))),
)

HEADER = f"""\
# What programs are made of

Every function that a [program](programs.md) may call, with its value, what it passes back to each
operand, and where its form comes from; written from the oracle's table by
`python docs/make_primitives.py`. What numpy has is meant as numpy means it, on arrays of up to
{MOST_AXES} axes, and may be written with `np.` before it; what it does not have is defined beside
the programs that call it, where they are shown or copied.

Below, x and y are operands, m is a mask of 0 and 1, i holds indices, o is the result and ∂L/∂o its
gradient. What an operand was repeated over, as numpy repeats axes, is summed on the way back. Sums
and means are shown over all nine entries of a matrix. A comparison has no value where both sides
are equal.
"""

SIGNS: Mapping[str, str] = {
    "add": "x + y",
    "subtract": "x - y",
    "multiply": "x * y",
    "divide": "x / y",
    "power": "x ** 3",
    "negative": "-x",
    "matmul": "x @ y",
    "greater": "x > y",
    "greater_equal": "x >= y",
    "less": "x < y",
    "less_equal": "x <= y",
}
LETTERS, LETTER_OF_MASK, LETTER_OF_INDICES = "xy", "m", "i"
MATRIX, VECTOR = Operand(shape=(3, 3)), Operand(shape=(3,))
INDICES = Operand(shape=(3,), integers=(0, 2))
SHOWN: Mapping[str, tuple[Sequence[Operand], Mapping[str, object]]] = {
    "power": ((MATRIX, Operand(shape=(), constant=Fraction(3))), {}),
    "clip": (
        (
            MATRIX,
            Operand(shape=(), constant=Fraction(-1)),
            Operand(shape=(), constant=Fraction(1)),
        ),
        {},
    ),
    "where": ((Operand(shape=(3, 3), kind=MASK), MATRIX, MATRIX), {}),
    "outer": ((VECTOR, VECTOR), {}),
    "cumsum": ((VECTOR,), {}),
    "reshape": ((MATRIX,), {"shape": (9,)}),
    "swapaxes": ((MATRIX,), {"first": 0, "second": 1}),
    "pad": ((MATRIX,), {"pad_width": 1}),
    "concatenate": ((MATRIX, MATRIX), {}),
    "stack": ((MATRIX, MATRIX), {}),
    "masked_softmax": ((Operand(shape=(3, 3), kind=MASK), MATRIX), {}),
    "entries": ((MATRIX,), {"indices": (slice(1, None), 0)}),
    "listed": ((MATRIX,), {"indices": ((0, 0, 2),)}),
    "rows": ((MATRIX, INDICES), {}),
    "picked": ((MATRIX, INDICES), {}),
}
"""Operands and options that show what another one is bound to; most take matrices and no more."""


def page() -> str:
    """Return the page."""
    lines = [HEADER]
    for module, primitives in FAMILIES:
        title, _, body = (inspect.getdoc(module) or "").partition("\n")
        lines += [
            f"## {title.removesuffix('.')}",
            *([body] if body else []),
            "",
            "| call | o | passed back | source |",
            "|---|---|---|---|",
        ]
        lines += [*map(_row, primitives), ""]
    return "\n".join(lines)


def _row(primitive: Primitive) -> str:
    operands, options = SHOWN.get(primitive.name, ([MATRIX] * primitive.operands[0], {}))
    operation: Operation = primitive.bind(*operands, **options)
    letters = _letters(operands)
    cells = (
        f"`{_call(primitive, letters)}`",
        _formula(operation.formula(*letters)),
        "<br>".join(_passed_back(operation, letters)) or "nothing",
        primitive.source,
    )
    return f"| {' | '.join(cells)} |"


def _letters(operands: Sequence[Operand]) -> list[Expression]:
    """Return a letter for each operand: m for a mask, i for indices, x and y for others."""
    others = iter(LETTERS)

    def letter(operand: Operand) -> Expression:
        if operand.constant is not None:
            return Number(operand.constant)
        if operand.kind.is_mask or operand.integers:
            return Letter(LETTER_OF_MASK if operand.kind.is_mask else LETTER_OF_INDICES)
        return Letter(next(others))

    return list(map(letter, operands))


def _call(primitive: Primitive, letters: Sequence[Expression]) -> str:
    """Return how a program writes it."""
    for written, each in BY_SYNTAX.items():
        if each is primitive:
            return written
    if primitive.name in SIGNS:
        return SIGNS[primitive.name]
    given = ", ".join(map(to_plain, letters))
    if primitive.operands[0] != primitive.operands[1]:
        given = f"[{given}, …]"
    others = sorted(primitive.options.difference(primitive.places))
    options = "".join(f", {name}=…" for name in (*primitive.places, *others))
    return f"{primitive.name}({given}{options})"


def _passed_back(operation: Operation, letters: Sequence[Expression]) -> list[str]:
    """Return, for each operand that is passed a gradient, what it is."""
    value, upstream = Letter("o"), Named(Name("o").gradient)
    found = []
    for letter, rule in zip(letters, operation.pull_backs, strict=True):
        if rule is not None:
            read = [value if each == VALUE else letters[each] for each in rule.reads]
            found.append(f"to {to_plain(letter)}: {_formula(rule.formula(upstream, *read))}")
    return found


def _formula(of: Expression) -> str:
    return "$`{}`$".format(to_latex(of).replace("|", r"\vert "))


if __name__ == "__main__":
    Path(__file__).with_name("primitives.md").write_text(page(), encoding="utf-8")
