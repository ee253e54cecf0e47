"""Results as other systems read them: one neutral report, and one pure function a format."""

from gradgrade.service.code_grading.results.classroom50 import Submission, write_classroom50
from gradgrade.service.code_grading.results.coursera import write_coursera
from gradgrade.service.code_grading.results.github import write_annotations, write_summary
from gradgrade.service.code_grading.results.gradescope import write_gradescope
from gradgrade.service.code_grading.results.junit import write_junit
from gradgrade.service.code_grading.results.prairielearn import write_prairielearn
from gradgrade.service.code_grading.results.report import (
    Explanation,
    Headline,
    Place,
    Report,
    Result,
)
from gradgrade.service.code_grading.results.verdicts import report_of_verdict

__all__ = [
    "Explanation",
    "Headline",
    "Place",
    "Report",
    "Result",
    "Submission",
    "report_of_verdict",
    "write_annotations",
    "write_classroom50",
    "write_coursera",
    "write_gradescope",
    "write_junit",
    "write_prairielearn",
    "write_summary",
]
