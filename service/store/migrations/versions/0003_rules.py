"""The rules by which a set's exercises are drawn stand beside the set.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for them; they are found when an exercise is drawn next."""
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "rules",
        sa.Column("problem_set_id", identity, nullable=False),
        sa.Column("structure", sa.LargeBinary(length=32), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_rules_problem_set_id"
        ),
        sa.PrimaryKeyConstraint("problem_set_id", "structure", name="pk_rules"),
    )
