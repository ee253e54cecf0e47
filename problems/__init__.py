"""What is asked and what it is worth: pure functions over the oracle."""

from problems.documents.answers import Answers
from problems.documents.exercise import Exercise
from problems.documents.problem_set import ProblemSet
from problems.documents.solution import SolutionDocument
from problems.documents.verdict import Verdict
from problems.errors import DocumentError, ExerciseError
from problems.generate import generate
from problems.grade import grade
from problems.solve import Solution, solve

__all__ = [
    "Answers",
    "DocumentError",
    "Exercise",
    "ExerciseError",
    "ProblemSet",
    "Solution",
    "SolutionDocument",
    "Verdict",
    "generate",
    "grade",
    "solve",
]
