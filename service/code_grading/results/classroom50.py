"""Classroom 50: `./result.json`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gradgrade.problems.documents.points import hundredths_of
from gradgrade.service.code_grading.results.document import written
from gradgrade.service.code_grading.results.report import Report

SCHEMA = "classroom50/result/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What Classroom 50 calls the submission that was graded.

    Args:
        classroom: its short name.
        assignment: its slug.
        submission: the tag of the submission.
        commit: the address of the commit.
        release: the address of the release.
        review: where the submission is reviewed.
        graded_at: when it was graded first, which stays over regrades; with its time zone.
        owner: of the repository; empty where the runner, which stamps it, has not told.
        assignment_type: `individual` or `group`; likewise.
    """

    classroom: str
    assignment: str
    submission: str
    commit: str
    release: str
    review: str
    graded_at: datetime
    owner: str = ""
    assignment_type: str = ""


def write_classroom50(report: Report, submission: Submission) -> str:
    """Return a report as Classroom 50 reads it.

    Its scores are whole numbers, and points are exact to a hundredth: so they are counted in
    hundredths, 8.5 of 10 points as 850 of 1000. Every student's are, so that they can be compared.

    Args:
        report: what to write.
        submission: what it is the result of.

    Source: Classroom 50, Advanced Autograding.
    """
    stamped = {"owner": submission.owner, "assignment_type": submission.assignment_type}
    return written(
        {
            "schema": SCHEMA,
            "classroom": submission.classroom,
            "assignment": submission.assignment,
            **{name: value for name, value in stamped.items() if value},
            "submission": submission.submission,
            "commit": submission.commit,
            "release": submission.release,
            "review": submission.review,
            "datetime": submission.graded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "score": hundredths_of(report.points),
            "max-score": hundredths_of(report.max_points),
            "tests": [
                {
                    "test-name": each.name,
                    "passed": each.passed,
                    "score": hundredths_of(each.points),
                    "max-score": hundredths_of(each.max_points),
                    "message": text,
                }
                for each, text in zip(report.results, report.texts, strict=True)
            ],
        }
    )
