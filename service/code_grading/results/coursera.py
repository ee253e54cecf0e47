"""Coursera custom graders: `feedback.json`."""

from gradgrade.service.code_grading.results.document import written
from gradgrade.service.code_grading.results.report import Report


def write_coursera(report: Report) -> str:
    """Return a report as Coursera reads it: a fraction from 0.0 to 1.0, and the feedback.

    Source: Coursera, custom graders.
    """
    lines = [report.summary, *report.top]
    for each in report.results:
        lines += ["", f"{each.name}: {each.points} of {each.max_points} points", each.text]
    return written({"fractionalScore": report.share, "feedback": "\n".join(lines)})
