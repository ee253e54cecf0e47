"""Points that an instructor states in place of those graded.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for them."""
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "overrides",
        sa.Column("problem_set_id", identity, nullable=False),
        sa.Column("student_id", identity, nullable=False),
        sa.Column("exercise", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0", name="ck_overrides_points"),
        sa.CheckConstraint("comment <> ''", name="ck_overrides_comment"),
        sa.ForeignKeyConstraint(
            ["problem_set_id", "student_id"],
            ["enrolments.problem_set_id", "enrolments.student_id"],
            name="fk_overrides_problem_set_id_student_id",
        ),
        sa.PrimaryKeyConstraint("problem_set_id", "student_id", "exercise", name="pk_overrides"),
    )
    op.create_index("ix_overrides_student_id", "overrides", ["student_id"])
