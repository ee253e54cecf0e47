"""The derivation of backpropagation, as a value: everything else is a walk over it.

`derive` turns the structure of an exercise into an ordered list of named steps; `walk` evaluates
them in an arithmetic; `evaluate` does so with documents' arrays at both ends. No step holds a
number of the exercise: those are givens, so one derivation serves all variants of a structure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.derivation.formulas.expression import Expression, Named
from gradgrade.oracle.derivation.formulas.rewriting import in_rows, with_own_names
from gradgrade.oracle.derivation.names import Name, OwnNames, iteration_label
from gradgrade.oracle.derivation.quantities import Convention, Group, Quantity
from gradgrade.oracle.derivation.steps import Step

BYTES_OF_STEP = 6_000

ASKABLE = frozenset(Group) - {
    Group.GIVEN,
    Group.INTERNAL,
    Group.OBJECTIVE,
    Group.JACOBIAN_ROW,
}


@dataclass(frozen=True, eq=False)
class Derivation:
    """The ordered steps of one exercise's structure; two are equal if they are the same object.

    Args:
        givens: what must be given, in order: x, y, parameters, then the scalars of the formulas.
        steps: each reads only givens and earlier steps.
        convention: how documents' arrays lie, and those of formulas.
        iterations: how many updates the steps make.
        stops: whether training stops where numbers say; bare names are of that iteration, and no
            other is shown.
        own_names: what the author of a program has named; None of a network, whose quantities have
            symbols of the field's.
    """

    givens: tuple[Quantity, ...]
    steps: tuple[Step, ...]
    convention: Convention
    iterations: int
    stops: bool = False
    own_names: OwnNames | None = None

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about.

        That is with the maps that its rules were made with, and with what is kept as long as it is:
        what can be done wrong in it, all its routes at once.
        """
        made_with = chain.from_iterable(getattr(step.rule, "args", ()) for step in self.steps)
        maps = {each for each in made_with if isinstance(each, EntryMap)}
        return BYTES_OF_STEP * len(self.steps) + sum(each.bytes_kept for each in maps)

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
        if self.stops:
            final = (each for each in shown if not each.name.iteration)
            return MappingProxyType({str(each.name): each for each in final})
        results = {str(quantity.name): quantity for quantity in shown}
        for quantity in shown:
            if quantity.name.iteration == self.last and str(quantity.name.bare) not in self.given:
                results[str(quantity.name.bare)] = quantity
        return MappingProxyType(results)

    def formula(self, step: Step) -> Expression:
        """Return a step's formula as it is where samples lie and names are as they are here."""
        formula = in_rows(step.formula) if self.convention == "row" else step.formula
        return formula if self.own_names is None else with_own_names(formula, self.own_names)

    def written(self, name: Name) -> Named:
        """Return a quantity as formulas show it."""
        return Named(name, own=self.own_names)

    @property
    def last(self) -> int:
        """The iteration that a bare name means; names of a single iteration do not count it."""
        return 0 if self.stops else iteration_label(self.iterations, self.iterations)

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
        needed, wanted = set[Name](), [target]
        while wanted:
            name = wanted.pop()
            if name in self.by_name and name not in needed and name not in from_names:
                needed.add(name)
                wanted.extend(self.by_name[name].reads)
        return self.in_order(needed)

    def in_order(self, names: Collection[Name]) -> tuple[Step, ...]:
        """Return the steps that make some names, each after what it reads."""
        return tuple(self.by_name[name] for name in sorted(names, key=self.places.__getitem__))

    @cached_property
    def places(self) -> Mapping[Name, int]:
        """At which place each step stands, by what it makes, from 0."""
        return {step.name: place for place, step in enumerate(self.steps)}

    def narrowed(self, targets: Collection[Name]) -> "Derivation":
        """Return the same derivation with the steps alone that targets need, by any route.

        >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
        >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
        >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
        >>> list(map(str, derivation.narrowed([Name("loss")]).by_name))
        ['z1', 'a1', 'loss']
        """
        needed, wanted = [], set(targets)
        for step in reversed(self.steps):
            if step.name in wanted:
                needed.append(step)
                wanted.update(step.reads, *(route.reads for route in step.routes))
        return replace(self, steps=tuple(reversed(needed)))

    def replacing(self, *steps: Step) -> "Derivation":
        """Return the same derivation with some steps replaced by others of the same name."""
        replacements = {step.name: step for step in steps}
        kept = tuple(replacements.get(step.name, step) for step in self.steps)
        return replace(self, steps=kept)
