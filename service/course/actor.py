"""Actor: who asks for something, as their token tells."""

from dataclasses import dataclass

from gradgrade.service.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Args:
        token: the row of their token; None for whoever runs commands on the server itself.
        role: what they may do.
        course: the row of their course.
        course_name: its name.
        student: the row of a student.
        student_name: a student's id in the course.
        problem_set: the row of the one set that a CI token is for.
    """

    token: int | None
    role: Role
    course: int
    course_name: str
    student: int | None = None
    student_name: str | None = None
    problem_set: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they see all students' work."""
        return self.role in ("instructor", "assistant")
