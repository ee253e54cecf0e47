"""The home of a student: what is to do, what is done, and what was earned."""

from __future__ import annotations

from datetime import datetime

from werkzeug.wrappers import Response

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.grades.standing import read_all_standings
from gradgrade.service.course.sets.policy import own_policies
from gradgrade.service.course.sets.problem_sets import list_problem_sets
from gradgrade.service.store.identities import StudentRow
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.sets.agenda import to_do, worked_set


def show_home(
    backend: Backend, actor: Actor, student: StudentRow, *, most: int, now: datetime
) -> Response:
    """Answer with the home of a student; however many sets there are, they are read at once.

    Args:
        backend: the backend.
        actor: the student.
        student: their row.
        most: how many sets are shown.
        now: the time.
    """
    with backend.store.reading() as connection:
        found = list_problem_sets(connection, actor, after=0, limit=most)
        policies = own_policies(connection, actor, found)
        standings = read_all_standings(connection, student)
    sets = [
        worked_set(held, policy, standings.get(held.row, {}), now=now)
        for held, policy in zip(found, policies, strict=True)
    ]
    tasks = to_do(sets)
    return page(
        "home.html",
        at="home",
        sets=sets,
        tasks=tasks,
        next_due=next((each.policy.due for each, _ in tasks if each.policy.due), None),
        reached=sum(each.reached for each in sets),
        most=sum(each.most for each in sets),
        now=now,
    )
