"""What primitives that act entry by entry are made with: a value, and a factor for each operand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, Hadamard, Number
from gradgrade.oracle.derivation.formulas.rewriting import replaced
from gradgrade.oracle.derivation.steps import Rule
from gradgrade.oracle.primitives.arrays import Repeated, broadcast_shape
from gradgrade.oracle.primitives.primitive import Operand, Operation, PullBackRule, Way

Formula = Callable[..., Expression]


def each_entry(rule: ElementwiseRule) -> Rule:
    """Return the rule of matrices that does to each entry what another does to elements."""
    return partial(_mapped, rule)


def _mapped(rule: ElementwiseRule, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.map(rule, *matrices)


def elementwise_operation(
    *operands: Operand,
    value: Rule,
    formula: Formula,
    slopes: tuple[Slope | None, ...],
    ways: tuple[tuple[tuple[int, ...], Rule], ...] = (),
) -> Operation:
    """Return an operation whose entries are functions of the operands' entries.

    Args:
        operands: repeated to one shape, as numpy does.
        value: `value(arithmetic, *matrices)`, of matrices that the arithmetic repeats.
        formula: of the operands.
        slopes: for each operand, what a gradient is multiplied by.
        ways: other forms of the value, with the operands that each reads.
    """
    shape = broadcast_shape(*(each.shape for each in operands))
    repeated = tuple(Repeated(each.shape, shape) for each in operands)
    return Operation(
        shape=shape,
        rule=_repeating(value, repeated),
        formula=partial(_written, formula, repeated),
        pull_backs=tuple(
            None if slope is None else slope.pull_back(place, repeated)
            for place, slope in enumerate(slopes)
        ),
        ways=tuple(
            Way(reads=reads, rule=_repeating(rule, tuple(repeated[each] for each in reads)))
            for reads, rule in ways
        ),
    )


class Slope:
    """What a gradient is multiplied by on its way to one operand.

    Args:
        reads: which operands the factor is a function of, or `VALUE`.
        rule: `rule(arithmetic, upstream, *matrices)`, upstream already multiplied.
        formula: `formula(upstream, *read)`.
        ways: other forms, each with what it reads.
    """

    def __init__(
        self,
        reads: tuple[int, ...],
        rule: Rule,
        formula: Formula,
        *ways: tuple[tuple[int, ...], Rule],
    ) -> None:
        self.reads, self.rule, self.formula, self.ways = reads, rule, formula, ways

    def pull_back(self, place: int, repeated: tuple[Repeated, ...]) -> PullBackRule:
        """Return the pull-back to the operand at a place."""

        def of(reads: tuple[int, ...], rule: Rule) -> Rule:
            # Upstream and the result itself have its shape already.
            read = (None, *(None if each < 0 else repeated[each] for each in reads))
            passed, to = _repeating(rule, read), repeated[place]
            return passed if to.is_same else partial(_passed_back, passed, to)

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
            numbers = [
                written
                for place, each, written in zip(self.reads, read, wide, strict=True)
                if (each.makes_number if place < 0 else each.is_number)
            ]
            numbers += [up] if to.makes_number else []
            return to.written_back(_with_multiples(self.formula(up, *wide), numbers))

        return formula


def _written(formula: Formula, repeated: tuple[Repeated, ...], *operands: Expression) -> Expression:
    wide = [each.written(operand) for each, operand in zip(repeated, operands, strict=True)]
    numbers = [written for each, written in zip(repeated, wide, strict=True) if each.is_number]
    return _with_multiples(formula(*wide), numbers)


def _with_multiples(formula: Expression, numbers: Sequence[Expression]) -> Expression:
    """Return a formula whose products with numbers are plain multiples, not entry by entry."""

    def multiple(part: Expression) -> Expression | None:
        match part:
            case Hadamard(left, right) if left in numbers or right in numbers:
                first, second = (_with_multiples(each, numbers) for each in (left, right))
                return second * first if isinstance(right, Number) else first * second
        return None

    return replaced(formula, multiple)


def _repeating(rule: Rule, repeated: Sequence[Repeated | None]) -> Rule:
    """Return the rule of operands as they are, which repeats those that are repeated."""
    moved = tuple(None if each is None or each.stays else each for each in repeated)
    return partial(_repeated, rule, moved) if any(moved) else rule


def _repeated(
    rule: Rule,
    repeated: Sequence[Repeated | None],
    arithmetic: Arithmetic,
    *matrices: Matrix,
) -> Matrix:
    wide = [
        matrix if each is None else each(arithmetic, matrix)
        for each, matrix in zip(repeated, matrices, strict=True)
    ]
    return rule(arithmetic, *wide)


def _passed_back(rule: Rule, to: Repeated, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return to.back(arithmetic, rule(arithmetic, *matrices))
