"""Problem sets of a course: put, replaced, read and removed. No version of one is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.faults.suggesting import MOST_LISTED
from gradgrade.problems.templates.template import Template, compile_template, compile_templates
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict, NotFound, PreconditionFailed, Unprocessable
from gradgrade.service.course.sets.issuable import check_contained, check_cost
from gradgrade.service.course.sets.kept_rules import keep_rules
from gradgrade.service.course.sets.sources import keep_source
from gradgrade.service.store.identities import ProblemSetRow, StudentId
from gradgrade.service.store.joins import is_current_version
from gradgrade.service.store.schema import (
    enrolments,
    overrides,
    problem_set_versions,
    problem_sets,
    regraded_variants,
    regrades,
    rules,
    students,
    submissions,
    tokens,
    variants,
)

MOST_HOLDERS = 1000

MOST_OF_SETS = 16 * MEBIBYTE
"""A hundred of ordinary ones, as they were stored, or one of the largest."""

TAG_DIGITS = 32
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A set as it stands.

    Args:
        row: its row.
        version: how often it was put.
        problem_set: the document.
    """

    row: ProblemSetRow
    version: int
    problem_set: ProblemSet

    @property
    def tag(self) -> str:
        """What changes whenever the set does."""
        return tag_of(self.problem_set, self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A student who holds a variant of an earlier version of a set."""

    student: StudentId
    exercise: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A set that was put.

    Args:
        name: its name.
        version: its version now.
        tag: what changes whenever the set does.
        holders: who holds variants of earlier ones, as many as 1000; those are never moved.
    """

    name: str
    version: int
    tag: str
    holders: Sequence[Holder] = ()


def tag_of(problem_set: ProblemSet, version: int) -> str:
    """Return what names a version and what it says.

    A set that was removed and put anew begins at version 1 again, and must not pass for the old.
    """
    return f"{version}-{sha256(problem_set.to_json().encode()).hexdigest()[:TAG_DIGITS]}"


@kept_within(MOST_OF_SETS)
def read_document(text: str) -> ProblemSet:
    """Return a set as it was stored; a set is read often and written seldom."""
    return ProblemSet.from_json(text)


def check_exercises(problem_set: ProblemSet) -> None:
    """Refuse a set whose exercises do not hold together, or are too large for a server.

    Raises:
        DocumentError: one does not, or is; the message says which.
    """
    for template in compile_templates(problem_set):
        check_cost(template)


def publish(
    backend: Backend, actor: Actor, problem_set: ProblemSet, *, source: str | None = None
) -> Published:
    """Put a new set.

    Args:
        backend: the backend.
        actor: who puts it.
        problem_set: the set.
        source: the text that it was read from, where there is one.

    Raises:
        Conflict: there is one of this name.
        DocumentError: its exercises do not hold together.
        ExerciseError: no variant of one of them can be issued.
    """
    check_exercises(problem_set)
    with backend.store.reading() as connection:
        if connection.execute(
            _visible(actor).where(problem_sets.c.name == problem_set.name)
        ).first():
            raise _there_already(problem_set.name)
    found = check_contained(backend.contained, problem_set)
    now = backend.clock()
    made = insert(problem_sets).values(course_id=actor.course_row, name=problem_set.name, version=1)
    with backend.store.writing() as connection:
        try:
            row = connection.execute(made.returning(problem_sets.c.id)).scalar_one()
        except IntegrityError:
            raise _there_already(problem_set.name) from None
        _keep(connection, row, 1, problem_set, now)
        keep_source(connection, row, 1, source)
        keep_rules(connection, row, found)
        log_change(
            connection, actor, now=now, action="problem_set.published", name=problem_set.name
        )
    return Published(name=problem_set.name, version=1, tag=tag_of(problem_set, 1))


def replace(
    backend: Backend,
    actor: Actor,
    name: str,
    problem_set: ProblemSet,
    *,
    only: str | None = None,
    source: str | None = None,
) -> Published:
    """Put another version of a set; whoever has a variant keeps it.

    Args:
        backend: the backend.
        actor: who replaces it.
        name: the set's name.
        problem_set: the new version, of the same name.
        only: the tag of what must stand now, or its version alone; None for any.
        source: the text that it was read from, where there is one; it takes the place of the
            standing version's where the set says what that says.

    Raises:
        NotFound: there is no such set.
        PreconditionFailed: another version stands.
        Unprocessable: the document has another name.
        DocumentError: its exercises do not hold together.
        ExerciseError: no variant of one of them can be issued.
    """
    if problem_set.name != name:
        raise Unprocessable(f"name: {problem_set.name!r} is not {name!r}")
    check_exercises(problem_set)
    with backend.store.reading() as connection:
        standing = find(connection, actor, name)
    _check_stands(standing, only)
    found = check_contained(backend.contained, problem_set, standing=standing.problem_set)
    now = backend.clock()
    with backend.store.writing() as connection:
        held = find(connection, actor, name, for_update=True)
        _check_stands(held, only)
        if held.problem_set == problem_set:
            keep_source(connection, held.row, held.version, source)
            return Published(
                name=name,
                version=held.version,
                tag=held.tag,
                holders=_holders(connection, held.row, held.version),
            )
        version = held.version + 1
        _keep(connection, held.row, version, problem_set, now)
        keep_source(connection, held.row, version, source)
        keep_rules(connection, held.row, found)
        changed = update(problem_sets).where(problem_sets.c.id == held.row)
        connection.execute(changed.values(version=version))
        log_change(
            connection, actor, now=now, action="problem_set.replaced", name=name, version=version
        )
        holders = _holders(connection, held.row, version)
    return Published(name=name, version=version, tag=tag_of(problem_set, version), holders=holders)


def _there_already(name: str) -> Conflict:
    return Conflict(f"there is a problem set {name!r} already")


def _check_stands(held: Held, only: str | None) -> None:
    if only not in (None, held.tag, str(held.version)):
        raise PreconditionFailed(f"version {held.tag} stands, not {only[:LONGEST_SHOWN]!r}")


def remove(backend: Backend, actor: Actor, name: str) -> None:
    """Remove a set that nobody has submitted to, with its roster and its variants.

    Raises:
        NotFound: there is no such set.
        Conflict: there are submissions to it, which would be lost.
    """
    now = backend.clock()
    with backend.store.writing() as connection:
        held = find(connection, actor, name, for_update=True)
        submitted = select(submissions.c.id).where(submissions.c.problem_set_id == held.row)
        if connection.execute(submitted.limit(1)).first() is not None:
            raise Conflict(f"{name!r} has submissions, which would be lost")
        of_set = select(regrades.c.id).where(regrades.c.problem_set_id == held.row)
        connection.execute(
            delete(regraded_variants).where(regraded_variants.c.regrade_id.in_(of_set))
        )
        for table in (
            *(tokens, variants, overrides, enrolments, regrades, rules, problem_set_versions),
        ):
            connection.execute(delete(table).where(table.c.problem_set_id == held.row))
        connection.execute(delete(problem_sets).where(problem_sets.c.id == held.row))
        log_change(connection, actor, now=now, action="problem_set.removed", name=name)


def find(connection: Connection, actor: Actor, name: str, *, for_update: bool = False) -> Held:
    """Return a set that somebody may see: students those that they work, a CI token its own.

    Raises:
        NotFound: there is none of this name, or it is not theirs.
    """
    if for_update:
        # By itself: a row that was waited for is joined with what stood before the wait.
        held = select(problem_sets.c.id).where(
            problem_sets.c.course_id == actor.course_row, problem_sets.c.name == name
        )
        connection.execute(held.with_for_update()).all()
    row = connection.execute(_visible(actor).where(problem_sets.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"there is no problem set {name!r}")
    return _held(row)


def template_of(held: Held, exercise: str) -> Template:
    """Return the template of an exercise of a set.

    Raises:
        NotFound: the set has no such exercise.
    """
    if exercise not in (each.name for each in held.problem_set.exercises):
        raise no_exercise(held, exercise)
    return compile_template(held.problem_set, exercise)


def no_exercise(held: Held, exercise: str) -> NotFound:
    """Return what is raised where a set has no exercise of a name: it tells which there are."""
    names = [each.name for each in held.problem_set.exercises]
    shown = names if len(names) <= MOST_LISTED else [*names[:MOST_LISTED], "…"]
    there = f"{held.problem_set.name} has {', '.join(shown)}"
    return NotFound(f"there is no exercise {exercise!r}; {there}")


def list_problem_sets(
    connection: Connection, actor: Actor, *, after: int, limit: int
) -> Sequence[Held]:
    """Return the sets that somebody may see, from the one after row `after` on."""
    wanted = _visible(actor).where(problem_sets.c.id > after).order_by(problem_sets.c.id)
    return [_held(row) for row in connection.execute(wanted.limit(limit))]


def _visible(actor: Actor) -> Select[Any]:
    wanted = (
        select(problem_sets.c.id, problem_sets.c.version, problem_set_versions.c.document)
        .join(problem_set_versions, is_current_version())
        .where(problem_sets.c.course_id == actor.course_row)
    )
    if actor.role == "student":
        return wanted.join(enrolments, enrolments.c.problem_set_id == problem_sets.c.id).where(
            enrolments.c.student_id == actor.student_row
        )
    if actor.role == "ci":
        return wanted.where(problem_sets.c.id == actor.problem_set_row)
    return wanted


def _held(row: Row[Any]) -> Held:
    return Held(row=row.id, version=row.version, problem_set=read_document(row.document))


def _keep(
    connection: Connection, row: ProblemSetRow, version: int, problem_set: ProblemSet, now: datetime
) -> None:
    connection.execute(
        insert(problem_set_versions).values(
            problem_set_id=row,
            version=version,
            document=problem_set.to_json(),
            created_at=now,
        )
    )


def _holders(connection: Connection, row: ProblemSetRow, version: int) -> Sequence[Holder]:
    holders = connection.execute(
        select(students.c.student, variants.c.exercise, variants.c.version)
        .join(students, students.c.id == variants.c.student_id)
        .where(variants.c.problem_set_id == row, variants.c.version < version)
        .order_by(students.c.student, variants.c.exercise)
        .limit(MOST_HOLDERS)
    )
    return [
        Holder(student=each.student, exercise=each.exercise, version=each.version)
        for each in holders
    ]
