"""Mistakes with axes: sums, means and softmaxes over other ones than are stated.

Whoever takes the mean of the rows for that of the columns goes on from what that makes. It may have
another shape, [1, 4] for [4, 1], which goes together with what it had to go together with; so what
reads it is done again, of that shape, as the program itself would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations
from math import prod
from types import MappingProxyType

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import ASKABLE
from gradgrade.oracle.derivation.formulas.expression import Function as Called
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Total
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.arrays import matrix_shape
from gradgrade.oracle.primitives.exponentials import MASKED_SOFTMAX
from gradgrade.oracle.primitives.primitive import Operand, Primitive
from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.lines import Line, added_up, computed, pulled_back
from gradgrade.oracle.programs.nodes.node import Node
from gradgrade.problems.misconceptions.base import MOST_PLACES, Misconception, replaced
from gradgrade.problems.misconceptions.programs.lines import (
    MOST_LINES,
    gradient_by_gradient,
    line_made,
    line_passed,
    own_operand,
    unmoved_source,
)
from gradgrade.problems.misconceptions.programs.written_out import (
    back_by_value,
    softmax_written_out,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    before,
    instead,
    ruled,
    transposed,
)

FAMILY = "reductions"

_ALONG_LAST = ("softmax", "masked_softmax", "log_softmax")
"""What goes along the last axis where none is stated; all others go over all of them."""

_OVER_AXES = frozenset(
    {"sum", "mean", "var", "max", "min", "norm", "cumsum", "logsumexp", *_ALONG_LAST}
)

_BY_FUNCTION: Mapping[str, Primitive] = MappingProxyType(
    {**PRIMITIVES, MASKED_SOFTMAX.name: MASKED_SOFTMAX}
)

Axes = tuple[int, ...]

Chosen = Mapping[Node, Axes]
"""Over which axes operations are done in place of their own."""


def _shape(node: Node) -> Shape:
    """Return the shape of what an operation goes over: of a mask and an array what both make."""
    if node.function == MASKED_SOFTMAX.name:
        return node.operation.shape
    return node.sources[-1].operand.shape


def own_axes(node: Node) -> Axes:
    """Return the axes that an operation goes over, counted from the front, in order."""
    axis, count = node.options.get("axis"), len(_shape(node))
    if axis is None and node.function in _ALONG_LAST:
        return (count - 1,)
    axes = range(count) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(each % count for each in axes))


def _others(node: Node) -> list[Axes]:
    """Return the other axes, as many, that an operation may be done over by mistake."""
    if node.function not in _OVER_AXES:
        return []
    own, count = own_axes(node), len(_shape(node))
    return [each for each in combinations(range(count), len(own)) if each != own]


def _choices(derivation: Derivation) -> Iterator[tuple[str, Chosen]]:
    """Yield other axes by place: the same ones in all lines, and in each line alone."""
    by_axes: dict[Axes, dict[Node, int]] = {}
    for step in derivation.steps:
        line = line_made(step)
        if line is not None:
            for axes in _others(line.node):
                by_axes.setdefault(axes, {})[line.node] = line.node.place.line
    for axes, lines in list(by_axes.items())[:MOST_PLACES]:
        over = f"({_written(axes)})" if len(by_axes) > 1 else ""
        yield over, dict.fromkeys(lines, axes)
        numbers = sorted(set(lines.values()))
        for number in numbers[:MOST_LINES] if len(numbers) > 1 else ():
            alone = [node for node, own in lines.items() if own == number]
            yield f"{over} in line {number}".lstrip(), dict.fromkeys(alone, axes)


def _written(axes: Axes) -> str:
    return ("axis " if len(axes) == 1 else "axes ") + " and ".join(map(str, axes))


def _node_over(node: Node, axes: Axes | None, shapes: Sequence[Shape]) -> Node | None:
    """Return an operation over other axes, of operands of such shapes; None where there is none."""
    options = dict(node.options)
    if axes is not None:
        options["axis"] = axes if len(axes) > 1 else axes[0]
    primitive = _BY_FUNCTION.get(node.function)
    if primitive is None:
        return None
    sources = tuple(
        replace(each, operand=replace(each.operand, shape=shape))
        for each, shape in zip(node.sources, shapes, strict=True)
    )
    try:
        operation = primitive.bind(*(each.operand for each in sources), **options)
    except ValueError:
        return None
    return replace(node, operation=operation, sources=sources, options=options)


# In the value, and on the way back from it


def _over_others(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for place, chosen in _choices(derivation):
        redone = _Redoing(derivation, chosen).derivation()
        if redone is None:
            continue
        yield place, redone
        made = (line for step in derivation.steps if (line := line_made(step)))
        names = [line.makes for line in made if line.node in chosen]
        # What has another shape has another name, too.
        values = [each for each in redone.steps if each.name in names and line_made(each)]
        if len(values) == len(names):
            yield f"{place} in the forward pass alone".lstrip(), replaced(derivation, *values)


def _softmax_over_others(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Of e^z / Σ e^z the sum over other axes, and from what that makes back as one knows it."""
    changed: dict[str, list[Step]] = {}
    for step in derivation.steps:
        line = line_made(step)
        if line is None or softmax_written_out(derivation, line) is None:
            continue
        total = unmoved_source(derivation, line, 1)
        assert total is not None
        for axes in _others(total.node)[:MOST_PLACES]:
            place = f"({_written(axes)}) in line {line.node.place.line}, in the forward pass alone"
            value = instead(step, _share_over(line, axes), step.reads[0])
            changed.setdefault(place, []).extend((value, *back_by_value(derivation, line)))
    yield from ((place, replaced(derivation, *steps)) for place, steps in changed.items())


