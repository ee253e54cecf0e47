"""How far everybody is: students by exercises."""

from __future__ import annotations

from werkzeug.wrappers import Response

from gradgrade.service.course.grades.progress import gather_progress
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit


def show_progress(visit: Visit, name: str) -> Response:
    """Answer with a table of students and exercises."""
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        found = gather_progress(connection, held)
    return page("progress.html", tab="progress", problem_set=held.problem_set, progress=found)
