"""Results as other systems read them: one neutral report, and one pure function a format."""

from service.code_grading.results.classroom50 import Submission, classroom50
from service.code_grading.results.coursera import coursera
from service.code_grading.results.github import annotations, summary
from service.code_grading.results.gradescope import gradescope
from service.code_grading.results.junit import junit
from service.code_grading.results.prairielearn import prairielearn
from service.code_grading.results.report import (
    Explanation,
    Place,
    Report,
    Result,
    of_verdict,
    of_verdicts,
)

__all__ = [
    "Explanation",
    "Place",
    "Report",
    "Result",
    "Submission",
    "annotations",
    "classroom50",
    "coursera",
    "gradescope",
    "junit",
    "of_verdict",
    "of_verdicts",
    "prairielearn",
    "summary",
]
