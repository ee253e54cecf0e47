"""What statistics count of a verdict stands beside it.

Revision ID: 0007
Revises: 0006
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

READ = "SELECT document FROM verdicts WHERE id = :id"
KEEP = "UPDATE verdicts SET parts = :parts WHERE id = :id"


def upgrade() -> None:
    """Read it off every verdict."""
    op.add_column("verdicts", sa.Column("parts", sa.Text()))
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id FROM verdicts")).scalars().all():
        document = connection.execute(sa.text(READ), {"id": row}).scalar_one()
        connection.execute(sa.text(KEEP), {"id": row, "parts": parts_of(document)})


def parts_of(document: str) -> str:
    """Return what `gradgrade.service.course.part_summaries` does of this verdict."""
    return json.dumps([_part(each) for each in json.loads(document)["parts"]])


def _part(part: dict[str, Any]) -> list[Any]:
    worth = [part["name"], round(100 * part["max_score"])]
    if part["outcome"] in ("missing", "invalid", "not_judged"):
        return [*worth, None, {}, []]
    codes = Counter(_flat(part["entries"]))
    mistakes = [[each["code"], each["title"]] for each in part["misconceptions"]]
    return [*worth, round(100 * part["score"]), codes, mistakes]


def _flat(entries: Any) -> Iterator[str]:
    if isinstance(entries, list):
        for each in entries:
            yield from _flat(each)
    elif entries is not None:
        yield entries
