"""The page of a set: its exercises, and where a student stands in each."""

from __future__ import annotations

from werkzeug.wrappers import Response

from gradgrade.service.course.grades.standing import read_standings
from gradgrade.service.course.sets.policy import own_policies
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.sets.agenda import worked_set
from gradgrade.service.web.visit import Visit


def show_problem_set(visit: Visit, name: str) -> Response:
    """Answer with a set."""
    actor = visit.actor
    with visit.backend.store.reading() as connection:
        held = find(connection, actor, name)
        (policy,) = own_policies(connection, actor, [held])
        student = actor.student_row
        own = {} if student is None else read_standings(connection, held.row, student)
    worked = worked_set(held, policy, own, now=visit.received_at)
    return page("problem_set.html", worked=worked, now=visit.received_at)
