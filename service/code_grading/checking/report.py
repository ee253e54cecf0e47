"""The report of a check of student code: one neutral record, from which every format is written."""

from collections.abc import Iterator, Sequence

from gradgrade.problems.documents.verdict import Outcome, PartVerdict
from gradgrade.service.code_grading.checking.check import Checked
from gradgrade.service.code_grading.results.report import Place, Report, Result
from gradgrade.service.code_grading.results.verdicts import results_of
from gradgrade.service.code_grading.sandbox.outcome import Failure

UNCONFINED = "Run without a sandbox."


def report_of(checks: Sequence[Checked], *, name: str, file: str) -> Report:
    """Return the report of what a student handed in.

    Args:
        checks: of each exercise; at least one.
        name: of what was graded.
        file: what was handed in, as annotations name it; files in it are named below it.
    """
    results = tuple(result for each in checks for result in _results(each, file, len(checks) > 1))
    outcome: Outcome = "incorrect"
    if all(each.is_right for each in checks):
        outcome = "correct"
    elif any(each.points for each in results):
        outcome = "partial"
    return Report(name=name, outcome=outcome, results=results)


def why(failure: Failure) -> str:
    """Return in one line why there are no answers."""
    # Where a name is missed, the message itself says where it is used.
    where = f" ({failure.places})" if failure.places and failure.kind != "missing" else ""
    return f"{failure.kind.replace('_', ' ')}: {failure.message}{where}"


def _results(checked: Checked, file: str, is_one_of_several: bool) -> tuple[Result, ...]:
    return results_of(
        checked.verdict,
        label=f"{checked.name}: " if is_one_of_several else "",
        tell=lambda part: tuple(_messages(checked, part)),
        place=_place(checked, file),
    )


def _messages(checked: Checked, part: PartVerdict) -> Iterator[str]:
    failure = checked.execution.failure_of(part.name)
    yield part.feedback if failure is None else why(failure)
    if checked.failed and part.outcome != "correct":
        yield f"Less than full marks on {checked.failed} of {checked.variants} variants."
    yield from (
        f"{each.name}: {each.message}" if each.name else f"{each.message}"
        for each in checked.findings
        if each.name in ("", part.name)
    )
    if not checked.execution.is_confined:
        yield UNCONFINED


def _place(checked: Checked, file: str) -> Place | None:
    failure = checked.execution.failure
    # A line of a cell is none of the notebook's file.
    if failure is None or failure.line is None or failure.cell is not None:
        return None
    path = file if failure.file is None else f"{file}/{failure.file}"
    return Place(file=path, line=failure.line)
