r"""Formulas as LaTeX, for which `amsmath` is enough."""

import re
from collections.abc import Mapping
from functools import partial
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
from gradgrade.oracle.derivation.formulas.expression import (
    Expression,
    Numeral,
    Numerals,
    Sized,
    parts,
)
from gradgrade.oracle.derivation.formulas.notation import layout

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "α": r"\alpha",
        "β": r"\beta",
        "γ": r"\gamma",
        "δ": r"\delta",
        "ε": r"\varepsilon",
        "η": r"\eta",
        "λ": r"\lambda",
        "μ": r"\mu",
        "π": r"\pi",
        "ρ": r"\rho",
        "σ": r"\sigma",
        "φ": r"\varphi",
        "Φ": r"\Phi",
        "⋯": r"\cdots",
        "Σ": r"\sum",
        "∂": r"\partial ",
        "∘": r"\circ",
        "·": r"\cdot",
        "×": r"\times",
        "≤": r"\le",
        "ᵀ": r"\mathsf{T}",
        "…": r"\dots",
        "⌊": r"\lfloor ",
        "⌋": r" \rfloor",
        THIN_SPACE: r"\,",
        "\u0302": r"\hat",
        "\u0304": r"\bar",
    }
)
_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        **{name: rf"\{name}" for name in ("tanh", "ln", "cos", "sin", "max", "min")},
        "sign": r"\operatorname{sign}",
    }
)
_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        **{each: rf"\{each}" for each in "_%&#${}"},
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "\\": r"\textbackslash{}",
    }
)
"""What has a meaning of its own in a text."""

_ENDS_WITH_A_COMMAND = re.compile(r"\\[A-Za-z]+$")


def to_latex(formula: Expression) -> str:
    r"""Return a formula as LaTeX; where numbers are put in, parentheses grow with them.

    >>> from gradgrade.oracle.derivation.formulas.expression import Named
    >>> from gradgrade.oracle.derivation.names import Name
    >>> weights = Name("W", 2, 3)
    >>> print(to_latex(Named(weights.gradient.bare)), to_latex(Named(weights.bare).T))
    \frac{\partial L}{\partial W_{2}} {W_{2}}^{\mathsf{T}}
    >>> print(to_latex(Named(weights.updated)), to_latex(Named(Name("delta_x").gradient)))
    W_{2}^{\mathrm{new}(3)} \frac{\partial L}{\partial \mathrm{delta\_x}}
    """
    return _latex(layout(formula), grows=_has_numbers_put_in(formula))


def _has_numbers_put_in(formula: Expression) -> bool:
    if isinstance(formula, Numeral | Numerals | Sized):
        return True
    return any(map(_has_numbers_put_in, parts(formula)))


def _latex(part: Box, *, grows: bool) -> str:
    write = partial(_latex, grows=grows)
    match part:
        case Sign(text, face):
            return _sign(text, face)
        case Between(","):
            return r",\ "
        case Between(sign):
            return f" {_SIGNS.get(sign, sign)} " if sign else " "
        case Row(items):
            return _joined([write(each) for each in items])
        case Enclosed(inside, opening, closing, stretches):
            left, right = _SIGNS.get(opening, opening), _SIGNS.get(closing, closing)
            if stretches or (grows and opening in "(|"):
                left, right = rf"\left{left}", rf"\right{right}"
            return f"{left}{write(inside)}{right}"
        case Grid(rows):
            lines = r" \\ ".join(" & ".join(map(write, each)) for each in rows)
            return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"
        case Scripts(base, below, above, is_held):
            text = f"{{{write(base)}}}" if is_held else write(base)
            text += f"_{_script(below, write(below))}" if below else ""
            return text + (f"^{_script(above, write(above))}" if above else "")
        case Fraction(above, below, is_small):
            return rf"\{'t' if is_small else ''}frac{{{write(above)}}}{{{write(below)}}}"
        case _:
            return _decorated(part, grows=grows)


def _decorated(part: Accented | Root | Under, *, grows: bool) -> str:
    write = partial(_latex, grows=grows)
    match part:
        case Accented(base, mark):
            return f"{_SIGNS[mark]}{{{write(base)}}}"
        case Root(inside):
            return rf"\sqrt{{{write(inside)}}}"
        case Under(base, note):
            return rf"\underset{{{write(note)}}}{{{write(base)}}}"


def _sign(text: str, face: Face) -> str:
    match face:
        case Face.SIGN:
            return _SIGNS.get(text, text)
        case Face.SMALL:
            return rf"\textstyle{_SIGNS[text]}"
        case Face.FUNCTION:
            return _FUNCTIONS.get(text, rf"\mathrm{{{text}}}")
        case Face.WORD:
            escaped = text.replace("_", r"\_").replace(" ", r"\ ")
            return rf"\mathrm{{{escaped}}}"
        case Face.SENTENCE:
            return rf"\text{{{_escaped(text)}}}"
        case Face.CODE:
            return rf"\texttt{{{_escaped(text)}}}"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(each, each) for each in text)


def _joined(items: list[str]) -> str:
    text = ""
    for item in items:
        would_run_in = item[:1].isalpha() and _ENDS_WITH_A_COMMAND.search(text)
        text += f" {item}" if would_run_in else item
    return text


def _script(script: Box, text: str) -> str:
    return text if isinstance(script, Sign) and len(text) == 1 else f"{{{text}}}"
