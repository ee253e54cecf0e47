"""Variants that were drawn for students and are not theirs yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.generate import fingerprint, numbers_digest
from gradgrade.problems.grade import GRADER
from gradgrade.problems.marking.answer_key import make_answer_key
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, issued_in
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.roster import read_roster
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.store.identities import StudentId, StudentRow
from gradgrade.service.store.schema import variants

BYTES_BESIDE = 500
"""What a variant takes besides its two texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A variant that was drawn and proven.

    Args:
        student: whom it is for.
        document: the exercise's JSON.
        answer_key: what is accepted, as JSON.
        fingerprint: equal where the numbers are; None where none is drawn.
        numbers: equal where the numbers are, in whatever order.
    """

    student: StudentId
    document: str
    answer_key: str
    fingerprint: bytes | None
    numbers: bytes

    @property
    def bytes_kept(self) -> int:
        """How many bytes it takes, about."""
        return BYTES_BESIDE + len(self.document) + len(self.answer_key)


def draw(chunk: Chunk, *, avoiding: Collection[bytes] = frozenset()) -> tuple[Drawn, ...]:
    """Draw the variants of a chunk, in the order of its students.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no variant can be issued for one of them.
    """
    return tuple(drawn_in(chunk, avoiding=avoiding))


def drawn_in(chunk: Chunk, *, avoiding: Collection[bytes] = frozenset()) -> Iterator[Drawn]:
    """Yield what `draw` returns, one by one; the draws are walked in one stack before the first."""
    is_drawn = compile_template(chunk.problem_set, chunk.exercise).is_drawn
    issues = issued_in(chunk, avoiding=avoiding)
    for student, issued in zip(chunk.students, issues, strict=True):
        yield Drawn(
            student=StudentId(student),
            document=issued.exercise.to_json(),
            answer_key=make_answer_key(issued.solution, grader=GRADER).to_json(),
            fingerprint=fingerprint(issued.exercise) if is_drawn else None,
            numbers=numbers_digest(issued.exercise),
        )


def chunk_of(
    backend: Backend,
    actor: Actor,
    held: Held,
    exercise: str,
    students: Sequence[StudentId],
    rules: Rules,
) -> Chunk:
    """Return these students' variants of an exercise as a piece of work."""
    return Chunk(
        problem_set=held.problem_set,
        exercise=exercise,
        students=tuple(students),
        rules=rules,
        secret=backend.secret,
        course=actor.course,
    )


def students_without(
    connection: Connection, held: Held, exercise: str
) -> dict[StudentId, StudentRow]:
    """Return the rows of the students on the roster who have no variant, by their ids."""
    there = select(variants.c.student_id).where(
        variants.c.problem_set_id == held.row, variants.c.exercise == exercise
    )
    have = set(connection.execute(there).scalars())
    return {
        each.student.id: each.row
        for each in read_roster(connection, held.row)
        if each.row not in have
    }
