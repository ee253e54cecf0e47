"""Whether a script is right at smaller sizes too, so that a search may go there.

A script may name sizes literally, `Linear(3, 5)`, and then fails at others for a reason of its own.
"""

from collections.abc import Callable, Generator, Iterable

from gradgrade.problems import Exercise
from gradgrade.service.code_grading.sandbox.outcome import Execution
from gradgrade.service.code_grading.smallest.search import ordinary
from gradgrade.service.code_grading.smallest.smaller import sizes
from gradgrade.service.code_grading.smallest.symptom import verdict_on

SIZES_TRIED = 4
"""The smallest, the largest that are smaller, and two between them."""


def is_right_when_smaller(
    like: Exercise, start: Callable[[Iterable[Exercise]], Generator[Execution, None, None]]
) -> bool:
    """Run code that is right on exercises of smaller sizes; tell whether it is right on them.

    Args:
        like: the exercise.
        start: runs that code on exercises.
    """
    possible = sizes(like, shrinks=True)[:-1]
    step = max(1, (len(possible) - 1) // (SIZES_TRIED - 1))
    drawn = (ordinary(like, size, 0) for size in possible[::step])
    exercises = [each for each in drawn if each is not None]
    if not exercises:
        return False
    verdicts = [verdict_on(each) for each in start(exercises)]
    # Where an exercise of some size has no solution, nothing is said against the script.
    return all(each is None or each.outcome == "correct" for each in verdicts)
