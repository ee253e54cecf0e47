"""GitHub Actions: annotations as workflow commands, and a step summary in Markdown."""

from collections.abc import Iterator, Mapping

from gradgrade.problems.worksheet.formats.markdown import escaped
from gradgrade.service.code_grading.results.document import first_within
from gradgrade.service.code_grading.results.report import Place, Report, Result

LIMIT = 1 << 20
"""Bytes: GitHub takes no larger step summary."""

MOST_ANNOTATIONS = 10
"""Commands: GitHub shows no more of a step, and says of none that it is missing."""


def write_annotations(report: Report) -> str:
    """Return workflow commands: an error a cause and a wrong result, and a notice of the whole.

    Each command is one line, in which nothing of a report can begin another. There are at most
    `MOST_ANNOTATIONS`: where more is wrong, the last error says how much, and the summary has it.
    What was not judged is in the summary alone, and so is what a cause keeps from an answer.

    Source: GitHub, Workflow commands; the escapes are those of `@actions/core`.
    """
    errors = [_error("\n".join(each.lines), report, place=each.place) for each in report.headlines]
    errors += [
        _error(each.text or each.outcome, report, result=each)
        for each in report.results
        if each.was_judged and not each.passed and each.headline is None
    ]
    most = MOST_ANNOTATIONS - 1
    shown = errors if len(errors) <= most else errors[: most - 1]
    more = len(errors) - len(shown)
    rest = [_error(f"{more} more are not right: see the summary", report)] if more else []
    notice = _command("notice", report.summary, {"title": report.name})
    return "".join([*shown, *rest, notice])


def _error(
    message: str, report: Report, *, result: Result | None = None, place: Place | None = None
) -> str:
    title = report.name if result is None else f"{report.name}: {result.name}"
    where = {} if place is None else {"file": place.file, "line": str(place.line)}
    return _command("error", message, {"title": title, **where})


def _command(name: str, message: str, properties: Mapping[str, str]) -> str:
    fields = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {fields}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write_summary(report: Report) -> str:
    """Return the step summary: a heading, the points, and a table of the results.

    Where it would be too large, the feedback is left out, then the table.

    Source: GitHub, Adding a job summary.
    """
    return first_within(LIMIT, _from_full_to_bare(report))


def _from_full_to_bare(report: Report) -> Iterator[str]:
    lines = [report.summary, *report.top]
    head = f"## {escaped(report.name)}\n\n" + "\n\n".join(map(escaped, lines)) + "\n"
    for with_feedback in (True, False):
        rows = "".join(_row(each, with_feedback) for each in report.results)
        yield f"{head}\n| Part | Outcome | Points | Feedback |\n|---|---|---|---|\n{rows}"
    yield head


def _row(result: Result, with_feedback: bool) -> str:
    cells = [result.name, result.outcome, f"{result.points}/{result.max_points}"]
    feedback = escaped(result.text).replace("\n", "<br>") if with_feedback else ""
    return f"| {' | '.join(map(escaped, cells))} | {feedback} |\n"
