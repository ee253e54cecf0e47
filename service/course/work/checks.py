"""Checks for CI: variants of no student, drawn anew whenever they are asked for, and verdicts.

Nothing of it is stored. Whoever holds a seed can have the variants of that seed checked, as often
as they like. They are drawn under a name that no course has, and numbers that a student holds are
drawn again, so that none is a student's; exercises of which all variants have the same numbers have
none for CI.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gradgrade.problems import Answers, DocumentError, Exercise, Verdict
from gradgrade.problems.generate import Search, fingerprint, issue
from gradgrade.problems.grade import Grader
from gradgrade.problems.marking.marker import Marker
from gradgrade.problems.templates.template import Template
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Unprocessable
from gradgrade.service.course.sets.feedback import as_told
from gradgrade.service.course.sets.policy import Extension, policy_of
from gradgrade.service.course.sets.problem_sets import Held, find, template_of
from gradgrade.service.course.sets.set_rules import load_rules
from gradgrade.service.course.work.explaining import explaining
from gradgrade.service.course.work.holding import held_fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a CI job is checked on: an exercise of a set as it stands.

    Args:
        backend: the backend.
        held: the set.
        template: of the exercise.
        course: the name of the course.
        taken: the fingerprints of the variants that students hold.
    """

    backend: Backend
    held: Held
    template: Template
    course: str
    taken: frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Answers to one variant.

    Args:
        variant: its number, from 1.
        answers: what was answered.
    """

    variant: int
    answers: Answers


def find_bench(backend: Backend, actor: Actor, name: str, exercise: str) -> Bench:
    """Return what somebody is checked on.

    Raises:
        NotFound: there is no such set for them, or it has no such exercise.
        Unprocessable: its variants would have the numbers of the students' own.
    """
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        taken = held_fingerprints(connection, held.row, exercise)
    template = template_of(held, exercise)
    if not template.is_drawn:
        raise Unprocessable(
            f"exercise {exercise!r} has the same numbers for everybody; variants for CI would be "
            "the students' own, with verdicts without end: draw some of its numbers"
        )
    return Bench(backend=backend, held=held, template=template, course=actor.course, taken=taken)


def draw_variants(bench: Bench, *, count: int, seed: str) -> list[Exercise]:
    """Return the first variants of a seed.

    Raises:
        ExerciseError: no variant can be issued for one of them.
    """
    return list(_series(bench, count=count, seed=seed).exercises)


def check_answers(
    bench: Bench, answered: Sequence[Answered], *, seed: str, now: datetime
) -> list[dict[str, Any]]:
    """Return the verdicts on answers to variants of a seed, as far as the set's feedback tells.

    Raises:
        Unprocessable: some are refused whole; the message says which.
        ExerciseError: no variant can be issued for one of them.
    """
    series = _series(bench, count=max(each.variant for each in answered), seed=seed)
    told = policy_of(bench.held.problem_set, Extension()).told(now)
    verdicts = []
    for index, each in enumerate(answered):
        try:
            verdict = series.verdict(bench.backend, each)
        except DocumentError as error:
            raise Unprocessable(f"answers[{index}]: {error.one_line}") from None
        verdicts.append(as_told(verdict.to_data(), told))
    return verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The first variants of a seed, their fingerprints, and what marks answers to them."""

    keys: Sequence[bytes]
    exercises: Sequence[Exercise]
    fingerprints: Sequence[bytes]
    markers: Sequence[Marker]

    def verdict(self, backend: Backend, answered: Answered) -> Verdict:
        """Return the verdict on answers to one of the variants."""
        at = answered.variant - 1
        # One key has other numbers once a student holds its first.
        key = self.keys[at] + self.fingerprints[at]
        explain = explaining(backend, key, lambda: self.exercises[at])
        # It spends no attempt, so what is well-formed is judged beside what is not.
        return self.markers[at].verdict(answered.answers, explain, part_by_part=True)

    @property
    def bytes_kept(self) -> int:
        """How many bytes they keep alive, about."""
        given = sum(each.bytes_kept for each in self.exercises)
        return given + sum(each.bytes_kept for each in self.markers)


def _series(bench: Bench, *, count: int, seed: str) -> Series:
    keys = keys_of_series(
        bench.template, secret=bench.backend.secret, course=bench.course, seed=seed, count=count
    )
    # What is kept was drawn when students held less; it is drawn anew only where that matters.
    avoided: frozenset[bytes] = frozenset()
    while True:
        series = _kept(bench, keys, avoided)
        met = bench.taken.intersection(series.fingerprints)
        if not met:
            return series
        avoided |= met


def _kept(bench: Bench, keys: Sequence[bytes], avoided: frozenset[bytes]) -> Series:
    series: Series = bench.backend.series.get(
        (*keys, *sorted(avoided)), lambda: _drawn(bench, keys, avoided)
    )
    return series


def _drawn(bench: Bench, keys: Sequence[bytes], avoided: frozenset[bytes]) -> Series:
    name = bench.template.definition.name
    rules = load_rules(bench.backend, bench.held, (name,))[name]
    exercises, markers = [], []
    searches = [Search(key) for key in keys]
    for each in issue(bench.template, searches, rules, avoiding=avoided):
        exercises.append(each.exercise)
        markers.append(Grader(each.exercise, each.solution).marker)
    return Series(
        keys=keys,
        exercises=exercises,
        fingerprints=[fingerprint(each) for each in exercises],
        markers=markers,
    )


def keys_of_series(
    template: Template, *, secret: bytes, course: str, seed: str, count: int
) -> tuple[bytes, ...]:
    """Return what the first variants of a seed are drawn from."""
    # No course is called so: in their names there is no slash.
    place = f"{course}/ci/{seed}"
    return tuple(
        template.key(student=str(number), secret=secret, course=place)
        for number in range(1, count + 1)
    )
