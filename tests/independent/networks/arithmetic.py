"""What the numbers of a document stand for, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from mpmath import MPContext, mpf

from tests.independent.autodiff import NotDifferentiableError

GUARD_DIGITS = 30
Document = dict[str, Any]


@dataclass(frozen=True)
class Arithmetic:
    """What the numbers of a document stand for, and the precision to compute in."""

    context: MPContext
    binary: bool
    closeness: mpf

    @classmethod
    @cache
    def of(cls, name: str, digits: int) -> Arithmetic:
        """The arithmetic of that name, in a context of its own, which takes long to make."""
        if name not in ("decimal", "binary64"):
            raise ValueError(f"unknown arithmetic: {name}")
        context = MPContext()
        context.dps = digits + GUARD_DIGITS
        return cls(context, name == "binary64", context.mpf(10) ** -digits)

    def number(self, written: int | float | str | Decimal) -> mpf:
        """The number that stands in the document."""
        if self.binary:
            return self.context.mpf(float(str(written)))
        return self.context.mpf(str(Decimal(str(written))))

    def setting(self, document: Document, name: str, default: str | None = None) -> mpf:
        """A numeric field of the document, or its default."""
        return self.number(setting(document, name, default))

    def refuse_kink(self, distance: mpf, place: str) -> None:
        """Refuse a point at which, as far as the digits tell, there is no derivative."""
        if abs(distance) < self.closeness:
            raise NotDifferentiableError(f"no derivative at {place}")


def setting(document: Document, name: str, default: Any = None) -> Any:
    """A field of the document; its default where it is absent or null."""
    value = document.get(name)
    if value is None:
        value = default
    if value is None:
        raise ValueError(f"{name} is missing")
    return value
