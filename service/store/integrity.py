"""What must hold of a whole database, beyond what its constraints keep."""

import json

from sqlalchemy import Connection, and_, func, or_, select

from gradgrade.problems.documents.points import as_points, hundredths_of
from gradgrade.service.store.engine import Store
from gradgrade.service.store.errors import StoreUnavailable
from gradgrade.service.store.joins import has_spent_an_attempt, is_standing_verdict
from gradgrade.service.store.migrate import is_current
from gradgrade.service.store.schema import (
    overrides,
    problem_set_versions,
    problem_sets,
    submissions,
    variants,
    verdicts,
)

MOST_TOLD = 10
"""How many rows are named in one fault."""


def find_faults(store: Store) -> list[str]:
    """Return what is wrong with a database, one line each; of a sound one nothing.

    Raises:
        StoreError: the database cannot be used.
    """
    if store.is_sqlite and (damages := _damages(store)):
        return damages
    if not is_current(store):
        return ["the tables are not current: run `gradgrade database migrate`"]
    with store.reading() as connection:
        orphans = _orphans(connection) if store.is_sqlite else []
        return [
            *orphans,
            *_without_one_verdict(connection),
            *_miscounted(connection),
            *_overstated(connection),
        ]


def _damages(store: Store) -> list[str]:
    try:
        with store.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    except StoreUnavailable as error:
        found = [f"{store.engine.url.database}: {error}"]
    return _told([f"integrity: {' '.join(each.split())}" for each in found if each != "ok"])


def _orphans(connection: Connection) -> list[str]:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return _told(
        [f"{table}: row {row} refers to no row of {target}" for table, row, target, _ in orphans]
    )


def _without_one_verdict(connection: Connection) -> list[str]:
    found = connection.execute(
        select(submissions.c.public_id, func.count(verdicts.c.id))
        .select_from(submissions.outerjoin(verdicts, is_standing_verdict()))
        .group_by(submissions.c.id)
        .having(func.count(verdicts.c.id) != 1)
        .order_by(submissions.c.id)
    ).all()
    return _told(
        [f"submission {name} has {count} standing verdicts, not 1" for name, count in found]
    )


def _miscounted(connection: Connection) -> list[str]:
    numbered = and_(
        submissions.c.variant_id == variants.c.id,
        has_spent_an_attempt(),
    )
    count, last = func.count(submissions.c.id), func.coalesce(func.max(submissions.c.attempt), 0)
    found = connection.execute(
        select(variants.c.id, variants.c.attempts, count, last)
        .select_from(variants.outerjoin(submissions, numbered))
        .group_by(variants.c.id)
        .having(or_(count != variants.c.attempts, last != variants.c.attempts))
        .order_by(variants.c.id)
    ).all()
    return _told(
        [
            f"variant {row} has {attempts} attempts, but {count} numbered submissions up to {last}"
            for row, attempts, count, last in found
        ]
    )


def _overstated(connection: Connection) -> list[str]:
    """Tell of stated points that no version of the set has for their exercise."""
    most = func.max(overrides.c.points)
    found = connection.execute(
        select(overrides.c.problem_set_id, problem_sets.c.name, overrides.c.exercise, most)
        .join(problem_sets, problem_sets.c.id == overrides.c.problem_set_id)
        .group_by(overrides.c.problem_set_id, problem_sets.c.name, overrides.c.exercise)
        .order_by(overrides.c.problem_set_id, overrides.c.exercise)
    ).all()
    return _told(
        [
            f"{name}/{exercise}: {as_points(points).text} points are stated, more than it ever had"
            for row, name, exercise, points in found
            if points > _worth(connection, row, exercise)
        ]
    )


def _worth(connection: Connection, problem_set: int, exercise: str) -> int:
    """Return the most that an exercise was worth in any version; -1 where none has it."""
    versions = connection.execute(
        select(problem_set_versions.c.document).where(
            problem_set_versions.c.problem_set_id == problem_set
        )
    ).scalars()
    return max(
        (
            hundredths_of(each.get("points", 1))
            for document in versions
            for each in json.loads(document).get("exercises", ())
            if each["name"] == exercise
        ),
        default=-1,
    )


def _told(faults: list[str]) -> list[str]:
    more = len(faults) - MOST_TOLD
    return [*faults[:MOST_TOLD], *([f"and {more} more of this kind"] if more > 0 else [])]
