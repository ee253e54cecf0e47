"""Formulas as MathML, in display style and yet in a line."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from gradgrade.oracle.derivation.formulas.boxes import (
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
    row,
)
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.formulas.notation import layout

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

_SPACES: Mapping[str, str] = MappingProxyType({"": "0.1667em", "\u2009": "0.1667em", ",": "0.5em"})
_MARKS: Mapping[str, str] = MappingProxyType({"\u0302": "^", "\u0304": "¯"})


def to_mathml(formula: Expression, *, after: str = "") -> str:
    """Return a formula as a `math` element; a matrix is a table of class `matrix`.

    Args:
        formula: what to print.
        after: a sign that stands before it.

    >>> from gradgrade.oracle.derivation.formulas.expression import Letter
    >>> to_mathml(Letter("a"))[-51:]
    ' displaystyle="true"><mrow><mi>a</mi></mrow></math>'
    """
    part = row(Sign(after), layout(formula)) if after else layout(formula)
    return f'<math xmlns="{NAMESPACE}" display="inline" displaystyle="true">{_row(part)}</math>'


def _mathml(part: Box) -> str:
    match part:
        case Sign(text, face):
            return _sign(text, face)
        case Between(sign):
            return _between(sign)
        case Row(items):
            return "".join(map(_mathml, items))
        case Enclosed(inside, opening, closing):
            return f"<mrow>{_operator(opening)}{_row(inside)}{_operator(closing)}</mrow>"
        case Grid(rows):
            lines = ("".join(f"<mtd>{_mathml(each)}</mtd>" for each in line) for line in rows)
            table = "".join(f"<mtr>{line}</mtr>" for line in lines)
            return f'<mtable class="matrix">{table}</mtable>'
        case Scripts():
            return _scripts(part)
        case Fraction(above, below, is_small):
            style = ' displaystyle="false"' if is_small else ""
            fraction = f"<mfrac>{_row(above)}{_row(below)}</mfrac>"
            return f"<mstyle{style}>{fraction}</mstyle>" if is_small else fraction
        case _:
            return _decorated(part)


def _row(part: Box) -> str:
    return f"<mrow>{_mathml(part)}</mrow>"


def _decorated(part: Accented | Root | Under) -> str:
    match part:
        case Accented(base, mark):
            return f"<mover accent='true'>{_row(base)}<mo>{_MARKS[mark]}</mo></mover>"
        case Root(inside):
            return f"<msqrt>{_row(inside)}</msqrt>"
        case Under(base, note):
            return f"<munder>{_row(base)}{_row(note)}</munder>"


def _scripts(part: Scripts) -> str:
    base = _row(part.base)
    if part.base == Sign("Σ") and part.below:
        return f"<munder>{base}{_row(part.below)}</munder>"
    scripts = "".join(_row(each) for each in (part.below, part.above) if each)
    kind = f"{'sub' if part.below else ''}{'sup' if part.above else ''}"
    return f"<m{kind}>{base}{scripts}</m{kind}>"


def _sign(text: str, face: Face) -> str:
    match face:
        case Face.SENTENCE:
            return f"<mtext>{escape(text).replace(' ', '&#xA0;')}</mtext>"
        case Face.CODE:
            return f'<mtext class="code">{escape(text).replace(" ", "&#xA0;")}</mtext>'
        case Face.WORD | Face.FUNCTION:
            return f'<mi mathvariant="normal">{escape(text)}</mi>'
    if text == "ᵀ":
        return '<mi mathvariant="normal">T</mi>'
    if text[0].isdigit() or (text[0] == "-" and len(text) > 1):
        return f"<mn>{text.replace('-', '−')}</mn>"
    return f"<mi>{text}</mi>" if text.isalpha() and text != "Σ" else _operator(text)


def _operator(sign: str) -> str:
    return f"<mo>{escape({'-': '−', 'Σ': '∑'}.get(sign, sign))}</mo>"


def _between(sign: str) -> str:
    comma = "<mo>,</mo>" if sign == "," else ""
    if sign in _SPACES:
        return f'{comma}<mspace width="{_SPACES[sign]}"/>'
    return _operator(sign)
