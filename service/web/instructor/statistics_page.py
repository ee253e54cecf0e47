"""What everybody reached, and where and how they went wrong."""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import draw
from gradgrade.problems.drawing.marks import marks_of_first_errors
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.grades.statistics_document import ExerciseStatistics
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.course.work.variants import latest_variant
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit

MOST_MISTAKES = 10
"""Of an exercise: the most frequent ones are listed."""


def show_statistics(visit: Visit, name: str) -> Response:
    """Answer with the statistics of a set."""
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        found = gather_statistics(connection, held.row)
        anybodys = {
            each.name: latest_variant(connection, held, each.name)
            for each in found.exercises
            if each.first_errors
        }
    return page(
        "statistics.html",
        tab="statistics",
        problem_set=held.problem_set,
        statistics=found,
        drawings={
            each.name: _drawing(anybodys[each.name], each)
            for each in found.exercises
            if each.first_errors
        },
        most=MOST_MISTAKES,
    )


def _drawing(exercise: Exercise, each: ExerciseStatistics) -> Markup:
    """Return the network with how many first went wrong at each quantity, on anybody's numbers."""
    counts = {error.quantity: error.students for error in each.first_errors}
    marks = marks_of_first_errors(exercise, counts)
    wide = draw(exercise, key=f"wide-{each.name}", marks=marks)
    turned = draw(exercise, key=f"turned-{each.name}", is_turned=True, marks=marks)
    return Markup(wide + turned)
