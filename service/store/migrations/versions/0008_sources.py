"""What a set was written as stands beside its document.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make room for it; what was written before is not known."""
    op.add_column("problem_set_versions", sa.Column("source", sa.Text()))
