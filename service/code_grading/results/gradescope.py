"""Gradescope: `/autograder/results/results.json`."""

from typing import Literal

from gradgrade.service.code_grading.results.document import written
from gradgrade.service.code_grading.results.report import Report, Result

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


def write_gradescope(report: Report, *, visibility: Visibility = "visible") -> str:
    """Return a report as Gradescope reads it.

    `score` stands at the top as well as in every test. The visibility is the whole submission's:
    one hidden test among visible ones would hide the student's total. All texts are declared plain,
    and what the autograder prints is for the instructor alone.

    Args:
        report: what to write.
        visibility: when a student sees the results.

    Source: Gradescope, Autograder Specifications.
    """
    return written(
        {
            "score": report.points,
            "output": "\n".join((report.name, *report.top)),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": visibility,
            "stdout_visibility": "hidden",
            "tests": [_test(number, each) for number, each in enumerate(report.results, 1)],
        }
    )


def _test(number: int, result: Result) -> dict[str, str | int | float]:
    return {
        "score": result.points,
        "max_score": result.max_points,
        "status": "passed" if result.passed else "failed",
        "name": result.name,
        "number": str(number),
        "output": result.text,
    }
