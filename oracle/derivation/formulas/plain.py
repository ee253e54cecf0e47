"""Formulas as plain text that a terminal can show.

Names come out as documents write them (`W1_new@3`), fractions on one line, small powers as
superscripts.
"""

import re
from collections.abc import Mapping
from itertools import accumulate
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

_BETWEEN: Mapping[str, str] = MappingProxyType({"": " ", THIN_SPACE: " ", ",": ", "})
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ONE_SYMBOL = re.compile(
    r"[0-9.]+|∂?`[^`]*`|∂[^\W\d_][\w.]*|∂?[^\W\d_][\u0300-\u036f]?[a-z]*(?:[0-9]|_\w+|@[0-9]+)*[ᵀ²³]?"
)
_MARKS = re.compile(r"(new)?(?:\((\d+)\))?")
_WORD_AND_LAYER = re.compile(r"([a-z]+),(\d+)")
_NEEDLESS_SPACE = re.compile(r"(?<=[(\[]) | (?=[)\],;])")


def to_plain(formula: Expression) -> str:
    """Return a formula as plain text.

    >>> from gradgrade.oracle.derivation.formulas.expression import Letter, Named, Numerals, Sized
    >>> from gradgrade.oracle.derivation.names import Name
    >>> weights = Name("W", 1)
    >>> to_plain(Named(weights._replace(iteration=2).updated))
    'W1_new@2'
    >>> to_plain(1 / Letter("N") * Named(weights.gradient) @ Numerals((("1", "-2"), ("3", "4"))))
    '(1/N ∂L/∂W1) [1 -2; 3 4]'
    >>> to_plain(Sized(weights, (8, 6))), to_plain(Sized(Name("b", 1), (8,)))
    ('W1[8 × 6]', 'b1[8 entries]')
    """
    text = re.sub(r"\s+", " ", _plain(layout(formula)))
    return _NEEDLESS_SPACE.sub("", text).strip()


def _plain(part: Box) -> str:
    match part:
        case Sign(text, Face.CODE):
            return f"`{text}`"
        case Sign(text):
            return text
        case Between(sign):
            return _BETWEEN.get(sign, f" {sign} ")
        case Row(items):
            return "".join(map(_plain, items))
        case Enclosed(inside, opening, closing):
            return f"{opening}{_plain(inside)}{closing}"
        case Grid(rows):
            lines = "; ".join(" ".join(map(_plain, each)) for each in rows)
            return f"[{lines}]"
        case Scripts(base, below, above):
            index = _subscript(_plain(below)) if below else ""
            # Behind an index of several words an exponent would read as a part of it.
            text = f"({_plain(base)}{index})" if above and " " in index else _plain(base) + index
            return text + (_superscript(_plain(above)) if above else "")
        case Fraction(above, below, is_small):
            return _fraction(_plain(above), _plain(below)) + (" " if is_small else "")
        case _:
            return _decorated(part)


def _decorated(part: Accented | Root | Under) -> str:
    match part:
        case Accented(base, mark):
            return _plain(base) + mark
        case Root(inside):
            return "√" + _enclosed(_plain(inside))
        case Under(base, note):
            size = _plain(note)
            # One number in brackets would read as an index.
            return f"{_plain(base)}[{size}]" if "×" in size else f"{_plain(base)}[{size} entries]"


def _fraction(above: str, below: str) -> str:
    return "½" if (above, below) == ("1", "2") else f"{_enclosed(above)}/{_enclosed(below)}"


def _enclosed(text: str) -> str:
    return text if _ONE_SYMBOL.fullmatch(text) or _is_one_bracket(text) else f"({text})"


def _is_one_bracket(text: str) -> bool:
    """Tell whether a text is what stands in one pair of parentheses, or a function of it.

    >>> _is_one_bracket("max(a, (b))"), _is_one_bracket("(a) - (b)")
    (True, False)
    """
    name, _, inside = text.partition("(")
    if (name and not name.isalpha()) or not inside.endswith(")"):
        return False
    depth = accumulate((each == "(") - (each == ")") for each in inside)
    return next(place for place, each in enumerate(depth) if each < 0) == len(inside) - 1


def _superscript(text: str) -> str:
    marks = _MARKS.fullmatch(text)
    if text == "ᵀ":
        return text
    if text and marks:
        new, iteration = marks.groups()
        return ("_new" if new else "") + (f"@{iteration}" if iteration else "")
    if text.isdigit():
        return text.translate(_RAISED)
    return f"^{text}" if text.lstrip("-").isdigit() else f"^{_enclosed(text)}"


def _subscript(text: str) -> str:
    word = _WORD_AND_LAYER.fullmatch(text)
    if word:
        return "{}_{}".format(*word.groups())
    return text if text.isdigit() else f"_{text}"
