"""What is asked and what it is worth: pure functions over the oracle."""

from gradgrade.problems.documents.answers import Answers
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.documents.solution import SolutionDocument
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.errors import DocumentError, ExerciseError
from gradgrade.problems.generate import generate
from gradgrade.problems.grade import grade
from gradgrade.problems.solve import Solution, solve

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
