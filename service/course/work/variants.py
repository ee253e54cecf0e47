"""Variants: what a student is given, drawn when first fetched, and from then on theirs for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.problems import Exercise
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict, NotFound, Unprocessable
from gradgrade.service.course.people.roster import student_on
from gradgrade.service.course.sets.problem_sets import Held, find, template_of
from gradgrade.service.course.sets.set_rules import load_rules
from gradgrade.service.course.work.ahead import make_more, take_ahead
from gradgrade.service.course.work.drawn import Drawn, chunk_of, draw
from gradgrade.service.store.identities import (
    ProblemSetRow,
    StudentId,
    StudentIdentity,
    StudentRow,
    VariantRow,
)
from gradgrade.service.store.insert import insert_unless_there
from gradgrade.service.store.schema import students, variants

MOST_REDRAWN = 20
"""How often a student's numbers are drawn anew because another student has them."""


MOST_OF_EXERCISES = 16 * MEBIBYTE
"""Hundreds of ordinary ones that are shown or answered, or one of the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A variant that a student has."""

    student: StudentId
    exercise: str
    version: int
    pinned_at: datetime
    attempts: int
    document: str

    @property
    def id(self) -> str:
        """The variant's own id."""
        return read_exercise(self.document).id


@kept_within(MOST_OF_EXERCISES)
def read_exercise(document: str) -> Exercise:
    """Return an exercise as it was stored; a variant never changes."""
    return Exercise.from_json(document)


def fetch(
    backend: Backend,
    actor: Actor,
    name: str,
    exercise: str,
    student: StudentId | None,
    *,
    draws: bool = True,
) -> str:
    """Return the JSON of a student's variant, which is pinned if it was not.

    Args:
        backend: the backend.
        actor: the student, or staff.
        name: the set's.
        exercise: the exercise's.
        student: the id of the student, where staff asks.
        draws: whether numbers are drawn where there are none yet.

    Raises:
        NotFound: there is no such set, exercise or student, or it is not theirs.
        Unprocessable: staff does not say which student.
        Conflict: nothing is to be drawn, and the exercise was never fetched.
        ExerciseError: no variant can be issued.
    """
    if actor.is_staff and student is None:
        raise Unprocessable("student: say which student's variant, as ?student=ID")
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        whose = _whose(connection, actor, held, student)
        document = _document(connection, held, exercise, whose.row)
    if document is None:
        (pin if draws else pin_undrawn)(backend, actor, held, exercise=exercise, student=whose)
        if actor.student is not None:
            make_more(backend, actor, held, exercise, after=whose)
        with backend.store.reading() as connection:
            document = _document(connection, held, exercise, whose.row)
    if document is None:
        raise NotFound(f"there is no exercise {exercise!r}")
    return document


def pin(
    backend: Backend, actor: Actor, held: Held, *, exercise: str, student: StudentIdentity
) -> None:
    """Draw a student's variant of a set as it stands, and keep it, unless they have one.

    Raises:
        NotFound: the set has no such exercise.
        ExerciseError: no variant can be issued.
    """
    taken: set[bytes] = set()
    for _ in range(MOST_REDRAWN):
        drawn = take_ahead(backend, actor, held, exercise, student.id)
        if drawn is None:
            rules = load_rules(backend, held, (exercise,))[exercise]
            chunk = chunk_of(backend, actor, held, exercise, [student.id], rules)
            (drawn,) = draw(chunk, avoiding=taken)
        with backend.store.writing() as connection:
            if keep_variant(connection, held, exercise, student.row, drawn, now=backend.clock()):
                return
            if _document(connection, held, exercise, student.row) is not None:
                return
        if drawn.fingerprint is not None:
            taken.add(drawn.fingerprint)
    raise Conflict(
        f"exercise {exercise!r} has too few variants: other students have all that were drawn; "
        "its instructor should widen the ranges of `draw`"
    )


def pin_undrawn(
    backend: Backend, actor: Actor, held: Held, *, exercise: str, student: StudentIdentity
) -> None:
    """Pin a student's variant of an exercise whose numbers are all given; refuse to draw another.

    Raises:
        NotFound: the set has no such exercise.
        Conflict: its numbers are drawn, which is done when it is fetched.
        ExerciseError: no variant can be issued.
    """
    if template_of(held, exercise).is_drawn:
        raise Conflict(
            f"fetch the exercise first: the numbers of {exercise!r} are drawn when it is fetched"
        )
    pin(backend, actor, held, exercise=exercise, student=student)


def read_holdings(
    connection: Connection, problem_set: ProblemSetRow, *, after: int = 0, limit: int | None = None
) -> Sequence[tuple[VariantRow, Pinned]]:
    """Return the variants of a set and their rows, from the one after row `after` on."""
    rows = connection.execute(
        select(variants, students.c.student)
        .join(students, students.c.id == variants.c.student_id)
        .where(variants.c.problem_set_id == problem_set, variants.c.id > after)
        .order_by(variants.c.id)
        .limit(limit)
    )
    names = Pinned.__dataclass_fields__
    return [(row.id, Pinned(**{name: getattr(row, name) for name in names})) for row in rows]


def count_holdings(
    connection: Connection, problem_set: ProblemSetRow
) -> dict[tuple[str, int], int]:
    """Return how many variants there are of each exercise of a set, by version of the set."""
    wanted = (
        select(variants.c.exercise, variants.c.version, func.count())
        .where(variants.c.problem_set_id == problem_set)
        .group_by(variants.c.exercise, variants.c.version)
    )
    return {(exercise, version): count for exercise, version, count in connection.execute(wanted)}


def latest_variant(connection: Connection, held: Held, exercise: str) -> Exercise:
    """Return the variant of an exercise that was pinned last, whosever it is.

    Raises:
        NoResultFound: nobody has one.
    """
    latest = (
        select(variants.c.document)
        .where(variants.c.problem_set_id == held.row, variants.c.exercise == exercise)
        .order_by(variants.c.id.desc())
        .limit(1)
    )
    return read_exercise(connection.execute(latest).scalar_one())


def keep_variant(
    connection: Connection,
    held: Held,
    exercise: str,
    student: StudentRow,
    drawn: Drawn,
    *,
    now: datetime,
) -> bool:
    """Keep a variant; tell whether there was room for it."""
    made = insert_unless_there(connection, variants).values(
        problem_set_id=held.row,
        exercise=exercise,
        student_id=student,
        version=held.version,
        document=drawn.document,
        answer_key=drawn.answer_key,
        fingerprint=drawn.fingerprint,
        numbers=drawn.numbers,
        pinned_at=now,
        attempts=0,
    )
    return connection.execute(made).rowcount == 1


def _whose(
    connection: Connection, actor: Actor, held: Held, student: StudentId | None
) -> StudentIdentity:
    if actor.student is not None:
        if student not in (None, actor.student.id):
            raise NotFound(f"there is no student {student!r} on this roster")
        return actor.student
    if student is None:
        raise NotFound("this is no student's token")
    return student_on(connection, actor, held.row, student)


def _document(connection: Connection, held: Held, exercise: str, student: StudentRow) -> str | None:
    found = select(variants.c.document).where(
        variants.c.problem_set_id == held.row,
        variants.c.exercise == exercise,
        variants.c.student_id == student,
    )
    document: str | None = connection.execute(found).scalar_one_or_none()
    return document
