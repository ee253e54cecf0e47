"""An exercise whose tests are audited: its calls, and draws of it in any sizes to try them with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.audits.answering import Array, Known
from gradgrade.problems.audits.patterns import (
    MAKING,
    Call,
    Kept,
    Keyed,
    Pattern,
    Several,
    Viewed,
)
from gradgrade.problems.audits.reading import Interface, names_of, read_interface
from gradgrade.problems.audits.sizes import BATCH, Shapes, Unfitting
from gradgrade.problems.audits.variants import SizeForbids, Variant, Variants
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.problem_set import (
    Draw,
    NetworkDefinition,
    ProblemSet,
    ProgramDefinition,
)
from gradgrade.problems.documents.strict_json import canonical
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.scripts.statements import ScriptError
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import PRESENTED, Template

MOST_DRAWS = 20
"""How many draws are tried for one whose right answers all have a band."""

CONVENTION = 1e8
"""In bands, about 1e-7: what ε in a logarithm does, which courses choose, is no mistake."""

COMPUTED = -1
"""The number of what a file that stands in asks of `computed`."""

KEY = bytes(32)


class NotDrawn(ValueError):
    """No draw has answers that can be told from others; the message says in which sizes."""


@dataclass(frozen=True, eq=False)
class Reference:
    """One draw of the exercise, with what each call is given and answers.

    Args:
        exercise: the draw.
        known: all of its givens.
        values: the right values of all that calls are given or answer.
        bands: how far honest code may be off.
    """

    exercise: Exercise
    known: Known
    values: Mapping[str, Array]
    bands: Mapping[str, Array]

    def given_to(self, names: Sequence[str]) -> Known:
        """Return what a call is given that is given some quantities."""
        return Known(self.known.sized, {name: self.values[name] for name in names})


class Audited:
    """An exercise of a set, with the calls of its script.

    Args:
        problem_set: the set.
        name: of the exercise.
        scripted: whether its calls are read off its script; else there is one, of all asked.

    Raises:
        DocumentError: there is no such exercise, or it has no script.
        ScriptError: its script cannot be stood in for.
    """

    def __init__(self, problem_set: ProblemSet, name: str, *, scripted: bool = True) -> None:
        self.problem_set = problem_set.name
        self.definition = problem_set.exercise(name)
        if self.definition.code is None:
            raise DocumentError(
                f"{name} has no script: write [exercises.code] with the lines that use the module"
            )
        template = self._template(self.definition)
        self.exercise = template.exercise(KEY, template.draw(Stream(KEY)))
        self.shapes = Shapes(self.exercise)
        self.names = names_of(self.exercise)
        self._changes: dict[Variant, Mapping[tuple[int, str], float]] = {}
        assert self.exercise.code is not None  # as its definition has one
        self.script = self.exercise.code.script
        self.interface = (
            read_interface(self.script, self.names)
            if scripted
            else Interface(calls=(self._computed(),), objects=frozenset())
        )
        self.made = tuple(each for each in self.interface.calls if each.name == MAKING)
        self.calls = tuple(each for each in self.interface.calls if each.name != MAKING)
        for call in self.calls:
            self._check_known(call)

    def _template(self, definition: NetworkDefinition | ProgramDefinition) -> Template:
        text = canonical(definition.model_dump(exclude_defaults=True, exclude=set(PRESENTED)))
        return Template(self.problem_set, text)

    def _computed(self) -> Call:
        """Return the one call of a file that stands in: from the givens to all that is asked."""
        asked = [part.name for part in self.exercise.ask]
        return Call(
            number=COMPUTED,
            line=0,
            source="computed(…)",
            owner="",
            role=0,
            name="computed",
            positional=tuple(map(Viewed, self.exercise.derivation().given)),
            named=(),
            returns=Keyed(tuple((name, Viewed(name)) for name in asked)),
        )

    def _check_known(self, call: Call) -> None:
        derivation = self.exercise.derivation()
        known = {self.shapes.sized({}).quantity(name).name for name in self.knows(call)}
        known |= {derivation.given[name].name for name in self.exercise.scalars()}
        for name in call.answers:
            target = self.shapes.sized({}).quantity(name).name
            steps = derivation.needed_for(target, from_names=known - {target})
            made = {step.name for step in steps}
            lacking = [read for step in steps for read in step.reads if read not in known | made]
            if lacking:
                raise ScriptError(
                    f"line {call.line}: {call.source} is given too little for {name}: "
                    f"{lacking[0]} is not known there; pass it, set it on the object before, or "
                    'write standin = "standin.py"'
                )

    @cached_property
    def variants(self) -> Variants:
        """What the calls can answer."""
        remembers = any(set(self.knows(call)) - set(call.takes) for call in self.calls)
        return Variants(self.shapes, self.calls, remembers=remembers)

    @cached_property
    def by_number(self) -> Mapping[int, Call]:
        """The calls by their numbers."""
        return {call.number: call for call in self.calls}

    def knows(self, call: Call) -> tuple[str, ...]:
        """Return the quantities that a call is given, what was kept for it among them."""
        found = dict.fromkeys(call.takes)
        patterns = [*call.positional, *(each for _, each in call.named)]
        for number in sorted({each for pattern in patterns for each in _kept_in(pattern)}):
            found |= dict.fromkeys(self.knows(self.by_number[number]))
        for earlier in (*self.made, *self.calls):
            is_same = (earlier.owner, earlier.role) == (call.owner, call.role) and call.owner
            if is_same and earlier.number < call.number:
                found |= dict.fromkeys(earlier.takes)
        return tuple(found)

    def drawn(self, sizes: Mapping[str, int], seed: int) -> Exercise:
        """Return a draw of the exercise in some sizes, ordinary numbers in its ranges."""
        stated = {**self.shapes.own, **sizes}
        definition = self.definition
        changed: dict[str, Any] = {"given": {}}
        if isinstance(definition, ProgramDefinition):
            changed["sizes"] = {name: stated[name] for name in definition.sizes}
        else:
            structure = self.shapes.sized(sizes).structure
            changed |= {name: getattr(structure, name) for name in ("inputs", "layers")}
            changed |= {"batch": stated[BATCH], "draw": Draw()}
        template = self._template(definition.model_copy(update=changed))
        return template.exercise(KEY, template.draw(Stream(KEY, seed)))

    def reference(self, sizes: Mapping[str, int], seed: int = 0) -> Reference:
        """Return a draw in some sizes whose right answers all have a band.

        Raises:
            NotDrawn: there is none.
        """
        for attempt in range(seed * MOST_DRAWS, (seed + 1) * MOST_DRAWS):
            try:
                found = self._reference(self.drawn(sizes, attempt))
            except Unfitting:
                continue
            if all(numpy.isfinite(band).all() for band in found.bands.values()):
                return found
        raise NotDrawn(
            f"no draw of {self.exercise.name} has a right answer with sizes {dict(sizes)}"
        )

    def _reference(self, exercise: Exercise) -> Reference:
        arrays = {name: _doubles(array) for name, array in exercise.given.items()}
        own = Shapes(exercise)
        sized = self.shapes.sized(own.own)
        scalars = {name: numpy.array(float(each)) for name, each in exercise.scalars().items()}
        known = Known(sized, {**scalars, **arrays})
        needed = dict.fromkeys(self.variants.answered)
        for call in self.calls:
            needed |= dict.fromkeys(self.knows(call))
        derived = [name for name in needed if name not in known.arrays]
        values = known.answers(derived)
        bands = known.bands(self.variants.answered, exercise.precision)
        return Reference(exercise, known, {**known.arrays, **values}, bands)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Draws in unequal sizes and in equal ones, by which it is known what a mistake changes."""
        return tuple(self._references())

    def _references(self) -> Iterator[Reference]:
        free = self.shapes.free
        unequal = {name: 3 + at for at, name in enumerate(free)}
        for sizes in ({}, unequal, dict.fromkeys(free, 3)):
            try:
                yield self.reference(sizes)
            except (NotDrawn, DocumentError, ValueError):
                continue

    @cached_property
    def mistaken(self) -> tuple[Variant, ...]:
        """The mistakes that change an answer, by more than conventions do."""
        return tuple(
            each
            for each in self.variants.mistaken()
            if each.family != "misconception" or self.changed_by(each, least=CONVENTION)
        )

    def changed_by(self, variant: Variant, *, least: float = 1.0) -> Mapping[int, tuple[str, ...]]:
        """Return what a mistake changes in some draw: by each call the answers.

        Args:
            variant: the mistake.
            least: how many bands it has to be off.
        """
        if variant not in self._changes:
            self._changes[variant] = self._farthest(variant)
        found: dict[int, list[str]] = {}
        for (number, name), distance in self._changes[variant].items():
            if distance > least:
                found.setdefault(number, []).append(name)
        return {number: tuple(names) for number, names in found.items()}

    def _farthest(self, variant: Variant) -> Mapping[tuple[int, str], float]:
        """Return how many bands a mistake is off at most, in each answer to each call."""
        found: dict[tuple[int, str], float] = {}
        for reference in self.references:
            for call in self.calls:
                for name, distance in self.distances(variant, call, reference).items():
                    key = call.number, name
                    found[key] = max(found.get(key, 0.0), distance)
        return found

    def distances(self, variant: Variant, call: Call, reference: Reference) -> Mapping[str, float]:
        """Return how many bands a mistake is off in each answer to a call of the script."""
        known = reference.given_to(self.knows(call))
        try:
            right = known.answers(call.answers)
            answers = variant.answers(known, call.answers)
            bands = known.bands(call.answers, self.exercise.precision)
        except (SizeForbids, Unfitting):
            return {}
        return {name: off(answers[name], right[name], bands[name]) for name in call.answers}


