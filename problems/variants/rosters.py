"""Variants for many students: pieces of work that can be done anywhere, in any order.

A chunk is some students of one exercise; what is made of it depends on nothing else, so that
chunks of any size, worked on by anybody, come to the same bytes.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.documents.solution import Check
from gradgrade.problems.gates.accuracy import Accuracy
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.generate import Issued, Search, fingerprint, issue
from gradgrade.problems.templates.template import compile_template, variant_id

AnyId = TypeVar("AnyId", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some students of one exercise.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
        students: who gets variants.
        rules: of the exercise, found before for all chunks of it.
        secret: what keeps variants from being foretold.
        course: the course on a server; empty offline.
        check: how the solutions are checked; see `gradgrade.problems.generate.issue`.
    """

    problem_set: ProblemSet
    exercise: str
    students: tuple[str, ...]
    rules: Rules
    secret: bytes = field(repr=False)
    course: str = ""
    check: Check = "full"

    def ids(self) -> dict[str, str]:
        """Return the ids of the variants, by student, without making them."""
        return dict(zip(self.students, map(variant_id, self.stream_keys()), strict=True))

    def stream_keys(self) -> Iterator[bytes]:
        """Yield what each student's draws are made from."""
        template = compile_template(self.problem_set, self.exercise)
        for student in self.students:
            yield template.key(student=student, secret=self.secret, course=self.course)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A variant as it is handed out.

    Args:
        student: whom it is for.
        id: its own.
        fingerprint: equal where the numbers are; see `gradgrade.problems.generate.fingerprint`.
        exercise: the exercise document.
        solution: the solution document, proven.
        rejected: why each draw before it was rejected.
        accuracy: how accurate its answers are.
    """

    student: str
    id: str
    fingerprint: bytes
    exercise: str
    solution: str
    rejected: tuple[str, ...]
    accuracy: Accuracy


def make(chunk: Chunk, *, avoiding: Collection[bytes] = frozenset()) -> tuple[Made, ...]:
    """Make the variants of a chunk, in the order of its students.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no variant could be issued for one of them.
    """
    template = compile_template(chunk.problem_set, chunk.exercise)
    return tuple(
        Made(
            student=student,
            id=issued.exercise.id,
            fingerprint=fingerprint(issued.exercise),
            exercise=template.written(issued.exercise),
            solution=issued.solution.to_json(),
            rejected=issued.search.rejected,
            accuracy=issued.accuracy,
        )
        for student, issued in zip(chunk.students, issued_in(chunk, avoiding=avoiding), strict=True)
    )


def issued_in(chunk: Chunk, *, avoiding: Collection[bytes] = frozenset()) -> Iterator[Issued]:
    """Yield the variants of a chunk with their solutions, in the order of its students.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no variant could be issued for one of them.
    """
    searches = [Search(key) for key in chunk.stream_keys()]
    template = compile_template(chunk.problem_set, chunk.exercise)
    return issue(template, searches, chunk.rules, avoiding=avoiding, check=chunk.check)


def chunks(students: Sequence[AnyId], size: int) -> Iterator[tuple[AnyId, ...]]:
    """Cut a roster into pieces.

    >>> list(chunks(["a", "b", "c"], 2))
    [('a', 'b'), ('c',)]
    """
    for start in range(0, len(students), size):
        yield tuple(students[start : start + size])
