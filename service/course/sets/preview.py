"""A preview: what a set would give students, told before it is published. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from gradgrade.problems import DocumentError, ExerciseError, ProblemSet
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.generate import generate
from gradgrade.problems.templates.cost import cost_of, drawing_work
from gradgrade.problems.templates.template import Template, compile_template, compile_templates
from gradgrade.problems.variants.report import Report, report_on
from gradgrade.service.bounds import (
    MOST_COST,
    MOST_PREVIEW_SECONDS,
    MOST_WORK_PREVIEWED,
    PREVIEW_COSTS,
    PREVIEW_WORK,
)
from gradgrade.service.contained import Contained, Exhausted
from gradgrade.service.course.sets.issuable import SECRET, check_cost

MOST_STUDENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePreview:
    """What an exercise comes to.

    Args:
        exercise: its name.
        points: what it is worth, in hundredths.
        parts: what is asked, as a student would see it.
        variety: how many variants there are at most, where they are fewer than a million.
        forward_share: the share of the points that no derivative is needed for.
        report: what generating variants came to; None where it was refused.
        refusal: why no variant can be issued, or none was tried; None where there is a report.
        is_tried: whether a variant was tried: what is not may be issued all the same.
    """

    exercise: str
    points: int
    parts: Sequence[AskedQuantity]
    variety: int | None
    forward_share: float
    report: Report | None
    refusal: str | None
    is_tried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedVariant:
    """Whose variant of which exercise is to be shown, and what it is drawn from."""

    exercise: str
    student: str
    secret: bytes = field(repr=False)
    course: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant as a student would be given it; where there is none, why not."""

    document: str | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPreview:
    """What a set that is being written comes to, and one student's variant of it."""

    exercises: Sequence[ExercisePreview]
    variant: Variant


def preview_exercise(problem_set: ProblemSet, name: str) -> ExercisePreview:
    """Tell what an exercise comes to by one variant, however much work that is.

    Raises:
        DocumentError: its definition does not hold together.

    >>> from gradgrade.problems.catalogue import load
    >>> preview_exercise(load("seeds"), "004-two-two-two").refusal is None
    True
    """
    template = compile_template(problem_set, name)
    try:
        check_cost(template)
        made = report_on(problem_set, name, students=["1"], secret=SECRET)
    except (DocumentError, ExerciseError) as error:
        return _told(template, refusal=str(error))
    return _told(template, made=made)


def preview_set(
    problem_set: ProblemSet, *, students: int, clock: Callable[[], float] = monotonic
) -> list[ExercisePreview]:
    """Generate variants of every exercise of a set, and tell what that came to.

    Args:
        problem_set: the set.
        students: how many variants an exercise gets; large ones get fewer.
        clock: tells the seconds that pass.

    Raises:
        DocumentError: the set's exercises do not hold together.

    >>> from gradgrade.problems.catalogue import load
    >>> found, *_ = preview_set(load("seeds"), students=1)
    >>> found.report.variants, found.refusal
    (1, None)
    """
    templates = compile_templates(problem_set)
    share, deadline = MOST_WORK_PREVIEWED // len(templates), clock() + MOST_PREVIEW_SECONDS
    return [
        _previewed(problem_set, each, students=students, share=share)
        if clock() < deadline
        else _refused(each, "was not previewed: those before it took all the time of a request")
        for each in templates
    ]


def preview_contained(
    contained: Contained, problem_set: ProblemSet, *, students: int
) -> list[ExercisePreview]:
    """Do what `preview_set` does, so that it takes no more than it may.

    Raises:
        DocumentError: it took more, or the set's exercises do not hold together.
    """
    try:
        return contained(preview_set, problem_set, students=students)
    except Exhausted as error:
        raise _too_much(error) from None


def preview_draft(
    contained: Contained, problem_set: ProblemSet, *, students: int, wanted: WantedVariant
) -> DraftPreview:
    """Do what `preview_contained` does, and draw a student's variant besides.

    Raises:
        DocumentError: it took more than it may, or the set's exercises do not hold together.
    """
    try:
        return contained(_preview_draft, problem_set, students=students, wanted=wanted)
    except Exhausted as error:
        raise _too_much(error) from None


def _preview_draft(
    problem_set: ProblemSet, *, students: int, wanted: WantedVariant
) -> DraftPreview:
    found = preview_set(problem_set, students=students)
    (own,) = (each for each in found if each.exercise == wanted.exercise)
    if own.report is None:
        return DraftPreview(exercises=found, variant=Variant(document=None, refusal=own.refusal))
    try:
        exercise = generate(
            problem_set,
            wanted.exercise,
            student=wanted.student,
            secret=wanted.secret,
            course=wanted.course,
        )
    except ExerciseError as error:
        return DraftPreview(exercises=found, variant=Variant(document=None, refusal=str(error)))
    return DraftPreview(exercises=found, variant=Variant(document=exercise.to_json()))


def _too_much(error: Exhausted) -> DocumentError:
    return DocumentError(
        f"exercises: to preview them, {error}: make them smaller, or their set into several"
    )


def _previewed(
    problem_set: ProblemSet, template: Template, *, students: int, share: int
) -> ExercisePreview:
    count = min(students, _affordable(template, share=share))
    if count < 1:
        return _refused(template, "is too large to be previewed in a set of this many")
    ids = [str(number) for number in range(1, count + 1)]
    name = template.definition.name
    try:
        # Where none can be issued, that is found out for one student, not for all at once.
        report_on(problem_set, name, students=ids[:1], secret=SECRET)
        made = report_on(problem_set, name, students=ids, secret=SECRET)
    except ExerciseError as error:
        return _told(template, refusal=str(error))
    return _told(template, made=made)


def _refused(template: Template, reason: str) -> ExercisePreview:
    name = template.definition.name
    return _told(
        template,
        refusal=f"exercise {name!r} {reason}: `gradgrade generate` with --report tells the same",
        is_tried=False,
    )


def _told(
    template: Template,
    *,
    made: Report | None = None,
    refusal: str | None = None,
    is_tried: bool = True,
) -> ExercisePreview:
    return ExercisePreview(
        exercise=template.definition.name,
        points=hundredths(template.definition.points),
        parts=template.ask,
        variety=template.variety,
        forward_share=template.forward_share,
        report=made,
        refusal=refusal,
        is_tried=is_tried,
    )


def _affordable(template: Template, *, share: int) -> int:
    """Return how many variants may be made of an exercise that has this share of the work."""
    cost = cost_of(template)
    if cost > MOST_COST:
        return 0
    return (share - PREVIEW_WORK - PREVIEW_COSTS * cost) // drawing_work(template)
