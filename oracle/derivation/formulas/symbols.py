"""How a name is written in a formula."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradgrade.oracle.derivation.formulas.boxes import (
    Accented,
    Box,
    Enclosed,
    Face,
    Fraction,
    Row,
    Scripts,
    Sign,
    row,
    sentence,
    word,
)
from gradgrade.oracle.derivation.names import GATES, OBJECTIVE, Name, OwnNames

_SYMBOLS_OF_LAYERS: Mapping[str, tuple[Box, str]] = MappingProxyType(
    {
        "gamma": (Sign("γ"), ""),
        "beta": (Sign("β"), ""),
        "alpha": (Sign("α"), ""),
        "epsilon": (Sign("ε"), ""),
        "rate": (word("rate"), ""),
        "mask": (Sign("M"), ""),
        "patches": (Sign("P"), ""),
        "delta_by_filter": (Sign("δ"), "filter"),
        "extended": (Accented(Sign("a"), "\u0304"), ""),
        "deviation": (word("dev"), ""),
        "normalized": (Accented(Sign("a"), "\u0302"), ""),
        "incoming": (word("in"), ""),
        **{
            f"{letter}{source}{gate}": (Sign(letter), f"{source}{gate}")
            for letter, sources in (("W", "xh"), ("b", ("",)), ("z", ("",)))
            for source in sources
            for gate in ("h", *GATES)
        },
    }
)
"""Symbol and first index of what layers name."""

_SYMBOLS: Mapping[str, Box] = MappingProxyType(
    {
        "loss": Sign("L"),
        "objective": Sign("L"),
        "data_loss": Scripts(Sign("L"), word("data")),
        "l1_penalty": Scripts(Sign("R"), Sign("1")),
        "l2_penalty": Scripts(Sign("R"), Sign("2")),
        "l1": Scripts(Sign("λ"), Sign("1")),
        "l2": Scripts(Sign("λ"), Sign("2")),
        "threshold": Sign("d"),
        "samples": Sign("k"),
        "learning_rate": Sign("η"),
        "scheduled_learning_rate": Sign("η"),
        "factor": word("factor"),
        "rate": word("rate"),
        "period": Sign("T"),
        "momentum": Sign("μ"),
        "decay": Sign("ρ"),
        "beta1": Scripts(Sign("β"), Sign("1")),
        "beta2": Scripts(Sign("β"), Sign("2")),
        "beta1_correction": Scripts(Sign("c"), Sign("1")),
        "beta2_correction": Scripts(Sign("c"), Sign("2")),
        "epsilon": Sign("ε"),
        "weight_decay": Sign("λ"),
    }
)
"""The symbols of losses, penalties, schedules and optimizers, which belong to no layer."""

_PARTS: Mapping[str, str] = MappingProxyType({"incoming": "in"})


def symbol(name: Name, own: OwnNames | None = None) -> Box:
    """Return the symbol of a name, its iteration raised in parentheses.

    Args:
        name: of a quantity.
        own: in a program, what its author has named.
    """
    return _Symbols(own).of(name)


@dataclass(frozen=True, slots=True)
class _Symbols:
    own: OwnNames | None

    def of(self, name: Name) -> Box:
        count = (Sign("("), Sign(str(name.iteration)), Sign(")")) if name.iteration else ()
        if not name.relations:
            return _raised(self._indexed(name), *count)
        relation, of = name.relations[-1], name.of
        match relation.what:
            case "gradient" if name.is_delta:
                return _raised(self._indexed(of, Sign("δ")), *count)
            case "gradient":
                above = row(Sign("∂"), self._indexed(OBJECTIVE))
                return _raised(Fraction(above, row(Sign("∂"), self.of(of.bare))), *count)
            case "state":
                letter = Sign(relation.which.upper())
                return _raised(Scripts(letter, row(self.of(of.bare))), *count)
            case "update":
                return _raised(self.of(of.bare), word("new"), *count)
            case "start":
                return self._noted(of, "0")
            case "use":
                through = sentence(f" {relation.which}")
                return Enclosed(row(self.of(of), through), stretches=True)
            case "place":
                return Sign(of.text, Face.CODE)
            case "part":
                return self._noted(of, _PARTS.get(relation.which, relation.which))

    def _noted(self, name: Name, note: str) -> Scripts:
        return Scripts(Enclosed(self.of(name), stretches=True), word(note))

    def _indexed(self, name: Name, instead: Box | None = None) -> Box:
        """Return symbol and indices, or another symbol with the same indices."""
        own, first = self._own_symbol(name)
        time = "" if name.time is None else str(name.time)
        index = ",".join(each for each in (first + time, str(name.layer or "")) if each)
        base = instead or own
        signs = tuple(map(Sign, re.findall(r"[0-9]+|.", index)))
        return Scripts(base, Row(signs)) if signs else base

    def _own_symbol(self, name: Name) -> tuple[Box, str]:
        """Return symbol and first index: from the tables, or of a text that anybody may choose."""
        if self.own is not None and name.bare == OBJECTIVE:
            name = Name(self.own.differentiated)
        elif self.own is None or name.text not in self.own.texts:
            if name.layer and name.text in _SYMBOLS_OF_LAYERS:
                return _SYMBOLS_OF_LAYERS[name.text]
            if not name.layer and name.text in _SYMBOLS:
                return _SYMBOLS[name.text], ""
        text, number = name.letter_and_number
        return (Sign(text) if len(text) == 1 else word(text)), number


def _raised(base: Box, *marks: Box) -> Box:
    """Return a symbol with marks above it."""
    if not marks:
        return base
    if isinstance(base, Scripts):
        return Scripts(base.base, base.below, Row(marks))
    return Scripts(base, above=Row(marks))
