"""Turnout: how many students work each set of a course, and how many have handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, distinct, func, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.store.identities import ProblemSetRow
from gradgrade.service.store.joins import has_spent_an_attempt, is_own_enrolment
from gradgrade.service.store.schema import enrolments, problem_sets, submissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """The students on a set's roster: how many there are, and how many have spent an attempt."""

    enrolled: int = 0
    handed_in: int = 0


def read_turnouts(connection: Connection, actor: Actor) -> Mapping[ProblemSetRow, Turnout]:
    """Return the turnout of every set of a course that has a roster, in one statement.

    Args:
        connection: to the database.
        actor: staff of the course.
    """
    counted = (
        select(
            enrolments.c.problem_set_id,
            func.count(distinct(enrolments.c.student_id)).label("enrolled"),
            func.count(distinct(submissions.c.student_id)).label("handed_in"),
        )
        .join(problem_sets, problem_sets.c.id == enrolments.c.problem_set_id)
        .outerjoin(submissions, is_own_enrolment() & has_spent_an_attempt())
        .where(problem_sets.c.course_id == actor.course_row)
        .group_by(enrolments.c.problem_set_id)
    )
    return {
        row.problem_set_id: Turnout(enrolled=row.enrolled, handed_in=row.handed_in)
        for row in connection.execute(counted)
    }
