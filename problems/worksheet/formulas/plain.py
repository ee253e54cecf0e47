r"""A formula's LaTeX as plain text that a terminal can show.

The names of documents come out as documents write them (`W_{1}^{\mathrm{new}(3)}` is `W1_new@3`),
fractions on one line, small powers as superscripts. What is left unknown loses its backslash, so
that no backslash and no brace is ever left.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType

from gradgrade.problems.worksheet.formulas.tokens import tokens_of

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        r"\alpha": "α",
        r"\beta": "β",
        r"\gamma": "γ",
        r"\delta": "δ",
        r"\epsilon": "ε",
        r"\varepsilon": "ε",
        r"\eta": "η",
        r"\lambda": "λ",
        r"\mu": "μ",
        r"\pi": "π",
        r"\rho": "ρ",
        r"\sigma": "σ",
        r"\phi": "φ",
        r"\Phi": "Φ",
        r"\sum": "Σ",
        r"\prod": "Π",
        r"\circ": "∘",
        r"\odot": "⊙",
        r"\cdot": "·",
        r"\times": "×",
        r"\ast": "∗",
        r"\star": "⋆",
        r"\pm": "±",
        r"\le": "≤",
        r"\leq": "≤",
        r"\ge": "≥",
        r"\geq": "≥",
        r"\ne": "≠",
        r"\neq": "≠",
        r"\in": "∈",
        r"\infty": "∞",
        r"\lfloor": "⌊",
        r"\rfloor": "⌋",
        r"\lVert": "‖",
        r"\rVert": "‖",
        r"\|": "‖",
        r"\ldots": "…",
        r"\dots": "…",
        r"\{": "(",
        r"\}": ")",
        r"\left": "",
        r"\right": "",
        r"\textstyle": "",
        r"\displaystyle": "",
        r"\!": "",
        r"\\": "; ",
        "&": " ",
    }
)
_SPACES = frozenset({r"\,", r"\;", r"\:", r"\ ", r"\quad", r"\qquad"})
_FONTS = frozenset({r"\mathrm", r"\mathsf", r"\mathbf", r"\operatorname", r"\text"})
_ENVIRONMENTS = frozenset({r"\begin", r"\end"})
_BRACKETS: Mapping[tuple[str, str], str] = MappingProxyType(
    {(r"\begin", "bmatrix"): "[", (r"\end", "bmatrix"): "]"}
)
_FRACTIONS = frozenset({r"\frac", r"\tfrac", r"\dfrac"})
_ACCENTS: Mapping[str, str] = MappingProxyType(
    {r"\hat": "\u0302", r"\bar": "\u0304", r"\tilde": "\u0303"}
)
_SMALL_FRACTIONS: Mapping[tuple[str, str], str] = MappingProxyType({("1", "2"): "½"})
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_ONE_SYMBOL = re.compile(r"[0-9.]+|∂?[^\W\d_][\u0300-\u036f]?[a-z]*(?:[0-9]|_\w+|@[0-9]+)*[ᵀ²³]?")
_PARTIAL = re.compile(r"\\partial\b\s*")
_MARKS = re.compile(r"(new)?(?:\((\d+)\))?")
_WORD_AND_LAYER = re.compile(r"([a-z]+),(\d+)")


def plain(formula: str) -> str:
    r"""Return a formula's LaTeX as plain text.

    >>> print(plain(r"\frac{\partial L}{\partial W_{1}} = \delta_{1} \, {x}^{\mathsf{T}}"))
    ∂L/∂W1 = δ1 xᵀ
    >>> print(plain(r"W_{1}^{\mathrm{new}(2)} = W_{1}^{(2)} - \eta"))
    W1_new@2 = W1@2 - η
    >>> print(plain(r"2 \begin{bmatrix} 1 & -2 \\ 3 & 4 \end{bmatrix}"))
    2 [1 -2; 3 4]
    """
    tokens = tokens_of(_PARTIAL.sub("∂", formula))
    text = re.sub(r"\s+", " ", _sequence(iter(tokens)))
    text = re.sub(r"(?<=[(\[]) | (?=[)\],;])", "", text)
    return text.strip()


def _sequence(tokens: Iterator[str]) -> str:
    """Convert tokens up to the brace that closes this group, or to the end."""
    return "".join(_piece(token, tokens) for token in takewhile(lambda each: each != "}", tokens))


def _piece(token: str, tokens: Iterator[str]) -> str:
    if token == "{":
        return _sequence(tokens)
    if token == "^":
        return _superscript(_argument(tokens))
    if token == "_":
        return _subscript(_argument(tokens))
    if token.startswith("\\"):
        return _command(token, tokens)
    return _SYMBOLS.get(token, token)


def _command(token: str, tokens: Iterator[str]) -> str:
    if token in _FRACTIONS:
        fraction = _fraction(_argument(tokens), _argument(tokens))
        return f"{fraction} " if token == r"\tfrac" else fraction
    if token in _FONTS:
        return _argument(tokens)
    if token in _ENVIRONMENTS:
        return _BRACKETS.get((token, _argument(tokens)), " ")
    if token == r"\underset":
        below, symbol = _argument(tokens), _argument(tokens)
        return f"{symbol}[{below}]"
    if token == r"\sqrt":
        return "√" + _enclosed(_argument(tokens))
    if token in _ACCENTS:
        return _argument(tokens) + _ACCENTS[token]
    if token in _SPACES:
        return " "
    return _SYMBOLS.get(token, token.lstrip("\\"))


def _argument(tokens: Iterator[str]) -> str:
    token = next((each for each in tokens if not each.isspace()), "")
    return _piece(token, tokens)


def _fraction(numerator: str, denominator: str) -> str:
    small = _SMALL_FRACTIONS.get((numerator, denominator))
    return small or f"{_enclosed(numerator)}/{_enclosed(denominator)}"


def _enclosed(text: str) -> str:
    return text if _ONE_SYMBOL.fullmatch(text) else f"({text})"


def _superscript(text: str) -> str:
    marks = _MARKS.fullmatch(text)
    if text == "T":
        return "ᵀ"
    if text and marks:
        new, iteration = marks.groups()
        return ("_new" if new else "") + (f"@{iteration}" if iteration else "")
    if text.isdigit():
        return text.translate(_RAISED)
    return f"^{_enclosed(text)}"


def _subscript(text: str) -> str:
    word = _WORD_AND_LAYER.fullmatch(text)
    if word:
        return "{}_{}".format(*word.groups())
    return text if text.isdigit() else f"_{text}"
