"""Mistakes in what a line of a program makes: a factor, a term or a mask that is left out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.primitives.primitive import Operand, Operation
from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    in_turn,
)
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    is_whole,
    line_by_line,
    line_made,
    line_passed,
    number_beside,
    passed_through,
    steps_reading,
)
from gradgrade.problems.misconceptions.programs.losses import is_count_of_loss
from gradgrade.problems.misconceptions.programs.statistics import is_epsilon, is_root
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    entrywise,
    rolled,
    ruled,
    scaled,
    transposed,
)

FAMILY = "values"

MOST_LEFT_OUT = 8
"""So many factors, or terms, are left out alone."""

LeftOut = Callable[[Derivation, Line], Iterator[int]]
"""Which operands of a line of two may be left out of it, by place."""


def _factors(derivation: Derivation, line: Line) -> Iterator[int]:
    """Yield which factor is a number, or is given and repeated; or the divisor that is."""
    if line.node.function not in ("multiply", "divide") or is_count_of_loss(derivation, line):
        return
    for other in (1, 0) if line.node.function == "multiply" else (1,):
        number, name = number_beside(line, 1 - other), line.reads[other]
        made = None if name is None else derivation.by_name.get(name)
        is_number = number not in (None, 1, -1) or (made is not None and not made.reads)
        is_given = str(name) in derivation.given and not is_whole(line, other)
        if is_whole(line, 1 - other) and (is_number or is_given):
            yield other


def _terms(derivation: Derivation, line: Line) -> Iterator[int]:
    """Yield which terms of a sum may be left out: arrays, or a number at its end, but ε."""
    if line.node.function not in ("add", "subtract") or is_epsilon(line):
        return
    for other in (1, 0) if line.node.function == "add" else (1,):
        is_term = line.reads[other] is not None or other == 1
        if is_term and is_whole(line, 1 - other):
            yield other


def _kept(line: Line, other: int) -> Name:
    name = line.reads[1 - other]
    assert name is not None
    return name


def _from_value(line: Line, other: int) -> StepChange:
    """Leave an operand out of what a line makes."""

    def change(_: Derivation, step: Step) -> Step | None:
        made = line_made(step)
        if made is None or made.node is not line.node:
            return None
        return ruled(step, unchanged, reads=(_kept(made, other),))

    return change


def _from_way_back(line: Line, other: int) -> StepChange:
    """Leave a factor out of what goes back to the other one."""

    def change(_: Derivation, step: Step) -> Step | None:
        is_kept = _is_passed(step, line, 1 - other)
        return ruled(step, unchanged, reads=step.reads[:1]) if is_kept else None

    return change


def _without_path(line: Line, other: int) -> StepChange:
    """Leave out what comes back by a term, where that is one use of several."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        if not _is_passed(step, line, other):
            return None
        readers = steps_reading(derivation).get(step.name, ())
        is_one_of_several = any(isinstance(each.role, Total) for each in readers)
        return after(step, scaled(0)) if is_one_of_several else None

    return change


def _is_passed(step: Step, line: Line, operand: int) -> bool:
    """Tell whether a step goes back through a line to one of its operands."""
    passed = line_passed(step)
    return passed is not None and passed.node is line.node and passed.operand == operand


def _places(derivation: Derivation, left_out: LeftOut) -> list[tuple[Line, int, str]]:
    """Return the lines of the first iteration with the operands that may be left out of them."""
    found: dict[tuple[int, int], tuple[Line, int, str]] = {}
    for step in derivation.steps:
        line = line_made(step)
        for other in () if line is None else left_out(derivation, line):
            assert line is not None
            place = f"{_written(line, other)} in line {line.node.place.line}"
            found.setdefault((id(line.node), other), (line, other, place))
    return list(found.values())


def _written(line: Line, operand: int) -> str:
    source = line.node.sources[operand]
    return source.operand.written if source.name is None else source.name.text


