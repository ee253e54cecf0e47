"""A process that writes submissions without end, each with its verdict in one transaction."""

import sys

from sqlalchemy import insert, select, update

from gradgrade.service.store.engine import Store, open_store
from gradgrade.service.store.schema import submissions, variants, verdicts
from tests.service.store.rows import insert_rows

VARIANT = 1
BODY = b'{"answers": {"loss": 0.24}}' * 40


def submit(store: Store) -> int:
    """Store the next submission to one variant; return its number."""
    with store.writing() as connection:
        connection.execute(
            update(variants)
            .where(variants.c.id == VARIANT)
            .values(attempts=variants.c.attempts + 1)
        )
        variant = connection.execute(select(variants).where(variants.c.id == VARIANT)).one()
        submission = connection.execute(
            insert(submissions)
            .values(
                public_id=f"writer-{variant.attempts}",
                problem_set_id=variant.problem_set_id,
                student_id=variant.student_id,
                variant_id=variant.id,
                attempt=variant.attempts,
                received_at=variant.pinned_at,
                body=BODY,
                is_late=False,
                receipt="r",
            )
            .returning(submissions.c.id)
        ).scalar_one()
        connection.execute(
            insert(verdicts).values(
                submission_id=submission,
                stands=True,
                grader="3",
                version=variant.version,
                created_at=variant.pinned_at,
                outcome="correct",
                score=100,
                max_score=100,
                points=100,
                document="{}",
                parts="[]",
            )
        )
    return int(variant.attempts)


def prepare(store: Store, revision: str) -> None:
    """Insert the rows of the tests, with room for further ids."""
    with store.writing() as connection:
        insert_rows(connection, revision)
        if not store.is_sqlite:
            for table in ("submissions", "verdicts"):
                connection.exec_driver_sql(f"ALTER SEQUENCE {table}_id_seq RESTART WITH 1000")


if __name__ == "__main__":
    database = open_store(sys.argv[1])
    while True:
        print(submit(database), flush=True)
