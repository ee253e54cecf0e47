"""Variants of a module: right ones, which tests have to let pass, and mistaken ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from types import MappingProxyType
from typing import Literal

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.routes import by_each_route
from gradgrade.problems.audits.answering import Array, Known
from gradgrade.problems.audits.arithmetics import Binary32, FromTheEnd, single
from gradgrade.problems.audits.patterns import Call
from gradgrade.problems.audits.sizes import Shapes, Sized, Unfitting
from gradgrade.problems.misconceptions import mistakes

Family = Literal["right", "honest", "note", "misconception", "answer", "state"]
"""Right; right in another way; right in a way that this exercise does not ask to be let pass; a
misconception; an answer changed; what is kept between calls."""

STATE = MappingProxyType(
    {
        "first_cache": "the first call's cache is used ever after",
        "added_up": "gradients are added up over calls",
        "in_place": "the first argument is changed in place",
    }
)


class SizeForbids(ValueError):
    """What a mistake would raise: its shapes do not fit."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A module that answers in one way.

    Args:
        code: a stable word.
        title: what people read.
        explanation: of a misconception, what is wrong about it.
        family: what it is.
        subject: the misconception's code and place, as `Mistake.subject`.
        changed: the answers that are changed: all that one piece of code gives.
        change: how.
        route: which of the textbook's other forms.
        arithmetic: what it is computed in.
        state: what is kept between calls, one of `STATE`.
    """

    code: str
    title: str
    family: Family
    explanation: str = ""
    subject: str = ""
    changed: tuple[str, ...] = ()
    change: Callable[[Array], Array] | None = None
    route: int | None = None
    arithmetic: Literal["binary64", "from the end", "binary32"] = "binary64"
    state: str = ""

    @property
    def is_mistaken(self) -> bool:
        """Whether tests should refuse it."""
        return self.family in ("misconception", "answer", "state")

    def answers(self, known: Known, targets: Sequence[str]) -> Mapping[str, Array]:
        """Return what it answers, as documents show it.

        Raises:
            Unfitting: too little is known.
            SizeForbids: the mistake cannot be made in these sizes.
        """
        derivation = self._derivation(known.sized)
        if self.arithmetic != "binary64":
            is_single = self.arithmetic == "binary32"
            walked = known.walk(
                derivation,
                targets,
                Binary32() if is_single else FromTheEnd(),
                take=single if is_single else numpy.asarray,
            )
            return {name: known.document(name, each) for name, each in walked.items()}
        found = known.answers(targets, derivation)
        for name in self.changed:
            if name in found:
                found[name] = self._changed(found[name], known.sized.shape(name))
        return found

    def _changed(self, answer: Array, shape: tuple[int, ...]) -> Array:
        assert self.change is not None
        if answer.shape == shape:
            return numpy.array(self.change(answer))
        return numpy.array([self.change(each) for each in answer])

    def _derivation(self, sized: Sized) -> Derivation:
        right = sized.derivation
        if self.subject:
            mistaken = mistaken_in(right).get(self.subject)
            if mistaken is None:
                raise SizeForbids(f"shapes do not fit in these sizes: {self.title}")
            return mistaken
        if self.route is not None:
            routes = by_each_route(right)
            return routes[self.route] if self.route < len(routes) else right
        return right


@kept_with_argument
def mistaken_in(derivation: Derivation) -> Mapping[str, Derivation]:
    """Return the mistaken derivations, by their subjects."""
    return {each.subject: each.derivation for each in mistakes(derivation)}


RIGHT = Variant(code="right", title="the right module", family="right")


def _off(share: float) -> Callable[[Array], Array]:
    return lambda array: array + share * (numpy.abs(array).max() or 1.0)


def _some_zero(array: Array) -> Array:
    changed = array.copy()
    changed.reshape(-1)[::3] = 0.0
    return changed


def _one_off(array: Array) -> Array:
    changed = array.copy()
    changed.reshape(-1)[-1] += numpy.abs(array).max() or 1.0
    return changed


@dataclass(frozen=True)
class _Change:
    code: str
    title: str
    change: Callable[[Array], Array]
    axes: tuple[int, ...] = (0, 1, 2, 3, 4, 5)


CHANGES = (
    _Change("off_1e-2", "{} is 1% off", _off(1e-2)),
    _Change("off_1e-3", "{} is 0.1% off", _off(1e-3)),
    _Change("off_1e-5", "{} is 1e-5 of its largest entry off", _off(1e-5)),
    _Change("off_1e-7", "{} is 1e-7 of its largest entry off", _off(1e-7)),
    _Change("zero", "{} is zero", numpy.zeros_like),
    _Change("some_zero", "every third entry of {} is zero", _some_zero, (1, 2, 3, 4, 5)),
    _Change("one_off", "one entry of {} is off", _one_off, (1, 2, 3, 4, 5)),
    _Change("sign", "{} has the other sign", numpy.negative),
    _Change("transposed", "{} is transposed", numpy.transpose, (2,)),
    _Change("axis_kept", "{} keeps an axis, (1, n) for (n,)", lambda each: each[None], (1,)),
)


class Variants:
    """The variants of an exercise's calls.

    Args:
        shapes: the exercise in its sizes.
        calls: that are stood in for.
        remembers: whether a call needs what an earlier one was given.
    """

    def __init__(self, shapes: Shapes, calls: Sequence[Call], *, remembers: bool) -> None:
        self.shapes = shapes
        self.calls = calls
        self.remembers = remembers

    @cached_property
    def answered(self) -> tuple[str, ...]:
        """The quantities that the calls answer, in order."""
        return tuple(dict.fromkeys(name for call in self.calls for name in call.answers))

    def honest(self) -> Iterator[Variant]:
        """Yield what is right in another way."""
        yield Variant(
            code="summation_order", title="another order of summation", family="honest",
            arithmetic="from the end",
        )  # fmt: skip
        derivation = self.shapes.sized({}).derivation
        needed = [self.shapes.sized({}).quantity(each).name for each in self.answered]
        narrowed = derivation.narrowed(needed)
        for route, _ in enumerate(by_each_route(narrowed) if narrowed.steps else ()):
            yield Variant(
                code=f"textbook_form_{route + 1}", title="another textbook form", family="honest",
                route=route,
            )  # fmt: skip
        is_single = self.shapes.exercise.precision == "binary32"
        yield Variant(
            code="float32", title="single precision", family="honest" if is_single else "note",
            arithmetic="binary32",
        )  # fmt: skip

    def mistaken(self) -> Iterator[Variant]:
        """Yield what is mistaken, misconceptions that change no answer among it."""
        yield from self._misconceptions()
        for names in self._slots():
            axes = len(self.shapes.axes(names[0]))
            for each in CHANGES:
                if axes in each.axes:
                    yield Variant(
                        code=f"{names[0]}_{each.code}",
                        title=each.title.format(", ".join(names)),
                        family="answer",
                        changed=names,
                        change=each.change,
                    )
        yield from self._state()

    def _slots(self) -> Iterator[tuple[str, ...]]:
        """Yield the answers that one piece of code gives, wherever the script uses it."""
        done = set[str]()
        for shown in dict.fromkeys(call.shown for call in self.calls):
            places = [call.answers for call in self.calls if call.shown == shown]
            for slot in zip_longest(*places):
                names = tuple(name for name in dict.fromkeys(slot) if name and name not in done)
                done |= set(names)
                if names:
                    yield names

    def _misconceptions(self) -> Iterator[Variant]:
        """Yield the misconceptions that can be followed in the own sizes, or in equal ones."""
        found: dict[str, Variant] = {}
        made_everywhere = set[str]()
        for sizes in ({}, dict.fromkeys(self.shapes.free, 3)):
            try:
                sized = self.shapes.sized(sizes)
            except Unfitting:
                continue
            for mistake in mistakes(sized.derivation):
                of = mistake.misconception
                if not mistake.place:
                    made_everywhere.add(of.code)
                title = f"{of.title}, {mistake.place}" if mistake.place else of.title
                found.setdefault(
                    mistake.subject,
                    Variant(
                        code=of.code, title=title, family="misconception",
                        explanation=of.explanation, subject=mistake.subject,
                    ),
                )  # fmt: skip
        for subject, variant in found.items():
            # In all layers at once it is the least that tests have to tell.
            if subject == variant.code or variant.code not in made_everywhere:
                yield variant

    def _state(self) -> Iterator[Variant]:
        is_attribute = any(call.owner and call.sets for call in self.calls)
        there = {
            "first_cache": self.remembers,
            "added_up": is_attribute and bool(self.gradients),
            "in_place": True,
        }
        for code, is_there in there.items():
            if is_there:
                yield Variant(code=code, title=STATE[code], family="state", state=code)

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The answers that are gradients of parameters."""
        sized = self.shapes.sized({})
        return tuple(each for each in self.answered if sized.quantity(each).group is Group.GRADIENT)
