"""What everybody reached, and where, how and when they went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import draw
from gradgrade.problems.drawing.marks import marks_of_first_errors
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.grades.statistics_document import (
    DayCount,
    ExerciseStatistics,
    Figures,
    MisconceptionCount,
)
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.course.work.variants import latest_variant
from gradgrade.service.web.instructor.grades.charts import Column, column_chart, small_columns
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

MOST_MISTAKES = 10
"""Of an exercise: the most frequent ones are listed."""

MOST_DAYS = 28
"""From the first to the last: beyond it, weeks are shown."""

MOST_ATTEMPTS = 9
"""Beyond it, attempts to full marks are counted together."""

ENOUGH_STUDENTS = 10
"""For a percentage of them to say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A known mistake: how often, and in each period how often it was the likeliest."""

    count: MisconceptionCount
    over_time: Sequence[int]
    columns: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseShown:
    """What is shown of an exercise.

    Args:
        told: its statistics.
        scores: how the points are spread, as columns.
        tries: at which attempt students had full marks.
        tries_chart: the same, drawn.
        drawing: where students first went wrong; empty where nobody did.
        periods: the days or weeks, by their first day.
        mistakes: the most frequent.
    """

    told: ExerciseStatistics
    scores: Markup
    tries: Sequence[Column]
    tries_chart: Markup
    drawing: Markup
    periods: Sequence[str]
    mistakes: Sequence[Mistake]


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
    days = [date.fromisoformat(day.day) for each in found.exercises for day in each.days]
    starts = periods_of(min(days), max(days)) if days else []
    return page(
        "statistics.html",
        tab="statistics",
        problem_set=held.problem_set,
        statistics=found,
        scores=_scores(found.figures, "set"),
        exercises=[_shown(each, anybodys.get(each.name), starts) for each in found.exercises],
        in_weeks=len(starts) > 1 and starts[1] - starts[0] > timedelta(days=1),
        enough=ENOUGH_STUDENTS,
    )


def periods_of(first: date, last: date) -> list[date]:
    """Return the days from the first to the last; of more than four weeks, their Mondays.

    >>> len(periods_of(date(2026, 11, 2), date(2026, 11, 8)))
    7
    >>> periods_of(date(2026, 11, 4), date(2026, 12, 15))[:2]
    [datetime.date(2026, 11, 2), datetime.date(2026, 11, 9)]
    """
    days = (last - first).days + 1
    if days <= MOST_DAYS:
        return [first + timedelta(days=count) for count in range(days)]
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(weeks=count) for count in range((last - monday).days // 7 + 1)]


def over_periods(days: Sequence[DayCount], code: str, starts: Sequence[date]) -> list[int]:
    """Return how often a mistake was the likeliest explanation in each period."""
    counts = Counter[int]()
    for each in days:
        place = max(
            count for count, start in enumerate(starts) if start <= date.fromisoformat(each.day)
        )
        counts[place] += each.misconceptions.get(code, 0)
    return [counts[place] for place in range(len(starts))]


def _shown(
    each: ExerciseStatistics, anybodys: Exercise | None, starts: Sequence[date]
) -> ExerciseShown:
    tries = _tries(each)
    listed = each.misconceptions[:MOST_MISTAKES]
    over_time = [over_periods(each.days, mistake.code, starts) for mistake in listed]
    highest = max((count for row in over_time for count in row), default=0) or 1
    return ExerciseShown(
        told=each,
        scores=_scores(each.figures, each.name),
        tries=tries,
        tries_chart=column_chart(
            tries,
            key=f"tries-{each.name}",
            said=gettext("At which attempt students had full marks; the table says the same"),
        ),
        drawing=Markup("") if anybodys is None else _drawing(anybodys, each),
        periods=[f"{start:%m-%d}" for start in starts],
        mistakes=[
            Mistake(
                count=mistake,
                over_time=row,
                columns=small_columns(
                    row,
                    highest=highest,
                    key=f"{mistake.code}-{each.name}",
                    said=gettext(
                        "%(title)s, over time; the table says the same", title=mistake.title
                    ),
                ),
            )
            for mistake, row in zip(listed, over_time, strict=True)
        ],
    )


def _scores(figures: Figures, name: str) -> Markup:
    columns = [Column(f"{10 * place}", count) for place, count in enumerate(figures.histogram)]
    said = gettext("How the points are spread; the table says the same")
    return column_chart(columns, key=f"scores-{name}", said=said)


def _tries(each: ExerciseStatistics) -> list[Column]:
    """Return how many had full marks at which attempt, and how many have none yet."""
    counts = each.attempts_to_full_marks
    columns = [Column(str(place), count) for place, count in enumerate(counts[:MOST_ATTEMPTS], 1)]
    if beyond := sum(counts[MOST_ATTEMPTS:]):
        columns.append(Column(f"> {MOST_ATTEMPTS}", beyond))
    never = max(each.figures.submitted - sum(counts), 0)
    return [*columns, Column(gettext("not yet"), never)]


def _drawing(exercise: Exercise, each: ExerciseStatistics) -> Markup:
    """Return the network with how many first went wrong at each quantity, on anybody's numbers."""
    counts = {error.quantity: error.students for error in each.first_errors}
    marks = marks_of_first_errors(exercise, counts)
    wide = draw(exercise, key=f"wide-{each.name}", marks=marks)
    turned = draw(exercise, key=f"turned-{each.name}", is_turned=True, marks=marks)
    return Markup(wide + turned)
