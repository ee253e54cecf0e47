"""Formulas as Typst's mathematics.

Typst takes Unicode's signs as they are, sets words in quotes, and groups in parentheses that it
does not show; so those that are shown are escaped, and so is what has a meaning of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.formulas.boxes import (
    THIN_SPACE,
    Accented,
    Between,
    Box,
    Enclosed,
    Face,
    Fraction,
    Grid,
    Root,
    Row,
    Scripts,
    Sign,
    Under,
)
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.formulas.notation import layout

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **{each: rf"\{each}" for each in "()[],|"},
        "Σ": "sum",
        "ᵀ": "upright(T)",
        "*": "ast.op",
        "/": "slash",
        "⋯": "dots.h.c",
        THIN_SPACE: "thin",
    }
)
_FUNCTIONS = frozenset({"tanh", "ln", "cos", "sin", "max", "min"})
"""What Typst knows by name."""

_ACCENTS: Mapping[str, str] = MappingProxyType({"\u0302": "hat", "\u0304": "overline"})


def to_typst(formula: Expression) -> str:
    r"""Return a formula as Typst's mathematics.

    >>> from gradgrade.oracle.derivation.formulas.expression import Letter, Numerals
    >>> from gradgrade.oracle.derivation.formulas.functions import tanh
    >>> z = Letter("z")
    >>> print(to_typst(1 / (1 + tanh(z))))
    frac(1, 1 + tanh lr(\( z \)))
    >>> print(to_typst(z @ Numerals((("1", "2"), ("3", "4")))))
    z thin mat(delim: "[", 1, 2; 3, 4)
    """
    return _typst(layout(formula))


def _typst(part: Box) -> str:
    match part:
        case Sign(text, face):
            return _sign(text, face)
        case Between(sign):
            return "space" if sign == "," else _SIGNS.get(sign, sign)
        case Row(items):
            return " ".join(filter(None, map(_typst, items)))
        case Enclosed(inside, opening, closing):
            ends = (_SIGNS.get(each, each) for each in (opening, closing))
            return f"lr({next(ends)} {_typst(inside)} {next(ends)})"
        case Grid(rows):
            lines = "; ".join(", ".join(map(_typst, each)) for each in rows)
            return f'mat(delim: "[", {lines})'
        case Scripts(base, below, above, is_held):
            text = f"attach({_typst(base)})" if is_held else _typst(base)
            text += f" _({_typst(below)})" if below else ""
            return text + (f" ^({_typst(above)})" if above else "")
        case Fraction(above, below, is_small):
            fraction = f"frac({_typst(above)}, {_typst(below)})"
            return f"inline({fraction})" if is_small else fraction
        case _:
            return _decorated(part)


def _decorated(part: Accented | Root | Under) -> str:
    match part:
        case Accented(base, mark):
            return f"{_ACCENTS[mark]}({_typst(base)})"
        case Root(inside):
            return f"sqrt({_typst(inside)})"
        case Under(base, note):
            return f"attach(limits({_typst(base)}), b: {_typst(note)})"


def _sign(text: str, face: Face) -> str:
    if face in (Face.SIGN, Face.SMALL):
        return _SIGNS.get(text, text)
    if face is Face.CODE:
        return f"#raw({_string(text)})"
    is_known = face is Face.FUNCTION and text in _FUNCTIONS
    return text if is_known else _string(text)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
