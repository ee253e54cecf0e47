"""What a primitive is: a value, and for each operand the way a gradient passes back to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from inspect import Parameter, signature
from types import MappingProxyType, UnionType
from typing import Any, get_args, get_origin

from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.steps import Rule
from gradgrade.oracle.nested import Shape

VALUE = -1
"""Among what a pull-back reads: the operation's own result, in place of an operand."""


class Holds(IntEnum):
    """What numpy has for an array's entries; of two kinds together it has the later one."""

    TRUTHS = 0
    WHOLE = 1
    DOUBLES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is known of an array's entries before anything is computed.

    Args:
        holds: what numpy has for them.
        most: how large they may be, of whole numbers, and of True and False.
        is_mask: whether they are 0 and 1 alone, as those of comparisons and masks are.
        is_pythons: whether it is a number of Python's own, which does not wrap: one of the text, or
            what operators make of such.
    """

    holds: Holds
    most: int = 0
    is_mask: bool = False
    is_pythons: bool = False


TRUTHS = Kind(holds=Holds.TRUTHS, most=1, is_mask=True)
DOUBLES = Kind(holds=Holds.DOUBLES)
MASK = Kind(holds=Holds.DOUBLES, is_mask=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """What is known of an operand before anything is computed.

    Args:
        shape: of its array.
        constant: the number that stands in its place, if one does.
        written: how a program's author wrote that.
        integers: the range of what it holds, if that is indices.
        kind: what else is known of its entries.
    """

    shape: Shape
    constant: Fraction | None = None
    written: str = ""
    integers: tuple[int, int] | None = None
    kind: Kind = DOUBLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Another form of a rule: exactly equal, rounded otherwise.

    Args:
        reads: which operands it is given, by place from 0, or `VALUE`.
        rule: `rule(arithmetic, *read)`, of a pull-back `rule(arithmetic, upstream, *read)`.
    """

    reads: tuple[int, ...]
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PullBackRule:
    """How a gradient passes back to one operand: local factor and sum over repeats, in one rule.

    Args:
        reads: which operands it is given beside the upstream gradient, or `VALUE`.
        rule: `rule(arithmetic, upstream, *read)`.
        formula: `formula(upstream, *read)`.
        ways: other forms that textbooks and students take.
        entry: `entry(arithmetic, row, column, upstream, *read)`, one entry of the result's matrix,
            where it costs much less than the whole.
    """

    reads: tuple[int, ...]
    rule: Rule
    formula: Callable[..., Expression]
    ways: tuple[Way, ...] = ()
    entry: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A primitive on operands of known shapes.

    Args:
        shape: of the result.
        rule: `rule(arithmetic, *operands)`.
        formula: `formula(*operands)`.
        pull_backs: for each operand; None where no gradient passes.
        ways: other forms of the value.
        is_held: whether it counts as a constant, though what it is computed of is none.
    """

    shape: Shape
    rule: Rule
    formula: Callable[..., Expression]
    pull_backs: tuple[PullBackRule | None, ...]
    ways: tuple[Way, ...] = ()
    is_held: bool = False


Option = bool | str | int | Fraction | tuple[int | tuple[int, ...], ...]
Options = Mapping[str, Option]
NO_OPTIONS: Options = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A function that programs call.

    Args:
        name: as programs write it.
        operands: how many it takes, at least and at most.
        options: what it may be given by name.
        bind: `bind(*operands, **options)`, the operation; raises ValueError where it has none.
        source: where its form and its convention come from.
        places: options that may be given by place, after the operands.
        numbers: options that are numbers, as 1.0 is 1; others are axes and lengths.
        pairs: options that may have brackets within brackets, a pair for each axis.
        definition: what defines it in Python by `np`, stably, where numpy has none of this name.
    """

    name: str
    operands: tuple[int, int]
    bind: Callable[..., Operation]
    source: str
    options: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    definition: str = ""

    def check(self, options: Mapping[str, object]) -> None:
        """Hold options to the kinds that `bind` states.

        Raises:
            ValueError: one is of another kind, or is missing.
        """
        for name, taken in signature(self.bind, eval_str=True).parameters.items():
            if name in self.options and not _fits(options.get(name, taken.default), taken):
                kinds = (each for each in _kinds(taken.annotation) if each in KINDS)
                words = " or ".join(KINDS[each] for each in kinds)
                raise ValueError(f"{self.name} takes {words} as {name}")


KINDS: Mapping[type, str] = MappingProxyType(
    {
        bool: "True or False",
        int: "a whole number",
        tuple: "whole numbers in brackets",
        str: "a word in quotation marks",
    }
)
"""Of options that programs state, in words."""


def _kinds(annotation: Any) -> tuple[type, ...]:
    stated = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return tuple(get_origin(each) or each for each in stated)


def _fits(value: object, taken: Parameter) -> bool:
    kinds = _kinds(taken.annotation)
    # numpy takes 0 and 1 for False and True, and not the other way round.
    return type(value) in kinds or (bool in kinds and type(value) is int)


def check_mask(mask: Operand) -> None:
    """Hold the first operand of `where` to what it may be.

    Raises:
        ValueError: it is no condition.
    """
    if not mask.kind.is_mask:
        raise ValueError(
            "where begins with a condition, as where(x > 0, a, b): a comparison, a given mask, or "
            "a product, maximum or minimum of such"
        )
