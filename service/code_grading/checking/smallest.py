"""The smallest network on which a student's code is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, NoSuchExample

from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.grade import Grader
from gradgrade.problems.walks.stacked import Assessment, assess
from gradgrade.service.code_grading.checking.smaller import Size, cut_down, sizes
from gradgrade.service.code_grading.sandbox.outcome import Execution

MOST_TRIED = 150
"""How many exercises are drawn before the code counts as failing none of them."""

BEYOND_DOUBT = 4.0
"""How many bands an entry must be off, so that a search never ends on a disputed digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """The smallest failure.

    Args:
        execution: what the student's code gave on it.
        verdict: on that.
    """

    execution: Execution
    verdict: Verdict

    @property
    def exercise(self) -> Exercise:
        """The exercise, with simple numbers."""
        return self.execution.exercise


def smallest_failure(
    failed: Execution, ask: Callable[[Exercise], Execution | None]
) -> Smallest | None:
    """Search for the smallest exercise that fails as one did.

    Args:
        failed: the failure: wrong answers, or none for some reason.
        ask: runs the student's code on an exercise; None where it cannot be run any more.

    Returns:
        The same one whenever the code does the same; None where no smaller one fails so, or a
        program is asked, which has no smaller sizes.
    """
    like = failed.exercise
    if not isinstance(like, NetworkExercise):
        return None

    known: dict[str, bool] = {}

    def fails(exercise: Exercise | None) -> bool:
        if exercise is None:
            return False
        text = exercise.to_json()
        if text not in known:
            execution = ask(exercise)
            known[text] = execution is not None and _fails_alike(failed, execution)
        return known[text]

    possible = sizes(like)
    # With ordinary numbers nearly every mistake shows, so the first size that fails is the least.
    least = next((at for at, size in enumerate(possible) if fails(_ordinary(like, size))), None)
    searched = possible if least is None else [possible[least]]
    smallest = _simplest(_exercises(like, searched), fails)
    if smallest is None and least is not None:
        smallest = _ordinary(like, possible[least])
    execution = ask(smallest) if smallest is not None else None
    # A program that is not the same from run to run may do better this time.
    if execution is None or not _fails_alike(failed, execution):
        return None
    try:
        verdict = Grader(execution.exercise).grade(execution.answers)
    except (OracleError, ExerciseError):
        return None
    return Smallest(execution=execution, verdict=verdict)


def _ordinary(like: NetworkExercise, size: Size) -> Exercise | None:
    """Return an exercise of a size whose numbers have nothing special."""
    numbers = Random(0)
    return cut_down(like, size, lambda options: numbers.choice(options[1:] or options))


def _exercises(
    like: NetworkExercise, possible: Sequence[Size]
) -> st.SearchStrategy[Exercise | None]:
    @st.composite
    def drawn(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Exercise | None:
        size = draw(st.sampled_from(possible))
        return cut_down(like, size, lambda options: draw(st.sampled_from(options)))

    return drawn()


def _simplest(
    exercises: st.SearchStrategy[Exercise | None], fails: Callable[[Exercise | None], bool]
) -> Exercise | None:
    """Return the simplest exercise that fails, by hypothesis's shrinking."""
    try:
        return find(
            exercises,
            fails,
            settings=settings(
                max_examples=MOST_TRIED,
                database=None,
                deadline=None,
                derandomize=True,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            random=Random(0),
        )
    except (NoSuchExample, Flaky):
        return None


def _fails_alike(failed: Execution, execution: Execution) -> bool:
    """Tell whether an execution fails for the reason that another did."""
    if failed.failure is not None:
        return execution.failure is not None and execution.failure.kind == failed.failure.kind
    return execution.failure is None and _is_wrong(execution)


def _is_wrong(execution: Execution) -> bool:
    """Tell whether an answer is far from right, in binary64, without a proof."""
    try:
        assessment = assess([execution.exercise])
        bands = assessment.bands
    except (OracleError, ExerciseError):
        return False
    if not all(numpy.isfinite(band).all() for band in bands.values()):
        return False
    return any(
        _is_off(execution.answers.get(part.name), tuple(part.shape), assessment, part.name)
        for part in execution.exercise.ask
    )


def _is_off(answer: Any, shape: tuple[int, ...], assessment: Assessment, name: str) -> bool:
    if answer is None or shape_of(answer) != shape:
        return True
    entries = numpy.array(flatten(answer))
    if not numpy.isfinite(entries).all():
        return True
    far = numpy.abs(entries - assessment.values[name][0]) > BEYOND_DOUBT * assessment.bands[name][0]
    return bool(far.any())
