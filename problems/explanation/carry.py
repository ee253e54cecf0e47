"""Error carried forward: whether what rightly follows from wrong earlier answers earns its points.

It does where the earlier answers left the later one its work. Where one makes the later one
trivial, nothing is carried. A step that is an equality, as ∂L/∂b = δ of one sample, is not trivial
so: there the copy is the right answer.
"""

from collections.abc import Collection

import numpy

from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.own_work import Array, Continuation, OwnWork

OUT_OF_PROPORTION = 3
"""How many powers of ten larger or smaller than the right one an earlier answer may be.

Whole powers, so that what is carried tells no more of the right answer than its size.
"""

MOST_TRIVIAL = 0.5
"""The share of entries that may be 0 for the student alone, or lost in their own band."""


def is_fair(
    work: OwnWork, part: AskedQuantity, found: Continuation, *, carried: Collection[str]
) -> bool:
    """Tell whether a student's earlier answers left a later one its work.

    Args:
        work: the student's answers.
        part: the later one.
        found: how it follows from the earlier ones.
        carried: which of those follow themselves, and are no invention whatever they look like.
    """
    right = work.assessment.values[part.name][0]
    earlier = set(map(work.asked_as, found.way.own & work.wrong_names)).difference(carried)
    if not all(_is_in_proportion(work, each) for each in earlier):
        return False
    lost = (found.values == 0) | (numpy.abs(found.values) <= found.bands)
    lost_alone = lost & (right != 0)
    return bool(lost_alone.mean() <= MOST_TRIVIAL) and not _is_echo(work, part, found)


def _is_in_proportion(work: OwnWork, name: str) -> bool:
    answer, right = work.submitted[name], work.assessment.values[name][0]
    if not numpy.isfinite(answer).all():
        return False
    zeros = (answer == 0) & (right != 0)
    if zeros.any() and zeros.mean() >= MOST_TRIVIAL:
        return False
    if answer.size > 1 and numpy.ptp(answer) == 0 and numpy.ptp(right) != 0:
        return False
    return bool(abs(_decade(answer) - _decade(right)) <= OUT_OF_PROPORTION)


def _is_echo(work: OwnWork, part: AskedQuantity, found: Continuation) -> bool:
    """Tell whether what follows is a given, as W − η·0 is W, or a wrong answer once more."""
    assessment = work.assessment
    known = [
        assessment.entries(each, assessment.estimates[each.name].value)[0]
        for each in assessment.derivation.givens
    ]
    earlier = map(work.asked_as, found.way.own & work.wrong_names)
    known += [work.submitted[name] for name in earlier if not _are_equal(work, name, part.name)]
    return any(
        each.size == found.values.size
        and bool((numpy.abs(each - found.values) <= found.bands).all())
        for each in known
    )


def _are_equal(work: OwnWork, name: str, other: str) -> bool:
    """Tell whether the right answers to two parts are the same numbers."""
    one, another = work.assessment.values[name][0], work.assessment.values[other][0]
    bands = [work.assessment.bands[each][0] for each in (name, other)]
    return one.size == another.size and bool((numpy.abs(one - another) <= sum(bands)).all())


def _decade(values: Array) -> float:
    """Return the power of ten of the largest entry."""
    return float(numpy.floor(numpy.log10(numpy.abs(values).max())))
