"""Who holds which numbers, for the doors that judge answers without an attempt.

They must not judge answers to what a student still works at: not under another name, nor by chance.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.sets.policy import EXTENSION, Extension, policy_of
from gradgrade.service.course.sets.problem_sets import read_document
from gradgrade.service.store.identities import ProblemSetRow
from gradgrade.service.store.joins import is_current_version
from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    problem_sets,
    variants,
)


def refuse_held(backend: Backend, numbers: bytes, *, now: datetime) -> None:
    """Refuse an exercise whose numbers are those of a variant that its student may still answer.

    Ids, names, arrangement, and what is asked of the numbers do not matter: whoever states the
    exercise could state those as they like.

    Args:
        backend: the backend.
        numbers: of the exercise; see `gradgrade.problems.generate.numbers_digest`.
        now: the time.

    Raises:
        Conflict: somebody holds these numbers, and their set is not closed for them.
    """
    wanted = (
        select(problem_set_versions.c.document, *EXTENSION)
        .select_from(variants)
        .join(problem_sets, problem_sets.c.id == variants.c.problem_set_id)
        .join(problem_set_versions, is_current_version())
        .outerjoin(
            enrolments,
            (enrolments.c.problem_set_id == variants.c.problem_set_id)
            & (enrolments.c.student_id == variants.c.student_id),
        )
        .where(variants.c.numbers == numbers)
    )
    with backend.store.reading() as connection:
        held = connection.execute(wanted).all()
    policies = (policy_of(read_document(row.document), Extension.of(row)) for row in held)
    if any(each.closes is None or now <= each.closes for each in policies):
        raise Conflict(
            "exercise: these are the numbers of an exercise of this course that is not closed yet: "
            "hand its answers in, or change the numbers"
        )


def held_fingerprints(
    connection: Connection, problem_set: ProblemSetRow, exercise: str
) -> frozenset[bytes]:
    """Return the fingerprints of the variants of an exercise that students hold."""
    held = select(variants.c.fingerprint).where(
        variants.c.problem_set_id == problem_set,
        variants.c.exercise == exercise,
        variants.c.fingerprint.is_not(None),
    )
    return frozenset(bytes(each) for each in connection.execute(held).scalars())
