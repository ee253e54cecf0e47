"""The course to look at made a large one: its students and all they did, copied."""

from __future__ import annotations

from sqlalchemy import text

from gradgrade.service.store.engine import Store

CLASS = 30
"""How many students there are before, numbered from 1."""


def crowd(store: Store, *, students: int, submissions: int) -> None:
    """Copy the students of a course on SQLite, with their work, until there are so many.

    Args:
        store: where a course of `CLASS` students is, and nothing else.
        students: how many there are afterwards.
        submissions: how many they have handed in at least.
    """
    with store.writing() as connection:
        for statement in _STUDENTS:
            connection.execute(text(_NUMBERED + statement), {"students": students})
        handed_in = connection.execute(text("SELECT count(*) FROM submissions")).scalar_one()
        again, *rest = _AGAIN
        connection.execute(text(again), {"times": submissions // handed_in})
        for statement in rest:
            connection.execute(text(statement))


# Copies: who is added, `id`, and of whom they are a copy, `of`.
_NUMBERED = f"""
WITH RECURSIVE numbers(n) AS
(SELECT {CLASS} + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST(:students AS INTEGER)),
copies(id, of) AS (SELECT n, 1 + (n - 1) % {CLASS} FROM numbers)
"""

_STUDENTS = (
    """
    INSERT INTO students (id, course_id, student, name, email, created_at)
    SELECT copies.id, course_id, printf('s%03d', copies.id), name, email, created_at
    FROM copies JOIN students ON students.id = of
    """,
    """
    INSERT INTO enrolments (problem_set_id, student_id)
    SELECT problem_set_id, copies.id FROM copies JOIN enrolments ON student_id = of
    """,
    """
    INSERT INTO variants (problem_set_id, exercise, student_id, version, document, answer_key,
    pinned_at, attempts, numbers)
    SELECT problem_set_id, exercise, copies.id, version, document, answer_key, pinned_at, attempts,
    numbers FROM copies JOIN variants ON student_id = of ORDER BY copies.id, variants.id
    """,
    """
    INSERT INTO submissions (public_id, problem_set_id, student_id, variant_id, attempt,
    received_at, body, is_late, receipt)
    SELECT public_id || '-' || CAST(copies.id AS TEXT), first.problem_set_id, copies.id,
    variants.id, attempt, received_at, body, is_late, receipt
    FROM copies JOIN submissions AS first ON first.student_id = of
    JOIN variants AS given ON given.id = first.variant_id
    JOIN variants ON variants.student_id = copies.id AND variants.exercise = given.exercise
    AND variants.problem_set_id = given.problem_set_id ORDER BY first.id, copies.id
    """,
    """
    INSERT INTO verdicts (submission_id, stands, grader, version, created_at, outcome, first_error,
    score, max_score, points, document, parts)
    SELECT submissions.id, stands, grader, version, created_at, outcome, first_error, score,
    max_score, points, document, parts
    FROM copies JOIN submissions ON submissions.student_id = copies.id JOIN submissions AS first
    ON submissions.public_id = first.public_id || '-' || CAST(copies.id AS TEXT)
    JOIN verdicts ON submission_id = first.id ORDER BY submissions.id
    """,
)

# Everything once more, n times, as later attempts.
_AGAIN = (
    """
    WITH RECURSIVE numbers(n) AS
    (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST(:times AS INTEGER))
    INSERT INTO submissions (public_id, problem_set_id, student_id, variant_id, attempt,
    received_at, body, is_late, receipt)
    SELECT first.public_id || '+' || CAST(n AS TEXT), first.problem_set_id, first.student_id,
    variant_id, attempt + n * attempts, received_at, body, is_late, receipt
    FROM numbers, submissions AS first JOIN variants ON variants.id = variant_id
    ORDER BY n, first.id
    """,
    """
    INSERT INTO verdicts (submission_id, stands, grader, version, created_at, outcome, first_error,
    score, max_score, points, document, parts)
    SELECT submissions.id, stands, grader, version, created_at, outcome, first_error, score,
    max_score, points, document, parts FROM submissions
    JOIN submissions AS first
    ON first.public_id = substr(submissions.public_id, 1, instr(submissions.public_id, '+') - 1)
    JOIN verdicts ON submission_id = first.id
    WHERE instr(submissions.public_id, '+') > 0 ORDER BY submissions.id
    """,
    """
    UPDATE variants SET attempts =
    (SELECT count(*) FROM submissions WHERE variant_id = variants.id AND attempt IS NOT NULL)
    """,
)
