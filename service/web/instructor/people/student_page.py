"""The page of a student of a set: their work, and what an instructor states for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from flask import redirect, request
from pydantic import TypeAdapter
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.moments import as_moment
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import Attempts, ExerciseDefinition
from gradgrade.problems.documents.text import LONGEST_QUOTED, as_id
from gradgrade.problems.reading.numerals import read_number
from gradgrade.service.course.audit_search import Wanted, search_log
from gradgrade.service.course.errors import Unprocessable
from gradgrade.service.course.grades.overrides import (
    LONGEST_COMMENT,
    state_override,
    withdraw_override,
)
from gradgrade.service.course.grades.standing import (
    Standing,
    before_last,
    opened_exercises,
    read_standings,
)
from gradgrade.service.course.people.roster import Enrolled, extend, find_enrolled
from gradgrade.service.course.sets.policy import Extension, Policy, policy_of
from gradgrade.service.course.sets.problem_sets import Held, find, list_problem_sets
from gradgrade.service.course.work.submission_history import Recorded, list_submissions
from gradgrade.service.http.query import as_whole
from gradgrade.service.store.identities import StudentId, StudentIdentity
from gradgrade.service.web.boxes import from_box, in_box, typed_in
from gradgrade.service.web.entrance import MOST_SETS
from gradgrade.service.web.instructor.course.audit_log_page import Line, lines_of, read_course
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit

DUE_FIELD, LATE_FIELD, ATTEMPTS_FIELD = "due", "late_until", "attempts"
EXERCISE_FIELD, POINTS_FIELD, COMMENT_FIELD = "exercise", "points", "comment"
ACTION_FIELD, WITHDRAW = "action", "withdraw"

_ATTEMPTS = TypeAdapter[int](Attempts)

MOST_LISTED = 10
"""Of the submissions to an exercise, the latest."""

MOST_ENTRIES = 20
"""Of the audit log, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a student has done in an exercise.

    Args:
        exercise: as the set has it.
        standing: what they have reached.
        is_opened: whether they have their numbers.
        submissions: the latest, the newest first.
    """

    exercise: ExerciseDefinition
    standing: Standing
    is_opened: bool
    submissions: Sequence[Recorded]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed into the forms.

    Args:
        fields: by their names.
        fault: why it was refused; it begins with the name of a field where that is known.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None

    @property
    def at(self) -> str:
        """The field in which the fault is."""
        return "" if self.fault is None else self.fault.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is read of a student in one transaction."""

    held: Held
    enrolled: Enrolled
    policy: Policy
    works: Sequence[Work]
    sets: Sequence[Held]


def show_student(visit: Visit, name: str, student: str) -> Response:
    """Answer with a student of a set."""
    return _page(visit, name, StudentId(as_id(student)))


def extend_student(visit: Visit, name: str, student: str) -> Response:
    """State what differs for a student, as a form says; what is left blank is the set's."""
    identity, form = StudentId(as_id(student)), request.form
    try:
        extension = Extension(
            due=_moment(form, DUE_FIELD),
            late_until=_moment(form, LATE_FIELD),
            attempts=_count(form, ATTEMPTS_FIELD),
        )
        extend(visit.backend, visit.actor, name, identity, extension)
    except Unprocessable as error:
        return _refused(visit, name, identity, str(error))
    return _back(name, identity)


def override_score(visit: Visit, name: str, student: str) -> Response:
    """State a student's points in an exercise, or withdraw them, as a form says."""
    identity, form = StudentId(as_id(student)), request.form
    exercise = form.get(EXERCISE_FIELD, "")
    try:
        if form.get(ACTION_FIELD) == WITHDRAW:
            withdraw_override(visit.backend, visit.actor, name, identity, exercise)
        else:
            state_override(
                *(visit.backend, visit.actor, name, identity, exercise),
                points=read_number(form.get(POINTS_FIELD, "")),
                comment=form.get(COMMENT_FIELD, ""),
            )
    except Unprocessable as error:
        return _refused(visit, name, identity, str(error))
    except DocumentError as error:
        return _refused(visit, name, identity, f"{POINTS_FIELD}: {error.one_line}")
    return _back(name, identity)


