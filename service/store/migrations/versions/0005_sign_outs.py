"""Signing out ends every session of a token: how often it did stands beside the token.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Begin to count."""
    op.add_column(
        "tokens", sa.Column("sign_outs", sa.Integer(), nullable=False, server_default="0")
    )
