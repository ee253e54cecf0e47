"""How a program fails on an exercise: what a search for a smaller one must keep."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy

from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.grade import Grader
from gradgrade.problems.walks.stacked import Assessment, assess
from gradgrade.service.code_grading.sandbox.outcome import Execution, Failure

BEYOND_DOUBT = 4.0
"""How many bands an entry must be off, so that a search never ends on a disputed digit."""

SEARCHED = frozenset({"exception", "wrong_type"})
"""The kinds of failure of which a smaller one may say more."""

UNWRITTEN = "NotImplementedError"
"""What a function raises that is still to be written, on exercises of any size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """How a program fails.

    Args:
        raised: the kind of its failure, the exception, and the lines; None where it answers.
        wrong: the first part that is wrong beyond doubt, and in which way.
        mistakes: the codes of those that this part shows.
    """

    raised: tuple[Any, ...] | None = None
    wrong: tuple[str, str] | None = None
    mistakes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, execution: Execution, verdict: Verdict) -> "Symptom | None":
        """Return how a program failed; None where no smaller exercise would tell more."""
        failure = execution.failure
        if failure is not None:
            is_searched = failure.kind in SEARCHED and not failure.is_of_loading
            is_written = not failure.message.startswith(UNWRITTEN)
            return cls(raised=_raised(failure)) if is_searched and is_written else None
        wrong = _first_wrong(execution)
        if wrong is None:
            return None
        return cls(wrong=wrong, mistakes=_mistakes(verdict, wrong[0]))

    def is_of(self, execution: Execution) -> bool:
        """Tell whether a program fails so on an exercise that has a solution."""
        failure = execution.failure
        if self.raised is not None:
            is_same = failure is not None and _raised(failure) == self.raised
            return is_same and verdict_on(execution) is not None
        if failure is not None or _first_wrong(execution) != self.wrong:
            return False
        verdict = verdict_on(execution)
        if verdict is None or self.wrong is None:
            return False
        return not self.mistakes or bool(self.mistakes & _mistakes(verdict, self.wrong[0]))

    def is_alike(self, execution: Execution) -> bool:
        """Tell whether a program fails in the same way on what need not be alike."""
        failure = execution.failure
        if self.raised is not None:
            # In which line of the script depends on the exercise.
            return failure is not None and _raised(failure)[:-1] == self.raised[:-1]
        wrong = None if failure is not None else _first_wrong(execution)
        return wrong is not None and self.wrong is not None and wrong[1] == self.wrong[1]


def verdict_on(execution: Execution) -> Verdict | None:
    """Return the verdict on what a program answers; None where the exercise has no solution."""
    try:
        return Grader(execution.exercise).grade(execution.answers, part_by_part=True)
    except (OracleError, ExerciseError):
        return None


def _raised(failure: Failure) -> tuple[Any, ...]:
    """Return what of a failure does not depend on the numbers."""
    what = failure.message.partition(":")[0] if failure.kind == "exception" else ""
    return failure.kind, what, failure.line, failure.script_line


def _mistakes(verdict: Verdict, part: str) -> frozenset[str]:
    found = (each.misconceptions for each in verdict.parts if each.name == part)
    return frozenset(each.code for of_part in found for each in of_part)


def _first_wrong(execution: Execution) -> tuple[str, str] | None:
    """Return the first part that is far from right, in binary64, and in which way."""
    exercise = execution.exercise
    try:
        assessment = assess([exercise])
        bands = assessment.bands
    except (OracleError, ExerciseError):
        return None
    if not all(numpy.isfinite(band).all() for band in bands.values()):
        return None
    for name in _in_order(exercise, assessment):
        way = _off(execution.answers.get(name), exercise, assessment, name)
        if way is not None:
            return name, way
    return None


def _in_order(exercise: Exercise, assessment: Assessment) -> list[str]:
    """Return what is asked in the order in which it is worked out."""
    order = {step.name: at for at, step in enumerate(assessment.derivation.steps)}
    asked: Set[str] = {part.name for part in exercise.ask}
    return sorted(asked, key=lambda name: (order[assessment.quantities[name].name], name))


def _off(answer: Any, exercise: Exercise, assessment: Assessment, name: str) -> str | None:
    """Return in which way an answer is wrong beyond doubt."""
    shape = next(tuple(part.shape) for part in exercise.ask if part.name == name)
    if answer is None:
        return "missing"
    if shape_of(answer) != shape:
        return "wrong_shape"
    entries = numpy.array(flatten(answer))
    if not numpy.isfinite(entries).all():
        return "not_finite"
    far = numpy.abs(entries - assessment.values[name][0]) > BEYOND_DOUBT * assessment.bands[name][0]
    return "wrong" if far.any() else None
