"""Checks for CI: variants of no student, drawn anew whenever they are asked for, and verdicts.

Nothing of it is stored. Whoever holds a seed can have the variants of that seed checked, as often
as they like. They are drawn under a name that no course has, so that none is a student's but by the
chance of equal numbers; exercises of which all variants have the same numbers have none for CI.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from gradgrade.problems import Answers, DocumentError, Exercise, ProblemSet
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import make_answer_key
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.course.sets.feedback import as_told
from gradgrade.service.course.sets.policy import Extension, policy_of
from gradgrade.service.course.sets.problem_sets import find

CACHED_RUNS = 8
"""For how many runs the graders are kept: a run asks for its variants, then for their verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a CI job is checked on: an exercise of a set as it stands.

    Args:
        problem_set: the set.
        template: of its variants.
        course: the name of the course.
        secret: what variants are drawn with.
    """

    problem_set: ProblemSet
    template: Template
    course: str
    secret: bytes = field(repr=False)


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
        problem_set = find(connection, actor, name).problem_set
    if exercise not in (each.name for each in problem_set.exercises):
        raise NotFound(f"there is no exercise {exercise!r}")
    template = compile_template(problem_set, exercise)
    if not template.is_drawn:
        raise Unprocessable(
            f"exercise {exercise!r} has the same numbers for everybody; variants for CI would be "
            "the students' own, with verdicts without end: draw some of its numbers"
        )
    return Bench(
        problem_set=problem_set,
        template=template,
        course=actor.course,
        secret=backend.secret,
    )


def draw_variants(bench: Bench, *, count: int, seed: str) -> list[Exercise]:
    """Return the first variants of a seed.

    Raises:
        ExerciseError: no variant can be issued for one of them.
    """
    return [each.exercise for each in _graders(bench.template, _keys(bench, count, seed))]


def check_answers(
    bench: Bench, answered: Sequence[Answered], *, seed: str, now: datetime
) -> list[dict[str, Any]]:
    """Return the verdicts on answers to variants of a seed, as far as the set's feedback tells.

    Raises:
        Unprocessable: some are refused whole; the message says which.
        ExerciseError: no variant can be issued for one of them.
    """
    count = max(each.variant for each in answered)
    graders = _graders(bench.template, _keys(bench, count, seed))
    told = policy_of(bench.problem_set, Extension()).told(now)
    verdicts = []
    for index, each in enumerate(answered):
        try:
            verdict = graders[each.variant - 1].grade(each.answers)
        except DocumentError as error:
            raise Unprocessable(f"answers[{index}]: {error}") from None
        verdicts.append(as_told(verdict.to_data(), told))
    return verdicts


def _keys(bench: Bench, count: int, seed: str) -> tuple[bytes, ...]:
    # No course is called so: in their names there is no slash.
    course = f"{bench.course}/ci/{seed}"
    return tuple(
        bench.template.key(student=str(number), secret=bench.secret, course=course)
        for number in range(1, count + 1)
    )


@lru_cache(maxsize=CACHED_RUNS)
def _graders(template: Template, keys: tuple[bytes, ...]) -> tuple[Grader, ...]:
    return tuple(
        Grader(issued.exercise, key=make_answer_key(issued.solution, grader=GRADER))
        for issued in issue(template, [Search(key) for key in keys])
    )
