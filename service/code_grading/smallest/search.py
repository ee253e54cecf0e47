"""The smallest exercise on which a student's code fails as it did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, NoSuchExample

from gradgrade.problems import Exercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.engines.mistakes import engine_mistakes
from gradgrade.problems.misconceptions.base import Misconception
from gradgrade.service.code_grading.sandbox.outcome import Execution
from gradgrade.service.code_grading.smallest.smaller import Size, cut_down, sizes
from gradgrade.service.code_grading.smallest.symptom import Symptom, verdict_on

MOST_TRIED = 150
"""How many exercises are drawn before the code counts as failing none of them."""

TRIED_A_SIZE = 3
"""How many exercises with ordinary numbers are tried of each size: some lie on a kink."""


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

    @property
    def engine_mistakes(self) -> tuple[Misconception, ...]:
        """Which mistakes of engines it shows; none where no engine is asked for."""
        code = self.exercise.code
        if code is None or code.engine is None or self.execution.failure is not None:
            return ()
        return engine_mistakes(self.exercise, self.execution.answers)


def smallest_failure(
    failed: Execution,
    verdict: Verdict,
    ask: Callable[[Exercise], Execution | None],
    *,
    shrinks: bool,
) -> Smallest | None:
    """Search for the smallest exercise that fails as one did.

    Args:
        failed: the failure: wrong answers, or none for some reason.
        verdict: on it.
        ask: runs the student's code on an exercise; None where it cannot be run any more.
        shrinks: whether sizes may become smaller, and not samples alone.

    Returns:
        The same one whenever the code does the same; None where no smaller one fails so, or none
        would tell more.
    """
    like = failed.exercise
    symptom = Symptom.of(failed, verdict)
    if symptom is None:
        return None
    known: dict[str, bool] = {}

    def fails(exercise: Exercise | None) -> bool:
        if exercise is None:
            return False
        text = exercise.to_json()
        if text not in known:
            execution = ask(exercise)
            known[text] = execution is not None and symptom.is_of(execution)
        return known[text]

    possible = sizes(like, shrinks=shrinks)
    least = _least(like, possible, fails)
    searched = possible if least is None else [least[0]]
    smallest = _simplest(_exercises(like, searched), fails)
    if smallest is None and least is not None:
        smallest = least[1]
    execution = ask(smallest) if smallest is not None else None
    # A program that is not the same from run to run may do better this time.
    if execution is None or not symptom.is_of(execution):
        return None
    found = verdict_on(execution)
    return None if found is None else Smallest(execution=execution, verdict=found)


def _least(
    like: Exercise, possible: Sequence[Size], fails: Callable[[Exercise | None], bool]
) -> tuple[Size, Exercise] | None:
    """Return the first size that fails, and an exercise of it.

    With ordinary numbers nearly every mistake shows.
    """
    for size in possible:
        for seed in range(TRIED_A_SIZE):
            exercise = ordinary(like, size, seed)
            if exercise is not None and fails(exercise):
                return size, exercise
    return None


def ordinary(like: Exercise, size: Size, seed: int) -> Exercise | None:
    """Return an exercise of a size whose numbers have nothing special.

    Args:
        like: the exercise.
        size: one of its `sizes`.
        seed: another seed, other numbers.

    Returns:
        None where it does not hold together.
    """
    numbers = Random(seed)
    return cut_down(like, size, lambda options: numbers.choice(options[1:] or options))


def _exercises(like: Exercise, possible: Sequence[Size]) -> st.SearchStrategy[Exercise | None]:
    # The same few choices come thousands of times in a search.
    one_of = cache(st.sampled_from)

    @st.composite
    def drawn(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Exercise | None:
        size = draw(st.sampled_from(possible))
        return cut_down(like, size, lambda options: draw(one_of(tuple(options))))

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
