"""A misconception is a function from derivations to derivations; a mistake is one that it made.

The right rule is never written twice: a mistaken step is the right one with what goes into it, what
comes out of it, or what it reads changed, so that mistakes can be made one on top of another. Steps
that a mistake does not touch stay the same objects. A mistaken step keeps its formula, which is
the rule that was meant.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step

Changes = Callable[[Derivation], Iterator[tuple[str, Derivation]]]
"""`changes(derivation)` yields (place, mistaken derivation); nothing where it does not apply."""

StepChange = Callable[[Derivation, Step], Step | None]
"""`change(derivation, step)` returns the mistaken step, or None where there is none to make."""


def nowhere(_: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Make no change."""
    return iter(())


MOST_PLACES = 6
AXES, REPORTING = "axes", "reporting"


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """A wrong rule that students follow.

    Args:
        code: a stable word for reports.
        title: what an instructor reads in a table.
        explanation: what the student reads and learns from.
        source: the seed or paper that has the mistake or its right form, or `field`.
        family: what it is about.
        exposure: what to change in an exercise so that the mistake would show.
        changes: the mistaken derivations, by their places; gates ask whether variants show them.
        ungated: further ones, which are looked for in answers and which no gate asks for.
    """

    code: str
    title: str
    explanation: str
    source: str
    family: str
    exposure: str
    changes: Changes = nowhere
    ungated: Changes = nowhere

    @property
    def is_gated(self) -> bool:
        """Whether gates ask if variants show any of the mistakes."""
        return self.changes is not nowhere

    def mistakes(self, derivation: Derivation) -> Iterator["Mistake"]:
        """Yield the mistakes that this misconception leads to; none where it does not apply."""
        for changes, is_gated in ((self.changes, True), (self.ungated, False)):
            for place, mistaken in changes(derivation):
                yield Mistake(
                    misconception=self, place=place, derivation=mistaken, is_gated=is_gated
                )


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A misconception followed in an exercise.

    Args:
        misconception: which.
        place: `""` wherever it can be made, or in which layer alone: `"in layer 2"`.
        derivation: the mistaken steps.
        is_gated: whether variants have to show it.
    """

    misconception: Misconception
    place: str
    derivation: Derivation
    is_gated: bool = True

    @property
    def title(self) -> str:
        """The mistake in words, with its place: `Weights not transposed in layer 1`."""
        return f"{self.misconception.title} {self.place}".rstrip()

    @property
    def subject(self) -> str:
        """What stands for it in an exercise: the misconception's code, and the place."""
        return f"{self.misconception.code} {self.place}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two mistakes at once.

    Args:
        first: the one, alone.
        second: the other, its derivation making both.
    """

    first: Mistake
    second: Mistake

    @property
    def derivation(self) -> Derivation:
        """The steps with both mistakes."""
        return self.second.derivation


def pair(first: Mistake, second: Misconception) -> Iterator[Pair]:
    """Yield a mistake together with each that a second misconception leads to on top of it.

    What is shown for the truth is shown last, so nothing is made on top of that: take the two the
    other way round.
    """
    if first.misconception.family in (AXES, REPORTING):
        return
    for mistake in second.mistakes(first.derivation):
        yield Pair(first=first, second=mistake)


def in_turn(*changes: Changes) -> Changes:
    """Make the changes of one after those of another, as those of networks and of programs."""

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        return chain.from_iterable(each(derivation) for each in changes)

    return changed


def everywhere(*changes: StepChange) -> Changes:
    """Make a step-wise change at all steps at once, of all layers and iterations.

    Of several changes the first that applies to a step is made.
    """

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        found = [step for step, _ in changed_steps(derivation, changes)]
        if found:
            yield "", replaced(derivation, *found)

    return changed


def layer_by_layer(
    *changes: StepChange, layer_of: Callable[[Step], int] = lambda step: step.name.layer
) -> Changes:
    """Make a step-wise change in all layers at once and, where there are several, in each alone.

    `layer_of(step)` is the layer that a step, as it was, belongs to.
    """
    return place_by_place(*changes, place_of=layer_of, what="layer", most=MOST_PLACES)


def place_by_place(
    *changes: StepChange, place_of: Callable[[Step], int], what: str, most: int
) -> Changes:
    """Make a step-wise change in all places at once and, where there are several, in each alone.

    Args:
        changes: of several the first that applies to a step is made.
        place_of: the number of the place that a step, as it was, belongs to.
        what: a place is called.
        most: in how many places it is made alone.
    """

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        by_place: dict[int, list[Step]] = {}
        for step, original in changed_steps(derivation, changes):
            by_place.setdefault(place_of(original), []).append(step)
        if by_place:
            yield "", replaced(derivation, *(step for steps in by_place.values() for step in steps))
        if len(by_place) > 1:
            for place in sorted(by_place)[:most]:
                yield f"in {what} {place}", replaced(derivation, *by_place[place])

    return changed


def replaced(derivation: Derivation, *steps: Step) -> Derivation:
    """Return a derivation with steps replaced, and put in order: each after what it reads."""
    mistaken = derivation.replacing(*steps)
    if all(set(derivation.by_name[step.name].reads).issuperset(step.reads) for step in steps):
        return mistaken
    by_name, ordered = mistaken.by_name, dict[Name, Step]()

    def place(step: Step) -> None:
        for name in step.reads:
            if name in by_name and name not in ordered:
                place(by_name[name])
        ordered.setdefault(step.name, step)

    for step in mistaken.steps:
        place(step)
    return replace(mistaken, steps=tuple(ordered.values()))


def shown(derivation: Derivation, *changes: Step, helping: tuple[Step, ...] = ()) -> Derivation:
    """Return a derivation that shows something else and goes on from what is true.

    Args:
        derivation: the right steps.
        changes: make what is shown; the names that they read stand for what is true.
        helping: further steps, which the changes may read.
    """
    true = {step.name: step.name.part("true") for step in changes}
    steps = [_of_truth(step, true) for step in derivation.steps]
    helping = tuple(_reading_truth(step, true) for step in helping)
    changed = [_reading_truth(step, true) for step in changes]
    # Nothing reads what is shown, so it may stand behind all that it reads.
    return replace(derivation, steps=(*steps, *helping, *changed))


def _of_truth(step: Step, true: Mapping[Name, Name]) -> Step:
    moved = _reading_truth(step, true)
    if step.name not in true:
        return moved
    return replace(
        moved, quantity=replace(step.quantity, name=true[step.name], group=Group.INTERNAL)
    )


def _reading_truth(step: Step, true: Mapping[Name, Name]) -> Step:
    reads = tuple(true.get(name, name) for name in step.reads)
    # Routes give what the step gives; they may read what has another name now.
    return step if reads == step.reads else replace(step, reads=reads, routes=())


def changed_steps(
    derivation: Derivation, changes: tuple[StepChange, ...]
) -> Iterator[tuple[Step, Step]]:
    """Yield (mistaken step, step) of every step that a change applies to."""
    for step in derivation.steps:
        made = (change(derivation, step) for change in changes)
        changed = next((each for each in made if each is not None), None)
        if changed is not None:
            yield changed, step
