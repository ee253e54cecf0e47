"""PrairieLearn external graders: `/grade/results/results.json`."""

from collections.abc import Iterator
from typing import Any

from gradgrade.service.code_grading.results.document import first_within, written
from gradgrade.service.code_grading.results.report import Report, Result

LIMIT = 1_000_000
"""Bytes: PrairieLearn takes no larger result."""


def write_prairielearn(report: Report) -> str:
    """Return a report as PrairieLearn reads it.

    A refused submission is not gradable, with what is malformed as its format errors. Every test
    has points, since one without would take them from all. Where it all would be too large, the
    tests' messages are left out, then the tests.

    Source: PrairieLearn, External grading.
    """
    if report.refused:
        return written({"gradable": False, "format_errors": list(report.refused)})
    return first_within(LIMIT, _from_full_to_bare(report))


def _from_full_to_bare(report: Report) -> Iterator[str]:
    message = "\n".join((report.summary, *report.top))
    whole = {"gradable": True, "score": report.share, "message": message}
    for with_messages in (True, False):
        yield written(whole | {"tests": [_test(each, with_messages) for each in report.results]})
    yield written(whole)


def _test(result: Result, with_message: bool) -> dict[str, Any]:
    points = {"name": result.name, "points": result.points, "max_points": result.max_points}
    return points | ({"message": result.text} if with_message else {})