def off(answer: Array, right: Array, band: Array) -> float:
    """Return how many bands an answer is off: 0 where every entry is within its own.

    Entries within rounding of 0 have bands of nothing; they are measured by the widest.

    >>> off(numpy.array([1.0, 2.0]), numpy.array([1.0, 1.0]), numpy.array([0.5, 0.25]))
    2.0
    """
    return float(off_each(answer[None], right[None], band[None])[0])


def off_each(answers: Array, rights: Array, bands: Array) -> Array:
    """Return how many bands answers are off, of each of a stack; see `off`."""
    count = len(rights)
    if answers.shape != rights.shape:
        return numpy.full(count, numpy.inf)
    apart, bands = (each.reshape(count, -1) for each in (numpy.abs(answers - rights), bands))
    is_off = ~(apart <= bands)
    widest = numpy.where(numpy.isfinite(bands), bands, 0.0).max(axis=1)
    with numpy.errstate(all="ignore"):
        times = numpy.where(is_off, apart, 0.0).max(axis=1) / widest
    # What is not within its own band may be within the widest one.
    return numpy.where(is_off.any(axis=1), numpy.fmax(times, _JUST_OFF), 0.0)


_JUST_OFF = 1.0 + 1e-9


def _kept_in(pattern: Pattern) -> Iterator[int]:
    match pattern:
        case Kept(call=call):
            yield call
        case Several(items=items):
            for each in items:
                yield from _kept_in(each)
        case Keyed(items=pairs):
            for _, each in pairs:
                yield from _kept_in(each)


def _doubles(array: Any) -> Array:
    numbers = [each.double for each in flatten(array)]
    return numpy.array(numbers, dtype=numpy.float64).reshape(shape_of(array))
