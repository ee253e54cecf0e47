"""Why the inputs of tests do not tell a mistake: what has to be changed in them so that they do.

Each reason is a condition on all the calls, and a change to one of them. The reason is the first
whose condition holds and whose change makes the mistake show.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy

from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.problems.audits.answering import Array, Known
from gradgrade.problems.audits.recorded import Calls
from gradgrade.problems.audits.sizes import BATCH, Unfitting
from gradgrade.problems.audits.variants import Variant

SMALL = 0.1
"""Weights below it leave every unit near 0, where functions are nearly straight."""

TOLD = 4.0
"""How many bands a changed call has to tell a mistake by."""

FAINT = 1e-3
"""Of what an answer ordinarily is: what is smaller than that part of it is hardly there."""

ONE_SAMPLE = "one_sample"

Change = Callable[[Calls, numpy.random.Generator], Known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why inputs do not tell a mistake.

    Args:
        code: a stable word.
        said: what is the case.
        remedy: what to do.
    """

    code: str
    said: str
    remedy: str


THESE_INPUTS = Reason(
    code="these_inputs",
    said="with these inputs it comes to the same numbers",
    remedy="add a call with other inputs, such as the test below",
)


def reason_of(calls: Sequence[Calls], variant: Variant) -> Reason:
    """Return why no call tells a mistake.

    Args:
        calls: all that the mistake could have shown in; none of them tells it.
        variant: the mistake.
    """
    numbers = numpy.random.default_rng(0)
    for reason, changes in _reasons(calls, variant):
        # What other numbers of the same sizes would tell is no matter of sizes.
        is_of_sizes = reason.code == ONE_SAMPLE
        if is_of_sizes and any(_tells(each, variant, _all_redrawn, numbers) for each in calls):
            continue
        if any(_tells(each, variant, change, numbers) for each in calls for change in changes):
            return reason
    return THESE_INPUTS


def faint_reason(calls: Sequence[Calls], answers: Sequence[str]) -> Reason | None:
    """Return why answers are next to nothing in all calls, where they are.

    Args:
        calls: those that a mistake shows in, by many bands and yet by next to nothing.
        answers: those that it changes.
    """
    upstream = [name for name in calls[0].known.arrays if _is_gradient(calls[0], name)]
    numbers = numpy.random.default_rng(0)
    if not upstream or not all(_is_faint(each, answers, upstream, numbers) for each in calls):
        return None
    listed = _listed(upstream)
    if all(_is_constant(calls, name) for name in upstream):
        return _constant_upstream(listed)
    return _invariant_loss(listed)


def _is_faint(
    calls: Calls,
    answers: Sequence[str],
    upstream: Sequence[str],
    numbers: numpy.random.Generator,
) -> bool:
    names = [name for name in answers if name in calls.right]
    ordinary = Calls(calls.audited, calls.call, _redrawn(upstream)(calls, numbers), 1).right
    return all(
        numpy.abs(calls.right[name]).max() < FAINT * numpy.abs(ordinary[name]).max()
        for name in names
    )


def _constant_upstream(listed: str) -> Reason:
    return Reason(
        code="constant_upstream",
        said=f"{listed} has the same number everywhere, in every call",
        remedy=f"draw {listed} at random: a sum of the outputs hides what adds up to 0",
    )


def _invariant_loss(listed: str) -> Reason:
    return Reason(
        code="invariant_loss",
        said=f"the loss that {listed} comes from does not change with what is mistaken",
        remedy=f"draw {listed} at random, which weighs the outputs unequally",
    )


def _tells(calls: Calls, variant: Variant, change: Change, numbers: numpy.random.Generator) -> bool:
    try:
        altered = Calls(calls.audited, calls.call, change(calls, numbers), 1)
        return any((each > TOLD).any() for each in altered.distances(variant).values())
    except Unfitting:
        return False


def _reasons(calls: Sequence[Calls], variant: Variant) -> Iterator[tuple[Reason, Sequence[Change]]]:
    free = calls[0].audited.shapes.free
    lengths = {size: {each.known.sized.sizes[size] for each in calls} for size in free}
    if lengths.get(BATCH) == {1}:
        yield (
            Reason(
                code=ONE_SAMPLE,
                said="every call has one sample",
                remedy="call it with two or more samples",
            ),
            [_resized({BATCH: 3})],
        )
    if variant.subject and all(_is_square(each, free) for each in calls):
        yield (
            Reason(
                code="square_sizes",
                said="every call has two sizes that are equal",
                remedy="give every size another length",
            ),
            [_resized({size: 3 + at for at, size in enumerate(free)})],
        )
    yield from _of_parameters(calls)
    yield from _of_upstream(calls)
    yield from _always_the_same(calls)


def _is_square(calls: Calls, free: Sequence[str]) -> bool:
    lengths = [calls.known.sized.sizes[size] for size in free]
    return len(set(lengths)) < len(lengths)


def _of_parameters(calls: Sequence[Calls]) -> Iterator[tuple[Reason, Sequence[Change]]]:
    shifts = _names(calls, (Kind.BIASES, Kind.SHIFT))
    weights = _names(calls, (Kind.WEIGHTS, Kind.RECURRENT_WEIGHTS))
    has_small = bool(weights) and all(_largest(calls, name) < SMALL for name in weights)
    zero = [name for name in shifts if _largest(calls, name) == 0]
    if zero:
        also = " and weights are small" if has_small else ""
        yield (
            Reason(
                code="zero_biases",
                said=f"{_listed(zero)} {'is' if len(zero) == 1 else 'are'} 0 in every call{also}",
                remedy="draw biases and weights of ordinary size, between -1 and 1",
            ),
            [_redrawn(zero), *([_redrawn([*zero, *weights])] if has_small else [])],
        )
    if has_small:
        yield (
            Reason(
                code="small_weights",
                said=f"the entries of {_listed(weights)} are below {SMALL} in every call",
                remedy="draw weights of ordinary size, between -1 and 1",
            ),
            [_redrawn(weights)],
        )