def _factors_left_out(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for line, other, place in _places(derivation, _factors)[:MOST_LEFT_OUT]:
        in_value, back = _from_value(line, other), _from_way_back(line, other)
        yield from at_place(f"({place})", in_value, back)(derivation)
        yield from at_place(f"({place}, in the forward pass alone)", in_value)(derivation)


def _terms_left_out(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for line, other, place in _places(derivation, _terms)[:MOST_LEFT_OUT]:
        in_value, back = _from_value(line, other), _without_path(line, other)
        yield from at_place(f"({place})", in_value)(derivation)
        if any(back(derivation, step) for step in derivation.steps):
            yield from at_place(f"({place}, and on the way back)", in_value, back)(derivation)


def _is_given_mask(derivation: Derivation, name: Name | None) -> bool:
    given = derivation.given.get(str(name))
    return given is not None and given.kind is Kind.MASK


def _mask_and_masked(derivation: Derivation, line: Line | None) -> tuple[int, int] | None:
    """Return the places of a given mask and of what a line lets it mask, if it does."""
    pairs = {"masked_softmax": [(0, 1)], "where": [(0, 1)], "multiply": [(0, 1), (1, 0)]}
    for mask, masked in pairs.get(line.node.function, ()) if line is not None else ():
        assert line is not None
        if _is_given_mask(derivation, line.reads[mask]) and is_whole(line, masked):
            return mask, masked
    return None


def _mask_left_out(derivation: Derivation, step: Step) -> Step | None:
    made, passed = line_made(step), line_passed(step)
    found = _mask_and_masked(derivation, made or passed)
    if found is None:
        return None
    _, masked = found
    if made is not None:
        name = made.reads[masked]
        assert name is not None
        if made.node.function != "masked_softmax":
            return ruled(step, unchanged, reads=(name,))
        softmax = _softmax_of(made)
        return ruled(step, softmax.rule, reads=(name,), formula=softmax.formula(Named(name)))
    if passed is None or passed.node.function == "masked_softmax":
        return None  # it is passed back by the value alone
    is_masked = passed.operand == masked
    return ruled(step, unchanged, reads=step.reads[:1]) if is_masked else None


def _masked_afterwards(derivation: Derivation, step: Step) -> Step | None:
    line = line_made(step)
    if line is None or line.node.function != "masked_softmax":
        return None
    # Where another mistake has left the mask out there is none to be applied.
    if _mask_and_masked(derivation, line) is None or len(step.reads) != len(line.reads):
        return None
    shapes = (Operand(shape=each.operand.shape) for each in line.node.sources)
    softmax, times = _softmax_of(line), PRIMITIVES["multiply"].bind(*shapes)

    def rule(arithmetic: Arithmetic, mask: Matrix, matrix: Matrix) -> Matrix:
        return times.rule(arithmetic, mask, softmax.rule(arithmetic, matrix))

    mask, masked = map(Named, step.reads)
    return ruled(step, rule, formula=times.formula(mask, softmax.formula(masked)))


def _softmax_of(line: Line) -> Operation:
    """Return the softmax that a masked one is without its mask."""
    operand = line.node.sources[1].operand
    return PRIMITIVES["softmax"].bind(operand, **line.node.options)


def _mask_transposed(derivation: Derivation, step: Step) -> Step | None:
    found = _mask_and_masked(derivation, line := line_made(step) or line_passed(step))
    if line is None or found is None:
        return None
    mask, _ = found
    shape = line.node.sources[mask].operand.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        return None
    return before(step, positions(step, {line.reads[mask]}), transposed)


def _root_left_out(derivation: Derivation, step: Step) -> Step | None:
    """√x becomes x; of a number, too, that scales an array."""
    made = line_made(step)
    line = made or line_passed(step)
    if line is None or not is_root(line):
        return None
    if made is not None:
        is_number = line.reads[0] is None
        return after(step, _square) if is_number else ruled(step, unchanged, reads=step.reads[:1])
    return ruled(step, unchanged, reads=step.reads[:1])


_square = entrywise(lambda _, root: root * root, lambda root: root**2)


def _multiplied(derivation: Derivation, step: Step) -> Step | None:
    """X / c becomes x c, of a number c that is no count of a loss."""
    line = line_made(step) or passed_through(step, "divide", 0)
    if line is None or line.node.function != "divide" or is_count_of_loss(derivation, line):
        return None
    number, name = number_beside(line, 0), line.reads[1]
    if number:
        return after(step, scaled(number * number))
    made = None if name is None else derivation.by_name.get(name)
    if made is None or made.reads or name is None:
        return None
    return after(step, by_operations(lambda quotient, c: quotient * c * c), name)


def _labels_moved(places: int) -> StepChange:
    """Take labels to be so much more than they are, of which the last one goes round."""

    def change(_: Derivation, step: Step) -> Step | None:
        line = line_made(step) or line_passed(step)
        if line is None or line.node.function != "picked" or line.reads[1] is None:
            return None
        labels = line.node.sources[1].operand
        width = line.node.sources[0].operand.shape[-1]
        assert labels.integers is not None
        if labels.integers[1] + 1 != width:
            return None
        moved = rolled(prod(labels.shape), width, places)
        return before(step, positions(step, {line.reads[1]}), moved)

    return change


VALUES = (
    Misconception(
        code="factor_left_out_forward",
        title="Factor left out of a line",
        explanation=(
            "This line multiplies or divides by something besides: a scale, such as the root of "
            "the width by which attention divides. You leave that out."
        ),
        source="Vaswani et al. (2017) for the scale of attention; field",
        family=FAMILY,
        exposure="Let the factor differ from 1.",
        ungated=_factors_left_out,
    ),
    Misconception(
        code="term_left_out",
        title="Term left out of a sum",
        explanation=(
            "This line adds up several terms, such as a bias, or what a residual block lets pass. "
            "You leave one of them out."
        ),
        source="field",
        family=FAMILY,
        exposure="Let every term differ from zero.",
        ungated=_terms_left_out,
    ),
    Misconception(
        code="mask_left_out",
        title="Mask left out",
        explanation=(
            "A mask says which entries count: the others are put out of a softmax before it is "
            "taken, or set to zero. You take all entries as they are."
        ),
        source="Vaswani et al. (2017)",
        family=FAMILY,
        exposure="Use a mask that has zeros.",
        changes=everywhere(_mask_left_out),
    ),
    Misconception(
        code="mask_after_softmax",
        title="Mask applied after the softmax",
        explanation=(
            "What is masked takes no part in a softmax: it is put out before, so that the shares "
            "of the others sum to one. You multiply the shares by the mask, and they sum to less."
        ),
        source="Vaswani et al. (2017)",
        family=FAMILY,
        exposure="Use a softmax with a mask that has zeros.",
        ungated=everywhere(_masked_afterwards),
    ),
    Misconception(
        code="mask_transposed",
        title="Mask the other way round",
        explanation=(
            "A row of the mask says for each row of the array which entries count. You have its "
            "rows and columns exchanged, as a causal mask that lets positions see the later ones."
        ),
        source="Vaswani et al. (2017)",
        family=FAMILY,
        exposure="Use a square mask that is not symmetric.",
        ungated=everywhere(_mask_transposed),
    ),
    Misconception(
        code="root_left_out",
        title="Root left out of a line",
        explanation=(
            "This line takes a square root: of the width by which attention divides, or of a "
            "variance. You leave the root out."
        ),
        source="Vaswani et al. (2017) for the scale of attention; field",
        family=FAMILY,
        exposure="Let what the root is of differ from 1.",
        ungated=line_by_line(_root_left_out),
    ),
    Misconception(
        code="multiplied_for_divided",
        title="Multiplied where it is divided",
        explanation=(
            "This line divides by a number, such as the probability that dropout keeps a unit. "
            "You multiply by it."
        ),
        source="Srivastava et al. (2014) for dropout, whose test time multiplies; field",
        family=FAMILY,
        exposure="Let the number differ from 1.",
        ungated=line_by_line(_multiplied),
    ),
    Misconception(
        code="labels_off_by_one",
        title="Labels off by one",
        explanation=(
            "Classes are counted from zero here, as array indices are. You count them from another "
            "number, so that each sample is compared with a neighbor of its class."
        ),
        source="field",
        family=FAMILY,
        exposure="Use labels of more than one class.",
        ungated=in_turn(
            at_place("(one less)", _labels_moved(-1)), at_place("(one more)", _labels_moved(1))
        ),
    ),
)
