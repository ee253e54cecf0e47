"""Tables of cells as CSV, of which no spreadsheet makes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal


class Dash:
    """A cell that is `-` and nothing else: of some importers "no grade", which no formula is."""

    def __str__(self) -> str:
        """Return what stands in the cell."""
        return "-"


Value = str | int | Decimal | Dash | None

# Spreadsheets pass over spaces, quotes and invisible characters before they look for a formula.
_QUOTES = '"`´‘’‚“”„«»'
_OPENS_A_FORMULA = "=+-@＝＋－＠﹦﹢﹣﹫−"
# A comma, semicolon, tab or line break begins a cell too, for who reads with another separator.
# Single quotes that stand before a control character get one more, so that they can be told apart.
_BEGINS_A_FORMULA = re.compile("^(?=q*[cb])|(?:^|(?<=[sb]))(?=[cbpq]*f)")


def harmless(text: str) -> str:
    """Return text with a single quote before whatever could be taken for a formula.

    >>> harmless("=1+1"), harmless("Ada; @x"), harmless("Anna-Maria O'Hara")
    ("'=1+1", "Ada;' @x", "Anna-Maria O'Hara")
    """
    kinds = "".join(map(_kind, text))
    begins = {found.start() for found in _BEGINS_A_FORMULA.finditer(kinds)}
    return "".join(f"'{each}" if at in begins else each for at, each in enumerate(text))


def _kind(character: str) -> str:
    """Return what a character is to a spreadsheet, as a letter of the pattern above."""
    if character in "\t\r\n":
        return "b"  # breaks cells, and is passed over
    if character in ",;":
        return "s"  # separates cells
    if character in _OPENS_A_FORMULA:
        return "f"
    if character == "'":
        return "q"  # passed over, and what we add
    if character < " ":
        return "c"  # a control character
    is_passed_over = character.isspace() or character in _QUOTES or not character.isprintable()
    return "p" if is_passed_over else "o"


def decimals(points: int | None) -> Decimal | None:
    """Return hundredths as points with two decimals; nothing as nothing.

    >>> str(decimals(850))
    '8.50'
    """
    return None if points is None else Decimal(points).scaleb(-2)


def csv_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    r"""Write rows as CSV in UTF-8 (RFC 4180): texts made harmless, numbers as they are.

    >>> csv_bytes([["-name", Decimal("8.50"), None]])
    b"'-name,8.50,\r\n"
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode()