def _moment(form: Mapping[str, str], name: str) -> datetime | None:
    """Return the moment in a field.

    Raises:
        Unprocessable: it is none.
    """
    text = typed_in(form, name)
    if not text:
        return None
    try:
        return as_moment(from_box(text))
    except ValueError:
        raise Unprocessable(f"{name}: {text[:LONGEST_QUOTED]!r} is no date and time") from None


def _count(form: Mapping[str, str], name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return _ATTEMPTS.validate_python(as_whole(text))
    except ValueError:
        raise Unprocessable(f"{name}: {text[:LONGEST_QUOTED]!r} is no number of attempts") from None


def _back(name: str, student: StudentId) -> Response:
    return redirect(f"/sets/{name}/-/students/{quote(student, safe='')}", HTTPStatus.SEE_OTHER)


def _refused(visit: Visit, name: str, student: StudentId, why: str) -> Response:
    form = request.form
    moments = {name: typed_in(form, name) for name in (DUE_FIELD, LATE_FIELD) if name in form}
    typed = Typed(fields=form.to_dict() | moments, fault=why)
    return _page(visit, name, student, typed=typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    visit: Visit,
    name: str,
    student: StudentId,
    *,
    typed: Typed | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    found = _read(visit, name, student)
    may_change = visit.actor.role == "instructor"
    return page(
        "student.html",
        status=status,
        problem_set=found.held.problem_set,
        student=found.enrolled.student,
        policy=found.policy,
        works=found.works,
        sets=found.sets,
        reached=sum(each.standing.points or 0 for each in found.works),
        most=sum(hundredths(each.exercise.points) for each in found.works),
        lines=_history(visit, student) if may_change else (),
        may_change=may_change,
        fields=_fields(found.enrolled.extension) | dict(typed.fields if typed else {}),
        typed=typed or Typed(),
        longest=LONGEST_COMMENT,
        now=visit.received_at,
    )


def _read(visit: Visit, name: str, student: StudentId) -> _Found:
    actor = visit.actor
    with visit.backend.store.snapshot() as connection:
        held = find(connection, actor, name)
        enrolled = find_enrolled(connection, held.row, student)
        standings = read_standings(connection, held.row, enrolled.row)
        opened = opened_exercises(connection, held.row, enrolled.row)
        works = []
        for exercise in held.problem_set.exercises:
            after = before_last(
                *(connection, held.row, enrolled.row, exercise.name), count=MOST_LISTED
            )
            latest = list_submissions(
                *(connection, actor, name), student=student, exercise=exercise.name, after=after
            )
            works.append(
                Work(
                    exercise=exercise,
                    standing=standings.get(exercise.name, Standing()),
                    is_opened=exercise.name in opened,
                    submissions=tuple(reversed(latest)),
                )
            )
        own = replace(actor, role="student", student=StudentIdentity(row=enrolled.row, id=student))
        sets = list_problem_sets(connection, own, after=0, limit=MOST_SETS)
    policy = policy_of(held.problem_set, enrolled.extension)
    return _Found(held=held, enrolled=enrolled, policy=policy, works=works, sets=sets)


def _history(visit: Visit, student: StudentId) -> Sequence[Line]:
    course = read_course(visit)
    with visit.backend.store.reading() as connection:
        found = search_log(connection, visit.actor, Wanted(student=student), limit=MOST_ENTRIES)
    return lines_of(found, course)


def _fields(extension: Extension) -> dict[str, str]:
    """Return what stands in the forms before anything is typed."""
    return {
        **dict.fromkeys((EXERCISE_FIELD, POINTS_FIELD, COMMENT_FIELD), ""),
        DUE_FIELD: in_box(extension.due),
        LATE_FIELD: in_box(extension.late_until),
        ATTEMPTS_FIELD: "" if extension.attempts is None else str(extension.attempts),
    }
