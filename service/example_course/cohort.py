"""Thirty students, and when each of them hands in what: all of it told by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Literal

NAMES = (
    *("Amina Diallo", "Anton Berger", "Beatriz Sousa", "Bilal Hassan", "Carla Rossi"),
    *("Chen Wei", "Dana Levi", "Diego Fuentes", "Elif Yılmaz", "Emma Lindqvist"),
    *("Farid Azizi", "Greta Vogel", "Hana Suzuki", "Hugo Lefèvre", "Ines Kovač"),
    *("Jakub Nowak", "Jana Dvořáková", "Kofi Mensah", "Lena Hoffmann", "Liam Murphy"),
    *("Maja Petrović", "Marco Bianchi", "Nadia Rahman", "Noah Jansen", "Olga Ivanova"),
    *("Paulo Mendes", "Priya Nair", "Sofia Papadaki", "Tomás Vargas", "Zoë Martin"),
)

ATTEMPTS = 3

Kind = Literal["right", "mistaken", "slipped", "unfinished"]
"""How an attempt goes: as it should, by a known mistake, with one sign lost, or half done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A student of the course.

    Args:
        id: their id.
        name: as people call them.
        care: how likely an attempt of theirs is right; from 0 to 1.
        diligence: how likely they work an exercise at all; from 0 to 1.
        habit: which mistake they tend to; from 0 to 1, the frequent ones first.
    """

    id: str
    name: str
    care: float
    diligence: float
    habit: float

    @property
    def email(self) -> str:
        """An address that is nobody's."""
        return f"{self.id}@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A set that the students work.

    Args:
        name: of a set of the catalogue.
        exercises: those of its exercises that the course has.
        begins: how long before now the first work at it.
        ends: how long before now the last do.
        due: when it is due, from now on.
    """

    name: str
    exercises: tuple[str, ...]
    begins: timedelta
    ends: timedelta
    due: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a student hands in.

    Args:
        member: the student.
        problem_set: the set's name.
        exercise: the exercise's name.
        before: how long before now.
        kind: how it goes.
        pick: which mistake, or which entry; from 0 to 1.
    """

    member: Member
    problem_set: str
    exercise: str
    before: timedelta
    kind: Kind
    pick: float


def members(seed: str) -> Sequence[Member]:
    """Return the students of a course.

    >>> [each.id for each in members("0")][:2]
    ['s001', 's002']
    """
    chance = Random(f"members {seed}")
    return [
        Member(
            id=f"s{number:03}",
            name=name,
            care=chance.triangular(0.15, 0.95, 0.6),
            diligence=chance.triangular(0.3, 1, 0.95),
            habit=chance.random(),
        )
        for number, name in enumerate(NAMES, start=1)
    ]


def attempts(seed: str, people: Sequence[Member], sets: Sequence[Assigned]) -> Sequence[Attempt]:
    """Return all that is handed in, in the order in which it comes.

    Args:
        seed: another one, another week.
        people: the students.
        sets: what they work.
    """
    chance = Random(f"attempts {seed}")
    made = (
        attempt
        for assigned in sets
        for member in people
        for exercise in assigned.exercises
        for attempt in _attempts_at(chance, member, assigned, exercise)
    )
    return sorted(made, key=lambda each: each.before, reverse=True)


def _attempts_at(
    chance: Random, member: Member, assigned: Assigned, exercise: str
) -> Iterator[Attempt]:
    if chance.random() > member.diligence:
        return
    at = assigned.begins - (assigned.begins - assigned.ends) * chance.random() ** 0.7
    care = member.care
    for _ in range(ATTEMPTS):
        kind = _kind(chance, care)
        # Who makes a mistake tends to their own.
        pick = member.habit if chance.random() < 0.6 else chance.random()
        yield Attempt(
            member=member,
            problem_set=assigned.name,
            exercise=exercise,
            before=at,
            kind=kind,
            pick=pick,
        )
        at -= timedelta(minutes=chance.uniform(3, 90))
        care += 0.25
        if kind == "right" or at < assigned.ends or chance.random() < 0.2:
            return


def _kind(chance: Random, care: float) -> Kind:
    if chance.random() < care:
        return "right"
    kinds: tuple[Kind, ...] = ("mistaken", "slipped", "unfinished")
    return chance.choices(kinds, weights=(7, 2, 1))[0]
