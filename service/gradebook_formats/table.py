"""Tables of cells as CSV, of which no spreadsheet makes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

Value = str | int | Decimal | None

# What spreadsheets pass over before they look for a formula: spaces, quotes, invisible characters.
_PASSED_OVER = (
    r"\s\"'`´‘’‚“”„«»\x00-\x1f\x7f-\x9f"
    r"\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
)
_OPENS_A_FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫−"
# A comma, semicolon, tab or line break begins a cell too, for who reads with another separator.
_BEGINS_A_FORMULA = re.compile(
    rf"^(?=[\x00-\x1f])|(?:^|(?<=[,;\t\r\n]))(?=[{_PASSED_OVER}]*[{_OPENS_A_FORMULA}])"
)


def harmless(text: str) -> str:
    """Return text with a single quote before whatever could be taken for a formula.

    >>> harmless("=1+1"), harmless("Ada; @x"), harmless("Anna-Maria O'Hara")
    ("'=1+1", "Ada;' @x", "Anna-Maria O'Hara")
    """
    return _BEGINS_A_FORMULA.sub("'", text)


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
