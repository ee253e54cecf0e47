"""The document of a check of student code, `gradgrade/code-check/1`, and its text."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, TypeGuard

from gradgrade.problems import Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.exercise import NetworkExercise, ProgramExercise
from gradgrade.problems.documents.points import as_score, hundredths_of
from gradgrade.problems.documents.text import printable
from gradgrade.problems.scripts.names import sizes_of
from gradgrade.service.code_grading.checking.check import Checked
from gradgrade.service.code_grading.checking.report import report_of, why
from gradgrade.service.code_grading.sandbox.outcome import Failure
from gradgrade.service.code_grading.smallest.pasted import pasted_test, written
from gradgrade.service.code_grading.smallest.search import Smallest

SCHEMA = "gradgrade/code-check/1"


def to_json(checks: Sequence[Checked], *, file: str) -> str:
    """Write what is found in a student's file."""
    scores = [hundredths_of(each.verdict.score) for each in checks]
    most = [hundredths_of(each.verdict.max_score) for each in checks]
    return strict_json.dumps(
        {
            "schema": SCHEMA,
            "score": as_score(sum(scores)),
            "max_score": as_score(sum(most)),
            "confined": all(each.execution.is_confined for each in checks),
            "exercises": [_data(each, file) for each in checks],
        }
    )


def smallest_as_text(smallest: Smallest, *, file: str) -> str:
    """Return the smallest failure for people: givens, answers, the mistake, and a test to paste."""
    return "\n".join(_lines(smallest, file)) + "\n"


def told(checked: Checked, *, file: str) -> str:
    """Return all that a student is told of one exercise."""
    report = report_of([checked], name=checked.name, file=file)
    results = (
        f"{each.name}: {each.outcome}, {each.points} of {each.max_points}. {each.text}"
        for each in report.rows
        if not each.passed
    )
    text = "\n".join((f"{checked.name}: {checked.points}", *report.top, *results)) + "\n"
    return (
        text if checked.smallest is None else text + smallest_as_text(checked.smallest, file=file)
    )


def _lines(smallest: Smallest, file: str) -> Iterator[str]:
    exercise, execution = smallest.exercise, smallest.execution
    if isinstance(exercise, NetworkExercise):
        yield f"The smallest network on which it fails: {_network(exercise)}"
    elif _is_of_engine(exercise):
        yield "The smallest program on which it fails:"
        yield from (f"    {line}" for line in exercise.program.splitlines())
    else:
        yield "The smallest sizes and simplest numbers with which it fails:"
        yield from (f"    {name} = {size}" for name, size in sizes_of(exercise).items())
    for name, array in exercise.given.items():
        yield f"    {name} = {written(array)}"
    yield "What the code answers there:"
    for name, value in execution.answers.items():
        yield printable(f"    {name} = {value!r}")
    for failure in execution.failures:
        yield printable(f"    {why(failure)}")
    for each in smallest.engine_mistakes:
        yield f"{each.title}: {each.explanation}"
    # What a mistake of the engine explains as a whole is not explained part by part.
    for part in () if smallest.engine_mistakes else smallest.verdict.parts:
        if part.outcome in ("incorrect", "invalid"):
            yield f"{part.name}: {part.feedback}"
            yield from (f"    {each.title}: {each.explanation}" for each in part.misconceptions)
    yield "A test to paste:"
    yield from (f"    {line}".rstrip() for line in pasted_test(exercise, file=file).splitlines())


def _is_of_engine(exercise: Exercise) -> TypeGuard[ProgramExercise]:
    return exercise.code is not None and exercise.code.engine is not None


def _finite(value: Any) -> Any:
    """Return answers as JSON can hold them: null for what is not finite."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value if isfinite(value) else None


def _network(exercise: NetworkExercise) -> str:
    layers = ", ".join(
        " ".join(
            str(value)
            for name, value in layer.model_dump(exclude_none=True).items()
            if name in ("type", "units", "activation")
        )
        for layer in exercise.layers
    )
    samples = "1 sample" if exercise.batch == 1 else f"{exercise.batch} samples"
    inputs = "1 input" if exercise.inputs == 1 else f"{exercise.inputs} inputs"
    return f"{samples} of {inputs}; {layers}"


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "kind": failure.kind,
        "message": failure.message,
        "line": failure.line,
        "file": failure.file,
        "cell": failure.cell,
        "script_line": failure.script_line,
        "parts": list(failure.names),
        "is_of_loading": failure.is_of_loading,
    }


def _data(checked: Checked, file: str) -> dict[str, Any]:
    execution, smallest = checked.execution, checked.smallest
    return {
        "name": checked.name,
        "score": checked.verdict.score,
        "max_score": checked.verdict.max_score,
        "variants": checked.variants,
        "failed": checked.failed,
        "verdict": checked.verdict.model_dump(by_alias=True),
        "failure": None if execution.failure is None else _failure(execution.failure),
        "failures": [_failure(each) for each in execution.failures],
        "findings": [
            {"code": each.code, "name": each.name, "message": each.message}
            for each in checked.findings
        ],
        "notes": list(execution.notes),
        "stdout": execution.stdout,
        "stderr": execution.stderr,
        "smallest": None
        if smallest is None
        else {
            "exercise": smallest.exercise.to_data(),
            "answers": _finite(dict(smallest.execution.answers)),
            "verdict": smallest.verdict.model_dump(by_alias=True),
            "engine_mistakes": [each.code for each in smallest.engine_mistakes],
            "test": pasted_test(smallest.exercise, file=file),
        },
    }
