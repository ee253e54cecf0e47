"""Mistakes about which of two: branches of a condition, shares of a mixture, terms of a sum."""

from __future__ import annotations

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    MOST_PLACES,
    Misconception,
    StepChange,
    in_turn,
    replaced,
)
from gradgrade.problems.misconceptions.programs.functions import masked_by, rectified_line
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    is_whole,
    line_by_line,
    line_made,
    line_passed,
    number_beside,
    source_line,
)
from gradgrade.problems.misconceptions.recognition import positions, quantity_of
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    reading,
    ruled,
    scaled,
)

FAMILY = "branches"


# A condition


def _branches(line: Line | None) -> tuple[Name, Name, Name] | None:
    """Return the condition and the arrays of where(condition, a, b), none of which is a number."""
    if line is None or line.node.function != "where":
        return None
    condition, first, second = line.reads
    if condition is None or first is None or second is None:
        return None
    return (condition, first, second) if is_whole(line, 1) and is_whole(line, 2) else None


def _exchanged_in_value(derivation: Derivation, step: Step) -> Step | None:
    found = _branches(line_made(step))
    return None if found is None else before(step, positions(step, {found[0]}), _complement)


def _exchanged_on_the_way_back(derivation: Derivation, step: Step) -> Step | None:
    found = _branches(line_passed(step))
    return None if found is None else before(step, positions(step, {found[0]}), _complement)


_complement = by_operations(lambda condition: 1 - condition)


def _one_in_value(branch: int) -> StepChange:
    def change(_: Derivation, step: Step) -> Step | None:
        found = _branches(line_made(step))
        return None if found is None else ruled(step, unchanged, reads=(found[branch],))

    return change


def _one_on_the_way_back(branch: int) -> StepChange:
    def change(_: Derivation, step: Step) -> Step | None:
        line = line_passed(step)
        if line is None or _branches(line) is None:
            return None
        if line.operand != branch:
            return after(step, scaled(0))
        return ruled(step, unchanged, reads=step.reads[:1])

    return change


