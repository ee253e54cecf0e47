r"""A formula with numbers put in for the names that it reads.

What is replaced are whole symbols: never the W₁ of ∂L/∂W₁, of W₁ᵀ only the W₁, nothing in an index
and nothing in a word. Of two symbols that begin alike the longer wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gradgrade.problems.worksheet.formulas.tokens import argument_end, tokens_of

_WORDS = frozenset({r"\mathrm", r"\mathsf", r"\mathbf", r"\operatorname", r"\text"})
_FRACTIONS = frozenset({r"\frac", r"\tfrac", r"\dfrac"})
_CLOSING = frozenset({"}", ")", "]"})


def put_in(formula: str, values: Mapping[str, str]) -> str:
    r"""Return a formula with values in the place of symbols.

    Args:
        formula: LaTeX.
        values: what stands for each symbol, both LaTeX.

    Returns:
        LaTeX, a · set where two numbers would otherwise become one.

    >>> values = {"W_{1}": "3", r"\eta": "2"}
    >>> print(put_in(r"W_{1} - \eta \frac{\partial L}{\partial W_{1}}", values))
    3 - 2 \frac{\partial L}{\partial W_{1}}
    >>> print(put_in(r"\tfrac{1}{NK} \sum_N N", {"N": "4", "K": "2"}))
    \tfrac{1}{4 \cdot 2} \sum_N 4
    """
    symbols = sorted(
        ((tokens_of(symbol), value) for symbol, value in values.items()),
        key=lambda each: -len(each[0]),
    )
    tokens, pieces, position = tokens_of(formula), [_START], 0
    while position < len(tokens):
        found = next((each for each in symbols if _stands_at(tokens, position, each[0])), None)
        if found is not None:
            symbol, value = found
            end, piece = position + len(symbol), _Piece(value, is_put_in=True)
        else:
            end = _kept_end(tokens, position)
            piece = _Piece("".join(tokens[position:end]))
        pieces.append(_separated(piece, pieces))
        position = end
    return "".join(piece.text for piece in pieces)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    is_put_in: bool = False

    @property
    def ends_a_factor(self) -> bool:
        if self.is_put_in:
            return True
        is_word = self.text.startswith(("_", "\\"))
        return not is_word and (self.text.isdigit() or self.text in _CLOSING)

    @property
    def is_number(self) -> bool:
        return self.text[:1].isdigit() or (self.is_put_in and self.text.startswith(r"\left("))


_START = _Piece("")


def _stands_at(tokens: list[str], position: int, symbol: list[str]) -> bool:
    end = position + len(symbol)
    if tokens[position:end] != symbol:
        return False
    rest = tokens[end : end + 4]
    # Another name begins like this one: `W_{1}^{(2)}`, `W_{1}^{\mathrm{new}}`, `y_j`.
    is_longer = rest[:1] == ["_"] or rest[:3] == ["^", "{", "("]
    return not (is_longer or rest == ["^", "{", r"\mathrm", "{"])


def _kept_end(tokens: list[str], position: int) -> int:
    """Return where what is kept as it is ends: a token, an index, a word, a derivative."""
    token = tokens[position]
    if token == "_" or token in _WORDS:
        return argument_end(tokens, position + 1)
    if token in _FRACTIONS and tokens[position + 1 : position + 3] == ["{", r"\partial"]:
        return argument_end(tokens, argument_end(tokens, position + 1))
    return position + 1


def _separated(piece: _Piece, before: list[_Piece]) -> _Piece:
    """Return a piece, a dot before it where two numbers would otherwise be one."""
    last = next((each for each in reversed(before) if not each.text.isspace()), _START)
    if not (piece.is_number and last.ends_a_factor and (piece.is_put_in or last.is_put_in)):
        return piece
    space = "" if before[-1].text.isspace() else " "
    return replace(piece, text=rf"{space}\cdot {piece.text}")
