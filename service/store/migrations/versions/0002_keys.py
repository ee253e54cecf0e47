"""What was replied under a key stands with the submission, and its verdict only once.

Revision ID: 0002
Revises: 0001
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REPLIES = """
    SELECT moved.submission_id, moved.key, moved.request, moved.reply, verdicts.document
    FROM idempotency_keys AS moved JOIN verdicts
    ON verdicts.submission_id = moved.submission_id AND verdicts.regrade_id IS NULL
"""

MOVE = """
    UPDATE submissions SET key = :key, request = :request, reply = :reply, told = :told
    WHERE id = :submission
"""


def upgrade() -> None:
    """Move the keys, and leave out what an index has of rows that nobody looks for by it."""
    op.add_column("submissions", sa.Column("key", sa.Text()))
    op.add_column("submissions", sa.Column("request", sa.LargeBinary(length=32)))
    op.add_column("submissions", sa.Column("reply", sa.Text()))
    # SQLite takes a constraint with a column, and with a table only when that is made.
    op.execute(
        "ALTER TABLE submissions ADD COLUMN told TEXT CONSTRAINT ck_submissions_key CHECK "
        "((key IS NULL) = (request IS NULL) AND (key IS NULL) = (reply IS NULL) "
        "AND (key IS NULL) = (told IS NULL))"
    )
    connection = op.get_bind()
    for row in connection.execute(sa.text(REPLIES)).all():
        connection.execute(sa.text(MOVE), moved(row))
    op.drop_table("idempotency_keys")

    op.create_index(
        "uq_submissions_student_id_key", "submissions", ["student_id", "key"], unique=True
    )
    op.drop_index("ix_submissions_student_id_id", "submissions")

    op.drop_index("ix_verdicts_regrade_id", "verdicts")
    op.create_index(
        "ix_verdicts_regrade_id",
        "verdicts",
        ["regrade_id"],
        sqlite_where=sa.text("regrade_id IS NOT NULL"),
        postgresql_where=sa.text("regrade_id IS NOT NULL"),
    )


def moved(row: Any) -> dict[str, Any]:
    """Return what a reply becomes: all but the verdict, and how much of that was told."""
    members = json.loads(row.reply)
    verdict = members.pop("verdict")
    if verdict == json.loads(row.document):
        told = "diagnosis"
    else:
        told = "parts" if verdict["parts"] else "score"
    return {
        "submission": row.submission_id,
        "key": row.key,
        "request": row.request,
        "reply": json.dumps(members),
        "told": told,
    }