def _one_branch(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for branch, called in ((1, "the first"), (2, "the second")):
        value, back = _one_in_value(branch), _one_on_the_way_back(branch)
        yield from at_place(f"({called}, on the way back)", back)(derivation)
        yield from at_place(f"({called})", value, back)(derivation)


# A mixture


def _mixtures(derivation: Derivation) -> Iterator[tuple[Line, Line, dict[Name, Name]]]:
    """Yield the two products of each (1 − z) a + z b, and which name stands for which other."""
    for step in derivation.steps:
        line = line_made(step)
        if line is None or line.node.function != "add":
            continue
        products = [source_line(derivation, line, each) for each in (0, 1)]
        first, second = products
        if first is None or second is None:
            continue
        if first.node.function != "multiply" or second.node.function != "multiply":
            continue
        for one, other in ((first, second), (second, first)):
            renamed = _complementary(derivation, one, other)
            if renamed is not None:
                yield one, other, renamed
                break


def _complementary(derivation: Derivation, one: Line, other: Line) -> dict[Name, Name] | None:
    """Return 1 − z and z, each for the other, where they are factors of two products."""
    for place in (0, 1):
        rest = source_line(derivation, one, place)
        if rest is None or rest.node.function != "subtract" or number_beside(rest, 1) != 1:
            continue
        if rest.reads[1] is not None and rest.reads[1] in other.reads:
            return {rest.makes: rest.reads[1], rest.reads[1]: rest.makes}
    return None


def _mixture_exchanged(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """(1 − z) a + z b becomes z a + (1 − z) b: a and b change places, which is the same."""
    changed: list[Step] = []
    for one, other, shares in _mixtures(derivation):
        mixed = [
            each
            for line in (one, other)
            for each in line.reads
            if each is not None and each not in shares
        ]
        if len(mixed) != 2 or not all(is_whole(line, k) for line in (one, other) for k in (0, 1)):
            continue
        a, b = mixed
        first_used = min(derivation.places[line.makes] for line in (one, other))
        if any(derivation.places.get(each, -1) > first_used for each in mixed):
            continue  # one of them may be made of what it would go into
        for step in derivation.steps:
            made, passed = line_made(step), line_passed(step)
            if made is not None and made in (one, other):
                renamed = reading(step, {a: b, b: a})
            elif passed is not None and passed.node in (one.node, other.node):
                is_own = passed.makes in (one.makes, other.makes)
                renamed = reading(step, {a: b, b: a} | shares) if is_own else None
            else:
                renamed = None
            if renamed is not None:
                changed.append(renamed)
    if changed:
        yield "", replaced(derivation, *changed)


# A difference


def _is_difference(line: Line | None) -> bool:
    """Tell whether a line of the program is one array less another."""
    is_line = line is not None and line.node.is_line and line.node.function == "subtract"
    return is_line and line is not None and None not in line.reads


def _reversed(derivation: Derivation, step: Step) -> Step | None:
    is_reversed = _is_difference(line_made(step)) or _is_difference(line_passed(step))
    return after(step, scaled(-1)) if is_reversed else None


# A rectifier


def _masked_by_term(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Pass gradients where a term of what is rectified is above 0, and not where that is."""
    by_term: dict[str, list[Step]] = {}
    for step in derivation.steps:
        line = rectified_line(derivation, step)
        operand = None if line is None or line.operand is None else line.reads[line.operand]
        if operand is None:
            continue
        shape = quantity_of(derivation, operand).shape
        for term in _terms(derivation, operand):
            if quantity_of(derivation, term).shape == shape:
                by_term.setdefault(term.text, []).append(masked_by(step, term))
    for text, steps in list(by_term.items())[:MOST_PLACES]:
        yield f"({text})", replaced(derivation, *steps)


def _terms(derivation: Derivation, name: Name) -> Iterator[Name]:
    """Yield what has a name, of an exercise's or of its lines, of what a sum is added up of."""
    line = line_made(derivation.by_name.get(name))
    while line is not None and line.node.function in ("add", "subtract"):
        for each in line.reads:
            source = None if each is None else line_made(derivation.by_name.get(each))
            if each is not None and (source is None or source.node.is_line):
                yield each
        first = line.reads[0]
        line = None if first is None else line_made(derivation.by_name.get(first))


def _reversed_in_value(derivation: Derivation, step: Step) -> Step | None:
    return after(step, scaled(-1)) if _is_difference(line_made(step)) else None


BRANCHES = (
    Misconception(
        code="branches_exchanged",
        title="Branches of a condition exchanged",
        explanation=(
            "where(c, a, b) is a where the condition holds, and b elsewhere; each of the two is "
            "passed the gradient of its own entries. You have them the other way round."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the condition hold for some entries, and not for others.",
        ungated=in_turn(
            at_place("", _exchanged_in_value, _exchanged_on_the_way_back),
            at_place("on the way back", _exchanged_on_the_way_back),
            at_place("in the forward pass alone", _exchanged_in_value),
        ),
    ),
    Misconception(
        code="branch_everywhere",
        title="One branch of a condition everywhere",
        explanation=(
            "where(c, a, b) is a where the condition holds, and b elsewhere; each of the two is "
            "passed the gradient of its own entries. You take the same one for all of them, as "
            "a squared error whose gradient is not clipped."
        ),
        source="Huber (1964) for the loss that is linear beyond a bound; field",
        family=FAMILY,
        exposure="Let the condition hold for some entries, and not for others.",
        changes=_one_branch,
    ),
    Misconception(
        code="mixture_exchanged",
        title="Shares of a mixture exchanged",
        explanation=(
            "A mixture (1 − z) a + z b takes z of the one and what is left of the other. You have "
            "z and 1 − z exchanged, as texts on gated units differ in."
        ),
        source="Cho et al. (2014) has z h + (1 − z) n; Chung et al. (2014) the other one",
        family=FAMILY,
        exposure="Let z differ from one half.",
        ungated=_mixture_exchanged,
    ),
    Misconception(
        code="difference_reversed",
        title="Difference the other way round",
        explanation=(
            "This line takes the second array from the first. You take the first from the second, "
            "and all that comes of it has the other sign."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for the difference.",
        ungated=in_turn(
            line_by_line(_reversed), at_place("in the forward pass alone", _reversed_in_value)
        ),
    ),
    Misconception(
        code="rectifier_of_term",
        title="Rectifier's mask taken of a term",
        explanation=(
            "A gradient passes a rectifier where all that it is taken of is above zero: a score "
            "with its margin, or a sum with what was added to it. You look at one term alone."
        ),
        source="field: the hinge loss of several classes, residual blocks",
        family=FAMILY,
        exposure="Let a term and the sum have different signs somewhere.",
        ungated=_masked_by_term,
    ),
)
