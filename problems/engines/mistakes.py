"""Mistakes of engines: a gradient passed on before it is whole, or once for every part of it.

Both are made by going back in an order in which a node comes before some of its uses. The node's
own gradient is right in the end; what is behind it is not. As all mistakes they are the right steps
with what they read changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import PullBack, Total
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents.exercise import Exercise, ProgramExercise
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.misconceptions.base import Misconception, replaced
from gradgrade.problems.misconceptions.rewriting import reading, ruled
from gradgrade.problems.walks.stacked import assess

FAMILY = "engine"


def _weighted(weights: Sequence[int]) -> Rule:
    """Return the rule that adds up so many times what it reads."""

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        total = arithmetic.map(lambda _, each: each * weights[0], matrices[0])
        for weight, matrix in zip(weights[1:], matrices[1:], strict=True):
            more = arithmetic.map(lambda _, each, weight=weight: each * weight, matrix)
            total = arithmetic.add(total, more)
        return total

    return rule


def _passing_on(
    derivation: Derivation, *weighings: Callable[[int], Sequence[int]]
) -> Iterator[tuple[str, Derivation]]:
    """Yield derivations that pass on how often each use has arrived, in either order of the uses.

    Args:
        derivation: the right steps.
        weighings: how often each of so many uses is passed on.
    """
    totals = [step for step in derivation.steps if isinstance(step.role, Total)]
    for weighing, is_backwards in product(weighings, (False, True)):
        early = dict[Any, Step]()
        for step in totals:
            reads = step.reads[::-1] if is_backwards else step.reads
            weights = weighing(len(reads))
            quantity = replace(
                step.quantity, name=step.name.part("passed on"), group=Group.INTERNAL
            )
            made = ruled(step, _weighted(weights), reads=reads)
            early[step.name] = replace(made, quantity=quantity)
        renamed = {name: step.name for name, step in early.items()}
        readers = [step for step in derivation.steps if isinstance(step.role, PullBack)]
        changed = [each for step in readers if (each := reading(step, renamed)) is not None]
        if changed:
            helped = replace(derivation, steps=(*derivation.steps, *early.values()))
            yield "", replaced(helped, *changed)


TOO_OFTEN = Misconception(
    code="passed_on_for_each_use",
    title="Passed on once for every use",
    explanation=(
        "A node that is used more than once passes its gradient on once, when all of it has "
        "arrived. You pass it on at every use, with what arrived before each time again: go back "
        "in reverse topological order, visiting every node once."
    ),
    source="field: recursion from a node to what it was made of",
    family=FAMILY,
    exposure="Use a line twice that is made of another.",
    changes=lambda derivation: _passing_on(
        derivation,
        # A node is visited as its uses arrive, or again and again once all have.
        lambda uses: range(uses, 0, -1),
        lambda uses: [uses] * uses,
    ),
)
TOO_EARLY = Misconception(
    code="passed_on_too_early",
    title="Passed on before all uses were visited",
    explanation=(
        "A node passes its gradient on when all of its uses have sent theirs. You pass on what has "
        "arrived by the first of them: go back in reverse topological order."
    ),
    source="field: nodes visited breadth first, or in the order in which they were made",
    family=FAMILY,
    exposure="Use a line twice that is made of another.",
    changes=lambda derivation: _passing_on(derivation, lambda uses: [1, *[0] * (uses - 1)]),
)
NOT_SUMMED = Misconception(
    code="broadcast_not_summed",
    title="Not summed over what was repeated",
    explanation=(
        "What is repeated to a larger shape has a gradient of its own shape: the sum over the axes "
        "along which it was repeated. Yours has the shape of the result."
    ),
    source="field",
    family=FAMILY,
    exposure="Add arrays of two shapes.",
    changes=lambda derivation: iter(()),
)


def engine_mistakes(exercise: Exercise, answers: Mapping[str, Any]) -> tuple[Misconception, ...]:
    """Return which mistakes of engines explain all that is wrong in the answers to an exercise."""
    if not isinstance(exercise, ProgramExercise):
        return ()
    shapes = {part.name: tuple(part.shape) for part in exercise.ask}
    given = {name: shape_of(each) for name, each in answers.items()}
    is_larger = [
        len(given[name]) > 0 and given[name] != shape and _repeats(shape, given[name])
        for name, shape in shapes.items()
        if name in given
    ]
    if any(is_larger):
        return (NOT_SUMMED,)
    if given != shapes:
        return ()
    try:
        assessment = assess([exercise])
        return tuple(
            each
            for each in (TOO_OFTEN, TOO_EARLY)
            if any(
                _is_answered(assessment.predict(mistake).values, answers)
                for mistake in each.mistakes(assessment.derivation)
            )
        )
    except (OracleError, ExerciseError):
        return ()


def _repeats(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return numpy.broadcast_shapes(shape, to) == to
    except ValueError:
        return False


def _is_answered(values: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    return all(
        numpy.allclose(flatten(answers[name]), of_one[0], rtol=1e-9, atol=1e-12)
        for name, of_one in values.items()
    )
