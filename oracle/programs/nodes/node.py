"""An operation of a program, and what it reads, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.primitives.exponentials import MASKED_SOFTMAX
from gradgrade.oracle.primitives.primitive import Operand, Operation
from gradgrade.oracle.programs.faults import Place

_CHOOSING = frozenset({"where", MASKED_SOFTMAX.name})
"""What chooses by its first operand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an operation reads: a quantity, or a number of the text.

    Args:
        name: of the quantity; None for a number.
        operand: what is known of it.
    """

    name: Name | None
    operand: Operand


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """An operation of a program; two are equal if they are the same object.

    Args:
        name: of a line its own; of what a line computes on the way, its source and column.
        function: what it is called in the table of primitives; of indices `entries`, `rows` or
            `picked`, of a line that is another quantity `same`.
        operation: what it does.
        sources: what it reads.
        place: where it stands.
        is_line: whether a line of the program names it.
        is_condition: whether it makes 0 and 1 alone.
        text: its source.
        options: what it was called with by name or place, beside its operands.
    """

    name: Name
    function: str
    operation: Operation
    sources: tuple[Source, ...]
    place: Place
    is_line: bool
    is_condition: bool
    text: str
    options: Mapping[str, object]


def held_conditions(nodes: Sequence[Node]) -> frozenset[Name]:
    """Return the conditions by which something chooses, and what these are made of.

    They are 0 or 1 beside the point too: no number moves a choice a little, so nothing is
    differentiated by them. A condition that is multiplied alone is a number as any other.

    Args:
        nodes: operations, each after what it reads.
    """
    held = set[Name | None]()
    for node in reversed(nodes):
        if node.function in _CHOOSING:
            held.add(node.sources[0].name)
        if node.name in held:
            held.update(each.name for each in node.sources if each.operand.kind.is_mask)
    return frozenset(node.name for node in nodes if node.name in held)
