"""The derivation of backpropagation, as a value: everything else is a walk over it.

`derive` turns the structure of an exercise into an ordered list of named steps; `walk` evaluates
them in an arithmetic; `evaluate` does so with documents' arrays at both ends. No step holds a
number of the exercise: those are givens, so one derivation serves all variants of a structure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name, iteration_label
from gradgrade.oracle.derivation.quantities import Convention, Group, Quantity
from gradgrade.oracle.derivation.steps import Step

ASKABLE = frozenset(Group) - {Group.GIVEN, Group.INTERNAL}


@dataclass(frozen=True, eq=False)
class Derivation:
    """The ordered steps of one exercise's structure; two are equal if they are the same object.

    Args:
        givens: what must be given, in order: x, y, parameters, then the scalars of the formulas.
        steps: each reads only givens and earlier steps.
        convention: how documents' arrays lie, and what formulas are written in.
        iterations: how many updates the steps make.
    """

    givens: tuple[Quantity, ...]
    steps: tuple[Step, ...]
    convention: Convention
    iterations: int

    @cached_property
    def by_name(self) -> Mapping[Name, Step]:
        """The steps by the names of what they make."""
        return MappingProxyType({step.name: step for step in self.steps})

    @cached_property
    def given(self) -> Mapping[str, Quantity]:
        """The givens by the text of their names."""
        return MappingProxyType({str(quantity.name): quantity for quantity in self.givens})

    @cached_property
    def results(self) -> Mapping[str, Quantity]:
        """What a solution shows, by name, in order.

        With one iteration, bare names; with several, every `NAME@t`, then each bare name for the
        last iteration (but those of the givens, which stand for iteration 1's).
        """
        shown = [step.quantity for step in self.steps if step.quantity.group in ASKABLE]
        results = {str(quantity.name): quantity for quantity in shown}
        for quantity in shown:
            if quantity.name.iteration == self.last and str(quantity.name.bare) not in self.given:
                results[str(quantity.name.bare)] = quantity
        return MappingProxyType(results)

    @property
    def last(self) -> int:
        """The iteration that a bare name means; names of a single iteration do not count it."""
        return iteration_label(self.iterations, self.iterations)

    def find(self, text: str) -> Quantity | None:
        """Return what a name in a document stands for; with one iteration `NAME@1` is an alias."""
        if self.iterations == 1:
            text = text.removesuffix("@1")
        return self.results.get(text)

    def members(self, groups: Collection[Group]) -> tuple[str, ...]:
        """Return the names, of the last iteration, of what belongs to groups, in order."""
        return tuple(
            str(step.name.bare)
            for step in self.steps
            if step.quantity.group in groups and step.name.iteration == self.last
        )

    def needed_for(self, target: Name, *, from_names: Collection[Name]) -> tuple[Step, ...]:
        """Return, in order, the steps from some names (and the givens) to a target."""
        needed, wanted = [], {target}
        for step in reversed(self.steps):
            if step.name in wanted and step.name not in from_names:
                needed.append(step)
                wanted.update(step.reads)
        return tuple(reversed(needed))

    def replacing(self, *steps: Step) -> "Derivation":
        """Return the same derivation with some steps replaced by others of the same name."""
        replacements = {step.name: step for step in steps}
        kept = tuple(replacements.get(step.name, step) for step in self.steps)
        return replace(self, steps=kept)
