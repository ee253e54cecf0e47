"""The page of a set: its exercises, and where a student stands in each."""

from __future__ import annotations

from werkzeug.wrappers import Response

from gradgrade.problems.documents.points import hundredths
from gradgrade.service.course.grades.standing import Standing, read_standings
from gradgrade.service.course.sets.policy import own_policies
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit


def show_problem_set(visit: Visit, name: str) -> Response:
    """Answer with a set."""
    actor = visit.actor
    with visit.backend.store.reading() as connection:
        held = find(connection, actor, name)
        (policy,) = own_policies(connection, actor, [held])
        student = actor.student_row
        own = {} if student is None else read_standings(connection, held.row, student)
    exercises = held.problem_set.exercises
    rows = [(each, own.get(each.name, Standing())) for each in exercises]
    return page(
        "problem_set.html",
        problem_set=held.problem_set,
        policy=policy,
        rows=rows,
        reached=sum(standing.points or 0 for _, standing in rows),
        most=sum(hundredths(each.points) for each in exercises),
        now=visit.received_at,
    )
