"""Which parts that follow rightly from wrong earlier ones earn their points.

Consistency is earned. Somebody who slips once has done the rest of the work; somebody who invents
answers, and goes on from those, has not. So one wrong answer that nothing explains, the first, may
be gone on from; what needs a second one is not carried forward. And since whoever can subtract can
do an update, what rests on updates is carried only where the backward pass shows work: one guess at
most, and beside it a part of the backward pass that is right, or whose mistake is known, or that
follows from the guess. Of more guesses it earns no more than the points of such parts. One number
written in every place is no work at all, though dz = q be right where both are 1.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import inf

import numpy

from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Training
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.explanation.carry import is_fair
from gradgrade.problems.explanation.own_work import Array, Continuation, OwnWork

BACKWARD = frozenset({Group.ACTIVATION_GRADIENT, Group.DELTA, Group.INPUT_GRADIENT, Group.GRADIENT})


def earning(
    own_work: OwnWork,
    following: Mapping[str, Sequence[Continuation]],
    explained: Collection[str],
) -> frozenset[str]:
    """Return the names of the parts that are carried forward.

    Args:
        own_work: the student's answers.
        following: by wrong part, the ways by which it follows rightly from wrong earlier ones.
        explained: the wrong parts that show a known mistake.
    """
    if _is_one_number(own_work):
        return frozenset()
    wrong = [part for part in _in_order(own_work) if part.name in own_work.wrong]
    unexplained = [part.name for part in wrong if part.name not in explained]
    guessed = [name for name in unexplained if not following[name]]
    ways = _grounded(own_work, wrong, following, groundless=guessed[1:])
    fair = set[str]()
    for name, found in ways.items():
        if any(is_fair(own_work, own_work.asked(name), each, carried=fair) for each in found):
            fair.add(name)
    shown = [
        hundredths(part.points)
        for part in own_work.assessment.exercise.ask
        if _is_backward(own_work, part) and part.name in own_work.submitted
        if part.name not in own_work.wrong or part.name in fair or part.name in explained
    ]
    left = inf if shown and len(guessed) <= 1 else sum(shown)
    for name in _resting_on_updates(own_work, ways):
        part = own_work.asked(name)
        if name in fair and not _is_backward(own_work, part):
            left -= _points(own_work, part)
            if left < 0:
                fair.remove(name)
    return frozenset(fair)


def _is_one_number(own_work: OwnWork) -> bool:
    """Tell whether one number was written in every place where it does not belong in all."""
    submitted = own_work.submitted
    right = [own_work.assessment.values[name][0].ravel() for name in submitted]
    return _are_same([each.ravel() for each in submitted.values()]) and not _are_same(right)


def _are_same(arrays: Sequence[Array]) -> bool:
    entries = numpy.concatenate([*arrays, []])
    return bool((entries == entries[:1]).all())


def _grounded(
    own_work: OwnWork,
    wrong: Sequence[AskedQuantity],
    following: Mapping[str, Sequence[Continuation]],
    *,
    groundless: Sequence[str],
) -> dict[str, list[Continuation]]:
    """Return the ways by which parts follow from no part that may not be gone on from."""
    refused, ways = set(groundless), dict[str, list[Continuation]]()
    for part in wrong:
        found = [
            each for each in following[part.name] if refused.isdisjoint(_earlier(own_work, each))
        ]
        if found:
            ways[part.name] = found
        elif following[part.name]:
            refused.add(part.name)
    return ways


def _resting_on_updates(own_work: OwnWork, ways: Mapping[str, Sequence[Continuation]]) -> list[str]:
    """Return the parts of which every way takes a step of the optimizer, or goes on from such."""
    resting: list[str] = []
    for name, found in ways.items():
        if all(
            any(isinstance(step.role, Training) for step in each.way.steps)
            or not _earlier(own_work, each).isdisjoint(resting)
            for each in found
        ):
            resting.append(name)
    return resting


def _earlier(own_work: OwnWork, found: Continuation) -> frozenset[str]:
    """Return the wrong parts that a way goes on from."""
    return frozenset(map(own_work.asked_as, found.way.own & own_work.wrong_names))


def _in_order(own_work: OwnWork) -> list[AskedQuantity]:
    """Return the parts in the order in which they are derived."""
    assessment = own_work.assessment
    places = {step.name: place for place, step in enumerate(assessment.derivation.steps)}
    return sorted(
        assessment.exercise.ask, key=lambda part: places[assessment.quantities[part.name].name]
    )


def _is_backward(own_work: OwnWork, part: AskedQuantity) -> bool:
    return own_work.assessment.quantities[part.name].group in BACKWARD


def _points(own_work: OwnWork, part: AskedQuantity) -> int:
    """Return what a part earns, in hundredths of a point, if it is carried forward."""
    share = Fraction(own_work.assessment.exercise.carried_forward.decimal())
    return int(hundredths(part.points) * share)
