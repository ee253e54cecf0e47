"""Mistakes on the way back through products: which matrix, which array, which derivative."""

from __future__ import annotations

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    Changes,
    Misconception,
    StepChange,
    replaced,
)
from gradgrade.problems.misconceptions.programs.lines import (
    gradient_by_gradient,
    is_whole,
    line_made,
    line_passed,
    passed_through,
    source_line,
    steps_reading,
)
from gradgrade.problems.misconceptions.recognition import positions, quantity_of
from gradgrade.problems.misconceptions.rewriting import (
    before,
    ones,
    reading,
    ruled,
    transposed,
)

FAMILY = "products"

MOST_BEFORE = 2
"""So many arrays on the way to a factor are put in its place, the nearest first."""

MATRIX_PRODUCTS = ("matmul", "dot")


def _matrices(step: Step) -> Line | None:
    """Return the product of two matrices through which a step passes a gradient back."""
    line = line_passed(step)
    if line is None or line.node.function not in MATRIX_PRODUCTS or line.operand is None:
        return None
    are_matrices = all(len(each.operand.shape) == 2 for each in line.node.sources)
    return line if are_matrices and None not in line.reads else None


def _is_transpose(derivation: Derivation, line: Line, operand: int) -> bool:
    source = source_line(derivation, line, operand)
    return source is not None and source.node.function == "transpose"


def _gradient_not_transposed(derivation: Derivation, step: Step) -> Step | None:
    """∂L/∂B = Gᵀ A of A Bᵀ becomes G A, where G is square."""
    line = _matrices(step)
    if line is None or line.operand is None or not _is_transpose(derivation, line, line.operand):
        return None
    rows, columns = line.node.operation.shape
    return before(step, (0,), transposed) if rows == columns else None


def _own_for_other(derivation: Derivation, step: Step) -> Step | None:
    """∂L/∂A = G B of A Bᵀ becomes G A, where A and B have one shape."""
    line = _matrices(step)
    if line is None or line.operand is None:
        return None
    own, other = (line.reads[each] for each in (line.operand, 1 - line.operand))
    is_of_transpose = any(_is_transpose(derivation, line, each) for each in (0, 1))
    shapes = [each.operand.shape for each in line.node.sources]
    if own is None or other is None or not is_of_transpose or shapes[0] != shapes[1][::-1]:
        return None
    renamed = reading(step, {other: own})
    return None if renamed is None else before(renamed, positions(renamed, {own}), transposed)


def _at_transposes(change: StepChange) -> Changes:
    """Make a change in all gradients at once, told by a place of its own, and in each alone."""

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        for place, mistaken in gradient_by_gradient(change)(derivation):
            yield place or "at a transpose", mistaken

    return changed


NOT_TRANSPOSED_ABOVE: Changes = _at_transposes(_gradient_not_transposed)
OWN_MATRIX: Changes = _at_transposes(_own_for_other)


# What stands before a factor


def _earlier(derivation: Derivation, name: Name) -> list[Name]:
    """Return what has a name of the arrays of which, entry by entry, an array is made."""
    shape, found = quantity_of(derivation, name).shape, list[Name]()
    line = line_made(derivation.by_name.get(name))
    while line is not None and len(found) < MOST_BEFORE:
        arrays = [
            each
            for place, each in enumerate(line.reads)
            if each is not None and line.node.sources[place].operand.shape == shape
        ]
        is_of_one = line.node.function in _OF_ONE or len(arrays) == 1 or _is_masked(line)
        if not arrays or not is_of_one or line.node.operation.shape != shape:
            break
        source = line_made(derivation.by_name.get(arrays[0]))
        if source is not None and source.node.is_line:
            found.append(arrays[0])
        line = source
    return found


_OF_ONE = ("relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "softmax")


def _is_masked(line: Line) -> bool:
    return line.node.function == "multiply" and line.node.sources[1].operand.kind.is_mask


def _array_before(place: int) -> StepChange:
    def change(derivation: Derivation, step: Step) -> Step | None:
        line = line_passed(step)
        if line is None or line.node.function not in MATRIX_PRODUCTS or line.operand is None:
            return None
        other = line.reads[1 - line.operand]
        if other is None or other not in step.reads:
            return None
        found = _earlier(derivation, other)
        return reading(step, {other: found[place]}) if place < len(found) else None

    return change


def _arrays_before(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for place in range(MOST_BEFORE):
        for called, mistaken in gradient_by_gradient(_array_before(place))(derivation):
            yield called if place == 0 else f"{called} (two lines before)".lstrip(), mistaken


# The derivative of a product


def _contribution(derivation: Derivation, step: Step) -> tuple[Step, Step] | None:
    """Return what a step's gradient comes to of a quantity that is used again, and their sum."""
    while True:
        readers = steps_reading(derivation).get(step.name, ())
        if len(readers) != 1:
            return None
        (reader,) = readers
        if isinstance(reader.role, Total):
            return step, reader
        if line_passed(reader) is None or reader.reads[0] != step.name:
            return None
        step = reader


def _product_of_derivatives(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """(f g)' becomes f' g': what comes back by g, without f, goes on by f in place of g."""
    changed = list[Step]()
    for step in derivation.steps:
        line = passed_through(step, "multiply", 0)
        if line is None or None in line.reads or line.reads[0] == line.reads[1]:
            continue
        goes_on = steps_reading(derivation)[step.reads[0]]
        twins = (each for each in goes_on if _is_other_factor(each, line))
        twin = next(twins, None)
        if twin is None or not (is_whole(line, 0) and is_whole(line, 1)):
            continue
        by_first, by_second = (_contribution(derivation, each) for each in (step, twin))
        if by_first is None or by_second is None or by_first[1] is not by_second[1]:
            continue
        if by_first[0] is by_second[0]:
            continue  # one of them goes on from the other, by another mistake
        total = by_first[1]
        is_of_both = set(total.reads) == {by_first[0].name, by_second[0].name}
        has_shape = by_second[0].quantity.shape == step.quantity.shape
        alone = before(twin, positions(twin, {line.reads[0]}), ones)
        if not is_of_both or not has_shape or alone is None:
            continue
        changed += [
            alone,
            ruled(step, unchanged, reads=(by_second[0].name,)),
            ruled(total, unchanged, reads=(by_first[0].name,)),
        ]
    if changed:
        yield "", replaced(derivation, *changed)


def _is_other_factor(step: Step, line: Line) -> bool:
    other = passed_through(step, "multiply", 1)
    return other is not None and other.node is line.node and other.makes == line.makes


PRODUCTS = (
    Misconception(
        code="array_before_in_gradient",
        title="An earlier array in the gradient of weights",
        explanation=(
            "The gradient by one factor of a product has the other factor as it is in that line. "
            "You put there what that factor was made of: the array before its activation, or "
            "before dropout."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the two arrays differ.",
        ungated=_arrays_before,
    ),
    Misconception(
        code="product_of_derivatives",
        title="Product of the derivatives",
        explanation=(
            "The derivative of f g is f' g + f g'. You multiply the derivatives of both factors, "
            "f' g'."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a product both factors of which depend on the same quantity.",
        ungated=_product_of_derivatives,
    ),
)
