"""What belongs to what, said once for all statements: conditions on tables that are joined."""

from sqlalchemy import ColumnElement

from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    problem_sets,
    submissions,
    verdicts,
)


def is_current_version() -> ColumnElement[bool]:
    """Return what joins a set with the version of it that stands."""
    return (problem_set_versions.c.problem_set_id == problem_sets.c.id) & (
        problem_set_versions.c.version == problem_sets.c.version
    )


def is_standing_verdict() -> ColumnElement[bool]:
    """Return what joins a submission with the verdict on it that stands."""
    return (verdicts.c.submission_id == submissions.c.id) & verdicts.c.stands.is_(True)


def is_own_enrolment() -> ColumnElement[bool]:
    """Return what joins a submission with its student's enrolment in the set.

    Who was taken off the roster has none, but keeps what was handed in.
    """
    return (enrolments.c.problem_set_id == submissions.c.problem_set_id) & (
        enrolments.c.student_id == submissions.c.student_id
    )


def has_spent_an_attempt() -> ColumnElement[bool]:
    """Return what holds of submissions that count: one that is invalid spends no attempt."""
    return submissions.c.attempt.is_not(None)