def _of_upstream(calls: Sequence[Calls]) -> Iterator[tuple[Reason, Sequence[Change]]]:
    upstream = [name for name in calls[0].known.arrays if _is_gradient(calls[0], name)]
    if not upstream:
        return
    if all(_is_constant(calls, name) for name in upstream):
        yield _constant_upstream(_listed(upstream)), [_redrawn(upstream)]
    yield _invariant_loss(_listed(upstream)), [_redrawn(upstream)]


def _always_the_same(calls: Sequence[Calls]) -> Iterator[tuple[Reason, Sequence[Change]]]:
    for name, array in calls[0].known.arrays.items():
        first = array.reshape(-1)[:1]
        if all((each.known.arrays[name] == first).all() for each in calls if _has(each, name)):
            yield (
                Reason(
                    code="always_the_same",
                    said=f"{name} is {float(first[0]):g} in every call",
                    remedy=f"call it with another {name} too",
                ),
                [_redrawn([name])],
            )
        elif _is_one_hot(calls[0], name) and _has_one_class(calls, name):
            yield (
                Reason(
                    code="always_the_same",
                    said=f"{name} has the same label in every call",
                    remedy=f"call it with several labels in {name}",
                ),
                [_redrawn([name])],
            )


# What calls are like


def _names(calls: Sequence[Calls], kinds: Sequence[Kind]) -> list[str]:
    first = calls[0].known
    return [name for name in first.arrays if first.sized.quantity(name).kind in kinds]


def _has(calls: Calls, name: str) -> bool:
    return name in calls.known.arrays


def _largest(calls: Sequence[Calls], name: str) -> float:
    arrays = [each.known.arrays[name] for each in calls if _has(each, name)]
    return max(float(numpy.abs(each).max(initial=0.0)) for each in arrays)


def _is_gradient(calls: Calls, name: str) -> bool:
    relations = calls.known.sized.quantity(name).name.relations
    return any(each.what == "gradient" for each in relations)


def _is_constant(calls: Sequence[Calls], name: str) -> bool:
    rows = [each.known.arrays[name].reshape(each.count, -1) for each in calls if _has(each, name)]
    return all(bool((each == each[:, :1]).all()) for each in rows)


def _is_one_hot(calls: Calls, name: str) -> bool:
    is_distribution = calls.known.sized.structure.targets == "distribution"
    return is_distribution and calls.known.sized.quantity(name).kind is Kind.TARGETS


def _has_one_class(calls: Sequence[Calls], name: str) -> bool:
    axis = -1 if calls[0].audited.exercise.convention == "row" else -2
    found = [numpy.unique(each.known.arrays[name].argmax(axis=axis)) for each in calls]
    return len(numpy.unique(numpy.concatenate(found))) == 1


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# What is changed in them


def _resized(sizes: dict[str, int]) -> Change:
    def change(calls: Calls, numbers: numpy.random.Generator) -> Known:
        known = calls.known
        sized = calls.audited.shapes.sized({**known.sized.sizes, **sizes})
        wider = replace(known, sized=sized)
        arrays = {
            name: _drawn(wider, name, array[0], numbers)[None]
            if array.shape[1:] != sized.shape(name)
            else array[:1]
            for name, array in known.arrays.items()
        }
        return Known(sized, arrays)

    return change


def _all_redrawn(calls: Calls, numbers: numpy.random.Generator) -> Known:
    return _redrawn(list(calls.known.arrays))(calls, numbers)


def _redrawn(names: Sequence[str]) -> Change:
    def change(calls: Calls, numbers: numpy.random.Generator) -> Known:
        arrays = {
            name: _drawn(calls.known, name, None, numbers)[None] if name in names else array[:1]
            for name, array in calls.known.arrays.items()
        }
        return Known(calls.known.sized, arrays)

    return change


def _drawn(known: Known, name: str, like: Array | None, numbers: numpy.random.Generator) -> Any:
    """Return other numbers for a quantity: of the same kind and size as some, or ordinary ones."""
    sized = known.sized
    shape, kind = sized.shape(name), sized.quantity(name).kind
    picks = sized.structure.picks(name, sized.batch)
    if picks is not None:
        return numbers.integers(picks.lowest, picks.highest + 1, shape).astype(float)
    if like is not None and (like == like.reshape(-1)[0]).all():
        return numpy.full(shape, like.reshape(-1)[0])
    if kind is Kind.TARGETS and sized.structure.targets == "distribution":
        samples, units = shape if sized.structure.convention == "row" else shape[::-1]
        rows = numpy.eye(units)[(numpy.arange(samples) + numbers.integers(units)) % units]
        return rows if sized.structure.convention == "row" else rows.T
    if kind is Kind.MASK or (kind is Kind.TARGETS and sized.structure.targets == "probability"):
        return numbers.integers(0, 2, shape).astype(float)
    scale = 1.0 if like is None else float(numpy.abs(like).max())
    drawn = numbers.uniform(-1, 1, shape) * scale
    return numpy.abs(drawn) if kind is Kind.NUMBER else drawn
