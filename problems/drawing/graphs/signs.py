"""What stands in the circle of an operation: its sign or its function, with numbers of the text."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from gradgrade.oracle.programs.nodes.node import Node
from gradgrade.problems.drawing.text import MINUS, Run, Text, words

LONGEST_INDEX = 9
"""How many characters of an index are shown."""

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "add": "+",
        "subtract": MINUS,
        "negative": MINUS,
        "multiply": "×",
        "divide": "÷",
        "matmul": "@",
        "greater": ">",
        "greater_equal": "≥",
        "less": "<",
        "less_equal": "≤",
        "sigmoid": "σ",
        "sqrt": "√",
        "sum": "Σ",
        "transpose": "T",
        "maximum": "max",
        "minimum": "min",
        "same": "=",
    }
)
"""The signs of operators and of what is usually written as a letter; others stand by their name."""


def sign_of(node: Node) -> Text:
    """Return what stands in an operation's circle."""
    sign = _SIGNS.get(node.function, node.function)
    match node.function, [source.operand.constant for source in node.sources]:
        case "power", [_, Fraction() as exponent]:
            return (Run("( )"), Run(_number(exponent), "power"))
        case "masked_softmax", _:
            return words(f"softmax {_mask(node)}")
        case (("entries" | "listed" | "rows" | "picked"), _):
            return words(_index(node.text))
        case "divide", [Fraction() as above, None]:
            return words(f"{_number(above)}/( )")
        case (("subtract" | "maximum" | "minimum"), [Fraction() as left, None]):
            return words(f"{_number(left)} {sign}")
        case (("add" | "subtract" | "multiply" | "divide"), [None, Fraction() as right]):
            return words(f"{sign} {_number(right)}")
        case (("add" | "multiply"), [Fraction() as left, None]):
            return words(f"{sign} {_number(left)}")
        case _:
            return words(sign)


def _mask(node: Node) -> str:
    """Return in words where a masked softmax is taken: by the mask's name, if it has one."""
    mask = node.sources[0].name
    return "where masked" if mask is None or mask.relations else f"where {mask.text}"


def _number(number: Fraction) -> str:
    """Return a number as short as it can be told.

    >>> _number(Fraction(-1, 2)), _number(Fraction(1, 1000))
    ('−0.5', '0.001')
    """
    return f"{float(number):.4g}".replace("-", MINUS)


def _index(text: str) -> str:
    """Return the brackets at the end of an indexed expression, as far as they are short."""
    found = text[text.rindex("[") :] if text.count("[") == 1 and text.endswith("]") else ""
    return found if 0 < len(found) <= LONGEST_INDEX else "[…]"
