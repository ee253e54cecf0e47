"""The report of a check of student code: one neutral record, from which every format is written.

One cause is told once, as a headline, however many parts of however many exercises it keeps from an
answer; what is said of all parts alike is a note.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gradgrade.problems.documents.verdict import Outcome, PartVerdict
from gradgrade.service.code_grading.checking.check import Checked
from gradgrade.service.code_grading.results.report import Headline, Place, Report, Result
from gradgrade.service.code_grading.results.verdicts import feedback_of, results_of
from gradgrade.service.code_grading.sandbox.outcome import Execution, Failure

UNCONFINED = "Run without a sandbox."
ACCEPTING_SINGLES = 'Where float32 is meant, the exercise says so: precision = "binary32".'
NOT_ANSWERED = "Not answered: see above."

MOST_PRINTED, LONGEST_PRINTED = 3, 200
"""Lines of what a program printed last, of each stream, and the characters of one."""


def report_of(checks: Sequence[Checked], *, name: str, file: str) -> Report:
    """Return the report of what a student handed in.

    Args:
        checks: of each exercise; at least one.
        name: of what was graded.
        file: what was handed in, as annotations name it; files in it are named below it.
    """
    headlines = _headlines(checks, file)
    results = tuple(
        result for each in checks for result in _results(each, headlines, _label(each, checks))
    )
    outcome: Outcome = "incorrect"
    if all(each.is_right for each in checks):
        outcome = "correct"
    elif any(each.points for each in results):
        outcome = "partial"
    return Report(name=name, outcome=outcome, results=results, notes=_notes(checks))


def why(failure: Failure) -> str:
    """Return in one line why there are no answers."""
    said = f"{failure.kind.replace('_', ' ')}: {failure.message}"
    # Where a name is missed, the message itself says where it is used.
    if failure.kind == "missing":
        return said
    where = f" ({failure.places})" if failure.places else ""
    return f"{'the file cannot be loaded: ' * failure.is_of_loading}{said}{where}"


def _label(checked: Checked, checks: Sequence[Checked]) -> str:
    return f"{checked.name}: " if len(checks) > 1 else ""


def _headlines(checks: Sequence[Checked], file: str) -> Mapping[Failure, Headline]:
    """Return the causes by failure, those that are told alike as one, where they came first."""
    found: dict[Failure, list[Checked]] = {}
    for checked in checks:
        failures = (_failure(checked, part) for part in checked.verdict.parts or (None,))
        for failure in dict.fromkeys(failures):
            if failure is not None:
                found.setdefault(failure, []).append(checked)
    return {
        failure: _headline(failure, of, file, is_everywhere=len(of) == len(checks))
        for failure, of in found.items()
    }


def _failure(checked: Checked, part: PartVerdict | None) -> Failure | None:
    """Return why a part is not answered; where no parts are told, the whole."""
    execution = checked.execution
    is_told = part is not None and any(part.name == each.name for each in checked.verdict.parts)
    failure = execution.failure_of(part.name) if part and is_told else execution.failure
    return None if failure is None else replace(failure, names=())


def _headline(
    failure: Failure, of: Sequence[Checked], file: str, *, is_everywhere: bool
) -> Headline:
    names = "" if is_everywhere else f"{', '.join(each.name for each in of)}: "
    return Headline(
        text=f"{names}{why(failure)}",
        kind=failure.kind,
        place=_place(failure, file),
        printed=tuple(_printed(of[0].execution)),
    )


def _place(failure: Failure, file: str) -> Place | None:
    # A line of a cell is none of the notebook's file.
    if failure.line is None or failure.cell is not None:
        return None
    path = file if failure.file is None else f"{file}/{failure.file}"
    return Place(file=path, line=failure.line)


def _printed(execution: Execution) -> Iterator[str]:
    for text in (execution.stdout, execution.stderr):
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        yield from (line[:LONGEST_PRINTED] for line in lines[-MOST_PRINTED:])


def _results(
    checked: Checked, headlines: Mapping[Failure, Headline], label: str
) -> tuple[Result, ...]:
    def cause(part: PartVerdict) -> Headline | None:
        failure = _failure(checked, part)
        return None if failure is None else headlines[failure]

    return results_of(
        checked.verdict,
        label=label,
        tell=lambda part: tuple(_messages(checked, part, is_answered=cause(part) is None)),
        cause=cause,
    )


def _messages(checked: Checked, part: PartVerdict, *, is_answered: bool) -> Iterator[str]:
    failed, of = checked.failed_parts.get(part.name, 0), checked.variants
    if not is_answered:
        yield NOT_ANSWERED
    elif part.outcome == "correct" and failed:
        yield f"Right on this variant; not right on {failed} of {of}."
    else:
        yield feedback_of(part)
        if 0 < failed < checked.failed:
            yield f"Not right on {failed} of {of} variants."
    # What the verdict says itself is not found again.
    odd = (each for each in checked.findings if each.name == part.name)
    yield from (each.message for each in odd if each.code != part.note)


def _notes(checks: Sequence[Checked]) -> tuple[str, ...]:
    """Return what is told once: it is so of all parts alike, or of none."""
    notes: dict[str, None] = {}
    for checked in checks:
        label, asked = _label(checked, checks), {part.name for part in checked.verdict.parts}
        if checked.failed:
            failed = f"{checked.failed} of {checked.variants} variants"
            notes[f"{label}Less than full marks on {failed}."] = None
            notes |= dict.fromkeys(checked.execution.notes)
        if any(part.note == "single_precision" for part in checked.verdict.parts):
            notes[ACCEPTING_SINGLES] = None
        for each in checked.findings:
            if each.name not in asked:
                notes[f"{each.name}: {each.message}" if each.name else each.message] = None
    if not all(each.execution.is_confined for each in checks):
        notes[UNCONFINED] = None
    return tuple(notes)
