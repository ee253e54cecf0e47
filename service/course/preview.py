"""A preview: what a set would give students, told before it is published. Nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from problems import ExerciseError, ProblemSet
from problems.documents.base import checked
from problems.documents.exercise import AskedQuantity
from problems.plan import Plan, plan
from problems.points import hundredths
from problems.report import Report, report
from service.workload import Workload

MOST_STUDENTS = 100

MOST_COST = 100_000
"""The largest `Workload.cost` of an exercise that is previewed."""

MOST_WORK = 1_000_000
"""What all exercises of one preview may take together, each the same share; some ten seconds."""

EXERCISE_WORK, VARIANT_WORK = 20_000, 2_000
"""What an exercise takes, and each variant beside its cost, however small they are."""

SECRET = b"preview"
"""Previews are drawn from it, so that they foretell no student's variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePreview:
    """What an exercise comes to.

    Args:
        exercise: its name.
        points: what it is worth, in hundredths.
        parts: what is asked, as a student would see it.
        report: what generating variants came to; None where it was refused.
        refusal: why no variant can be issued, or none was tried; None where there is a report.
    """

    exercise: str
    points: int
    parts: Sequence[AskedQuantity]
    report: Report | None
    refusal: str | None


def preview(problem_set: ProblemSet, *, students: int) -> list[ExercisePreview]:
    """Generate variants of every exercise of a set, and tell what that came to.

    Args:
        problem_set: the set.
        students: how many variants an exercise gets; large ones get fewer.

    Raises:
        DocumentError: the set's exercises do not hold together.

    >>> from problems.catalogue import load
    >>> found, *_ = preview(load("seeds"), students=1)
    >>> found.report.variants, found.refusal
    (1, None)
    """
    plans = [plan(problem_set, each.name) for each in problem_set.exercises]
    share = MOST_WORK // len(plans)
    return [_preview(problem_set, each, students=students, share=share) for each in plans]


def _preview(problem_set: ProblemSet, found: Plan, *, students: int, share: int) -> ExercisePreview:
    name = found.definition.name
    made, refusal = None, None
    count = min(students, _affordable(found, share=share))
    if count < 1:
        refusal = (
            f"exercise {name!r} is too large to be previewed in a set of this many: "
            "`gradgrade generate` with --report tells the same"
        )
    else:
        ids = [str(number) for number in range(1, count + 1)]
        try:
            made = report(problem_set, name, students=ids, secret=SECRET)
        except ExerciseError as error:
            refusal = str(error)
    return ExercisePreview(
        exercise=name,
        points=hundredths(found.definition.points),
        parts=found.ask,
        report=made,
        refusal=refusal,
    )


def _affordable(found: Plan, *, share: int) -> int:
    """Return how many variants may be made of an exercise that has this share of the work."""
    data = found.definition.model_dump() | {"batch": found.batch}
    cost = checked(Workload, data, f"exercise {found.definition.name!r}").cost
    if cost > MOST_COST:
        return 0
    return (share - EXERCISE_WORK) // (cost + VARIANT_WORK)