def _share_over(line: Line, axes: Axes) -> Function:
    """Return the function that divides entries by their sum over some axes."""
    whole = line.node.sources[0].operand
    total = PRIMITIVES["sum"].bind(whole, axis=axes, keepdims=True)
    share = PRIMITIVES["divide"].bind(whole, Operand(shape=total.shape))

    def function(arithmetic: Arithmetic, entries: Matrix) -> Matrix:
        return share.rule(arithmetic, entries, total.rule(arithmetic, entries))

    return Written(function, lambda entries: share.formula(entries, total.formula(entries)))


class _OfNoProgram(Exception):
    """Shapes do not go together so, or what is asked would have another size."""


class _Redoing:
    """Does operations over other axes, and with what then has another shape all that reads it.

    What has another shape has a name of its own; under its old one it is shown as it is asked.

    Args:
        derivation: the right one.
        chosen: which operations, over which axes.
    """

    def __init__(self, derivation: Derivation, chosen: Chosen) -> None:
        self._right = derivation
        self._chosen = chosen
        self._lines: dict[Name, Line] = {}
        self._shapes: dict[Name, Shape] = {}
        self._renamed: dict[Name, Name] = {}
        self._shown: set[Name] = set()

    def derivation(self) -> Derivation | None:
        """Return the derivation; None where there is none, since shapes do not go together."""
        try:
            steps = tuple(chain.from_iterable(map(self._with_shown, self._right.steps)))
        except _OfNoProgram:
            return None
        return replace(self._right, steps=steps)

    def _with_shown(self, step: Step) -> Iterator[Step]:
        """Yield a step as it is or done again, and what is shown of it in the shape asked.

        What has another size now is nothing that could be answered: it stays what it was.
        """
        redone = self._redone(step)
        if redone is step:
            yield step
            return
        yield ruled(redone, redone.rule, formula=redone.formula)
        if redone.name == step.name:
            return
        if prod(redone.quantity.shape) != prod(step.quantity.shape):
            if any(self._is_gone(each) for each in step.reads):
                raise _OfNoProgram
            yield step
            self._shown.add(step.name)
            return
        if step.quantity.group not in ASKABLE:
            return
        self._shown.add(step.name)
        yield Step(
            step.quantity,
            (redone.name,),
            _reshaping(step.quantity.shape),
            Named(redone.name),
        )

    def _redone(self, step: Step) -> Step:
        made, passed = line_made(step), line_passed(step)
        if made is not None:
            return self._computed(step, made)
        if passed is not None and passed.makes in self._lines:
            return self._pulled_back(step, self._lines[passed.makes], passed)
        if isinstance(step.role, Total) and step.role.to in self._shapes:
            quantity = self._quantity(step, step.role.to)
            return added_up(quantity, self._now(step.role.to), tuple(map(self._now, step.reads)))
        if any(self._is_gone(each) for each in step.reads):
            raise _OfNoProgram
        return step

    def _computed(self, step: Step, made: Line) -> Step:
        line = self._line(made)
        if line is made:
            return step
        if line.node.operation.shape != made.node.operation.shape:
            self._shapes[made.makes] = line.node.operation.shape
        quantity = self._quantity(step, made.makes)
        self._lines[made.makes] = line = replace(line, makes=quantity.name)
        return computed(quantity, line)

    def _line(self, line: Line) -> Line:
        """Return an operation over the axes chosen, of the shapes that its operands have now."""
        own = [each.operand.shape for each in line.node.sources]
        shapes = [
            shape if name is None else self._shapes.get(name, shape)
            for name, shape in zip(line.reads, own, strict=True)
        ]
        axes = self._chosen.get(line.node)
        if axes is None and shapes == own:
            return line
        node = _node_over(line.node, axes, shapes)
        if node is None:
            raise _OfNoProgram
        reads = tuple(None if each is None else self._now(each) for each in line.reads)
        return replace(line, node=node, reads=reads)

    def _pulled_back(self, step: Step, line: Line, passed: Line) -> Step:
        assert isinstance(step.role, PullBack)
        assert passed.operand is not None
        (upstream,) = step.role.upstream
        if passed.makes in self._shapes and upstream not in self._renamed:
            raise _OfNoProgram  # it is given, and has the shape that is right
        return pulled_back(
            self._quantity(step, step.role.to),
            self._now(step.role.to),
            line.to_operand(passed.operand),
            self._now(upstream),
        )

    def _quantity(self, step: Step, of: Name) -> Quantity:
        """Return what a step makes: a quantity, or a gradient of it, in the shape that it has."""
        shape, quantity = self._shapes.get(of), step.quantity
        if shape is None:
            return quantity
        name = quantity.name.part(f"of shape {list(shape)}")
        self._renamed[quantity.name] = name
        return replace(quantity, name=name, shape=shape, group=Group.INTERNAL)

    def _now(self, name: Name) -> Name:
        return self._renamed.get(name, name)

    def _is_gone(self, name: Name) -> bool:
        """Tell whether what had a name has another, and nothing is shown under the old one."""
        return name in self._renamed and name not in self._shown


