"""Results as other systems read them: one neutral report, and one pure function a format."""

from gradgrade.service.code_grading.results.classroom50 import Submission, classroom50
from gradgrade.service.code_grading.results.coursera import coursera
from gradgrade.service.code_grading.results.github import annotations, summary
from gradgrade.service.code_grading.results.gradescope import gradescope
from gradgrade.service.code_grading.results.junit import junit
from gradgrade.service.code_grading.results.prairielearn import prairielearn
from gradgrade.service.code_grading.results.report import (
    Explanation,
    Place,
    Report,
    Result,
)
from gradgrade.service.code_grading.results.verdicts import report_of_verdict

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
    "prairielearn",
    "report_of_verdict",
    "summary",
]
