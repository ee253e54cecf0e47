"""The policies of sets for whoever asks: a student's own, for all others the sets'."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.sets.policy import Extension, Policy, policy
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.store.schema import enrolments


def own_policies(connection: Connection, actor: Actor, sets: Sequence[Held]) -> list[Policy]:
    """Return what holds for an actor in each of these sets.

    Args:
        connection: to the database.
        actor: who asks.
        sets: those that they may see.
    """
    extensions = {} if actor.student is None else _extensions(connection, actor.student, sets)
    return [policy(each.problem_set, extensions.get(each.id, Extension())) for each in sets]


def _extensions(connection: Connection, student: int, sets: Sequence[Held]) -> dict[int, Extension]:
    rows = connection.execute(
        select(enrolments).where(
            enrolments.c.student_id == student,
            enrolments.c.problem_set_id.in_([each.id for each in sets]),
        )
    )
    return {
        row.problem_set_id: Extension(due=row.due, late_until=row.late_until, attempts=row.attempts)
        for row in rows
    }