def _reshaping(shape: Shape) -> Written:
    def reshape(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.reshape(matrix, *matrix_shape(shape))

    # One does not see in a formula how entries lie.
    return Written(reshape, Called("", reshape, lambda each: each))


# On the way back alone


def _back_over_others(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for place, chosen in _choices(derivation):
        made = (_passed_over(step, chosen) for step in derivation.steps)
        steps = [step for step in made if step is not None]
        if steps:
            yield f"{place} on the way back alone".lstrip(), replaced(derivation, *steps)


def _passed_over(step: Step, chosen: Chosen) -> Step | None:
    """Return a step that passes a gradient back as if the operation were over other axes."""
    line = line_passed(step)
    if line is None or line.node not in chosen:
        return None
    shape = line.node.operation.shape
    node = _node_over(line.node, chosen[line.node], [e.operand.shape for e in line.node.sources])
    if node is None or prod(node.operation.shape) != prod(shape):
        return None
    assert isinstance(step.role, PullBack)
    (upstream,) = step.role.upstream
    passed = pulled_back(step.quantity, step.role.to, replace(line, node=node), upstream)
    of_result = positions(passed, {upstream, line.makes})
    return before(passed, of_result, _reshaping(node.operation.shape))


def _summed_over_other(derivation: Derivation, step: Step) -> Step | None:
    """Sum what a repeated operand sends back over the other axis of a square."""
    line = line_passed(step)
    if line is None or line.node.function not in ("add", "subtract", "multiply"):
        return None
    shape, own = line.node.operation.shape, own_operand(line).operand.shape
    is_square = len(shape) == 2 and shape[0] == shape[1]
    if not is_square or prod(own) != shape[0]:
        return None
    read = positions(step, {name for name in line.reads if name is not None})
    others = [
        each.operand.shape
        for each, name in zip(line.node.sources, line.reads, strict=True)
        if name in step.reads
    ]
    if any(each != shape for each in others):
        return None
    return before(step, (0, *read), transposed)


def _repeated_along_other(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for place, mistaken in gradient_by_gradient(_summed_over_other)(derivation):
        yield f"{place} where repetitions are summed".lstrip(), mistaken


def _axes_mistaken(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    yield from _over_others(derivation)
    yield from _softmax_over_others(derivation)
    yield from _back_over_others(derivation)
    yield from _repeated_along_other(derivation)


REDUCTIONS = (
    Misconception(
        code="wrong_axis",
        title="Taken over another axis",
        explanation=(
            "A sum, a mean or a softmax along an axis is of the entries that differ in the index "
            "of that axis alone. You take another axis, the rows for the columns, which arrays "
            "as long in both let pass without an error."
        ),
        source="field",
        family=FAMILY,
        exposure="Give the axes different lengths, so that shapes tell them apart.",
        ungated=_axes_mistaken,
    ),
)
