"""Number: a number as a document writes it, kept as text until its arithmetic is known."""

import re
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from gradgrade.problems.documents.faults.writing import (
    LONGEST_WRITTEN,
    as_written,
    beyond_range,
    no_number,
)
from gradgrade.problems.errors import DocumentError

ArithmeticName = Literal["decimal", "binary64"]

MAXIMUM_LENGTH = 64
_NUMERAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


class Number:
    """A JSON numeral.

    In decimal arithmetic it stands for exactly the decimal that is written, in binary64 for the
    nearest double. It has at most 64 characters and a finite double, and is no number so small
    that it vanishes there.

    >>> Number("0.10").exact("decimal"), Number("0.10").exact("binary64")
    (Decimal('0.10'), 0.1)
    """

    # No dataclass: pydantic would dump one field by field.
    __slots__ = ("_double", "_text")

    def __init__(self, text: str) -> None:
        if len(text) > MAXIMUM_LENGTH:
            raise DocumentError(_too_long(f"{text[:LONGEST_WRITTEN]}…"))
        if not _NUMERAL.fullmatch(text):
            raise DocumentError(f"{text!r} is not a number")
        double = float(text)
        if not isfinite(double):
            raise DocumentError(beyond_range(text))
        self._double = double
        self._text = text

    @property
    def text(self) -> str:
        """The numeral as it was written."""
        return self._text

    @property
    def bounded_text(self) -> str:
        """The same, but 0 for what is 0 in doubles by its exponent.

        That may have sixty digits, and the exact number as many as it says.

        >>> Number("0.00").bounded_text, Number("1e-999999999999").bounded_text
        ('0.00', '0')
        """
        return self._text if self._double or "e" not in self._text.lower() else "0"

    @property
    def double(self) -> float:
        """The nearest double."""
        return self._double

    def __eq__(self, other: object) -> bool:
        """Two numbers are equal where their texts are: 0.10 and 0.1 are two."""
        return isinstance(other, Number) and self._text == other._text

    def __hash__(self) -> int:
        """Hash the text."""
        return hash(self._text)

    def __str__(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        """Show the text."""
        return f"Number({self._text!r})"

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return a Python number as a Number; a float in its shortest round-trip form.

        Raises:
            DocumentError: the value is no finite number.

        >>> Number.of(0.25), Number.of(3)
        (Number('0.25'), Number('3'))
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            raise DocumentError(no_number(value))
        if isinstance(value, int):
            if abs(value) >= 10**MAXIMUM_LENGTH:
                raise DocumentError(_too_long(as_written(value)))
        elif not isfinite(value):
            raise DocumentError(f"{value} is not a finite number")
        # numpy's doubles are floats whose repr is another.
        return cls(repr(float(value)) if isinstance(value, float) else str(value))

    def exact(self, arithmetic: ArithmeticName) -> Decimal | float:
        """Return the number that this text stands for in an arithmetic.

        Raises:
            DocumentError: it is not 0, yet binary64 has no double but 0 for it.
        """
        if arithmetic == "decimal":
            return self.decimal()
        # What is not 0 is the nearest double already; of what is, it must be written as 0 is.
        return self.double or float(self.decimal())

    def decimal(self) -> Decimal:
        """Return the decimal that is written.

        Raises:
            DocumentError: it is not 0, yet binary64 has no double but 0 for it.
        """
        if self.double == 0:
            if any(digit in "123456789" for digit in re.split("[eE]", self.text)[0]):
                raise DocumentError(f"{self.text} is below the range of binary64")
            return Decimal(0)
        return Decimal(self.text)

    def written_in(self, arithmetic: ArithmeticName) -> "Number":
        """Return the same number as an exercise of this arithmetic writes it."""
        return self if arithmetic == "decimal" else Number(repr(self.exact(arithmetic)))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate by `of`; a dumped model keeps the Number."""
        as_double = core_schema.plain_serializer_function_ser_schema(
            lambda number: number.double, when_used="json"
        )
        return core_schema.no_info_plain_validator_function(cls.of, serialization=as_double)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe it as what it is in a document."""
        return {"type": "number"}


def _too_long(shown: str) -> str:
    return f"{shown} has more than {MAXIMUM_LENGTH} characters: write fewer digits"
