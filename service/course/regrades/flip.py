"""The flip: in one transaction all verdicts of a regrade stand, or stand no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, literal, select, update

from gradgrade.service.course.regrades.record import Regrade
from gradgrade.service.course.regrades.report import stood_before
from gradgrade.service.store.schema import regraded_variants, variants, verdicts


def hold_all(connection: Connection, regrade: Regrade) -> None:
    """Wait for the submissions to a set that are being kept, and let no other begin."""
    wanted = select(variants.c.id).where(variants.c.problem_set_id == regrade.problem_set_row)
    connection.execute(wanted.order_by(variants.c.id).with_for_update(key_share=True)).all()


def flip(connection: Connection, regrade: Regrade) -> None:
    """Make the verdicts of a regrade stand, and move the variants to the new definition."""
    other = verdicts.alias()
    graded = select(other.c.submission_id).where(other.c.regrade_id == regrade.row)
    replaced = [verdicts.c.stands, verdicts.c.submission_id.in_(graded)]
    if regrade.never_lower:
        same = other.c.submission_id == verdicts.c.submission_id
        is_as_high = other.c.points >= verdicts.c.points
        replaced.append(graded.where(same, is_as_high).exists())
    connection.execute(update(verdicts).where(*replaced).values(stands=False))
    still = select(other.c.id).where(
        other.c.submission_id == verdicts.c.submission_id, other.c.stands
    )
    connection.execute(
        update(verdicts)
        .where(verdicts.c.regrade_id == regrade.row, ~still.exists())
        .values(stands=True)
    )
    kept = regraded_variants.c
    _move(
        connection,
        regrade,
        version=literal(regrade.version),
        document=_of_variant(regrade, kept.document_after),
        answer_key=_of_variant(regrade, kept.answer_key_after),
    )


def flip_back(connection: Connection, regrade: Regrade) -> None:
    """Make the verdicts stand that stood before a regrade, and move the variants back."""
    before = list(stood_before(connection, regrade))
    connection.execute(
        update(verdicts)
        .where(verdicts.c.regrade_id == regrade.row, verdicts.c.stands)
        .values(stands=False)
    )
    if before:
        stands_again = update(verdicts).where(verdicts.c.id == bindparam("row")).values(stands=True)
        connection.execute(stands_again, [{"row": row} for row in before])
    kept = regraded_variants.c
    _move(
        connection,
        regrade,
        version=_of_variant(regrade, kept.version_before),
        document=_of_variant(regrade, kept.document_before),
        answer_key=_of_variant(regrade, kept.answer_key_before),
    )


def _move(connection: Connection, regrade: Regrade, **values: ColumnElement[Any]) -> None:
    moved = select(regraded_variants.c.variant_id).where(
        regraded_variants.c.regrade_id == regrade.row
    )
    connection.execute(update(variants).where(variants.c.id.in_(moved)).values(**values))


def _of_variant(regrade: Regrade, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what a regrade has kept of the very variant that is updated."""
    return (
        select(column)
        .where(
            regraded_variants.c.regrade_id == regrade.row,
            regraded_variants.c.variant_id == variants.c.id,
        )
        .scalar_subquery()
    )
