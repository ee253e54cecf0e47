"""Identities: the row that the database numbers a thing by, and the id that people write.

The two are never told apart by their looks: a student's id may be `17`, and so may the row of
another student. So each has a type of its own, and a checker refuses the one for the other.
"""

from dataclasses import dataclass
from typing import NewType

CourseRow = NewType("CourseRow", int)
ProblemSetRow = NewType("ProblemSetRow", int)
StudentRow = NewType("StudentRow", int)
TokenRow = NewType("TokenRow", int)
"""The one row that people are shown, and write: as the number of a token to revoke."""

VariantRow = NewType("VariantRow", int)
SubmissionRow = NewType("SubmissionRow", int)
VerdictRow = NewType("VerdictRow", int)
RegradeRow = NewType("RegradeRow", int)
AuditRow = NewType("AuditRow", int)

StudentId = NewType("StudentId", str)
"""What an instructor calls a student by, unique in the course."""

SubmissionId = NewType("SubmissionId", str)
RegradeId = NewType("RegradeId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentIdentity:
    """A student of the course, by both, and as people call them; empty where nobody said."""

    row: StudentRow
    id: StudentId
    name: str = ""

    @property
    def called(self) -> str:
        """The name where there is one, else the id."""
        return self.name or self.id
