"""What was replied under a key stands with the submission; fewer pages to write for each one.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Move the keys, and leave out what an index has of rows that nobody looks for by it."""
    op.add_column("submissions", sa.Column("key", sa.Text()))
    op.add_column("submissions", sa.Column("request", sa.LargeBinary(length=32)))
    # SQLite takes a constraint with a column, and with a table only when that is made.
    op.execute(
        """
        ALTER TABLE submissions ADD COLUMN reply TEXT CONSTRAINT ck_submissions_key CHECK
        ((key IS NULL) = (request IS NULL) AND (key IS NULL) = (reply IS NULL))
        """
    )
    op.execute(
        """
        UPDATE submissions SET key = moved.key, request = moved.request, reply = moved.reply
        FROM idempotency_keys AS moved WHERE moved.submission_id = submissions.id
        """
    )
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
