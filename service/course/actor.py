"""Actor: who asks for something, as their token tells."""

from dataclasses import dataclass

from gradgrade.service.store.identities import (
    CourseRow,
    ProblemSetRow,
    StudentIdentity,
    StudentRow,
    TokenRow,
)
from gradgrade.service.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Args:
        token: the row of their token; None for whoever runs commands on the server itself.
        role: what they may do.
        course: the name of their course.
        course_row: its row.
        student: who they are in the course, where they are a student.
        problem_set_row: the row of the one set that a CI token is for.
    """

    token: TokenRow | None
    role: Role
    course: str
    course_row: CourseRow
    student: StudentIdentity | None = None
    problem_set_row: ProblemSetRow | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they see all students' work."""
        return self.role in ("instructor", "assistant")

    @property
    def student_row(self) -> StudentRow | None:
        """The row of a student."""
        return None if self.student is None else self.student.row
