"""Statistics of a set: what everyone reached, and where and how they went wrong.

What was reached comes from the gradebook: it is the attempt that counts, or what an instructor
stated in place of its points. What went wrong is read from the standing verdicts of all attempts,
of which the short summary of their parts is enough; page by page, and only counted: a hundred
thousand of them are never in memory together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from sqlalchemy import Connection, select

from gradgrade.service.course.grades.counting import Alike, ExerciseCount, Judged, summed
from gradgrade.service.course.grades.figures import Reached, summarize
from gradgrade.service.course.grades.gradebook import Cell, Gradebook, attempts_of, gather_gradebook
from gradgrade.service.course.grades.statistics_document import ExerciseStatistics, Statistics
from gradgrade.service.course.part_summaries import read_parts
from gradgrade.service.store.identities import ProblemSetRow, SubmissionId, VariantRow
from gradgrade.service.store.joins import is_own_enrolment
from gradgrade.service.store.schema import enrolments, submissions, variants, verdicts

PAGE = 500
"""How many verdicts are read at a time."""

MOST_ALIKE = 500
"""How many verdicts that say different things are held until their parts are counted."""


def gather_statistics(connection: Connection, problem_set: ProblemSetRow) -> Statistics:
    """Return the statistics of a set.

    Args:
        connection: to the database.
        problem_set: the set's row.

    Raises:
        NoResultFound: there is no such row.
    """
    book = gather_gradebook(connection, problem_set)
    counted = {cell.submission for row in book.rows for cell in row.cells if cell is not None}
    counts = {exercise.name: ExerciseCount() for exercise in book.exercises}
    exercise_of = _exercises(connection, problem_set)
    _count(_verdicts(connection, problem_set), exercise_of, counted, counts)
    exercises = [
        _exercise(book, place, counts[exercise.name])
        for place, exercise in enumerate(book.exercises)
    ]
    submitted = [row.cells for row in book.rows if row.points is not None]
    return Statistics(
        schema_="gradgrade/statistics/1",
        problem_set=book.problem_set,
        title=book.title,
        figures=summarize(
            [_reached(cells) for cells in submitted],
            students=len(book.rows),
            max_points=book.max_points,
        ),
        misconceptions=summed(each.misconceptions for each in exercises),
        exercises=exercises,
    )


def _count(
    attempts: Iterable[Judged],
    exercise_of: Mapping[VariantRow, str],
    counted: Set[SubmissionId | None],
    counts: Mapping[str, ExerciseCount],
) -> None:
    """Count verdicts; what several say alike of their parts is read once.

    Args:
        attempts: with their verdicts, in the order in which they came in.
        exercise_of: the exercise's name of each variant.
        counted: the submissions that count.
        counts: of each exercise, by its name.
    """
    alike: dict[tuple[str, str], Alike] = {}
    for each in attempts:
        exercise = exercise_of[each.variant]
        if exercise not in counts:
            continue
        said = exercise, each.parts
        same = alike.get(said)
        if same is None:
            if len(alike) == MOST_ALIKE:
                _count_parts(alike, counts)
            same = alike[said] = Alike(read_parts(each.parts))
        counts[exercise].add(each, same)
        same.add(each, is_counted=each.submission in counted)
    _count_parts(alike, counts)


def _count_parts(alike: dict[tuple[str, str], Alike], counts: Mapping[str, ExerciseCount]) -> None:
    """Count the parts of verdicts, and forget these."""
    for (exercise, _), each in alike.items():
        counts[exercise].add_parts(each)
    alike.clear()


def _exercise(book: Gradebook, place: int, count: ExerciseCount) -> ExerciseStatistics:
    exercise, students = book.exercises[place], len(book.rows)
    cells = [row.cells[place] for row in book.rows if row.cells[place] is not None]
    return ExerciseStatistics(
        name=exercise.name,
        title=exercise.title,
        figures=summarize(
            [_reached([cell]) for cell in cells],
            students=students,
            max_points=exercise.max_points,
        ),
        first_errors=count.first_errors(),
        misconceptions=summed(part.misconceptions() for part in count.parts.values()),
        attempts_to_full_marks=count.attempts_to_full_marks(),
        days=count.day_counts(),
        parts=[part.part(name, students=students) for name, part in count.parts.items()],
    )


def _reached(cells: Sequence[Cell | None]) -> Reached:
    """Return what a student reached in some exercises; late if any of them counts late."""
    there = [cell for cell in cells if cell is not None]
    return Reached(
        points=sum(cell.points for cell in there),
        attempts=sum(cell.attempts for cell in there),
        is_late=any(cell.is_late for cell in there),
    )


def _exercises(connection: Connection, problem_set: ProblemSetRow) -> Mapping[VariantRow, str]:
    """Return the exercise's name of each variant, of which there are fewer than of attempts."""
    wanted = select(variants.c.id, variants.c.exercise).where(
        variants.c.problem_set_id == problem_set
    )
    return {row.id: row.exercise for row in connection.execute(wanted)}


def _verdicts(connection: Connection, problem_set: ProblemSetRow) -> Iterator[Judged]:
    """Provide the standing verdicts of a roster's numbered attempts, in the order they came in.

    By pages, on a connection of `Store.snapshot`, so that all of them are of one moment.
    """
    wanted = (
        attempts_of(
            problem_set,
            submissions.c.id,
            submissions.c.public_id,
            submissions.c.student_id,
            submissions.c.is_late,
            submissions.c.received_at,
            submissions.c.variant_id,
            verdicts.c.first_error,
            verdicts.c.score,
            verdicts.c.max_score,
            verdicts.c.parts,
        )
        .join(enrolments, is_own_enrolment())
        .order_by(submissions.c.id)
        .limit(PAGE)
    )
    last = 0
    while page := connection.execute(wanted.where(submissions.c.id > last)).all():
        yield from map(Judged._make, page)  # of a row of SQLAlchemy's, a name is slow to look up
        last = page[-1].id
