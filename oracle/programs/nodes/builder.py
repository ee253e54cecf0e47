"""The operations of a program as they are found, one by one, held to its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.primitive import Operand, Operation
from gradgrade.oracle.programs.bounds import (
    MOST_AXES,
    MOST_ENTRIES,
    MOST_ENTRIES_IN_ALL,
    MOST_NODES,
)
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.nodes.kinds import kind_of
from gradgrade.oracle.programs.nodes.node import Node, Source

AN_INDEX = "an array of integers is an index: write it within brackets, E[ids]"


@dataclass(kw_only=True)
class NodeBuilder:
    """Takes operations, each after what it reads.

    Args:
        nodes: those it has.
        entries: of all of their arrays.
    """

    nodes: list[Node] = field(default_factory=list)
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
            ProgramError: it is too large, it is empty, or it takes for numbers what numpy does not.
        """
        # What is indexed is numbers; what it is indexed by is none.
        numbers = sources[:1] if function in ("rows", "picked") else sources
        if any(each.operand.integers is not None for each in numbers):
            raise ProgramError(AN_INDEX, place)
        try:
            kind = kind_of(function, [each.operand for each in sources])
        except ValueError as error:
            raise ProgramError(str(error), place) from None
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
            is_condition=kind.is_mask,
            text=text,
            options=options,
        )
        self.nodes.append(node)
        return Source(name=made, operand=Operand(shape=operation.shape, kind=kind))

    def made(self, source: Source) -> Node | None:
        """Return the node that makes a source; None of what is given, and of numbers."""
        return next((each for each in reversed(self.nodes) if each.name == source.name), None)

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
