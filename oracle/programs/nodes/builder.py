"""The operations of a program as they are found, one by one, held to its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.moving import MOVING
from gradgrade.oracle.primitives.primitive import Operand, Operation
from gradgrade.oracle.programs.bounds import (
    MOST_AXES,
    MOST_ENTRIES,
    MOST_ENTRIES_IN_ALL,
    MOST_NODES,
)
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.nodes.node import Node, Source

AN_INDEX = "an array of integers is an index: write it within brackets, E[ids]"

_CHOOSING = frozenset(
    {
        *("same", "stop_gradient", "abs", "max", "min", "maximum", "minimum", "where"),
        *("multiply", "outer", "entries", "listed", "rows", "picked"),
        *(each.name for each in MOVING),
    }
)
"""What makes comparisons of comparisons, in numpy: whose product is "and"."""


@dataclass(kw_only=True)
class NodeBuilder:
    """Takes operations, each after what it reads.

    Args:
        nodes: those it has.
        comparisons: the names of what code has True and False for.
        entries: of all of their arrays.
    """

    nodes: list[Node] = field(default_factory=list)
    comparisons: set[Name] = field(default_factory=set)
    entries: int = 0

    def add(
        self,
        operation: Operation,
        *,
        function: str,
        sources: tuple[Source, ...],
        place: Place,
        name: Name | None,
        text: str,
        options: Mapping[str, object] = MappingProxyType({}),
    ) -> Source:
        """Return what an operation makes, once it is a node; see `Node` for the arguments.

        Args:
            operation: what it does.
            function: what it is called.
            sources: what it reads.
            place: where it stands.
            name: of its line; None of what a line computes on the way.
            text: its source.
            options: what it was called with, beside its operands.

        Raises:
            ProgramError: it is too large, it is empty, or it takes indices for numbers.
        """
        # What is indexed is numbers; what it is indexed by is none.
        numbers = sources[:1] if function in ("rows", "picked") else sources
        if any(each.operand.integers is not None for each in numbers):
            raise ProgramError(AN_INDEX, place)
        text = " ".join(text.split())
        self._hold_to_bounds(operation.shape, place)
        made = name or self._placed(text, place)
        node = Node(
            name=made,
            function=function,
            operation=operation,
            sources=sources,
            place=place,
            is_line=name is not None,
            text=text,
            options=options,
        )
        self.nodes.append(node)
        if self._is_of_comparisons(node):
            self.comparisons.add(made)
        return Source(name=made, operand=Operand(shape=operation.shape, mask=operation.is_mask))

    def is_comparison(self, source: Source) -> bool:
        """Tell whether code has True and False there, of which a sum is no number."""
        return source.name in self.comparisons

    def _is_of_comparisons(self, node: Node) -> bool:
        """Tell whether an operation makes True and False: it compares, or chooses among such."""
        if node.function not in _CHOOSING:
            return node.operation.is_mask
        chosen = {"where": slice(1, None), "rows": slice(1), "picked": slice(1)}
        return all(map(self.is_comparison, node.sources[chosen.get(node.function, slice(None))]))

    def _hold_to_bounds(self, shape: Shape, place: Place) -> None:
        size = prod(shape)
        self.entries += size
        if len(shape) > MOST_AXES:
            raise ProgramError(f"an array has at most {MOST_AXES} axes", place)
        if size > MOST_ENTRIES:
            raise ProgramError(f"an array has at most {MOST_ENTRIES} entries (got {size})", place)
        if self.entries > MOST_ENTRIES_IN_ALL:
            raise ProgramError(f"a program has at most {MOST_ENTRIES_IN_ALL} entries", place)
        if len(self.nodes) >= MOST_NODES:
            raise ProgramError(f"a program has at most {MOST_NODES} operations", place)
        if size == 0:
            raise ProgramError("the array is empty", place)

    def _placed(self, text: str, place: Place) -> Name:
        """Return a name for an operation that no line names; a function may be called twice."""
        where = f"line {place.line}, column {place.column}"
        name = Name(text).at(where)
        taken = sum(node.name.text == name.text and node.place == place for node in self.nodes)
        return name.of.at(f"{where}, call {taken + 1}") if taken else name
