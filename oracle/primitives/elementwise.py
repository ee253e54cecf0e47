"""What primitives that act entry by entry are made with: a value, and a factor for each operand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.primitives.arrays import Repeated, broadcast_shape
from gradgrade.oracle.primitives.primitive import Operand, Operation, PullBackRule, Way

Formula = Callable[..., Expression]


def elementwise_operation(
    *operands: Operand,
    value: ElementwiseRule,
    formula: Formula,
    slopes: tuple[Slope | None, ...],
    ways: tuple[tuple[tuple[int, ...], ElementwiseRule], ...] = (),
) -> Operation:
    """Return an operation whose entries are functions of the operands' entries.

    Args:
        operands: repeated to one shape, as numpy does.
        value: `value(arithmetic, *elements)`.
        formula: of the operands.
        slopes: for each operand, what a gradient is multiplied by.
        ways: other forms of the value, with the operands that each reads.
    """
    shape = broadcast_shape(*(each.shape for each in operands))
    repeated = tuple(Repeated(each.shape, shape) for each in operands)
    return Operation(
        shape=shape,
        rule=partial(_mapped, value, repeated),
        formula=partial(_written, formula, repeated),
        pull_backs=tuple(
            None if slope is None else slope.pull_back(place, repeated)
            for place, slope in enumerate(slopes)
        ),
        ways=tuple(
            Way(reads=reads, rule=partial(_mapped, rule, tuple(repeated[each] for each in reads)))
            for reads, rule in ways
        ),
        is_elementwise=all(each.is_same for each in repeated),
    )


class Slope:
    """What a gradient is multiplied by on its way to one operand.

    Args:
        reads: which operands the factor is a function of, or `VALUE`.
        rule: `rule(arithmetic, upstream, *elements)`, upstream already multiplied.
        formula: `formula(upstream, *read)`.
        ways: other forms, each with what it reads.
    """

    def __init__(
        self,
        reads: tuple[int, ...],
        rule: ElementwiseRule,
        formula: Formula,
        *ways: tuple[tuple[int, ...], ElementwiseRule],
    ) -> None:
        self.reads, self.rule, self.formula, self.ways = reads, rule, formula, ways

    def pull_back(self, place: int, repeated: tuple[Repeated, ...]) -> PullBackRule:
        """Return the pull-back to the operand at a place."""

        def of(reads: tuple[int, ...], rule: ElementwiseRule) -> Callable[..., Matrix]:
            # The result itself has its own shape already.
            operands = tuple(None if each < 0 else repeated[each] for each in reads)
            return partial(_passed, rule, operands, repeated[place])

        return PullBackRule(
            reads=self.reads,
            rule=of(self.reads, self.rule),
            formula=self._summed_back(repeated, repeated[place]),
            ways=tuple(Way(reads=reads, rule=of(reads, rule)) for reads, rule in self.ways),
        )

    def _summed_back(self, repeated: tuple[Repeated, ...], to: Repeated) -> Formula:
        """Return the formula with the sum over what was repeated written out."""
        # The result itself has its own shape already.
        read = tuple(to if each < 0 else repeated[each] for each in self.reads)

        def formula(up: Expression, *operands: Expression) -> Expression:
            wide = [
                operand if place < 0 else each.written(operand)
                for place, each, operand in zip(self.reads, read, operands, strict=True)
            ]
            return to.written_back(self.formula(up, *wide))

        return formula


def _written(formula: Formula, repeated: tuple[Repeated, ...], *operands: Expression) -> Expression:
    wide = [each.written(operand) for each, operand in zip(repeated, operands, strict=True)]
    return formula(*wide)


def _mapped(
    rule: ElementwiseRule,
    repeated: tuple[Repeated, ...],
    arithmetic: Arithmetic,
    *matrices: Matrix,
) -> Matrix:
    wide = [each(arithmetic, matrix) for each, matrix in zip(repeated, matrices, strict=True)]
    return arithmetic.map(rule, *wide)


def _passed(
    rule: ElementwiseRule,
    operands: tuple[Repeated | None, ...],
    to: Repeated,
    arithmetic: Arithmetic,
    upstream: Matrix,
    *matrices: Matrix,
) -> Matrix:
    wide = [
        matrix if each is None else each(arithmetic, matrix)
        for each, matrix in zip(operands, matrices, strict=True)
    ]
    return to.back(arithmetic, arithmetic.map(rule, upstream, *wide))
