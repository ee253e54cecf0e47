"""Formulas as MathML, in display style and yet in a line, or in pieces between which it may end."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from types import MappingProxyType
from typing import NamedTuple

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
_ADDING = frozenset("+-")
_BREAKING = _ADDING | frozenset("·∘")
"""What stands between two pieces of a formula that may stand in two lines."""

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
    return _math(_row(part))


def to_mathml_pieces(
    formula: Expression, *, after: str = "", beside: Expression | None = None
) -> str:
    """Return a formula as `math` elements, one for each operand of its sums and of its products.

    A browser breaks no line within an element, and may between two; the factors of a product are
    in a `span` of class `term`.

    Args:
        formula: what to print.
        after: a sign that stands before it.
        beside: a formula that it is compared with: pieces that this has not are of class `differs`,
            unless no piece is the same.

    >>> from gradgrade.oracle.derivation.formulas.expression import Letter
    >>> a, b = Letter("a"), Letter("b")
    >>> to_mathml_pieces(a + b).count("<math "), to_mathml_pieces(a * b).count("<math ")
    (2, 1)
    >>> to_mathml_pieces(a + b, beside=a).partition("<wbr>")[2][:30]
    '<math class="differs" xmlns="h'
    """
    own = _pieces(layout(formula))
    other = own if beside is None else _pieces(layout(beside))
    differs = _differing(own, other)
    first, *others = own
    begins = "".join(map(_operator, filter(None, (after, first.sign))))
    leading = [begins, *(_infix(each.sign) for each in others)]
    terms: list[list[str]] = [[]]
    for piece, before, is_marked in zip(own, leading, differs, strict=True):
        if piece.sign in _ADDING and terms[-1]:
            terms.append([])
        terms[-1].append(_piece(before, piece, is_marked))
    return "<wbr>".join(map(_term, terms))


def _term(factors: Sequence[str]) -> str:
    together = "<wbr>".join(factors)
    return together if len(factors) == 1 else f'<span class="term">{together}</span>'


class _Piece(NamedTuple):
    """Boxes between two operators of a formula, with the one before them."""

    sign: str
    boxes: tuple[Box, ...]


def _pieces(part: Box) -> Sequence[_Piece]:
    """Return what may stand in lines of its own."""
    sign, boxes, found = "", list[Box](), list[_Piece]()
    for box in _flat(part):
        if isinstance(box, Between) and box.sign in _BREAKING:
            found.append(_Piece(sign, tuple(boxes)))
            sign, boxes = box.sign, []
        elif box == Sign("-") and not boxes and not sign:
            sign = "-"
        else:
            boxes.append(box)
    return (*found, _Piece(sign, tuple(boxes)))


def _flat(part: Box) -> Iterator[Box]:
    if isinstance(part, Row):
        for each in part.parts:
            yield from _flat(each)
    else:
        yield part


def _differing(own: Sequence[_Piece], other: Sequence[_Piece]) -> list[bool]:
    """Return which pieces another formula has not in their place; none where all are others."""
    # The first term has no plus.
    one, two = ([each._replace(sign=each.sign or "+") for each in some] for some in (own, other))
    same = set[int]()
    for block in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks():
        same.update(range(block.a, block.a + block.size))
    is_alike = not {each.boxes for each in one}.isdisjoint(each.boxes for each in two)
    return [is_alike and at not in same for at in range(len(own))]


def _piece(leading: str, piece: _Piece, differs: bool) -> str:
    boxes = "".join(map(_mathml, piece.boxes))
    return _math(f"<mrow>{leading}{boxes}</mrow>", "differs" if differs else "")


def _infix(sign: str) -> str:
    """Return an operator that stands first and yet is between two operands."""
    text = {"-": "−"}.get(sign, sign)
    return f'<mo form="infix" lspace="0.2222em" rspace="0.2222em">{text}</mo>'


def _math(inside: str, css: str = "") -> str:
    of_class = f'class="{css}" ' if css else ""
    return (
        f'<math {of_class}xmlns="{NAMESPACE}" display="inline" displaystyle="true">{inside}</math>'
    )


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
