"""The grader must reject: answers that are nearly right, or right in shape alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import isfinite, ulp
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

from oracle.nested import build, flatten, shape_of
from problems import Exercise, grade, solve
from problems.grade import Grader
from tests.strategies import dense, exercises, variant

TOLERANCE = Fraction(1, 10**9)
BANDS_OFF = 10

Mutant = Callable[[Any, Exercise], Any]


def each(function: Callable[[float], float]) -> Mutant:
    """A mutant made entry by entry."""

    def mutant(answer: Any, _: Exercise) -> Any:
        return build([function(entry) for entry in flatten(answer)], shape_of(answer))

    return mutant


def transposed(answer: Any, _: Exercise) -> Any:
    """The transpose of a square matrix; of another array, its entries in reverse order."""
    array = numpy.array(answer)
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        return array.T.tolist()
    return numpy.flip(array).reshape(array.shape).tolist()


def one_entry_off(place: int) -> Mutant:
    """The right answer but for one entry, by ten bands."""

    def mutant(answer: Any, _: Exercise) -> Any:
        entries = list(flatten(answer))
        entries[place] *= 1 + BANDS_OFF * float(TOLERANCE)
        return build(entries, shape_of(answer))

    return mutant


MUTANTS: Mapping[str, Mutant] = {
    "zeros": each(lambda _: 0.0),
    "ones": each(lambda _: 1.0),
    "sign": each(lambda entry: -entry),
    "twice": each(lambda entry: 2 * entry),
    "a tenth": each(lambda entry: entry / 10),
    "off by ten bands": each(lambda entry: entry * (1 + BANDS_OFF * float(TOLERANCE))),
    "over the batch": lambda answer, exercise: each(lambda entry: entry / exercise.batch)(
        answer, exercise
    ),
    "transposed": transposed,
    "the first entry off": one_entry_off(0),
    "the last entry off": one_entry_off(-1),
}


def is_right(answer: Any, expected: Any) -> bool:
    """Whether every entry lies in its band, by the definition of relative = 1e-9."""
    for entry, text in zip(flatten(answer), flatten(expected), strict=True):
        value = Fraction(text)
        band = TOLERANCE * abs(value) + Fraction(ulp(entry)) / 2
        if not isfinite(entry) or abs(Fraction(entry) - value) > band:
            return False
    return True


def judged(exercise: Exercise) -> Iterator[tuple[str, str, bool, str]]:
    """Every mutant of every part: its kind, the part, whether it is right, and the outcome."""
    grader = Grader(exercise)
    solution = grader.solution
    answers = {part.name: solution[part.name].float64 for part in exercise.ask}
    for kind, mutant in MUTANTS.items():
        mutants = {name: mutant(answer, exercise) for name, answer in answers.items()}
        for part in grader.grade(mutants).parts:
            right = is_right(mutants[part.name], solution[part.name].value)
            yield kind, part.name, right, part.outcome


ALLOWED_OUTCOMES = {True: {"correct"}, False: {"incorrect", "carried_forward"}}


@given(exercises(most_iterations=2))
@settings(max_examples=25)
def test_no_mutant_is_correct_unless_it_is_right(exercise: Exercise):
    for kind, name, right, outcome in judged(exercise):
        assert outcome in ALLOWED_OUTCOMES[right], (kind, name)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_few_mutants_of_an_ordinary_exercise_happen_to_be_right(activation):
    exercise = variant(layers=[dense(3, activation), dense(2)], inputs=3, batch=3, convention="row")
    kinds = Counter((kind, right) for kind, _, right, _ in judged(exercise))
    by_chance = {kind: count for (kind, right), count in kinds.items() if right}
    # The loss is its own transpose.
    assert by_chance == {"transposed": 1}


@given(exercises(most_iterations=2))
@settings(max_examples=25)
def test_correctly_rounded_answers_get_full_marks(exercise: Exercise):
    solution = solve(exercise)
    verdict = grade(exercise, {part.name: solution[part.name].float64 for part in exercise.ask})
    assert verdict.outcome == "correct"
    assert Fraction(str(verdict.score)) == Fraction(str(verdict.max_score)) == 1
