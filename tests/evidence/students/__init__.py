"""Students who do everything right, each in a way of their own.

They read the exercise's document and compute; nothing of the oracle's is used.
"""

from tests.evidence.students.registry import HAS_TORCH, STUDENTS, Student

__all__ = ["HAS_TORCH", "STUDENTS", "Student"]
