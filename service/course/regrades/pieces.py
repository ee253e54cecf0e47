"""What a regrade has still to do, read in pieces, and what they come to, kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, select

from gradgrade.problems.grade import GRADER
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.regrades.piece_work import IssuedVariant, Piece, Regraded, Sent
from gradgrade.service.course.regrades.record import Regrade
from gradgrade.service.course.sets.policy import EXTENSION, Extension
from gradgrade.service.store.identities import SubmissionRow, VariantRow
from gradgrade.service.store.insert import insert_unless_there
from gradgrade.service.store.joins import is_own_enrolment
from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    regraded_variants,
    submissions,
    variants,
    verdicts,
)

PIECE = 32
"""How many submissions are one piece of work."""

ToDo = tuple[VariantRow, SubmissionRow | None]
"""The rows of a variant and of a submission to it; None where the variant alone is to do."""


def to_do(
    connection: Connection,
    regrade: Regrade,
    seen: Collection[VariantRow] = (),
    unreadable: Collection[SubmissionRow] = (),
) -> Sequence[ToDo]:
    """Return what has no verdict of this regrade yet, variant by variant.

    Variants of later versions than the regrade's are not its business.

    Args:
        connection: to the database.
        regrade: the regrade.
        seen: the rows of variants that need not be done for their own sake any more.
        unreadable: the rows of submissions that were found not to be gradable.
    """
    graded = (
        select(verdicts.c.id)
        .where(verdicts.c.submission_id == submissions.c.id, verdicts.c.regrade_id == regrade.row)
        .exists()
    )
    rows = connection.execute(
        select(variants.c.id, submissions.c.id)
        .select_from(variants)
        .outerjoin(submissions, and_(submissions.c.variant_id == variants.c.id, ~graded))
        .where(
            variants.c.problem_set_id == regrade.problem_set_row,
            variants.c.version <= regrade.version,
        )
        .order_by(variants.c.id, submissions.c.id)
    )
    return [
        (variant, submission)
        for variant, submission in rows
        if (variant not in seen if submission is None else submission not in unreadable)
    ]


def redefined(connection: Connection, regrade: Regrade) -> set[VariantRow]:
    """Return the rows of the variants for which this regrade has kept a new definition."""
    rows = select(regraded_variants.c.variant_id).where(
        regraded_variants.c.regrade_id == regrade.row
    )
    return set(connection.execute(rows).scalars())


def definition(connection: Connection, regrade: Regrade) -> str:
    """Return the set as JSON, of the version under which the regrade grades."""
    wanted = select(problem_set_versions.c.document).where(
        problem_set_versions.c.problem_set_id == regrade.problem_set_row,
        problem_set_versions.c.version == regrade.version,
    )
    document: str = connection.execute(wanted).scalar_one()
    return document


def cut(wanted: Sequence[ToDo]) -> Iterator[Sequence[ToDo]]:
    """Cut work into pieces.

    >>> [len(each) for each in cut([(VariantRow(1), None)] * 70)]
    [32, 32, 6]
    """
    for start in range(0, len(wanted), PIECE):
        yield wanted[start : start + PIECE]


def read_pieces(backend: Backend, regrade: Regrade, wanted: Sequence[ToDo]) -> Iterator[Piece]:
    """Yield pieces of work; each is read when somebody is free to work on it."""
    with backend.store.reading() as connection:
        document = definition(connection, regrade)
    for part in cut(wanted):
        with backend.store.reading() as connection:
            piece = read_piece(connection, regrade, document, part)
        yield piece


def read_piece(
    connection: Connection, regrade: Regrade, document: str, part: Sequence[ToDo]
) -> Piece:
    """Return a piece of work as records that can go anywhere.

    Args:
        connection: to the database.
        regrade: the regrade.
        document: the set's JSON.
        part: what is to do.
    """
    rows = connection.execute(
        select(variants).where(variants.c.id.in_({variant for variant, _ in part}))
    )
    issued = tuple(
        IssuedVariant(
            row=row.id, version=row.version, document=row.document, answer_key=row.answer_key
        )
        for row in rows
    )
    wanted = [submission for _, submission in part if submission is not None]
    return Piece(
        problem_set=document,
        version=regrade.version,
        variants=issued,
        submissions=tuple(_sent(connection, wanted)) if wanted else (),
    )


def _sent(connection: Connection, wanted: Sequence[SubmissionRow]) -> Iterator[Sent]:
    rows = connection.execute(
        select(
            submissions.c.id,
            submissions.c.variant_id,
            submissions.c.body,
            submissions.c.received_at,
            *EXTENSION,
        )
        .select_from(submissions)
        .outerjoin(enrolments, is_own_enrolment())
        .where(submissions.c.id.in_(wanted))
        .order_by(submissions.c.id)
    )
    for row in rows:
        yield Sent(
            row=row.id,
            variant=row.variant_id,
            body=bytes(row.body),
            received_at=row.received_at,
            extension=Extension.of(row),
        )


def keep_regraded(
    connection: Connection, regrade: Regrade, regraded: Regraded, *, now: datetime
) -> None:
    """Keep what a piece came to; none of it stands yet. What is there already stays."""
    changed = [
        {
            "regrade_id": regrade.row,
            "variant_id": each.before.row,
            "version_before": each.before.version,
            "document_before": each.before.document,
            "answer_key_before": each.before.answer_key,
            "document_after": each.document,
            "answer_key_after": each.answer_key,
        }
        for each in regraded.variants
        if (each.before.version, each.before.document, each.before.answer_key)
        != (regrade.version, each.document, each.answer_key)
    ]
    given = [
        {
            "submission_id": each.submission,
            "regrade_id": regrade.row,
            "stands": False,
            "grader": GRADER,
            "version": each.version,
            "created_at": now,
            "outcome": each.outcome,
            "first_error": each.first_error,
            "score": each.score,
            "max_score": each.max_score,
            "points": each.points,
            "document": each.document,
            "parts": each.parts,
        }
        for each in regraded.verdicts
    ]
    if changed:
        connection.execute(insert_unless_there(connection, regraded_variants), changed)
    if given:
        connection.execute(insert_unless_there(connection, verdicts), given)
