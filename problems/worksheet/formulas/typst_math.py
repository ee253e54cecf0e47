r"""A formula's LaTeX as Typst's mathematics.

Typst knows symbols by name, sets words in quotes, and groups in parentheses that it does not show.
"""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType

from gradgrade.problems.worksheet.formulas.tokens import tokens_of

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        **{rf"\{name}": name for name in ("alpha", "beta", "gamma", "delta", "eta", "lambda")},
        **{rf"\{name}": name for name in ("mu", "pi", "rho", "sigma", "Phi", "partial", "min")},
        **{rf"\{name}": name for name in ("tanh", "ln", "max", "sum", "cos", "times", "sin")},
        r"\epsilon": "epsilon.alt",
        r"\varepsilon": "epsilon",
        r"\phi": "phi.alt",
        r"\varphi": "phi",
        r"\cdot": "dot.op",
        r"\circ": "compose",
        r"\odot": "dot.circle",
        r"\le": "lt.eq",
        r"\ge": "gt.eq",
        r"\lfloor": "floor.l",
        r"\rfloor": "floor.r",
        r"\lVert": "bar.v.double",
        r"\rVert": "bar.v.double",
        r"\textstyle": "",
        r"\displaystyle": "",
        r"\,": "thin",
        r"\;": "med",
        r"\:": "med",
        r"\ ": "space",
        r"\quad": "quad",
        r"\!": "",
        "*": "ast.op",
        "-": "minus",
        "/": "slash",
        "'": "'",
        **{each: rf"\{each}" for each in '()[]|,;#$"&_:'},
    }
)
_WORDS = frozenset({r"\mathrm", r"\mathsf", r"\mathbf", r"\operatorname", r"\text"})
_FRACTIONS = frozenset({r"\frac", r"\tfrac", r"\dfrac"})
_CALLS: Mapping[str, str] = MappingProxyType(
    {
        r"\hat": "hat",
        r"\bar": "overline",
        r"\tilde": "tilde",
        r"\sqrt": "sqrt",
    }
)


def typst_math(formula: str) -> str:
    r"""Return a formula's LaTeX as Typst's mathematics.

    >>> print(typst_math(r"\frac{1}{N} \sum_n \mathrm{relu}(z_{1})"))
    frac(1, N) sum _(n) "relu" \( z _(1) \)
    >>> print(typst_math(r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"))
    mat(delim: "[", 1, 2; 3, 4)
    """
    return " ".join(_pieces(iter(tokens_of(formula))))


def _pieces(tokens: Iterator[str]) -> Iterator[str]:
    """Yield what tokens become, up to the brace that closes this group, or to the end."""
    number = ""
    for token in takewhile(lambda each: each != "}", tokens):
        if token.isdigit() or (token == "." and number):
            number += token
            continue
        if number:
            yield number
            number = ""
        piece = _piece(token, tokens)
        if piece:
            yield piece
    if number:
        yield number


def _piece(token: str, tokens: Iterator[str]) -> str:
    if token.isspace():
        return ""
    if token == "{":
        return _group(tokens)
    if token in "^_":
        return f"{token}({_argument(tokens)})"
    if token.startswith("\\"):
        return _command(token, tokens)
    return _SYMBOLS.get(token, token)


def _command(token: str, tokens: Iterator[str]) -> str:
    if token in _WORDS:
        return _quoted(_verbatim(tokens))
    if token == r"\underset":
        below = _argument(tokens)
        return f"attach(limits({_argument(tokens)}), b: {below})"
    if token == r"\begin":
        _verbatim(tokens)
        return _matrix(tokens)
    if token == r"\left":
        return f"lr({_argument(tokens)}"
    if token == r"\right":
        return f"{_argument(tokens)})"
    if token in _FRACTIONS:
        fraction = f"frac({_argument(tokens)}, {_argument(tokens)})"
        return f"inline({fraction})" if token == r"\tfrac" else fraction
    if token in _CALLS:
        return f"{_CALLS[token]}({_argument(tokens)})"
    return _SYMBOLS.get(token, token.lstrip("\\"))


def _group(tokens: Iterator[str]) -> str:
    return " ".join(_pieces(tokens))


def _argument(tokens: Iterator[str]) -> str:
    token = next(each for each in tokens if not each.isspace())
    return _group(tokens) if token == "{" else _piece(token, tokens)


def _verbatim(tokens: Iterator[str]) -> str:
    token = next(each for each in tokens if not each.isspace())
    return "".join(takewhile(lambda each: each != "}", tokens)) if token == "{" else token


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _matrix(tokens: Iterator[str]) -> str:
    inside = list(takewhile(lambda each: each != r"\end", tokens))
    _verbatim(tokens)
    rows = "".join(inside).split(r"\\")
    cells = "; ".join(", ".join(map(typst_math, row.split("&"))) for row in rows)
    return f'mat(delim: "[", {cells})'
