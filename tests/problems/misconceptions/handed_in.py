"""What is worked out by hand, handed in: it comes to what a mistake comes to, and has its name."""

from collections.abc import Mapping
from typing import Any

from gradgrade.problems import Exercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.grade import Grader
from tests.problems.misconceptions.test_by_hand import answers, assert_close
from tests.problems.test_verdicts import named


def verdict_on(exercise: Exercise, found: Mapping[str, Any]) -> Verdict:
    """The verdict on arrays by the names of parts."""
    shaped = {part.name: found[part.name].reshape(part.shape) for part in exercise.ask}
    return Grader(exercise).grade(shaped)


def named_where_it_began(exercise: Exercise, found: Mapping[str, Any]) -> list[str]:
    """The misconceptions that are named in the first part that is wrong."""
    verdict = verdict_on(exercise, found)
    return next((named(part) for part in verdict.parts if part.name == verdict.first_error), [])


def assert_is(exercise: Exercise, code: str, found: Mapping[str, Any], place: str = "") -> None:
    """Check that a mistake's own answers are what was found by hand."""
    made = answers(code, exercise, place)
    for part in exercise.ask:
        assert_close(made[part.name], found[part.name])
